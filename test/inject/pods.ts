import type { Plan } from '../../webhook/edges/plan.ts';
import { inject, type Outcome } from '../../webhook/inject/inject.ts';
import type { Container, Pod, PodSpec } from '../../webhook/inject/pod.ts';
import type { SidecarForm } from '../../webhook/inject/sidecar-container.ts';
import { type Change, diversionPlan } from '../fixtures/diversions.ts';
import { found, plain } from '../fixtures/read.ts';

export const FORMS: readonly SidecarForm[] = ['native', 'container'];

export function injectPod(
  pod: Pod,
  plan: Plan = diversionPlan(),
  form: SidecarForm = 'native',
): Outcome<Pod> {
  return inject(pod, pod.metadata?.namespace ?? 'default', plan, form);
}

/** The pod after injection, as JSON would carry it. */
export function injected(pod: Pod, plan: Plan = diversionPlan(), form: SidecarForm = 'native'): Pod {
  const outcome = injectPod(pod, plan, form);
  if (outcome.kind !== 'injected') throw new Error(JSON.stringify(outcome));
  return plain(outcome.pod);
}

export function specOf(pod: Pod): PodSpec {
  return found(pod.spec, 'the spec');
}

export function containerNamed(pod: Pod, name: string): Container {
  const { containers, initContainers = [] } = specOf(pod);
  return found(
    [...initContainers, ...containers].find((container) => container.name === name),
    `container ${name}`,
  );
}

/** A plan whose jobqueue workload has these captures instead of its own. */
export function planWithCaptures(captures: readonly object[], ...changes: readonly Change[]): Plan {
  const own = `      container: changeprop-*
      captures:
        - { kind: files, path: /etc/changeprop, files: [config.yaml] }
      upstreams: [mw-jobrunner]`;
  return diversionPlan(
    [
      own,
      `      container: changeprop-*\n      captures: ${JSON.stringify(captures)}\n      upstreams: [mw-jobrunner]`,
    ],
    ...changes,
  );
}

/** The pod with another spec. */
export function withSpec(pod: Pod, spec: Partial<PodSpec>): Pod {
  return { ...pod, spec: { ...specOf(pod), ...spec } };
}

/** The pod with the container of its app changed. */
export function withApp(pod: Pod, change: Partial<Container>): Pod {
  const [app, ...others] = specOf(pod).containers;
  return withSpec(pod, { containers: [{ ...found(app), ...change }, ...others] });
}
