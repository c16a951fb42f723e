import { describe, expect, it } from 'vitest';
import type { Pod, VolumeMount } from '../../webhook/inject/pod.ts';
import { uninject } from '../../webhook/inject/uninject.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixturePod, plain } from '../fixtures/read.ts';
import { containerNamed, injected, injectPod, planWithCaptures, withApp } from './pods.ts';

const POD = fixturePod('jobqueue');
const APP = 'changeprop-production';
const ORIGIN = 'https://mw-jobrunner.discovery.wmnet:4448';
const LED = 'http://127.0.0.1:6506';

function stepOf(pod: Pod) {
  return containerNamed(pod, 'shunt-config');
}

function argument(pod: Pod, name: string): string[] {
  const args = stepOf(pod).args ?? [];
  return args.flatMap((value, index) => (args[index - 1] === name ? [value] : []));
}

describe('the files capture', () => {
  it('gives the app a memory volume at the same place, and the original to the config step', () => {
    const after = injected(POD);
    expect(containerNamed(after, APP).volumeMounts).toEqual([
      { name: 'shunt-copy-0', mountPath: '/etc/changeprop' },
    ]);
    expect(stepOf(after).volumeMounts).toEqual([
      { name: 'shunt-diversion', mountPath: '/etc/shunt/testwiki', readOnly: true },
      { name: 'production-base-config', mountPath: '/shunt/in/0' },
      { name: 'shunt-copy-0', mountPath: '/shunt/out/0' },
    ]);
    expect(stepOf(after).command).toEqual(['shunt']);
    expect(argument(after, '--workload')).toEqual(['jobqueue']);
    expect(argument(after, '--diversion')).toEqual(['/etc/shunt/testwiki/diversion.yaml']);
  });

  it('runs the config step as the app’s own user, but never as root', () => {
    const as = (runAsUser: number) =>
      stepOf(injected(withApp(POD, { securityContext: { runAsUser } }))).securityContext;
    expect(as(1234)?.runAsUser).toBe(1234);
    expect(as(0)?.runAsUser).toBe(65532);
  });

  const single: VolumeMount = {
    name: 'production-base-config',
    mountPath: '/etc/changeprop/config.yaml',
    subPath: 'config.yaml',
  };

  it('captures a single file that is mounted by subPath', () => {
    const after = injected(withApp(POD, { volumeMounts: [single] }));
    expect(containerNamed(after, APP).volumeMounts).toEqual([{ ...single, name: 'shunt-copy-0' }]);
    expect(stepOf(after).volumeMounts).toContainEqual({ ...single, mountPath: '/shunt/in/0/config.yaml' });
  });

  it('keeps what else the mount says', () => {
    const mount = {
      name: 'production-base-config',
      mountPath: '/etc/changeprop//',
      readOnly: true,
      subPath: 'deep',
    };
    const after = injected(withApp(POD, { volumeMounts: [mount] }));
    expect(containerNamed(after, APP).volumeMounts).toEqual([
      { name: 'shunt-copy-0', mountPath: '/etc/changeprop//', readOnly: true },
    ]);
    expect(stepOf(after).volumeMounts).toContainEqual({ ...mount, mountPath: '/shunt/in/0' });
  });

  it.each([
    '/etc/changeprop/./config.yaml',
    '/etc/changeprop//config.yaml',
    '/etc/changeprop/config.yaml/',
    '/etc/../etc/changeprop/config.yaml',
    '/../etc/x/../changeprop/config.yaml',
    'etc/changeprop/config.yaml',
    '/etc/changeprop/nested/../config.yaml/.',
  ])('captures the file where the kernel mounts it: %s', (mountPath) => {
    const pod = withApp(POD, { volumeMounts: [{ ...single, mountPath }] });
    const after = injected(pod);
    expect(containerNamed(after, APP).volumeMounts).toEqual([{ ...single, mountPath, name: 'shunt-copy-0' }]);
    expect(plain(uninject(after, diversionPlan()))).toEqual(pod);
  });

  it.each(['/etc/changeprop2/../changeprop', '//etc/./changeprop/', 'etc/changeprop'])(
    'captures a folder where the kernel mounts it: %s',
    (mountPath) => {
      const after = injected(withApp(POD, { volumeMounts: [{ name: 'production-base-config', mountPath }] }));
      expect(containerNamed(after, APP).volumeMounts).toEqual([{ name: 'shunt-copy-0', mountPath }]);
    },
  );

  it.each(['/etc/changeprop/../config.yaml', '/etc/changeprop/.../config.yaml', '/etc/changeprop/ '])(
    'does not take another place for it: %s',
    (mountPath) => {
      const outcome = injectPod(withApp(POD, { volumeMounts: [{ ...single, mountPath }] }));
      expect(outcome).toMatchObject({ kind: 'refused', reason: 'mount-missing' });
    },
  );

  it('refuses two mounts at one place', () => {
    const volumeMounts = [single, { ...single, mountPath: '/etc/changeprop/./config.yaml' }];
    expect(injectPod(withApp(POD, { volumeMounts }))).toMatchObject({
      kind: 'refused',
      reason: 'mount-unsupported',
      detail: `container ${APP}: several mounts are at /etc/changeprop/config.yaml; keep one of them`,
    });
  });

  it('numbers several captures', () => {
    const plan = planWithCaptures([
      { kind: 'files', path: '/etc/changeprop', files: ['config.yaml'] },
      { kind: 'files', path: '/etc/more', files: ['a', 'b'] },
    ]);
    const more = { name: 'more', mountPath: '/etc/more' };
    const pod = withApp(POD, { volumeMounts: [...(POD.spec?.containers[0]?.volumeMounts ?? []), more] });
    const after = injected(pod, plan);
    expect(containerNamed(after, APP).volumeMounts?.map(({ name }) => name)).toEqual([
      'shunt-copy-0',
      'shunt-copy-1',
    ]);
    expect(plain(uninject(after, plan))).toEqual(pod);
  });
});

describe('the envoy capture', () => {
  const after = injected(fixturePod('mobileapps'));
  const proxy = containerNamed(after, 'mobileapps-production-tls-proxy');

  it('gives the pod’s Envoy a copy of its configuration, and the ConfigMap with the share', () => {
    expect(proxy.volumeMounts).toEqual([
      { name: 'shunt-copy-0', mountPath: '/etc/envoy/', readOnly: true },
      { name: 'tls-certs-volume', mountPath: '/etc/envoy/ssl', readOnly: true },
      { name: 'shunt-diversion', mountPath: '/etc/shunt/testwiki', readOnly: true },
    ]);
  });

  it('has the folder made on which the Secret is mounted', () => {
    expect(argument(after, '--mount-point')).toEqual(['0/ssl']);
  });

  it('makes no folder where a single file is mounted', () => {
    const pod = fixturePod('mobileapps');
    const own = pod.spec?.containers.at(-1);
    if (own)
      own.volumeMounts = [
        ...(own.volumeMounts ?? []),
        { name: 'x', mountPath: '/etc/envoy/one.pem', subPath: 'one.pem' },
      ];
    expect(argument(injected(pod), '--mount-point')).toEqual(['0/ssl']);
  });
});

describe('the env capture', () => {
  const plan = planWithCaptures([{ kind: 'env', names: ['JOBS'] }]);

  it('replaces the origin in the value, and only there', () => {
    const env = [
      { name: 'JOBS', value: `${ORIGIN}/rpc/RunSingleJob.php` },
      { name: 'OTHER', value: ORIGIN },
    ];
    const pod = withApp(POD, { env });
    const after = injected(pod, plan);
    expect(containerNamed(after, APP).env).toEqual([
      { name: 'JOBS', value: `${LED}/rpc/RunSingleJob.php` },
      env[1],
    ]);
    expect(after.spec?.initContainers?.map(({ name }) => name)).toEqual(['shunt-envoy']);
    expect(injectPod(after, plan)).toMatchObject({ reason: 'already-injected' });
    expect(plain(uninject(after, plan))).toEqual(pod);
  });

  it.each([
    ['another value', { name: 'JOBS', value: 'https://elsewhere.example' }],
    ['a source elsewhere', { name: 'JOBS', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  ])('leaves a variable alone that somebody gave %s since', (_, variable) => {
    const after = injected(withApp(POD, { env: [{ name: 'JOBS', value: ORIGIN }] }), plan);
    expect(containerNamed(uninject(withApp(after, { env: [variable] }), plan), APP).env).toEqual([variable]);
  });

  it('refuses a variable that takes its value from elsewhere', () => {
    const env = [{ name: 'JOBS', valueFrom: { configMapKeyRef: { name: 'a', key: 'b' } } }];
    expect(injectPod(withApp(POD, { env }), plan)).toMatchObject({
      kind: 'refused',
      reason: 'nothing-to-capture',
    });
  });

  it('refuses when one of two variables holds nothing', () => {
    const both = planWithCaptures([{ kind: 'env', names: ['JOBS', 'MORE'] }]);
    const pod = withApp(POD, { env: [{ name: 'JOBS', value: ORIGIN }] });
    expect(injectPod(pod, both)).toMatchObject({ kind: 'refused', detail: expect.stringContaining('MORE') });
  });
});

describe('the args capture', () => {
  const plan = planWithCaptures([{ kind: 'args' }]);

  it('replaces origins in the command and its arguments', () => {
    const pod = withApp(POD, { command: ['run', `--a=${ORIGIN}`], args: ['x', `${ORIGIN}/y`] });
    const after = injected(pod, plan);
    expect(containerNamed(after, APP)).toMatchObject({
      command: ['run', `--a=${LED}`],
      args: ['x', `${LED}/y`],
    });
    expect(injectPod(after, plan)).toMatchObject({ reason: 'already-injected' });
    expect(plain(uninject(after, plan))).toEqual(pod);
  });

  it('can be undone together with the others', () => {
    const all = planWithCaptures([
      { kind: 'args' },
      { kind: 'env', names: ['JOBS'] },
      { kind: 'files', path: '/etc/changeprop', files: ['config.yaml'] },
    ]);
    const pod = withApp(POD, { args: [ORIGIN], env: [{ name: 'JOBS', value: ORIGIN }] });
    expect(plain(uninject(injected(pod, all), all))).toEqual(pod);
  });
});

it('mounts the ConfigMap once for a pod with its own Envoy and a captured file', () => {
  const plan = diversionPlan([
    '        - { kind: envoy, path: /etc/envoy, files: [envoy.yaml] }',
    '        - { kind: envoy, path: /etc/envoy, files: [envoy.yaml] }\n        - { kind: envoy, path: /etc/two, files: [envoy.yaml] }',
  ]);
  const pod = fixturePod('mobileapps');
  const own = pod.spec?.containers.at(-1);
  if (own)
    own.volumeMounts = [...(own.volumeMounts ?? []), { name: 'envoy-config-volume', mountPath: '/etc/two' }];
  const mounts = containerNamed(injected(pod, plan), 'mobileapps-production-tls-proxy').volumeMounts ?? [];
  expect(mounts.filter(({ name }) => name === 'shunt-diversion')).toHaveLength(1);
});
