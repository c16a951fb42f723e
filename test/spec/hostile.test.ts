import { describe, expect, it } from 'vitest';
import { describeProblem } from '../../webhook/core/problem.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { type Change, diversionPlan, diversionText } from '../fixtures/diversions.ts';

const ATS = '    ats:\n';
const LONG = 900_000;

function repeated(piece: string): string {
  return piece.repeat(Math.floor(LONG / piece.length));
}

/** A list or mapping of as many lines as fit. */
function lines(make: (index: number) => string): string {
  return Array.from({ length: 40_000 }, (_, index) => make(index)).join('\n');
}

const SHARE = '  share: 100\n';
const ADDRESS = '    web:\n      address: mw-pretrain.discovery.wmnet\n';
const REST =
  '      port: 30443\n      sni: mw-pretrain.discovery.wmnet\n      authority: preserve\n      caFile: /etc/ssl/certs/wmf-ca-certificates.crt\n      certificateNames: [mw-pretrain.discovery.wmnet]\n';
const WEB = `${ADDRESS}${REST}      networks: [10.2.1.70/32, 10.2.2.70/32]\n`;

function withNetwork(network: string): Change {
  return [WEB, `${ADDRESS}${REST}      networks: ["${network}"]\n`];
}

function withAddress(address: string): Change {
  return [ADDRESS, `    web:\n      address: "${address}"\n`];
}

describe('a diversion of a megabyte that is made to take long is judged within seconds', () => {
  it.each<[string, string]>([
    ['a blank behind a long path', diversionText([ATS, `${ATS}      plugin: "${repeated('a')} "\n`])],
    ['slashes', diversionText([ATS, `${ATS}      plugin: "${repeated('a/')}/"\n`])],
    ['a network of colons', diversionText(withNetwork(repeated(':')))],
    ['a network of digits', diversionText(withNetwork(repeated('1')))],
    ['different keys', diversionText([SHARE, `${SHARE}${lines((index) => `  key-${index}: v`)}\n`])],
    ['the same key', diversionText([SHARE, `${SHARE}${lines(() => '  key: v')}\n`])],
    ['hosts', diversionText([SHARE, `${SHARE}${lines((index) => `    - h${index}.example.org`)}\n`])],
    ['anchors', `a: [${repeated('&a b,')}]`],
    ['aliases to nothing', `a: [${repeated('*a,')}]`],
    ['one anchor, many aliases', `a: &a [${'x,'.repeat(100_000)}]\nb: [${'*a,'.repeat(100_000)}]`],
    ['nested lists', `a: ${'['.repeat(LONG)}`],
    ['nested lists by dashes', `a:\n ${repeated('- ')}`],
    ['nested mappings', `a: ${'{a: '.repeat(200_000)}`],
    ['documents', repeated('a: 1\n---\n')],
    ['quotes that do not end', repeated('}: "\n')],
  ])(
    '%s',
    (_, text) => {
      const before = process.threadCpuUsage();
      expect(parseDiversion(text).ok).toBe(false);
      // Processor time, since other tests run meanwhile.
      const { user, system } = process.threadCpuUsage(before);
      expect((user + system) / 1e6).toBeLessThan(10);
    },
    60_000,
  );

  it('one that is larger is not read at all', () => {
    const parsed = parseDiversion(`${diversionText()}# ${'x'.repeat(1024 * 1024)}\n`);
    expect(parsed.ok ? [] : parsed.problems.map(({ code }) => code)).toEqual(['too-large']);
  });

  it('workloads that would be compared in pairs are counted first', () => {
    const workloads = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`w${index}`, {}]));
    const parsed = parseDiversion(JSON.stringify({ spec: { workloads } }));
    expect(parsed.ok ? [] : parsed.problems.map(describeProblem)).toEqual([
      'spec.workloads: has 2000 entries, and at most 500 are read; declare fewer [out-of-range]',
    ]);
  });

  it('ten thousand hosts are fine', () => {
    const hosts = Array.from({ length: 10_000 }, (_, index) => `    - h${index}.example.org\n`).join('');
    expect(
      diversionPlan(['    - test.wikipedia.org\n', `    - test.wikipedia.org\n${hosts}`]).hosts,
    ).toHaveLength(10_001);
  });
});

describe('a network', () => {
  it.each(['10.2.1.70/32', '10.0.0.0/8', '0.0.0.0/0', '2620:0:861::/48', '::/0', '::1/128'])(
    'is %s',
    (network) => {
      expect(() => diversionPlan(withNetwork(network))).not.toThrow();
    },
  );

  it.each([
    '10.2.1.70',
    '10.2.1.70/33',
    '10.2.1.70/032',
    '300.2.1.70/32',
    '010.2.1.70/32',
    '10.2/16',
    '1:2/64',
    ':::/64',
    '1::2::3/64',
    '::/129',
    '12345::/64',
    '::1.2.3.4/128',
    'fe80::1%eth0/64',
  ])('is not %s', (network) => {
    expect(() => diversionPlan(withNetwork(network))).toThrow(/bad-format/);
  });

  it.each(['300.1.1.1', '1.2.3', '010.1.1.1', '1:::2', '1:2'])('nor is %s an address', (address) => {
    expect(() => diversionPlan(withAddress(address))).toThrow(/bad-format/);
  });
});
