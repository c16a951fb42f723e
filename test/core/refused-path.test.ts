import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusedPath } from '../../webhook/core/refused-path.ts';
import { refusedPathPattern } from '../../webhook/edges/refused-path-pattern.ts';

const JOBS = '/rpc/RunSingleJob.php';

describe('a refused path', () => {
  it.each([
    JOBS,
    `${JOBS}?x=1`,
    `${JOBS}/`,
    `${JOBS}/more`,
    `${JOBS}/..%2f..`,
    '//rpc/RunSingleJob.php',
    '/rpc//RunSingleJob.php',
    '/rpc/%52unSingleJob.php',
    '/%72%70%63/RunSingleJob%2ephp',
    '/rpc%2FRunSingleJob.php',
    '/rpc%2fRunSingleJob.php',
    '/rpc\\RunSingleJob.php',
    '/./rpc/./RunSingleJob.php',
    '/%2e/rpc/RunSingleJob.php',
    '/w/../rpc/RunSingleJob.php',
    '/w/%2e%2E/rpc/RunSingleJob.php',
    '/w/..%2frpc/RunSingleJob.php',
    '/w%2f../rpc/RunSingleJob.php',
    '/rpc/x%5c%2e./RunSingleJob.php',
    '/rpc/runsinglejob.php',
    '/RPC/RunSingleJob.PHP',
    '/rpc/RunSingleJob.php%3fx',
    '/rpc/RunSingleJob.php%23x',
    '/rpc/RunSingleJob.php%00',
    '/rpc/RunSingleJob.php%00.txt',
    '/rpc/RunSingleJob.php%20',
    '/rpc/RunSingleJob.php%0d%0a',
    '/rpc/RunSingleJob.php.',
    '/rpc/RunSingleJob.php;x=1',
    '/rpc;x=1/RunSingleJob.php',
    '/rpc%3bx=1/RunSingleJob.php',
    '/rpc./RunSingleJob.php',
    '/rpc%20/%09RunSingleJob.php',
    '/x/..;/rpc/RunSingleJob.php',
    '/x%2f..;a=b%2frpc/RunSingleJob.php',
    '/%2572pc/RunSingleJob.php',
    '/rpc%25252fRunSingleJob.php',
    '/%252e%252e%252frpc/RunSingleJob.php',
    '/rpc%c0%afRunSingleJob.php',
    '/rpc%e0%80%afRunSingleJob.php',
    '/rpc%f0%80%80%afRunSingleJob.php',
    '/%c1%b2pc/RunSingleJob.php',
    '/rpc%u002fRunSingleJob.php',
    '/%%37%32pc/RunSingleJob.php',
    '/%7%32pc/RunSingleJob.php',
    '/rpc%2fRunSingleJob.php%2fx/..',
  ])('is refused as %s', (path) => {
    expect(isRefusedPath([JOBS], path)).toBe(true);
  });

  it.each([
    '/',
    '/rpc/',
    '/rpc/RunSingleJob.phpx',
    '/rpc/RunSingleJob',
    '/w/rpc/RunSingleJob.php',
    '/w//rpc/RunSingleJob.php',
    '/w/x/../rpc/RunSingleJob.php',
    '/wiki/X?path=/rpc/RunSingleJob.php',
    '/rpc/RunSingleJob.php/../../wiki/X',
    '/wiki/rpc/RunSingleJob.php',
    '/wiki/rpc%2FRunSingleJob.php',
    '/wiki/K%F6ln',
    '/wiki/%E0%B8%81%E0%B8%A3',
    '/wiki/%F0%9F%98%80',
    '/wiki/50%25%C3%A9',
    '/wiki/100%25',
    '/wiki/A%252FB',
    '/rpcx/RunSingleJob.php',
  ])('is not meant by %s', (path) => {
    expect(isRefusedPath([JOBS], path)).toBe(false);
  });

  it('means the same as a web server that decodes, merges slashes and resolves dot segments, where none is left encoded', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      '/./',
      '\\',
      '%2f',
      '%5C',
      '/%2e/',
      'rpc',
      'r%70c',
      'RunSingleJob.php',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const path = `/${pieces.join('')}`;
        expect([path, isRefusedPath([JOBS], path)]).toEqual([path, servedAs(path, JOBS)]);
      }),
      { numRuns: 2000 },
    );
  });

  it('means the same as the expression that proxies get, where there are no dot segments for the proxy to resolve', () => {
    const piece = fc.constantFrom(
      '%2f',
      '%5c',
      '..%2f',
      '.%2F',
      '%2e%2e%2f',
      'rpc',
      '%72pc',
      'RunSingleJob.php',
      'x',
      ';',
      '%3bx',
      '%00',
      '%20',
      '%2525',
      '%c0%af',
      '%e0%b8%81',
      '%f0%9f%98%80',
      '%252F',
      '%25%35',
      '%5',
      '%u002f',
      '%3F',
      'RPC',
    );
    const expression = new RegExp(`^(?:${refusedPathPattern(JOBS)})$`);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
        const path = `/${pieces.join('')}`;
        expect([path, isRefusedPath([JOBS], path)]).toEqual([path, expression.test(path)]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['%2e%2f', '%2e%2e%2f', '/', '..%5c', 'rpc%2f', '%2fRunSingleJob.php'])(
    'is known in time that grows with the length, of a path of %s over and over',
    (piece) => {
      const start = performance.now();
      expect(isRefusedPath([JOBS], `/${piece.repeat(50_000)}x`)).toBe(false);
      expect(performance.now() - start).toBeLessThan(2000);
    },
  );
});

function servedAs(path: string, script: string): boolean {
  const segments = decodeURIComponent(path)
    .split(/[/\\]/)
    .filter((segment) => segment !== '' && segment !== '.');
  return `/${segments.join('/')}/`.startsWith(`${script}/`);
}
