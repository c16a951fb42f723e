import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusedPath, refusedPathPattern } from '../../webhook/core/refused-path.ts';

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
  ])('is refused as %s', (path) => {
    expect(isRefusedPath([JOBS], path)).toBe(true);
  });

  it.each([
    '/',
    '/rpc/',
    '/rpc/RunSingleJob.phpx',
    '/rpc/RunSingleJob',
    '/rpc/runsinglejob.php',
    '/w/rpc/RunSingleJob.php',
    '/w//rpc/RunSingleJob.php',
    '/w/x/../rpc/RunSingleJob.php',
    '/wiki/X?path=/rpc/RunSingleJob.php',
    '/rpc/RunSingleJob.php/../../wiki/X',
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
