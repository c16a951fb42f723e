import { hash } from 'node:crypto';
import type { PlannedWorkload } from '../core/plan.ts';
import { VERSION } from '../core/version.ts';
import type { Plan } from '../edges/plan.ts';
import { ANNOTATIONS } from './names.ts';
import type { Container, Volume } from './pod.ts';

const MAX_HOSTS_SHOWN = 10;
const HASH_LENGTH = 12;

/** What every injected pod of a workload shows in `kubectl describe`. */
export function workloadAnnotations(
  plan: Plan,
  workload: PlannedWorkload,
  added: readonly (Container | Volume)[],
): Record<string, string> {
  const template = hash('sha256', JSON.stringify(added), 'hex').slice(0, HASH_LENGTH);
  return {
    [ANNOTATIONS.status]: 'injected',
    [ANNOTATIONS.diverts]: summariseHosts(plan.hosts),
    [ANNOTATIONS.listeners]: summariseUpstreams(workload),
    [ANNOTATIONS.workload]: workload.name,
    [ANNOTATIONS.template]: template,
    [ANNOTATIONS.version]: VERSION,
  };
}

function summariseHosts(hosts: readonly string[]): string {
  const shown = hosts.slice(0, MAX_HOSTS_SHOWN).join(', ');
  return hosts.length > MAX_HOSTS_SHOWN ? `${shown} and ${hosts.length - MAX_HOSTS_SHOWN} more` : shown;
}

/** `mw-jobrunner (127.0.0.1:6506) to jobrunner (gateway.example:30443)`, one for each upstream. */
export function summariseUpstreams({ listeners, upstreams }: PlannedWorkload): string {
  return upstreams
    .map((upstream) => {
      const listener = listeners.find((candidate) => candidate.upstream.name === upstream.name);
      const place = listener ? `127.0.0.1:${listener.port}` : "the pod's own Envoy";
      const { role, address, port } = upstream.target;
      return `${upstream.name} (${place}) to ${role} (${address}:${port})`;
    })
    .join('; ');
}
