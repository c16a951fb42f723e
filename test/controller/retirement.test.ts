import { expect, it } from 'vitest';
import type { Kube } from '../../webhook/controller/kube.ts';
import { lookForRemains } from '../../webhook/controller/retire.ts';
import { planRetirement, type Remains } from '../../webhook/controller/retirement.ts';
import type { JsonObject } from '../../webhook/core/json.ts';

const NAMESPACE = 'changeprop-jobqueue';
const OWN = 'shunt.testwiki.jobqueue';

const owner = (kind: string, name: string) => ({ ownerReferences: [{ controller: true, kind, name }] });

function pod(name: string, mounts: string | undefined, more: JsonObject = owner('ReplicaSet', 'app-1')) {
  const volumes = mounts === undefined ? [] : [{ name: 'v', configMap: { name: mounts } }];
  return {
    metadata: { name, namespace: NAMESPACE, ...more },
    spec: { containers: [], volumes },
    status: { phase: 'Running' },
  };
}

const REMAINS: Remains = {
  namespaces: [],
  objects: [{ kind: 'ConfigMap', metadata: { name: OWN, namespace: NAMESPACE } }],
  pods: [],
  replicaSets: [
    { metadata: { name: 'app-1', namespace: NAMESPACE, ...owner('Deployment', 'app') } },
    { metadata: { name: 'other-1', namespace: NAMESPACE, ...owner('Deployment', 'other') } },
  ],
  registrations: [],
};

it('tells pods that were created after uninstalling from those that are still injected', () => {
  const pods = [
    pod('old', OWN),
    pod('new', undefined),
    pod('another-app', undefined, owner('ReplicaSet', 'other-1')),
    pod('bare', OWN, {}),
  ];
  expect(planRetirement({ ...REMAINS, pods })).toEqual([
    {
      namespace: NAMESPACE,
      restart: [{ kind: 'Deployment', name: 'app' }],
      stranded: ['bare'],
      undiverted: ['new'],
      remove: [{ kind: 'ConfigMap', name: OWN }],
      blockedBy: [],
    },
  ]);
});

it('does not say that nothing is left in a namespace that does not exist', async () => {
  const items = [{ metadata: { name: NAMESPACE } }];
  const kube = {
    send: ({ path }: { path: string }) =>
      Promise.resolve({ ok: true, body: { metadata: {}, items: path.endsWith('/namespaces') ? items : [] } }),
  } as unknown as Kube;
  expect(await lookForRemains(kube, { namespaces: [NAMESPACE] })).toEqual([]);
  expect(await lookForRemains(kube, { namespaces: ['nope'] })).toMatchObject({
    ok: false,
    message: 'namespaces "nope" not found',
  });
});
