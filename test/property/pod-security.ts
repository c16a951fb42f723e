import type { Container, Pod, PodSpec, SecurityContext } from '../../webhook/inject/pod.ts';

/*
 * The controls of the Pod Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/),
 * baseline and restricted, for Linux pods. Each gives the places that break it, so that two pods can be compared.
 */

type Check = (pod: Pod) => string[];

interface Placed {
  readonly path: string;
  readonly container: Container;
}

function specOf(pod: Pod): PodSpec {
  return pod.spec ?? { containers: [] };
}

function containersOf(pod: Pod): Placed[] {
  const { containers, initContainers, ephemeralContainers } = specOf(pod);
  const placed = (kind: string, list: readonly Container[] | undefined | null): Placed[] =>
    (list ?? []).map((container) => ({ path: `${kind}.${container.name}`, container }));
  return [
    ...placed('containers', containers),
    ...placed('initContainers', initContainers),
    ...placed('ephemeralContainers', ephemeralContainers as readonly Container[] | undefined),
  ];
}

/** The containers that break a rule. */
function each(breaks: (container: Container) => boolean): Check {
  return (pod) =>
    containersOf(pod)
      .filter(({ container }) => breaks(container))
      .map(({ path }) => path);
}

/** A rule on the security contexts of the pod and of each of its containers. */
function contexts(breaks: (context: SecurityContext) => boolean): Check {
  const container = each(({ securityContext }) => breaks(securityContext ?? {}));
  return (pod) => [
    ...when(breaks((specOf(pod).securityContext ?? {}) as SecurityContext), 'pod'),
    ...container(pod),
  ];
}

/** A rule on a value that a container takes from the pod when it has none of its own. */
function effective<T>(
  read: (context: SecurityContext) => T | undefined,
  breaks: (value: T | undefined) => boolean,
): Check {
  return (pod) => {
    const inherited = read((specOf(pod).securityContext ?? {}) as SecurityContext);
    return each(({ securityContext }) => breaks(read(securityContext ?? {}) ?? inherited))(pod);
  };
}

function when(broken: boolean, path: string): string[] {
  return broken ? [path] : [];
}

const BASELINE_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
const SELINUX_TYPES = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]);
const RESTRICTED_VOLUMES = new Set([
  'name',
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';

function appArmorAnnotations(pod: Pod): string[] {
  return Object.entries(pod.metadata?.annotations ?? {}).flatMap(([key, value]) =>
    when(key.startsWith(APPARMOR) && value !== 'runtime/default' && !value.startsWith('localhost/'), key),
  );
}

const appArmorField = contexts(({ appArmorProfile }) =>
  appArmorProfile ? !['RuntimeDefault', 'Localhost'].includes(appArmorProfile.type) : false,
);

function probeHosts({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): boolean {
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return handlers.some((handler) => Boolean(handler?.httpGet?.host) || Boolean(handler?.tcpSocket?.host));
}

function capabilities({ securityContext }: Container): readonly string[] {
  return securityContext?.capabilities?.add ?? [];
}

const BASELINE: Readonly<Record<string, Check>> = {
  HostProcess: contexts(({ windowsOptions }) => windowsOptions?.hostProcess === true),
  'Host Namespaces': (pod) => {
    const { hostNetwork, hostPID, hostIPC } = specOf(pod);
    return [
      ...when(hostNetwork === true, 'network'),
      ...when(hostPID === true, 'pid'),
      ...when(hostIPC === true, 'ipc'),
    ];
  },
  'Privileged Containers': each(({ securityContext }) => securityContext?.privileged === true),
  Capabilities: each((container) => capabilities(container).some((name) => !BASELINE_CAPABILITIES.has(name))),
  'HostPath Volumes': (pod) =>
    (specOf(pod).volumes ?? []).flatMap((volume) => when(Boolean(volume.hostPath), volume.name)),
  'Host Ports': each(({ ports }) => (ports ?? []).some(({ hostPort }) => Boolean(hostPort))),
  'Host Probes / Lifecycle Hooks': each(probeHosts),
  AppArmor: (pod) => [...appArmorField(pod), ...appArmorAnnotations(pod)],
  SELinux: contexts(
    ({ seLinuxOptions }) =>
      !SELINUX_TYPES.has(seLinuxOptions?.type ?? '') ||
      Boolean(seLinuxOptions?.user) ||
      Boolean(seLinuxOptions?.role),
  ),
  '/proc Mount Type': each(
    ({ securityContext }) => !['Default', undefined].includes(securityContext?.procMount),
  ),
  Seccomp: contexts(({ seccompProfile }) => seccompProfile?.type === 'Unconfined'),
  Sysctls: (pod) =>
    (specOf(pod).securityContext?.sysctls ?? []).flatMap(({ name }) => when(!SAFE_SYSCTLS.has(name), name)),
};

const RESTRICTED: Readonly<Record<string, Check>> = {
  'Volume Types': (pod) =>
    (specOf(pod).volumes ?? []).flatMap((volume) =>
      when(
        Object.keys(volume).some((key) => !RESTRICTED_VOLUMES.has(key)),
        volume.name,
      ),
    ),
  'Privilege Escalation': each(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false),
  'Running as Non-root': effective(
    ({ runAsNonRoot }) => runAsNonRoot,
    (value) => value !== true,
  ),
  'Running as Non-root user': contexts(({ runAsUser }) => runAsUser === 0),
  'Seccomp (restricted)': effective(
    ({ seccompProfile }) => seccompProfile?.type,
    (type) => !['RuntimeDefault', 'Localhost'].includes(type ?? ''),
  ),
  'Capabilities (restricted): drop ALL': each(
    ({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes('ALL'),
  ),
  'Capabilities (restricted): add': each((container) =>
    capabilities(container).some((name) => name !== 'NET_BIND_SERVICE'),
  ),
};

/** Everything in a pod that breaks the restricted standard (which includes baseline), as `control: place`. */
export function violations(pod: Pod): string[] {
  return Object.entries({ ...BASELINE, ...RESTRICTED }).flatMap(([control, check]) =>
    check(pod).map((place) => `${control}: ${place}`),
  );
}
