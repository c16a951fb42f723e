import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';

/*
 * Data and texts that nobody would write on purpose: what is right, with a few things changed. Whatever broke the
 * program once is kept in corpus/, a folder for each kind of input, and tried first.
 */

/** Deeper than any reader takes, and still written by the YAML library. */
const DEEP = 700;

function nested(levels: number): unknown {
  let node: unknown = 1;
  for (let level = 0; level < levels; level++) node = level % 2 === 0 ? { a: node } : [node];
  return node;
}

/** What stands where something else is expected. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53 + 2,
  '',
  ' ',
  'x',
  '__proto__',
  '\u0000',
  '\uD800',
  'x'.repeat(5000),
  '/'.repeat(5000),
  '%2e%2f'.repeat(500),
  '..',
  'https://mw-api-int.discovery.wmnet:4446',
  '{"a":',
  '(?i)(a*)*b',
  '$' + '{x}',
  [],
  {},
  [null],
  [[]],
  [{}],
  [{ name: null }],
  { toString: null },
  { toJSON: 1 },
  { length: -1 },
  JSON.parse('{"__proto__": {"name": "x"}}'),
  { constructor: { prototype: null } },
  nested(100),
];

const KEYS = ['__proto__', 'constructor', 'toString', '', 'name', 'value', 'x'.repeat(300), '0', '\u2028'];

interface Mutation {
  readonly what: 'replace' | 'remove' | 'repeat' | 'rename' | 'move' | 'deepen';
  /** Which node, and which of the odd things, as parts of 1. */
  readonly at: number;
  readonly odd: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  what: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'repeat', 'rename', 'move', 'deepen'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  odd: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

/** One of the seeds with one to four changes. */
export function mutated(seeds: readonly unknown[]): fc.Arbitrary<unknown> {
  const texts = seeds.map((seed) => JSON.stringify(seed));
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([text, mutations]) => mutations.reduce(apply, JSON.parse(text)));
}

type Branch = Record<string, unknown> | unknown[];

interface Place {
  readonly parent: Branch;
  readonly key: string;
}

function placesIn(node: unknown, found: Place[] = []): Place[] {
  if (typeof node !== 'object' || node === null) return found;
  for (const [key, child] of Object.entries(node)) {
    found.push({ parent: node as Branch, key });
    placesIn(child, found);
  }
  return found;
}

function pick<T>(items: readonly T[], at: number): T | undefined {
  return items[Math.floor(items.length * at)];
}

function apply(root: unknown, { what, at, odd }: Mutation): unknown {
  const places = placesIn(root);
  const place = pick(places, at);
  // A copy, since later changes are made inside it.
  const strange = structuredClone(pick(ODD, odd));
  if (!place) return strange;
  const { parent, key } = place;
  const value = Reflect.get(parent, key);
  const put = (name: string, given: unknown): void => {
    Object.defineProperty(parent, name, {
      value: given,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  };
  switch (what) {
    case 'replace':
      put(key, strange);
      break;
    case 'remove':
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else Reflect.deleteProperty(parent, key);
      break;
    case 'repeat':
      if (Array.isArray(parent))
        parent.push(...Array.from({ length: 1 + Math.floor(odd * 50) }, () => value));
      else put(`${key}2`, value);
      break;
    case 'rename':
      if (!Array.isArray(parent)) {
        Reflect.deleteProperty(parent, key);
        put(pick(KEYS, odd) ?? '', value);
      }
      break;
    case 'move': {
      const source = pick(places, odd);
      // A copy, since data of JSON never holds itself.
      if (source) put(key, JSON.parse(JSON.stringify(Reflect.get(source.parent, source.key) ?? null)));
      break;
    }
    case 'deepen':
      put(key, nested(odd > 0.9 ? DEEP : 50));
      break;
  }
  return root;
}

const PIECES = [
  '\n',
  '\t',
  ' ',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  '- ',
  ': ',
  '# ',
  '&a ',
  '*a',
  '<<: ',
  '!!binary ',
  '|\n',
  '---\n',
  '\u0000',
  '\uFEFF',
  '\r\n',
  '%2f',
  '..',
  '@plugin=',
  '@pparam=',
  'regex_map ',
  '(a*)*',
  '{{',
  '\u2028',
  '[['.repeat(20),
  '- '.repeat(20),
  'x'.repeat(3000),
];

interface Splice {
  readonly at: number;
  readonly cut: number;
  readonly piece: string;
  readonly times: number;
}

const splice: fc.Arbitrary<Splice> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof(fc.constant(0), fc.nat(40), fc.nat(4000)),
  piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 4 })),
  times: fc.constantFrom(1, 1, 1, 2, 200),
});

/** One of the texts with pieces cut out and others put in. */
export function spliced(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(splice, { minLength: 1, maxLength: 4 }))
    .map(([text, splices]) => splices.reduce(applySplice, text));
}

function applySplice(text: string, { at, cut, piece, times }: Splice): string {
  const start = Math.floor(text.length * at);
  return text.slice(0, start) + piece.repeat(times) + text.slice(start + cut);
}

/** What is kept of one kind. */
export function corpus(kind: string): readonly string[] {
  const folder = path.join(import.meta.dirname, 'corpus', kind);
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
}
