import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../webhook/inject/pod.ts';
import { runInSandbox } from '../stage/sandbox.ts';
import { ENVOY_VERSIONS } from './ask.ts';
import { injectedJobqueue } from './injected.ts';
import type { DrainInput } from './inside/drain.ts';

const HOSTS = ['en.wikipedia.org', 'test.wikipedia.org'];
const SHORT_S = 3;
const JOB_MS = 9000;

/** The pod, its proxy told to drain for a shorter time. */
function draining(pod: Pod, seconds: number): Pod {
  const shorter = (container: Container): Container => {
    const args = container.args ?? [];
    const value = args.indexOf('--drain-time-s') + 1;
    return value === 0 ? container : { ...container, args: args.with(value, String(seconds)) };
  };
  const spec = pod.spec ?? { containers: [] };
  return { ...pod, spec: { ...spec, initContainers: (spec.initContainers ?? []).map(shorter) } };
}

describe.each(ENVOY_VERSIONS)('a job that runs while a listener is replaced, with Envoy %s', (version) => {
  const injected = injectedJobqueue(version);
  const run = (pod: Pod): Promise<number[]> =>
    runInSandbox<DrainInput, number[]>({
      program: path.join(import.meta.dirname, 'inside/drain.ts'),
      input: { ...injected, pod, jobMs: JOB_MS, hosts: HOSTS },
      timeoutMs: 60_000,
    });

  it('runs to its end with the arguments of the sidecar', async () => {
    expect(await run(injected.pod)).toEqual([200, 200]);
  });

  it('would be cut by a shorter drain, whatever its host', async () => {
    const statuses = await run(draining(injected.pod, SHORT_S));
    expect(statuses.every((status) => status !== 200)).toBe(true);
  });
});
