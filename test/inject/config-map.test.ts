import { expect, it } from 'vitest';
import { findWorkload } from '../../webhook/core/plan.ts';
import { workloadConfigMap } from '../../webhook/inject/config-map.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixturePod, found } from '../fixtures/read.ts';
import { injected, specOf } from './pods.ts';

it('the ConfigMap has the name, and the keys, that injected pods mount', () => {
  const plan = diversionPlan();
  const map = workloadConfigMap(plan, found(findWorkload(plan, 'jobqueue')), 'changeprop-jobqueue', {
    share: '100',
  });
  const volume = specOf(injected(fixturePod('jobqueue'))).volumes?.find(({ configMap }) =>
    configMap?.name?.startsWith('shunt.'),
  );
  expect(map).toMatchObject({
    kind: 'ConfigMap',
    metadata: { name: volume?.configMap?.name, namespace: 'changeprop-jobqueue' },
  });
  expect(map['data']).toEqual({ share: '100' });
});
