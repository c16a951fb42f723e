import type { Captured } from './captured.ts';
import type { Container, PodSpec, SecurityContext, Volume } from './pod.ts';

/** An id that is root on no image; restricted pods must not run as root, and some proxy images would. */
export const NOBODY = 65532;

const ROOT = 0;
const READABLE_BY_OTHERS = 0o004;

type User = Pick<SecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsNonRoot'>;

/**
 * The user that the config step runs as: the app's own where it has one, since the files may be readable to it alone. It
 * is root only where an app that is root itself has files which nothing else could read.
 */
export function stepUser(container: Container, spec: PodSpec, captured: Captured): User {
  const own = container.securityContext;
  const runAsUser = own?.runAsUser ?? spec.securityContext?.runAsUser;
  const runAsGroup = own?.runAsGroup ?? spec.securityContext?.runAsGroup ?? NOBODY;
  if (runAsUser) return { runAsUser, runAsGroup };
  const mayBeRoot = runAsUser === ROOT || !(own?.runAsNonRoot ?? spec.securityContext?.runAsNonRoot);
  return mayBeRoot && hasPrivateFiles(spec, captured)
    ? { runAsUser: ROOT, runAsGroup, runAsNonRoot: false }
    : { runAsUser: NOBODY, runAsGroup };
}

/** With a group for its files, the kubelet lets that group read them, and every container of the pod is in it. */
function hasPrivateFiles(spec: PodSpec, { stepMounts }: Captured): boolean {
  if (spec.securityContext?.fsGroup !== undefined) return false;
  const mounted = new Set(stepMounts.map(({ name }) => name));
  return (spec.volumes ?? []).some(
    (volume) => mounted.has(volume.name) && modesOf(volume).some((mode) => (mode & READABLE_BY_OTHERS) === 0),
  );
}

function modesOf({ configMap, secret, projected }: Volume): number[] {
  const sources = projected?.sources ?? [];
  const items = [configMap, secret, ...sources.flatMap((one) => [one.configMap, one.secret])].flatMap(
    (one) => one?.items ?? [],
  );
  return [configMap, secret, projected, ...items].flatMap((one) => {
    const mode = one && ('defaultMode' in one ? one.defaultMode : 'mode' in one ? one.mode : undefined);
    return typeof mode === 'number' ? [mode] : [];
  });
}
