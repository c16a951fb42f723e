import { describe, expect, it } from 'vitest';
import { analyze } from '../../webhook/analyze/analyze.ts';
import { readSubjects } from '../../webhook/analyze/read/read.ts';
import { mergeText } from '../../webhook/edges/knative/text.ts';
import { type Change, diversionPlan, withHosts } from '../fixtures/diversions.ts';
import { fixtureText } from '../fixtures/read.ts';
import { codesIn } from './judge.ts';

const MANY = withHosts(
  'test.wikipedia.org',
  ...Array.from({ length: 12 }, (_, index) => `wiki${index}.wikipedia.org`),
);
const FILE = 'values.yaml';

function values(change: Change = MANY): string {
  const merged = mergeText(fixtureText('knative/values.yaml'), diversionPlan(change));
  if (!merged.ok) throw new Error(JSON.stringify(merged.problems));
  return merged.value.text;
}

function codesOf(text: string, change: Change = MANY): string[] {
  return [...new Set(codesIn({ files: { [FILE]: text } }, [change]))];
}

/** Values in which one place is otherwise. */
function changed(find: string | RegExp, put: string): string {
  const text = values().replace(find, put);
  expect(text).not.toBe(values());
  return text;
}

/** The line of the table for that host. */
function lineOf(host: string): RegExp {
  return new RegExp(`^ +"shunt-testwiki\\.${host.replaceAll('.', '\\.')}": .*\n`, 'm');
}

function withLine(host: string, find: string | RegExp, put: string): string {
  return changed(
    lineOf(host),
    (lineOf(host).exec(values())?.[0] ?? '').replace(find, put).replaceAll('$', '$$$$'),
  );
}

describe('many hosts with objects of their own', () => {
  it('have no findings', () => {
    expect(codesOf(values())).toEqual([]);
  });

  it.each<[string, () => string, string]>([
    [
      'without the registry, in which their VirtualServices count for nothing',
      () => changed(/^ +"shunt-testwiki\.wikis\.0": .*\n/m, ''),
      'virtual-service-overlap',
    ],
    [
      'of which one is not in the registry',
      () => changed('"wiki3.wikipedia.org",', ''),
      'virtual-service-overlap',
    ],
    [
      'in the registry for one port only',
      () =>
        changed(/(shunt-testwiki\.wikis\.0.*),\{"name":"http-port","number":80,"protocol":"HTTP"\}/, '$1'),
      'virtual-service-overlap',
    ],
    [
      'of which one has no VirtualService',
      () => changed(lineOf('wiki3.wikipedia.org'), ''),
      'route-not-diverted',
    ],
    ['of which one regards case', () => withLine('wiki3.wikipedia.org', /\(\?i\)/g, ''), 'host-misses-case'],
    [
      'of which one is led to production',
      () => withLine('wiki3.wikipedia.org', /mw-pretrain\./g, 'mw-api-int-ro.'),
      'route-not-diverted',
    ],
    [
      'of which one is sent as it came',
      () => withLine('wiki3.wikipedia.org', /,"headers":\{"request":\{"set":\{"host":"[^"]+"\}\}\}/g, ''),
      'drift',
    ],
    [
      'of which one is sent under the name of another',
      () => withLine('wiki3.wikipedia.org', '"set":{"host":"wiki3.', '"set":{"host":"wiki4.'),
      'drift',
    ],
    [
      'of which one has no route for a port',
      () => withLine('wiki3.wikipedia.org', /"port":4680/g, '"port":4681'),
      'route-not-diverted',
    ],
    [
      'of which one has no route for a port, and leads nowhere on another',
      () => withLine('wiki3.wikipedia.org', /4680/g, '4681'),
      'route-not-diverted',
    ],
    [
      'in the registry with a protocol that has no requests',
      () => changed(/(shunt-testwiki\.wikis\.0.*"number":4680,"protocol":)"HTTP"/, '$1"TCP"'),
      'service-entry-opaque',
    ],
    [
      'of which one is there twice',
      () => withLine('wiki3.wikipedia.org', '"hosts":["wiki3.', '"hosts":["wiki4.'),
      'virtual-service-twice',
    ],
  ])('%s', (_, text, code) => {
    expect(codesOf(text())).toContain(code);
  });
});

const TWO = withHosts('test.wikipedia.org', 'en.wikipedia.org');

describe('hosts with routes in the VirtualService of today', () => {
  it('have no findings', () => {
    expect(codesOf(values(TWO), TWO)).toEqual([]);
  });

  it('are each sent under their own name', () => {
    const text = values(TWO);
    const bad = text.replace('host: "en.wikipedia.org"', 'host: "test.wikipedia.org"');
    expect(bad).not.toBe(text);
    expect(codesOf(bad, TWO)).toEqual(['drift']);
  });
});

describe('hosts that no VirtualService is for', () => {
  const OUTSIDE = ['localwiki', 'wiki.example.org'];

  it.each([
    ['a few', ['test.wikipedia.org']],
    ['many', Array.from({ length: 13 }, (_, index) => `wiki${index}.wikipedia.org`)],
    ['none', []],
  ])('are said once, where the routes of today are, beside %s that one is for', (_, others) => {
    const change = withHosts(...others, ...OUTSIDE);
    const read = readSubjects(FILE, values(change));
    const subjects = read.ok ? read.value : [];
    const findings = analyze({ plan: diversionPlan(change), file: 'diversion.yaml', subjects });
    const found = findings.filter(({ severity }) => severity === 'error');
    expect(found.map(({ code, path, value }) => [code, path, value])).toEqual([
      ['hosts-disjoint', 'net_istio.mesh.virtual_services.mediawiki-api-vs', OUTSIDE],
    ]);
  });
});
