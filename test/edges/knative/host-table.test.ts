import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { mergeText } from '../../../webhook/edges/knative/text.ts';
import { type Change, diversionPlan, withHosts, withShare } from '../../fixtures/diversions.ts';
import { missingLines } from '../../fixtures/lines.ts';
import { fixtureText } from '../../fixtures/read.ts';
import { merged, reverted } from './edited.ts';

const TODAY = fixtureText('knative/values.yaml');
const SERVICE = 'mediawiki-api-vs';

interface Spec {
  readonly hosts: readonly string[];
  readonly http: readonly JsonObject[];
  readonly ports: readonly JsonObject[];
}

type Objects = Readonly<Record<string, { readonly spec: Spec }>>;

function many(count: number, ...more: readonly string[]): Change {
  return withHosts(...Array.from({ length: count }, (_, index) => `wiki${index}.wikipedia.org`), ...more);
}

function meshOf(text: string): { readonly services: Objects; readonly entries: Objects } {
  const { net_istio: istio } = parse(text, { version: '1.1', merge: true });
  return { services: istio.mesh.virtual_services, entries: istio.mesh.service_entries };
}

function namesOf(routes: readonly JsonObject[] | undefined): unknown[] {
  return (routes ?? []).map(({ name }) => name ?? '');
}

describe('many hosts', () => {
  it('get a VirtualService each, which does what the one with the wildcard does, and diverts', () => {
    const { services } = meshOf(merged(TODAY, many(11)));
    const today = meshOf(TODAY).services[SERVICE]?.spec.http ?? [];
    expect(Object.keys(services)).toHaveLength(12);
    expect(services[SERVICE]?.spec.http).toEqual(today);
    const own = services['shunt-testwiki.wiki3.wikipedia.org']?.spec;
    const name = 'shunt.testwiki.wiki3.wikipedia.org';
    expect(own?.hosts).toEqual(['wiki3.wikipedia.org']);
    expect(namesOf(own?.http)).toEqual([name, '', name, '']);
    expect(own?.http.filter((route) => route['name'] === undefined)).toEqual(today.slice(1));
  });

  it('are known by name on the ports of the wildcard, as many to an object as it takes', () => {
    const { entries } = meshOf(merged(TODAY, many(300)));
    const own = Object.entries(entries).filter(([key]) => key.startsWith('shunt-testwiki.'));
    expect(own.map(([key, { spec }]) => [key, spec.hosts.length])).toEqual([
      ['shunt-testwiki.wikis.0', 256],
      ['shunt-testwiki.wikis.1', 44],
    ]);
    for (const [, { spec }] of own) expect(spec.ports).toEqual(entries['wikis']?.spec.ports);
  });

  it('stay with the objects that have them by name already, or that cannot be copied for one host', () => {
    const exact = meshOf(merged(TODAY, many(11, 'wikipedia.org'))).services;
    const name = 'shunt.testwiki.wikipedia.org';
    expect(namesOf(exact[SERVICE]?.spec.http)).toEqual(['', name, '', name, '']);
    expect(exact[`shunt-testwiki.wikipedia.org`]).toBeUndefined();
    const withTcp = TODAY.replace('\n          http:\n', '\n          tcp: []\n          http:\n');
    expect(namesOf(meshOf(merged(withTcp, many(11))).services[SERVICE]?.spec.http)).toHaveLength(25);
    const narrow = TODAY.replace(
      / +- name: http-port\n +number: 80\n +protocol: HTTP\n +resolution: NONE/,
      (text) => text.replace('number: 80', 'number: 81'),
    );
    expect(narrow).not.toBe(TODAY);
    expect(namesOf(meshOf(merged(narrow, many(11))).services[SERVICE]?.spec.http)).toHaveLength(25);
  });

  it('are weighed, and have no objects without a share', () => {
    const { services } = meshOf(merged(TODAY, many(11), withShare(30)));
    const [first] = services['shunt-testwiki.wiki3.wikipedia.org']?.spec.http ?? [];
    expect(first?.['route']).toMatchObject([{ weight: 30 }, { weight: 70 }]);
    expect(Object.keys(meshOf(merged(TODAY, many(11), withShare(0))).services)).toEqual([SERVICE]);
  });
});

describe('values with many hosts', () => {
  const OTHER: readonly Change[] = [
    ['metadata:\n  name: testwiki', 'metadata:\n  name: test'],
    [
      '    web:\n      address: mw-pretrain.discovery.wmnet',
      '    web:\n      address: mw-other.discovery.wmnet',
    ],
    withHosts(...Array.from({ length: 20 }, (_, index) => `other${index}.wiktionary.org`)),
  ];

  it('only gain lines, and come back to the byte', () => {
    for (const count of [11, 300]) {
      const text = merged(TODAY, many(count));
      expect(missingLines(TODAY, text)).toEqual([]);
      expect(reverted(text)).toBe(TODAY);
    }
  });

  it('are given the diversion once, as it is declared last', () => {
    const text = merged(TODAY, many(40));
    expect(merged(text, many(40))).toBe(text);
    expect(merged(text, many(3))).toBe(merged(TODAY, many(3)));
    expect(merged(merged(TODAY, many(3)), many(40))).toBe(text);
  });

  it('hold two diversions, each of which can be taken out', () => {
    const [own, other] = [merged(TODAY, many(40)), merged(TODAY, ...OTHER)];
    const both = merged(own, ...OTHER);
    expect(reverted(both)).toBe(other);
    expect(reverted(both, 'test')).toBe(own);
    expect(reverted(merged(both, many(12)), 'test')).toBe(merged(TODAY, many(12)));
  });

  it('come back where somebody moved the lines, and wrote others between them', () => {
    const lines = merged(TODAY, many(30)).split('\n');
    const first = lines.findIndex((line) => line.includes('shunt-testwiki.wiki0.wikipedia.org'));
    const moved = lines.toSpliced(first + 7, 0, '      own: {spec: {hosts: [own.example], http: []}}');
    const today = TODAY.replace(
      '    virtual_services:\n',
      '    virtual_services:\n      own: {spec: {hosts: [own.example], http: []}}\n',
    );
    expect(reverted(moved.join('\n'))).toBe(today);
  });

  it('keep lines that only look like ours, inside a text', () => {
    const line = '  "shunt-testwiki.a": {"spec":{}}\n';
    const text = `${TODAY}notes: |\n${line}${line}`;
    expect(reverted(merged(text, many(11)))).toBe(text);
    expect(reverted(text)).toBe(text);
  });

  it('hold the whole of each line in the check of an edit', () => {
    const broken = merged(TODAY, many(11)).replace(
      '"shunt-testwiki.wiki4.wikipedia.org": {',
      '"shunt-testwiki.wiki4.wikipedia.org": {,',
    );
    expect(mergeText(broken, diversionPlan(many(11)))).toMatchObject({
      ok: false,
      problems: [{ code: 'values-syntax' }],
    });
  });
});
