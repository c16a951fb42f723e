import { expect, it } from 'vitest';
import type { Host } from '../../../webhook/core/host.ts';
import { canMatchPath } from '../../../webhook/edges/envoy/path-room.ts';

const own = { path: '/{name}.wikipedia.org/v1/*', host: '{name}.wikipedia.org', insteadOfHost: false };
const naming = { own, hosts: ['test.wikipedia.org' as Host] };

it.each(['/test\\.wikipedia', '\\/test\\.wikipedia', '^\\/test\\.wikipedia', '^/+test', '^\\/+test', '.*'])(
  'an expression leaves room for a path that it may take, however its first slash is written: %s',
  (regex) => {
    expect(canMatchPath({ match: { safe_regex: { regex: `${regex}.*` } } }, naming)).toBe(true);
  },
);

it.each(['/en\\.wikipedia', '\\/en\\.wikipedia', '^/+w/'])('and none for others: %s', (regex) => {
  expect(canMatchPath({ match: { safe_regex: { regex: `${regex}.*` } } }, naming)).toBe(false);
});
