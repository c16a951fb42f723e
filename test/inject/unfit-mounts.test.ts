import { describe, expect, it } from 'vitest';
import { inject } from '../../webhook/inject/inject.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixturePod } from '../fixtures/read.ts';

function outcomeOf(name: 'jobqueue' | 'mobileapps', change: (spec: NonNullable<Pod['spec']>) => void) {
  const pod = structuredClone(fixturePod(name));
  if (pod.spec) change(pod.spec);
  return inject(pod, pod.metadata?.namespace ?? '', diversionPlan(), 'native');
}

describe('a mount that injection cannot work with', () => {
  it('is an emptyDir in the place of the captured files: the config step would find it empty', () => {
    const outcome = outcomeOf('jobqueue', (spec) => {
      spec.volumes = spec.volumes?.map(({ name }) => ({ name, emptyDir: {} })) ?? [];
    });
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'mount-unsupported' });
  });

  it('is one that stands where the diversion is mounted', () => {
    const outcome = outcomeOf('mobileapps', (spec) => {
      for (const container of spec.containers) {
        container.volumeMounts?.push({ name: 'config-volume', mountPath: '/etc/shunt/testwiki/' });
      }
    });
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'mount-unsupported' });
  });
});
