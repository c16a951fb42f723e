import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inject } from '../../webhook/inject/inject.ts';
import { fixturePod, fixtureText } from '../fixtures/read.ts';
import { findEnvoy } from '../stage/envoy-tool.ts';
import { runInSandbox } from '../stage/sandbox.ts';
import { diversion, ENVOY_VERSIONS, planOf, ROOT } from './ask.ts';
import type { CrowdedInput, CrowdedOutput } from './inside/crowded-pool.ts';

const PROGRAM = path.join(ROOT, 'test/live/inside/crowded-pool.ts');
/** Longer than it takes to send all of them. */
const SLOW_MS = 15_000;
/** What the app's client allows itself for each host today. */
const TODAY = 250;
/** Much less than a slow job takes, even on a busy machine. */
const AT_ONCE_MS = 5000;

const pod = fixturePod('jobqueue');
const [OLDEST, NEWEST] = ENVOY_VERSIONS;

interface Crowd {
  readonly through: 'nothing' | 'the sidecar';
  readonly slow: number;
  readonly version?: string;
  readonly declared?: string;
}

function crowd({ through, slow, version = NEWEST, declared = diversion }: Crowd): Promise<CrowdedOutput> {
  const outcome = inject(pod, 'changeprop-jobqueue', planOf(declared), 'native');
  if (outcome.kind !== 'injected') throw new Error(outcome.reason);
  const direct = through === 'nothing';
  const input = {
    pod: direct ? pod : outcome.pod,
    origin: direct ? 'https://mw-jobrunner.discovery.wmnet:4448' : 'http://127.0.0.1:6506',
    workload: 'jobqueue',
    container: pod.spec?.containers[0]?.name ?? '',
    config: fixtureText('config/jobqueue.yaml'),
    diversion: declared,
    envoy: findEnvoy(version),
    slow,
    slowMs: SLOW_MS,
    untilSlowEnd: !direct,
  };
  return runInSandbox<CrowdedInput, CrowdedOutput>({ program: PROGRAM, input, timeoutMs: 120_000 });
}

describe('jobs of other wikis, while slow jobs of the diverted one are in flight', () => {
  it.each([310, 744])('are answered at once when %i are sent directly', async (slow) => {
    const { othersMs, slowArrived } = await crowd({ through: 'nothing', slow });
    expect(Math.max(...othersMs)).toBeLessThan(AT_ONCE_MS);
    expect(slowArrived).toBe(TODAY);
  });

  it.each([
    [310, NEWEST],
    [744, NEWEST],
    [744, OLDEST],
  ])('are answered at once when %i go through the sidecar, Envoy %s', async (slow, version) => {
    const { othersMs, slowArrived, answers } = await crowd({ through: 'the sidecar', slow, version });
    expect(Math.max(...othersMs)).toBeLessThan(AT_ONCE_MS);
    expect(slowArrived).toBe(slow);
    expect(answers).toEqual({
      'target jobrunner 200': slow,
      'production mw-jobrunner.discovery.wmnet:4448 200': othersMs.length,
    });
  });

  it('wait for those where the app keeps its own limit', async () => {
    const declared = diversion.replaceAll(/^ +pool: .*\n/gm, '');
    const { othersMs, slowArrived } = await crowd({ through: 'the sidecar', slow: 310, declared });
    expect(slowArrived).toBeGreaterThanOrEqual(TODAY);
    expect(Math.min(...othersMs)).toBeGreaterThan(AT_ONCE_MS);
  });
});
