import { expect, it } from 'vitest';
import { findWorkload } from '../../webhook/core/plan.ts';
import { fixedParts } from '../../webhook/inject/fixed-parts.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { found } from '../fixtures/read.ts';

const PLAN = diversionPlan();
const bundled = {
  ...PLAN,
  sidecar: { ...PLAN.sidecar, caBundle: { configMap: 'trust', key: 'trust-bundle' } },
};

it('mounts a declared bundle into the sidecar, and lets a pod start without it', () => {
  const { sidecar, volumes } = fixedParts(
    bundled,
    found(findWorkload(bundled, 'jobqueue'), 'jobqueue'),
    'native',
  );
  expect(volumes.at(-1)).toEqual({
    name: 'shunt-ca',
    configMap: { name: 'trust', items: [{ key: 'trust-bundle', path: 'ca.crt' }], optional: true },
  });
  const mount = { name: 'shunt-ca', mountPath: '/etc/shunt-ca', readOnly: true };
  expect(sidecar[0]?.volumeMounts).toContainEqual(mount);
});

it('mounts none where none is declared', () => {
  const { volumes } = fixedParts(PLAN, found(findWorkload(PLAN, 'jobqueue'), 'jobqueue'), 'native');
  expect(volumes.map(({ name }) => name)).not.toContain('shunt-ca');
});
