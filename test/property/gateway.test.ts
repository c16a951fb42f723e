import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../webhook/core/decide.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { RUNS } from './runs.ts';

const PLAN = diversionPlan();

const spellings = (host: string) =>
  fc
    .tuple(
      fc.constantFrom(host, host.toUpperCase()),
      fc.constantFrom('', '.'),
      fc.constantFrom('', ':', ':6033'),
    )
    .map((parts) => parts.join(''));
const ownName = fc.constantFrom(
  'rest-gateway.discovery.wmnet',
  'rest-gateway-ro.discovery.wmnet',
  'localhost',
);
const own = ownName.chain(spellings);
const wiki = fc
  .constantFrom('test.wikipedia.org', 'en.wikipedia.org', 'test.wikipedia.org.evil')
  .chain(spellings);
const slashes = fc.integer({ min: 1, max: 3 }).map((count) => '/'.repeat(count));
const name = fc.oneof(
  fc.constantFrom('test', 'TEST', 'tEst', 'en', 'test2', 'xtest'),
  fc.stringMatching(/^\w+$/),
);
const rest = fc.webPath().map((path) => path.slice(1));

function toOf(authority: string, path: string): string {
  return decide(PLAN, { edge: 'rest-gateway', upstream: 'mw-api-ext-ro', method: 'GET', authority, path }).to;
}

describe('at the REST gateway', () => {
  it('a path that makes the authority decides under every Host', () => {
    fc.assert(
      fc.property(fc.oneof(own, wiki), slashes, name, rest, (authority, front, wikiName, tail) => {
        const isTest = wikiName.toLowerCase() === 'test';
        expect(toOf(authority, `${front}core/v1/wikipedia/${wikiName}/${tail}`)).toBe(
          isTest ? 'web' : 'production',
        );
        expect(toOf(authority, `${front}core/v1/wiktionary/${wikiName}/${tail}`)).toBe('production');
      }),
      { numRuns: RUNS },
    );
  });

  it('a path that names a wiki decides under the gateway’s own names, and there alone', () => {
    fc.assert(
      fc.property(own, wiki, slashes, name, (gateway, host, front, wikiName) => {
        const path = `${front}${wikiName}.wikipedia.org/v1/page/html/X`;
        const isTest = wikiName.toLowerCase() === 'test';
        expect(toOf(gateway, path)).toBe(isTest ? 'web' : 'production');
        expect(toOf(host, path)).toBe(toOf(host, '/w/api.php'));
      }),
      { numRuns: RUNS },
    );
  });

  it('any other path names nothing', () => {
    fc.assert(
      fc.property(fc.oneof(own, wiki), rest, (authority, tail) => {
        const bare = authority.toLowerCase().replace(/\.?(:\d*)?$/, '');
        const expected = bare === 'test.wikipedia.org' ? 'web' : 'production';
        expect(toOf(authority, `/w/${tail}`)).toBe(expected);
      }),
      { numRuns: RUNS },
    );
  });
});
