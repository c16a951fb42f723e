import type { Container, Pod, PodSpec, Volume } from '../../webhook/inject/pod.ts';
import { plain } from '../fixtures/read.ts';
import { everyContainer, type Step, withSpec } from './other-webhook.ts';

/*
 * What the author of a copied pod could do to our parts of it so that traffic goes elsewhere, while the pod still
 * looks injected.
 */

const isOwn = ({ name }: { readonly name: string }): boolean => name.startsWith('shunt-');

function everyOwn(change: (container: Container) => Partial<Container>): Step {
  return everyContainer((one) => (isOwn(one) ? { ...one, ...change(one) } : one));
}

function everyOwnVolume(change: (volume: Volume) => Partial<Volume>): Step {
  return withSpec(({ volumes }) => ({
    volumes: (volumes ?? []).map((one) => (isOwn(one) ? { ...one, ...change(one) } : one)),
  }));
}

const EVIL: Container = { name: 'shunt-more', image: 'evil.example/x:1' };
const HOOK = { postStart: { exec: { command: ['sh', '-c', 'true'] } } };
const COMMAND = { exec: { command: ['true'] } };

const TAMPERING: Readonly<Record<string, Step>> = {
  preloadedLibrary: everyOwn(() => ({ env: [{ name: 'LD_PRELOAD', value: '/shunt/out/0/x.so' }] })),
  environmentOfConfigMap: everyOwn(() => ({ envFrom: [{ configMapRef: { name: 'x' } }] })),
  hook: everyOwn(({ lifecycle }) => ({ lifecycle: { ...lifecycle, ...HOOK } })),
  mountOverBootstrap: everyOwn(({ volumeMounts }) => ({
    volumeMounts: [
      ...(volumeMounts ?? []),
      { name: 'data', mountPath: '/etc/shunt/testwiki/bootstrap.yaml', subPath: 'x' },
    ],
  })),
  mountOverCertificates: everyOwn(({ volumeMounts }) => ({
    volumeMounts: [{ name: 'data', mountPath: '/etc/ssl/certs' }, ...(volumeMounts ?? [])],
  })),
  tokenFromElsewhere: everyOwn(({ volumeMounts }) => ({
    volumeMounts: [
      ...(volumeMounts ?? []),
      { name: 'data', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ],
  })),
  writableDiversion: everyOwn(({ volumeMounts }) => ({
    volumeMounts: (volumeMounts ?? []).map((mount) => ({ ...mount, readOnly: false })),
  })),
  arguments: everyOwn(({ args }) => ({ args: [...(args ?? []), '--config-yaml', '{}'] })),
  command: everyOwn(() => ({ command: ['sh', '-c', 'sleep 1d'] })),
  folder: everyOwn(() => ({ workingDir: '/shunt/out/0' })),
  port: everyOwn(({ ports }) => ({ ports: [...(ports ?? []), { containerPort: 6506, hostPort: 6506 }] })),
  livenessProbe: everyOwn(() => ({ livenessProbe: COMMAND })),
  readinessProbe: everyOwn(() => ({ readinessProbe: COMMAND })),
  startupProbe: everyOwn(() => ({ startupProbe: COMMAND })),
  restarts: everyOwn(({ restartPolicy }) => ({ restartPolicy: restartPolicy ? 'OnFailure' : 'Always' })),
  terminal: everyOwn(() => ({ stdin: true, tty: true })),
  messageOverBootstrap: everyOwn(() => ({
    terminationMessagePath: '/dev/../etc/shunt/testwiki/bootstrap.yaml',
  })),
  foreignImage: everyOwn(() => ({ image: 'evil.example/envoy:1' })),
  otherTag: everyOwn(({ image }) => ({ image: `${image}1` })),
  withoutTag: everyOwn(({ image }) => ({ image: image?.slice(0, image.lastIndexOf(':')) ?? '' })),
  root: everyOwn(({ securityContext }) => ({
    securityContext: { ...securityContext, runAsUser: 0, runAsNonRoot: false },
  })),
  privileges: everyOwn(({ securityContext }) => ({
    securityContext: {
      ...securityContext,
      privileged: true,
      allowPrivilegeEscalation: true,
      readOnlyRootFilesystem: false,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
      seccompProfile: { type: 'Unconfined' },
      appArmorProfile: { type: 'Unconfined' },
      seLinuxOptions: { type: 'spc_t' },
      procMount: 'Unmasked',
    },
  })),
  noSecurity: everyOwn(() => ({ securityContext: {} })),
  noResources: everyOwn(() => ({ resources: {} })),
  furtherContainer: withSpec(({ containers }) => ({ containers: [...containers, EVIL] })),
  furtherInitContainer: withSpec(({ initContainers }) => ({
    initContainers: [EVIL, ...(initContainers ?? [])],
  })),
  furtherVolume: withSpec(({ volumes }) => ({
    volumes: [...(volumes ?? []), { name: 'shunt-more', emptyDir: {} }],
  })),
  otherConfigMap: everyOwnVolume(({ configMap }) =>
    configMap ? { configMap: { ...configMap, name: `shunt.testwiki.changeprop` } } : {},
  ),
  optionalConfigMap: everyOwnVolume(({ configMap }) =>
    configMap ? { configMap: { ...configMap, optional: true } } : {},
  ),
  volumesOnDisk: everyOwnVolume(({ emptyDir }) => (emptyDir ? { emptyDir: {} } : {})),
};

export const TAMPER_NAMES = Object.keys(TAMPERING);

/** The pod with our parts changed in that way; it shares nothing with the argument. */
export function tamper(name: string, pod: Pod): Pod {
  return plain(TAMPERING[name]?.(pod) ?? pod);
}

function mounting(name: string, list: 'containers' | 'initContainers'): Step {
  const trespasser: Container = {
    name: 'foreign',
    image: 'x',
    volumeMounts: [{ name, mountPath: '/anywhere' }],
  };
  return withSpec((spec: PodSpec) => ({ [list]: [trespasser, ...(spec[list] ?? [])] }));
}

const TRESPASSING: Readonly<Record<string, Step>> = {
  'the copies, from an init container in front': mounting('shunt-copy-0', 'initContainers'),
  'the copies, from another container': mounting('shunt-copy-0', 'containers'),
  'the sockets': mounting('shunt-run', 'initContainers'),
  'the diversion': mounting('shunt-diversion', 'containers'),
};

export const TRESPASS_NAMES = Object.keys(TRESPASSING);

/** The pod with a container of its author that mounts a volume of ours. */
export function trespass(name: string, pod: Pod): Pod {
  return plain(TRESPASSING[name]?.(pod) ?? pod);
}
