import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIELDS, type JudgedMessage } from '../../webhook/edges/envoy/api-fields.ts';
import { SENDING_FIELDS } from '../../webhook/edges/envoy/sending-fields.ts';
import { inRepository } from '../fixtures/read.ts';
import { ENVOY_VERSIONS } from './ask.ts';

const BUILD_TIMEOUT_MS = 600_000;

describe("the fields of Envoy's own API", () => {
  let published: {
    readonly fields: Readonly<Record<JudgedMessage, readonly string[]>>;
    readonly sending: Readonly<Record<string, string>>;
  };

  beforeAll(() => {
    const [tool = '', files = ''] = ['envoy-api', 'envoy-api-files'].map((name) =>
      execFileSync(inRepository('scripts/tools'), [name], { encoding: 'utf8' }).trim(),
    );
    published = JSON.parse(execFileSync(tool, [files], { encoding: 'utf8' })) as typeof published;
  }, BUILD_TIMEOUT_MS);

  it('are those of the newest version that is supported', () => {
    const pinned = readFileSync(inRepository('scripts/go/envoy-api/go.mod'), 'utf8');
    expect(pinned).toContain(`github.com/envoyproxy/go-control-plane/envoy v${ENVOY_VERSIONS.at(-1)}\n`);
  });

  it.each(Object.keys(FIELDS) as JudgedMessage[])('%s: each is judged, and no other', (message) => {
    expect(Object.keys(FIELDS[message]).sort()).toEqual(published.fields[message]);
  });

  it('that say where to send something, or take configuration from elsewhere, are each judged once', () => {
    const judged = Object.values(SENDING_FIELDS).flat();
    expect(judged.toSorted()).toEqual(Object.keys(published.sending).sort());
  });

  it('that hold the name of a cluster or a URI are named, or have another judgement of their own', () => {
    const inside = SENDING_FIELDS.inside.filter((path) =>
      /^(?:cluster|address)$/.test(published.sending[path] ?? ''),
    );
    expect(inside).toEqual([]);
    expect(
      SENDING_FIELDS.named.filter((path) => !/^(?:cluster|address)$/.test(published.sending[path] ?? '')),
    ).toEqual([]);
  });
});
