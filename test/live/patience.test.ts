import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInSandbox } from '../stage/sandbox.ts';
import { ENVOY_VERSIONS } from './ask.ts';
import { injectedJobqueue } from './injected.ts';
import type { PatienceInput, PatienceOutput } from './inside/patience.ts';

describe.each(ENVOY_VERSIONS)('another wiki through the sidecar, with Envoy %s', (version) => {
  const run = (more: Pick<PatienceInput, 'handshakeMs' | 'count' | 'answerMs'>): Promise<PatienceOutput> =>
    runInSandbox<PatienceInput, PatienceOutput>({
      program: path.join(import.meta.dirname, 'inside/patience.ts'),
      input: { ...injectedJobqueue(version), ...more },
      timeoutMs: 120_000,
    });

  // Envoy 1.36 counts the handshake as idle time too, of which there are 4 s.
  const handshakes = version === '1.36.2' ? [1500, 3000] : [1500, 7000];

  it.each(handshakes)('reaches a service whose handshake takes %s ms, as directly', async (handshakeMs) => {
    expect(await run({ handshakeMs, count: 6, answerMs: 0 })).toEqual({ direct: 6, sidecar: 6 });
  });

  it('may have more requests under way than Envoy lets pass by itself', async () => {
    const count = 1200;
    expect(await run({ handshakeMs: 0, count, answerMs: 6000 })).toEqual({ direct: count, sidecar: count });
  });
});
