import { checkSync } from 'recheck';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { diversionPlan } from '../fixtures/diversions.ts';
import { inRepository } from '../fixtures/read.ts';
import { expressionsBelow } from './expressions.ts';

const { literals, made } = expressionsBelow(inRepository('webhook'), inRepository('tsconfig.json'));

/** What makes every expression that a file makes while it runs, for the longest of inputs that it is made from. */
const MAKING: Readonly<Record<string, () => Promise<unknown>>> = {
  'core/gateway-paths.ts': async () => {
    const { hostsInPath } = await import('../../webhook/core/gateway-paths.ts');
    const forms = ['/a/{name}/v1/*', '/{name}/*', '/a-b.c/{name}', '/a/b', '/{name}'];
    hostsInPath(
      forms.map((path) => ({ path, host: '{name}', insteadOfHost: false })),
      '/a',
    );
  },
  'edges/envoy/path-literal.ts': () => import('../../webhook/edges/envoy/path-literal.ts'),
  'edges/formats.ts': () => import('../../webhook/edges/formats.ts'),
  'inject/origins.ts': async () => {
    const { findLeftovers, replaceOrigins } = await import('../../webhook/inject/origins.ts');
    for (const { listeners } of diversionPlan().workloads) {
      replaceOrigins('a', listeners);
      findLeftovers('a', listeners);
    }
  },
};

afterEach(() => vi.unstubAllGlobals());

/** The expressions that are made with the constructor meanwhile. */
async function recorded(make: () => Promise<unknown>): Promise<RegExp[]> {
  const found: RegExp[] = [];
  const Original = RegExp;
  class Recorder extends Original {
    constructor(pattern: string | RegExp, flags?: string) {
      super(pattern, flags);
      found.push(new Original(pattern, flags));
    }
  }
  vi.resetModules();
  vi.stubGlobal('RegExp', Recorder);
  await make();
  vi.unstubAllGlobals();
  return found;
}

/** How its time grows with a text made to hurt it; safe where that is linear. */
function growth({ source, flags }: { readonly source: string; readonly flags: string }): string {
  const judged = checkSync(source, flags, { timeout: 60_000 });
  return judged.status === 'vulnerable' ? `vulnerable ${judged.complexity.type}` : judged.status;
}

describe('every regular expression of the program takes time that grows with the text alone', () => {
  it('and is found', () => {
    expect(literals.length).toBeGreaterThan(80);
    expect(literals).toContainEqual({ file: 'core/host.ts', source: '^[\\x21-\\x7e]+$', flags: '' });
  });

  it.each(literals.map((literal) => [literal.file, `/${literal.source}/${literal.flags}`, literal] as const))(
    '%s: %s',
    (_file, _text, literal) => expect(growth(literal)).toBe('safe'),
    60_000,
  );

  it('those made while it runs are made below', () => {
    expect([...made.keys()].sort()).toEqual(Object.keys(MAKING).sort());
  });

  it.each(Object.entries(MAKING))(
    'as made in %s',
    async (file, make) => {
      const found = await recorded(make);
      expect(found.length).toBeGreaterThanOrEqual(made.get(file) ?? 1);
      expect(found.map((one) => [one.source, growth(one)]).filter(([, grows]) => grows !== 'safe')).toEqual(
        [],
      );
    },
    60_000,
  );
});

describe('the check', () => {
  it.each([
    ['exponential', /^(?:\/?[a-z_][a-z_.]*)+$/],
    ['polynomial', /\/+$/],
    ['polynomial', /^[0-9a-f:]+:[0-9a-f:]*\/\d$/],
    ['polynomial', /^(?!\s*#)[^\S\n]*\S.*/m],
    ['exponential', /^(?:%2e%2f|.*%2f%2e%2e%2f)*$/],
  ])('finds %s time in %s', (kind, expression) => {
    expect(growth(expression)).toBe(`vulnerable ${kind}`);
  });
});
