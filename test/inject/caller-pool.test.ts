import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { raisePool } from '../../webhook/inject/caller-pool.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixtureText } from '../fixtures/read.ts';

const URI = 'https://mw-jobrunner.discovery.wmnet:4448/rpc/RunSingleJob.php';
const OTHER = 'https://mobileapps.discovery.wmnet:4102/x';
const listeners = diversionPlan().workloads.find(({ name }) => name === 'jobqueue')?.listeners ?? [];
const pool = { key: 'agentOptions.maxSockets', atLeast: 5000 };

function raise(text: string) {
  return raisePool(text, listeners, pool);
}

function raisedText(text: string): string {
  const raised = raise(text);
  if (!raised.ok) throw new Error(`${raised.line}: ${raised.message}`);
  return raised.text;
}

describe('raisePool', () => {
  it.each([
    ['block style', `a:\n  method: post\n  uri: '${URI}'\nb: 1\n`],
    ['a list in block style', `a:\n  - method: post\n    uri: '${URI}'\n  - uri: ${OTHER}\n`],
    ['a list in a list', `- - uri: ${URI}\n    x: 1\n`],
    ['flow style', `a: {uri: '${URI}', x: 1} # why\n`],
    ['JSON', `{"a": {"uri": "${URI}"}}`],
    ['JSON with escaped slashes', `{"a": {"uri": "${URI.replaceAll('/', '\\/')}"}}`],
    ['an own mapping in flow style', `a:\n  uri: ${URI}\n  agentOptions: {keepAlive: true}\n`],
    ['an own mapping in block style', `a:\n  uri: ${URI}\n  agentOptions:\n    keepAlive: true\n`],
    ['an empty mapping', `a:\n  uri: ${URI}\n  agentOptions: {}\n`],
    ['a lower number', `a:\n  uri: ${URI}\n  agentOptions: {maxSockets: 250, keepAlive: true}\n`],
    ['an anchor', `a: &a\n  uri: ${URI}\nb: *a\nc: {<<: *a, x: 1}\n`],
    [
      'an alias',
      `o: &o {keepAlive: true}\na: {uri: '${URI}', agentOptions: *o}\nb: {uri: '${OTHER}', agentOptions: *o}\n`,
    ],
    ['a merged mapping', `o: &o {agentOptions: {keepAlive: true}, x: 1}\na:\n  <<: *o\n  uri: ${URI}\n`],
    [
      'a mapping that merges the address',
      `a: &a {uri: '${URI}'}\nb: {<<: *a, agentOptions: {keepAlive: true}}\n`,
    ],
    ['an explicit key', `a:\n  ? uri\n  : ${URI}\n`],
    ['lines that end in CRLF', `a:\r\n  x: 1\r\n  uri: ${URI}\r\n`],
    ['two documents', `---\na: {uri: '${URI}'}\n---\nb:\n  uri: ${URI}\n`],
    ['a template behind the address', `a: {uri: '${URI}?{{message.x}}'}\n`],
    ['text beyond ASCII', `ä: "€"\na:\n  ü: 1\n  uri: ${URI}\n`],
  ])('sets the limit in %s, and changes nothing else', (_, text) => {
    const after = raisedText(text);
    const [before, now] = [text, after].map((each) =>
      each.split('---').map((part) => parse(part, { merge: true }) as unknown),
    );
    expect(JSON.stringify(withLimit(before))).toBe(JSON.stringify(withLimit(now)));
    expect(holders(now).every(({ agentOptions }) => agentOptions?.maxSockets === 5000)).toBe(true);
    expect(holders(now).length).toBeGreaterThan(0);
    expect(raisedText(after)).toBe(after);
  });

  it('keeps every other byte of a real configuration', () => {
    const text = fixtureText('config/jobqueue.yaml');
    const after = raisedText(text);
    const taken = after
      .replaceAll('{maxSockets: 5000, keepAlive', '{keepAlive')
      .replaceAll(/agentOptions: \{"maxSockets":5000\}\n +/g, '');
    expect(after).not.toBe(text);
    expect(taken).toBe(text);
  });

  it('keeps a limit that is high enough', () => {
    const text = `a: {uri: '${URI}', agentOptions: {maxSockets: 9000}}\n`;
    expect(raise(text)).toEqual({ ok: true, text, count: 1 });
  });

  it.each([
    ['is not YAML', `a: [${URI}\n`, /cannot be read as YAML/],
    ['has the address in no mapping', `- ${URI}\n`, /no mapping holds a captured address/],
    ['has the address inside a text', `a: "see ${URI}"\n`, /no mapping holds a captured address/],
    [
      'has something else there',
      `x: 1\na: {uri: '${URI}', agentOptions: none}\n`,
      /agentOptions is "none" there/,
    ],
    ['has a template there', `a: {uri: '${URI}', agentOptions: {maxSockets: '{{x}}'}}\n`, /cannot be set/],
    [
      'shares the mapping with another address',
      `a: {uri: '${URI}', agentOptions: &o {keepAlive: true}}\nb: {uri: '${OTHER}', agentOptions: *o}\n`,
      /shares agentOptions with that of a captured address/,
    ],
    [
      'merges the mapping into that of another address',
      `a: &a {uri: '${URI}'}\nb: {<<: *a, uri: '${OTHER}'}\n`,
      /shares agentOptions with that of a captured address/,
    ],
  ])('says why it cannot where a text %s', (_, text, message) => {
    const raised = raise(text);
    expect(raised.ok ? raised.text : raised.message).toMatch(message);
  });
});

interface Holder {
  readonly uri: string;
  readonly agentOptions?: { readonly maxSockets?: number };
}

function holders(value: unknown): Holder[] {
  if (value === null || typeof value !== 'object') return [];
  const own = 'uri' in value && value.uri !== OTHER ? [value as Holder] : [];
  return [...own, ...Object.values(value).flatMap(holders)];
}

/** The data with the limit set by the test itself, keys sorted. */
function withLimit(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withLimit);
  const entries = Object.entries(value).map(([key, inner]) => [key, withLimit(inner)] as const);
  const own = Object.fromEntries(entries) as Partial<Holder>;
  const raised =
    own.uri !== undefined && own.uri !== OTHER
      ? { ...own, agentOptions: { ...own.agentOptions, maxSockets: 5000 } }
      : own;
  return Object.fromEntries(
    Object.entries(raised)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [
        key,
        key === 'agentOptions' ? Object.fromEntries(Object.entries(inner).sort()) : inner,
      ]),
  );
}
