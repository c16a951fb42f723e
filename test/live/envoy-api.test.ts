import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIELDS, type JudgedMessage } from '../../webhook/edges/envoy/api-fields.ts';
import { inRepository } from '../fixtures/read.ts';
import { ENVOY_VERSIONS } from './ask.ts';

const BUILD_TIMEOUT_MS = 600_000;

describe("the fields of Envoy's own API", () => {
  let published: Readonly<Record<JudgedMessage, readonly string[]>>;

  beforeAll(() => {
    const tool = execFileSync(inRepository('scripts/tools'), ['envoy-api'], { encoding: 'utf8' }).trim();
    published = JSON.parse(execFileSync(tool, { encoding: 'utf8' })) as typeof published;
  }, BUILD_TIMEOUT_MS);

  it('are those of the newest version that is supported', () => {
    const pinned = readFileSync(inRepository('scripts/go/envoy-api/go.mod'), 'utf8');
    expect(pinned).toContain(`github.com/envoyproxy/go-control-plane/envoy v${ENVOY_VERSIONS.at(-1)}\n`);
  });

  it.each(Object.keys(FIELDS) as JudgedMessage[])('%s: each is judged, and no other', (message) => {
    expect(Object.keys(FIELDS[message]).sort()).toEqual(published[message]);
  });
});
