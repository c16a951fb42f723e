import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { diversionText } from '../fixtures/diversions.ts';
import { found } from '../fixtures/read.ts';

function codesOf(text: string): string[] {
  const parsed = parseDiversion(text);
  return parsed.ok ? [] : parsed.problems.map(({ code, path }) => `${code} ${path}`);
}

function read(text: string) {
  const parsed = parseDiversion(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

describe('parseDiversion', () => {
  it('accepts the diversion of this repository', () => {
    expect(codesOf(diversionText())).toEqual([]);
  });

  it('reads JSON as well', () => {
    expect(read(JSON.stringify(parse(diversionText())))).toEqual(read(diversionText()));
  });

  it('reports every problem at once, of the schema and of the rules', () => {
    const text = diversionText(
      ['share: 100', 'share: -1'],
      ['- test.wikipedia.org', '- "*"'],
      ['listenerPort: 6506', 'listenerPort: 6500'],
      ['upstreams: [mw-jobrunner]', 'upstreams: [nobody]'],
      ['telemetryPort: 1667', 'telemetryPort: 70000\n    extra: 1'],
      ['kind: Diversion', 'kind: Nothing'],
    );
    expect(codesOf(text).sort()).toEqual([
      'host-wildcard spec.hosts.0',
      'listener-overlap spec.upstreams.mw-jobrunner.listenerPort',
      'not-one-of kind',
      'out-of-range spec.share',
      'out-of-range spec.sidecar.telemetryPort',
      'unknown-key spec.sidecar.extra',
      'upstream-unknown spec.workloads.jobqueue.upstreams.0',
    ]);
  });

  it('reports each wrong host in its own place, also behind one of the wrong type', () => {
    const text = diversionText([
      '    - test.wikipedia.org\n',
      '    - 5\n    - a b\n    - a.example\n    - A.example\n',
    ]);
    expect(codesOf(text).sort()).toEqual([
      'host-duplicate spec.hosts.3',
      'host-invalid spec.hosts.1',
      'wrong-type spec.hosts.0',
    ]);
  });

  it.each([
    ['a port', 'test.wikipedia.org:443'],
    ['a path', 'test.wikipedia.org/wiki'],
    ['a trailing dot', 'test.wikipedia.org.'],
    ['a space', '"test.wikipedia.org "'],
    ['an empty label', 'test..wikipedia.org'],
    ['a look-alike', 'te\u017Ft.wikipedia.org'],
    ['no text', '""'],
    ['a label of 64 letters', `${'a'.repeat(64)}.org`],
    ['254 letters', `${'a.'.repeat(127)}org`],
  ])('takes no host with %s', (_, host) => {
    expect(codesOf(diversionText(['- test.wikipedia.org', `- ${host}`]))).toEqual([
      'host-invalid spec.hosts.0',
    ]);
  });

  it('fills in the defaults that the format promises', () => {
    const diversion = read(
      diversionText(['  enabled: true\n', ''], ['  share: 100\n', ''], ['    telemetryPort: 1667', '']),
    );
    expect(diversion).toMatchObject({ enabled: true, share: 100, sidecar: { telemetryPort: 1667 } });
    expect(diversion.targets.web).toMatchObject({ retries: 0, idleTimeout: 4000 });
    const api = found(diversion.upstreams.find(({ name }) => name === 'mw-api-int'));
    expect(api).toMatchObject({
      sni: 'mw-api-int.discovery.wmnet',
      certificateNames: ['mw-api-int.discovery.wmnet'],
    });
  });

  it('turns durations into milliseconds and hosts into canonical form', () => {
    const diversion = read(diversionText(['- test.wikipedia.org', '- TEST.Wikipedia.org']));
    expect(diversion.hosts).toEqual(['test.wikipedia.org']);
    expect(diversion.targets.jobrunner?.timeout).toBe(1_202_500);
  });

  it('follows YAML anchors', () => {
    const text = diversionText(
      [
        '      certificateNames: [mw-pretrain-jobrunner.discovery.wmnet]',
        '      certificateNames: &names [mw-pretrain-jobrunner.discovery.wmnet]',
      ],
      ['    mw-jobrunner:\n      addr', '    mw-jobrunner:\n      certificateNames: *names\n      addr'],
    );
    expect(codesOf(text)).toEqual([]);
  });

  it('asks for no listener port where the pod has its own Envoy', () => {
    expect(codesOf(diversionText(['upstreams: [mw-api-int-async]', 'upstreams: [mw-web]']))).toEqual([]);
  });

  it('gives up on aliases that stand for an enormous document', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...[...'bcdefgh'].map((key, index) => {
        const alias = `*${'abcdefg'[index]}`;
        return `${key}: &${key} [${Array(9).fill(alias).join(',')}]`;
      }),
    ].join('\n');
    expect(codesOf(bomb)).toEqual(['yaml-syntax ']);
  });

  it.each([
    ['a key twice', (text: string) => text.replace('  share: 100', '  share: 100\n  share: 50')],
    ['a tab', (text: string) => text.replace('  share', '\tshare')],
    ['an unknown alias', (text: string) => text.replace('share: 100', 'share: *nobody')],
    ['a second document', (text: string) => `${text}\n---\n${text}`],
  ])('refuses %s', (_, spoil) => {
    expect(codesOf(spoil(diversionText()))).not.toEqual([]);
  });
});
