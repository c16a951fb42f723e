import { describe, expect, it } from 'vitest';
import { mergeText } from '../../webhook/edges/knative/text.ts';
import { diversionPlan, withHosts } from '../fixtures/diversions.ts';
import { fixtureText } from '../fixtures/read.ts';
import { codesIn } from './judge.ts';

const MANY = withHosts(
  'test.wikipedia.org',
  ...Array.from({ length: 12 }, (_, index) => `wiki${index}.wikipedia.org`),
);
const FILE = 'values.yaml';

function values(): string {
  const merged = mergeText(fixtureText('knative/values.yaml'), diversionPlan(MANY));
  if (!merged.ok) throw new Error(JSON.stringify(merged.problems));
  return merged.value.text;
}

function codesOf(text: string): string[] {
  return [...new Set(codesIn({ files: { [FILE]: text } }, [MANY]))];
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
      'authority-not-canonical',
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
