import { describe, expect, it } from 'vitest';
import type { Container, Pod, SecurityContext } from '../../webhook/inject/pod.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixturePod } from '../fixtures/read.ts';
import { FORMS, injected, withSpec } from '../inject/pods.ts';
import { violations } from './pod-security.ts';

const SAFE: SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

function podWith(container: Partial<Container>, spec: Partial<Pod['spec']> = {}): Pod {
  return { spec: { containers: [{ name: 'a', securityContext: SAFE, ...container }], ...spec } };
}

const context = (change: object): Pod =>
  podWith({ securityContext: { ...SAFE, ...change } as SecurityContext });

describe('the checks of the Pod Security Standards', () => {
  it('find nothing in a pod that follows them', () => {
    expect(violations(podWith({}))).toEqual([]);
  });

  it.each<[string, Pod]>([
    ['HostProcess', context({ windowsOptions: { hostProcess: true } })],
    ['Host Namespaces', podWith({}, { hostPID: true })],
    ['Privileged Containers', context({ privileged: true })],
    ['Capabilities', context({ capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] } })],
    ['HostPath Volumes', podWith({}, { volumes: [{ name: 'v', hostPath: { path: '/' } }] })],
    ['Host Ports', podWith({ ports: [{ containerPort: 1, hostPort: 1 }] })],
    ['Host Probes / Lifecycle Hooks', podWith({ livenessProbe: { httpGet: { port: 1, host: 'x' } } })],
    ['AppArmor', context({ appArmorProfile: { type: 'Unconfined' } })],
    ['SELinux', context({ seLinuxOptions: { type: 'spc_t' } })],
    ['/proc Mount Type', context({ procMount: 'Unmasked' })],
    ['Seccomp', context({ seccompProfile: { type: 'Unconfined' } })],
    ['Sysctls', podWith({}, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } })],
    ['Volume Types', podWith({}, { volumes: [{ name: 'v', nfs: { path: '/', server: 'x' } }] })],
    ['Privilege Escalation', context({ allowPrivilegeEscalation: undefined })],
    ['Running as Non-root', context({ runAsNonRoot: undefined })],
    ['Running as Non-root user', context({ runAsUser: 0 })],
    ['Seccomp (restricted)', context({ seccompProfile: undefined })],
    ['Capabilities (restricted): drop ALL', context({ capabilities: { drop: ['KILL'] } })],
    ['Capabilities (restricted): add', context({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } })],
  ])('find a breach of %s', (control, pod) => {
    expect(violations(pod).map((violation) => violation.split(': ').slice(0, -1).join(': '))).toContain(
      control,
    );
  });

  it('take what a container leaves open from the pod', () => {
    const { runAsNonRoot, seccompProfile, ...own } = SAFE;
    const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
    expect([runAsNonRoot, seccompProfile]).not.toContain(undefined);
    expect(violations(podWith({ securityContext: own }, { securityContext }))).toEqual([]);
  });
});

describe.each(FORMS)('an injected pod, as %s', (form) => {
  it.each(['changeprop', 'jobqueue', 'mobileapps'] as const)(
    'of %s follows the restricted standard',
    (name) => {
      expect(violations(fixturePod(name))).toEqual([]);
      expect(violations(injected(fixturePod(name), diversionPlan(), form))).toEqual([]);
    },
  );

  it.each<[string, NonNullable<Pod['spec']>['securityContext']]>([
    ['runs as root', { runAsUser: 0, runAsGroup: 0 }],
    ['sets nothing', {}],
  ])('breaks no more rules than before when the pod %s', (_, securityContext) => {
    const pod = withSpec(fixturePod('jobqueue'), { ...(securityContext ? { securityContext } : {}) });
    expect(violations(injected(pod, diversionPlan(), form))).toEqual(violations(pod));
  });
});
