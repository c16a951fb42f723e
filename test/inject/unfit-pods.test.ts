import { describe, expect, it } from 'vitest';
import { uninject } from '../../webhook/inject/uninject.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixturePod, plain } from '../fixtures/read.ts';
import {
  containerNamed,
  FORMS,
  injected,
  injectPod,
  planWithCaptures,
  specOf,
  withApp,
  withSpec,
} from './pods.ts';

const POD = fixturePod('jobqueue');
const PLAN = diversionPlan();
const ORIGIN = 'https://mw-jobrunner.discovery.wmnet:4448';
const LIMITS = { cpu: '1', memory: '1Gi' };

describe('a pod that cannot run with a sidecar is refused, with what to do', () => {
  it.each([
    ['os-unsupported', { os: { name: 'windows' } }, /run it on Linux/],
    ['os-unsupported', { nodeSelector: { 'kubernetes.io/os': 'windows' } }, /run it on Linux/],
    ['pod-resources', { resources: { limits: LIMITS } }, /at its containers/],
    ['pod-resources', { resources: { requests: { cpu: '1' } } }, /at its containers/],
  ] as const)('%s: %j', (reason, change, detail) => {
    expect(injectPod(withSpec(POD, change as object))).toMatchObject({
      kind: 'refused',
      reason,
      detail: expect.stringMatching(detail),
    });
  });

  it.each([{ os: { name: 'linux' } }, { resources: {} }, { resources: { limits: {} } }])(
    'which %j does not make it',
    (change) => {
      expect(injectPod(withSpec(POD, change))).toMatchObject({ kind: 'injected' });
    },
  );

  it.each(['Never', 'OnFailure'])(
    'restartPolicy %s, where sidecars are ordinary containers',
    (restartPolicy) => {
      const pod = withSpec(POD, { restartPolicy });
      expect(injectPod(pod, PLAN, 'container')).toMatchObject({
        kind: 'refused',
        reason: 'never-ends',
        detail: expect.stringContaining('Kubernetes 1.29'),
      });
      expect(injectPod(pod, PLAN, 'native')).toMatchObject({ kind: 'injected' });
    },
  );

  it('but not for that when its own Envoy does the work', () => {
    const pod = withSpec(fixturePod('mobileapps'), { restartPolicy: 'Never' });
    expect(injectPod(pod, PLAN, 'container')).toMatchObject({ kind: 'injected' });
  });

  it('record-too-long: an argument that no annotation can hold', () => {
    const plan = planWithCaptures([{ kind: 'args' }]);
    const pod = (length: number) => withApp(POD, { args: [ORIGIN, `${ORIGIN}/${'x'.repeat(length)}`] });
    expect(injectPod(pod(270_000), plan)).toMatchObject({
      kind: 'refused',
      reason: 'record-too-long',
      detail: expect.stringMatching(/of 262144 .* mounted file/),
    });
    expect(injectPod(pod(200_000), plan)).toMatchObject({ kind: 'injected' });
  });
});

describe('a volume without a source', () => {
  it('is the emptyDir that the API server makes of it', () => {
    const volumes = [{ name: 'production-base-config' }];
    expect(injectPod(withSpec(POD, { volumes }))).toMatchObject({
      kind: 'refused',
      reason: 'mount-unsupported',
      detail: expect.stringContaining('emptyDir'),
    });
  });
});

describe('a captured container that is a native sidecar', () => {
  const [app] = specOf(POD).containers;
  const pod = plain(
    withSpec(POD, {
      initContainers: [{ ...app, name: 'changeprop-production', restartPolicy: 'Always' }],
      containers: [{ name: 'other', image: 'x' }],
    }),
  );

  it.each(FORMS)('is captured where it is, behind ours, as %s', (form) => {
    const after = injected(pod, PLAN, form);
    expect(specOf(after).initContainers?.at(0)?.name).toBe('shunt-config');
    expect(specOf(after).initContainers?.at(-1)?.name).toBe('changeprop-production');
    expect(containerNamed(after, 'changeprop-production').volumeMounts?.[0]?.name).toBe('shunt-copy-0');
    expect(injectPod(after, PLAN, form)).toMatchObject({ reason: 'already-injected' });
    expect(plain(uninject(after, PLAN))).toEqual(pod);
  });

  it('is not taken for one that ends before the app starts', () => {
    const ending = withSpec(pod, {
      initContainers: specOf(pod).initContainers?.map(({ restartPolicy: _, ...one }) => one),
    } as object);
    expect(injectPod(ending)).toMatchObject({ kind: 'refused', reason: 'container-missing' });
  });
});

describe('the quality of service of a pod stays', () => {
  const reserved = { limits: LIMITS, requests: LIMITS };
  const all = (resources: object) =>
    withSpec(POD, { containers: specOf(POD).containers.map((one) => ({ ...one, resources })) });

  it.each([reserved, { limits: LIMITS }])('Guaranteed, with %j', (resources) => {
    const after = injected(all(resources));
    for (const name of ['shunt-config', 'shunt-envoy']) {
      const own = containerNamed(after, name).resources;
      expect(own?.requests).toEqual(own?.limits);
    }
    expect(plain(uninject(after, PLAN))).toEqual(plain(all(resources)));
  });

  it.each([{}, { limits: { cpu: '1' } }, { limits: LIMITS, requests: { cpu: '500m' } }])(
    'Burstable, with %j',
    (resources) => {
      const own = containerNamed(injected(all(resources)), 'shunt-envoy').resources;
      expect(own?.requests).not.toEqual(own?.limits);
    },
  );
});

describe('files that only root may read', () => {
  const modes = (change: object, spec: object = {}) =>
    withSpec(withApp(POD, { securityContext: { runAsUser: 0 } }), {
      volumes: [{ name: 'production-base-config', configMap: { name: 'x', ...change } }],
      ...spec,
    });
  const userOf = (pod: ReturnType<typeof modes>) =>
    containerNamed(injected(pod), 'shunt-config').securityContext;

  it.each([{ defaultMode: 0o400 }, { items: [{ key: 'config.yaml', path: 'config.yaml', mode: 0o440 }] }])(
    'are read by a config step that is root, for an app that is: %j',
    (change) => {
      expect(userOf(modes(change))).toMatchObject({
        runAsUser: 0,
        runAsNonRoot: false,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
      expect(injectPod(injected(modes(change)))).toMatchObject({ reason: 'already-injected' });
    },
  );

  it('are not what others may read too, or a group of the pod', () => {
    expect(userOf(modes({ defaultMode: 0o444 }))?.runAsUser).toBe(65532);
    expect(userOf(modes({ defaultMode: 0o400 }, { securityContext: { fsGroup: 1 } }))?.runAsUser).toBe(65532);
  });

  it('are left to the user of an app that is not root', () => {
    const pod = withApp(modes({ defaultMode: 0o400 }), { securityContext: { runAsNonRoot: true } });
    expect(userOf(pod)?.runAsUser).toBe(65532);
  });
});

describe('a label with a value that is not ours', () => {
  const labelled = (value: string) => ({
    ...POD,
    metadata: { ...POD.metadata, labels: { ...POD.metadata?.labels, 'shunt.wikimedia.org/inject': value } },
  });

  it.each(['true', 'false', 'no', 'Disabled', ''])('%j is said to have no effect', (value) => {
    const outcome = injectPod(labelled(value));
    expect(outcome).toMatchObject({
      kind: 'injected',
      notes: [
        `the label shunt.wikimedia.org/inject=${value} has no effect: the pod is diverted; only disabled opts it out`,
      ],
    });
  });

  it('is neither enabled nor disabled', () => {
    expect(injectPod(labelled('enabled'))).toMatchObject({ kind: 'injected', notes: [] });
    expect(injectPod(labelled('disabled'))).toEqual({ kind: 'skipped', reason: 'opted-out' });
  });
});
