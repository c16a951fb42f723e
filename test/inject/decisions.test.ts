import { describe, expect, it } from 'vitest';
import type { Pod } from '../../webhook/inject/pod.ts';
import { POD_REASONS, type PodReason } from '../../webhook/inject/reasons.ts';
import { fixturePod } from '../fixtures/read.ts';
import { injected, injectPod, planWithCaptures, withApp, withSpec } from './pods.ts';

const POD = fixturePod('jobqueue');
const FILES = [{ kind: 'files', path: '/etc/changeprop', files: ['config.yaml'] }];

function withMetadata(change: Pod['metadata']): Pod {
  return { ...POD, metadata: { ...POD.metadata, ...change } };
}

const SKIPPED: readonly [PodReason, string, Pod][] = [
  ['other-app', 'another label', withMetadata({ labels: { app: 'other' } })],
  ['other-app', 'no labels', withMetadata({ labels: undefined as never })],
  ['namespace-not-covered', 'another namespace', withMetadata({ namespace: 'kube-system' })],
  ['host-network', 'the node’s network', withSpec(POD, { hostNetwork: true })],
  [
    'opted-out',
    'the label',
    withMetadata({ labels: { app: 'changeprop', 'shunt.wikimedia.org/inject': 'disabled' } }),
  ],
  [
    'mirror-pod',
    'the annotation of kubelet',
    withMetadata({ annotations: { 'kubernetes.io/config.mirror': '' } }),
  ],
];

describe('a pod is left alone', () => {
  it.each(SKIPPED)('%s: %s', (reason, _, pod) => {
    expect(injectPod(pod)).toEqual({ kind: 'skipped', reason });
  });

  it.each(['enabled', 'Disabled', ''])('not because of the opt-out label %j', (value) => {
    const labels = { app: 'changeprop', 'shunt.wikimedia.org/inject': value };
    expect(injectPod(withMetadata({ labels }))).toMatchObject({ kind: 'injected' });
  });

  it('not because hostNetwork is false', () => {
    expect(injectPod(withSpec(POD, { hostNetwork: false }))).toMatchObject({ kind: 'injected' });
  });
});

const mounts = (change: object) => [
  { name: 'production-base-config', mountPath: '/etc/changeprop', ...change },
];
const REFUSED: readonly [PodReason, string, Pod, RegExp][] = [
  ['container-missing', 'no such container', withApp(POD, { name: 'app' }), /changeprop-\* among app, /],
  [
    'container-ambiguous',
    'two such containers',
    withSpec(POD, { containers: [...(POD.spec?.containers ?? []), { name: 'changeprop-two' }] }),
    /changeprop-production, changeprop-two/,
  ],
  [
    'mount-missing',
    'no mounts',
    withApp(POD, { volumeMounts: [] }),
    /looked for a mount at \/etc\/changeprop.*it mounts nothing/,
  ],
  [
    'mount-missing',
    'a mount beside it',
    withApp(POD, { volumeMounts: mounts({ mountPath: '/etc/changeprop2' }) }),
    /it mounts \/etc\/changeprop2/,
  ],
  [
    'mount-unsupported',
    'subPathExpr',
    withApp(POD, { volumeMounts: mounts({ subPathExpr: '$(A)' }) }),
    /subPathExpr/,
  ],
  [
    'port-taken',
    'the listener’s port',
    withApp(POD, { ports: [{ containerPort: 6506 }] }),
    /changeprop-production declares port 6506/,
  ],
  ['port-taken', 'the telemetry port', withApp(POD, { ports: [{ containerPort: 1667 }] }), /port 1667/],
  [
    'name-taken',
    'a container',
    withSpec(POD, { initContainers: [{ name: 'shunt-envoy' }] }),
    /rename shunt-envoy/,
  ],
  [
    'other-diversion',
    'injected by another',
    withSpec(POD, { volumes: [{ name: 'shunt-diversion', configMap: { name: 'shunt.other.jobqueue' } }] }),
    /shunt\.other\.jobqueue/,
  ],
  ['name-taken', 'a volume', withSpec(POD, { volumes: [{ name: 'shunt-x' }] }), /rename shunt-x/],
];

describe('a pod that should be diverted and cannot be is refused', () => {
  it.each(REFUSED)('%s: %s', (reason, _, pod, detail) => {
    expect(injectPod(pod)).toMatchObject({
      kind: 'refused',
      reason,
      detail: expect.stringMatching(detail),
      workload: { name: 'jobqueue' },
    });
  });

  it.each([
    [
      'env',
      { kind: 'env', names: ['SERVICE_IDENTIFIER'] },
      /variable SERVICE_IDENTIFIER: none of https:\/\/mw-jobrunner/,
    ],
    ['args', { kind: 'args' }, /the command and its arguments: none of https:\/\/mw-jobrunner/],
  ])('nothing-to-capture: %s', (_, capture, detail) => {
    expect(injectPod(POD, planWithCaptures([capture]))).toMatchObject({
      kind: 'refused',
      reason: 'nothing-to-capture',
      detail: expect.stringMatching(detail),
    });
  });

  it('takes no port of a pod with its own Envoy for taken', () => {
    const pod = fixturePod('mobileapps');
    expect(
      injectPod(withApp(pod, { ports: [{ containerPort: 6500 }, { containerPort: 1667 }] })),
    ).toMatchObject({ kind: 'injected' });
  });

  it('takes the pod’s own port for taken only when it is the same', () => {
    expect(
      injectPod(withApp(POD, { ports: [{ containerPort: 6501 }] }), planWithCaptures(FILES)),
    ).toMatchObject({ kind: 'injected' });
  });
});

it('every reason of the catalogue but the server’s is given here', () => {
  const given = [...SKIPPED.map(([reason]) => reason), ...REFUSED.map(([reason]) => reason)];
  const others = [
    'injected',
    'already-injected',
    'not-a-pod-creation',
    'nothing-to-capture',
    'envoy-bypassed',
  ];
  const elsewhere = ['os-unsupported', 'pod-resources', 'never-ends', 'record-too-long', 'kind-unknown'];
  const ofServer = ['review-unreadable', 'decision-failed', 'over-budget'];
  expect([...new Set([...given, ...others, ...elsewhere, ...ofServer])].sort()).toEqual(
    Object.keys(POD_REASONS).sort(),
  );
  expect(injectPod(injected(POD))).toMatchObject({ reason: 'already-injected' });
});
