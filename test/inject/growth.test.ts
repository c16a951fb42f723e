import { describe, expect, it } from 'vitest';
import { inject } from '../../webhook/inject/inject.ts';
import { ANNOTATIONS } from '../../webhook/inject/names.ts';
import { patchBetween } from '../../webhook/inject/patch.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { uninject } from '../../webhook/inject/uninject.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixturePod, plain } from '../fixtures/read.ts';
import { planWithCaptures, specOf, withApp, withSpec } from './pods.ts';

const APP = 'changeprop-production';
const ORIGIN = 'https://mw-jobrunner.discovery.wmnet:4448';
const LED = 'http://127.0.0.1:6506';
const POD = fixturePod('jobqueue');
const MOUNTS = specOf(POD).containers[0]?.volumeMounts ?? [];
const FILES = diversionPlan();
const VALUES = planWithCaptures([{ kind: 'args' }, { kind: 'env', names: ['JOBS'] }]);

const SMALLEST = 3000;
const RUNS = 3;
/** Linear work takes 4 times as long for 4 times the input, quadratic work 16 times. */
const MAX_GROWTH = 9;
/** Below this, the clock and the garbage collector decide. */
const MIN_MS = 10;

const times = <T>(n: number, make: (index: number) => T): T[] =>
  Array.from({ length: n }, (_, at) => make(at));

function withRecord(pod: Pod, originals: readonly object[]): Pod {
  const annotations = {
    ...pod.metadata?.annotations,
    [ANNOTATIONS.undo]: JSON.stringify({ created: times(originals.length, () => 'volumes'), originals }),
  };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

const original = (part: object) => ({ container: APP, ...part });
const captured = (n: number) => times(n, () => ({ name: 'JOBS', value: LED }));

const PODS: Readonly<Record<string, (n: number) => Pod>> = {
  'environment variables': (n) =>
    withApp(POD, {
      env: [...times(n, (at) => ({ name: `V${at}`, value: 'x' })), { name: 'JOBS', value: ORIGIN }],
    }),
  'one variable, many times': (n) => withApp(POD, { env: times(n, () => ({ name: 'JOBS', value: ORIGIN })) }),
  'a long value': (n) => withApp(POD, { env: [{ name: 'JOBS', value: `${ORIGIN} https:`.repeat(n) }] }),
  arguments: (n) => withApp(POD, { args: times(n, () => `--to=${ORIGIN}`) }),
  mounts: (n) =>
    withApp(POD, {
      volumeMounts: [...MOUNTS, ...times(n, (at) => ({ name: 'data', mountPath: `/etc/changeprop/${at}` }))],
    }),
  'mounts at the captured place': (n) =>
    withApp(POD, {
      volumeMounts: times(n, (at) => ({ name: 'data', mountPath: `/etc/changeprop${'/.'.repeat(at % 9)}` })),
    }),
  'slashes in a path': (n) =>
    withApp(POD, {
      volumeMounts: [...MOUNTS, { name: 'data', mountPath: `/${'/'.repeat(n * 60)}x` }],
    }),
  'steps in a path': (n) =>
    withApp(POD, {
      volumeMounts: [...MOUNTS, { name: 'data', mountPath: '/a/../.'.repeat(n * 9) }],
    }),
  ports: (n) => withApp(POD, { ports: times(n, (at) => ({ containerPort: 10_000 + at })) }),
  volumes: (n) =>
    withSpec(POD, {
      volumes: [...(specOf(POD).volumes ?? []), ...times(n, (at) => ({ name: `v${at}`, emptyDir: {} }))],
    }),
  containers: (n) =>
    withSpec(POD, { containers: [...specOf(POD).containers, ...times(n, (at) => ({ name: `c${at}` }))] }),
  'captured containers': (n) =>
    withSpec(POD, {
      containers: times(n, (at) => ({ ...specOf(POD).containers[0], name: `changeprop-${at}` })),
    }),
  'init containers': (n) => withSpec(POD, { initContainers: times(n, (at) => ({ name: `i${at}` })) }),
  'a long name': (n) => withSpec(POD, { containers: [{ name: 'changeprop-'.repeat(n * 9) }] }),
  annotations: (n) => ({
    ...POD,
    metadata: {
      ...POD.metadata,
      annotations: Object.fromEntries(times(n, (at) => [`a${at}`, 'x'])),
    },
  }),
  'a record of one variable': (n) =>
    withRecord(
      withApp(POD, { env: captured(n) }),
      times(n, () => original({ env: 'JOBS', value: ORIGIN })),
    ),
  'a record of other values': (n) =>
    withRecord(
      withApp(POD, { env: captured(n) }),
      times(n, (at) => original({ env: 'JOBS', value: `${ORIGIN}/${at}` })),
    ),
  'a record of arguments': (n) =>
    withRecord(
      withApp(POD, { args: times(n, () => LED) }),
      times(n, (index) => original({ field: 'args', index, value: ORIGIN })),
    ),
  'a record of mounts': (n) =>
    withRecord(
      withApp(POD, {
        volumeMounts: times(n, () => ({ name: 'shunt-copy-0', mountPath: '/etc/changeprop' })),
      }),
      times(n, () => original({ mount: { name: 'data', mountPath: '/etc/changeprop' } })),
    ),
  'a record of many containers': (n) =>
    withRecord(
      withSpec(POD, { containers: times(n, (at) => ({ name: `c${at}`, env: captured(1) })) }),
      times(n, (at) => ({ container: `c${at}`, env: 'JOBS', value: ORIGIN })),
    ),
};

/** The least time that injecting takes, with the patch, injecting again, and undoing. */
function leastMs(pod: Pod): number {
  return Math.min(
    ...times(RUNS, () => {
      const start = performance.now();
      for (const plan of [FILES, VALUES]) {
        const once = inject(pod, 'changeprop-jobqueue', plan, 'native');
        if (once.kind !== 'injected') continue;
        patchBetween(pod, once.pod);
        inject(once.pod, 'changeprop-jobqueue', plan, 'native');
        uninject(once.pod, plan);
      }
      uninject(pod, FILES);
      return performance.now() - start;
    }),
  );
}

describe('the time that a pod takes grows no faster than its size', () => {
  // Again where the machine was busy with something else meanwhile; what is quadratic fails each time.
  it.each(Object.keys(PODS))('with %s', { retry: 2 }, (field) => {
    const make = (n: number): Pod => plain(PODS[field]?.(n) ?? POD);
    const [small, middle, large] = [1, 2, 4].map((factor) => leastMs(make(SMALLEST * factor))) as [
      number,
      number,
      number,
    ];
    const figures = `${small.toFixed(1)} ms, ${middle.toFixed(1)} ms, ${large.toFixed(1)} ms`;
    if (process.env['SHUNT_FIGURES']) console.log(`${field}: ${figures}`);
    expect(large, figures).toBeLessThan(Math.max(small, MIN_MS) * MAX_GROWTH);
  });
});

describe('a mount path', () => {
  it('of 200 kB of slashes is read within half a second', { retry: 2 }, () => {
    const start = performance.now();
    inject(plain(PODS['slashes in a path']?.(3500) ?? POD), 'changeprop-jobqueue', FILES, 'native');
    expect(performance.now() - start).toBeLessThan(500);
  });
});
