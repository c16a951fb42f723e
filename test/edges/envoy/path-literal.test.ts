import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../webhook/core/json.ts';
import { longestLiteral } from '../../../webhook/edges/envoy/path-literal.ts';
import { RUNS } from '../../property/runs.ts';

const contains = (text: string): Json[] => [{ name: ':path', string_match: { contains: text } }];
const ofRegex = (regex: string): Json[] => longestLiteral({ match: { safe_regex: { regex } } });

describe('the piece that all paths of a route hold', () => {
  it.each([
    ['^/+w/api.php(.*)$', '/w/api'],
    ['^/+w/rest.php/v1/page(.*)$', 'php/v1/page'],
    ['^/+([^/]+)/v1/page/html/([^\\/]+)/(.+)$', '/v1/page/html/'],
    ['^/[^./]+\\.wikipedia\\.org/v1/$', '.wikipedia.org/v1/'],
    ['^/(www|test)\\.wikidata\\.org/v1/$', '.wikidata.org/v1/'],
    ['/(?:a(?:b|c))?/x{2}/cd', '/cd'],
    ['/(?P<name>[a-z]+)/page', '/page'],
    ['/a+bcd*', 'abc'],
    ['/pages?/', '/page'],
    ['[/\\]\\x61]/w/api', '/w/api'],
    ['/w/.*', '/w/'],
  ])('is the longest text outside of groups: %s', (regex, text) => {
    expect(ofRegex(regex)).toEqual(contains(text));
  });

  it.each([
    '/w/api|/w/rest',
    '(?i)/w/api',
    '/w/(?i)api',
    '/(?i:w)/api',
    '\\Q/w/api\\E',
    '/w/\\x61pi',
    '/w/\\pLapi',
    '/w/[[:alpha:]]api',
    '/w/[]a]api',
    '/a[^]/bcdef[x]',
    '/a[]]/bcdef',
    '/w/api{',
    '/ä/w/api',
    '/(.*)',
    '/.*',
    '',
  ])('is not looked for in what is beyond a simple reading: %s', (regex) => {
    expect(ofRegex(regex)).toEqual([]);
  });

  it.each([
    [{ path: '/healthz' }, contains('/healthz')],
    [{ prefix: '/w/' }, contains('/w/')],
    [{ path_separated_prefix: '/w/rest.php' }, contains('/w/rest.php')],
    [{ pathSeparatedPrefix: '/w/rest.php' }, contains('/w/rest.php')],
    [{ safeRegex: { regex: '/w/.*' } }, contains('/w/')],
    [{ prefix: '/w/', case_sensitive: false }, []],
    [{ prefix: '/' }, []],
    [{ connect_matcher: {} }, []],
    [{}, []],
  ])('is read from each kind of path specifier: %j', (match, expected) => {
    expect(longestLiteral({ match })).toEqual(expected);
  });

  it('is in every path that the expression takes', () => {
    const atom = fc.constantFrom('/w', '.', '\\.', 'ab', '[ab/]', '(a|b/)', '(?:/w|b)', '\\w', '(a(b)?)');
    const part = fc
      .tuple(atom, fc.constantFrom('', '', '', '+', '*', '?', '{2}', '{0,1}', '+?'))
      .map((pair) => pair.join(''));
    const regexes = fc.array(part, { maxLength: 6 }).map((parts) => `^${parts.join('')}$`);
    fc.assert(
      fc.property(
        regexes.chain((regex) => fc.tuple(fc.constant(regex), fc.stringMatching(new RegExp(regex)))),
        ([regex, path]) => {
          const [piece] = ofRegex(regex);
          const { contains: text = '' } =
            (piece as { string_match: { contains: string } } | undefined)?.string_match ?? {};
          expect(path).toContain(text);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
