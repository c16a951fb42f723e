import type { PlannedWorkload } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import { assess, labelNotes } from './assess.ts';
import { captureAll } from './capture.ts';
import type { Captured, CaptureFailure } from './captured.ts';
import { configStep } from './config-step.ts';
import { findConflict, findOtherDiversion, findUnfitMount } from './conflicts.ts';
import { copiedNotes } from './copied-notes.ts';
import { holdsAll } from './covers.ts';
import { type FixedParts, fixedParts } from './fixed-parts.ts';
import { ANNOTATIONS } from './names.ts';
import { runningContainers, variantFor, withCheckedApp } from './own-envoy.ts';
import { pickContainer } from './pick-container.ts';
import type { Container, PodSpec, PodTemplate } from './pod.ts';
import { guarantee, isGuaranteed } from './quality.ts';
import type { PodReason } from './reasons.ts';
import { settle } from './settle.ts';
import type { SidecarForm } from './sidecar-container.ts';
import { stepUser } from './step-user.ts';
import { strip } from './strip.ts';
import { uncapturedNotes } from './uncaptured.ts';
import { CREATABLE, type Creatable, readUndo, type Undo, writeUndo } from './undo.ts';
import { findTooLong, findUnfitPod } from './unfit-pod.ts';

/** What becomes of a pod. `refused` must not start: it should be diverted and cannot be. */
export type Outcome<T extends PodTemplate> =
  | {
      readonly kind: 'injected';
      readonly reason: PodReason;
      readonly workload: PlannedWorkload;
      readonly pod: T;
      /** What to tell the creator of the pod. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'skipped'; readonly reason: PodReason }
  | {
      readonly kind: 'refused';
      readonly reason: PodReason;
      readonly detail: string;
      readonly workload: PlannedWorkload;
    };

/**
 * Injects a pod, or the template of one, that runs in that namespace. Pure: what is not changed is shared with the
 * argument. A pod that already holds all of it, whatever else was added beside it, comes back as it is.
 */
export function inject<T extends PodTemplate>(
  pod: T,
  namespace: string,
  plan: Plan,
  form: SidecarForm,
): Outcome<T> {
  const assessment = assess(pod, namespace, plan);
  if (!assessment.inject) return { kind: 'skipped', reason: assessment.reason };
  const workload = variantFor(pod, assessment.workload);
  const other = findOtherDiversion(pod.spec ?? { containers: [] }, plan);
  if (other) return { kind: 'refused', ...other, workload };
  const bare = strip(pod, workload);
  const made = embed(bare, { workload, plan, form, created: createdBefore(pod) });
  if ('reason' in made) return { kind: 'refused', ...made, workload };
  const notes = [...labelNotes(pod), ...uncapturedNotes(made, plan.upstreams), ...copiedNotes(made)];
  if (pod === bare) return { kind: 'injected', reason: 'injected', workload, pod: made, notes };
  const settled = settle(made, pod);
  const already = holdsAll(pod, settled.pod);
  return {
    kind: 'injected',
    reason: already ? 'already-injected' : 'injected',
    workload,
    pod: already ? pod : settled.pod,
    notes: [...settled.notes, ...notes],
  };
}

interface Task {
  readonly workload: PlannedWorkload;
  readonly plan: Plan;
  readonly form: SidecarForm;
  /** What an earlier injection had to create, and others may have added to since. */
  readonly created: readonly Creatable[];
}

function embed<T extends PodTemplate>(pod: T, task: Task): T | CaptureFailure {
  const { workload, plan } = task;
  const spec: PodSpec = pod.spec ?? { containers: [] };
  const fixed = fixedParts(plan, workload, task.form);
  const conflict =
    findConflict(spec, workload, plan) ?? findUnfitPod(spec, task.form, fixed.sidecar.length > 0);
  if (conflict) return conflict;
  const container = pickContainer(runningContainers(spec), workload.container);
  if ('reason' in container) return container;
  const own = captureAll(container, workload, plan.diversion);
  if ('reason' in own) return own;
  const captured = withCheckedApp(spec, workload, own);
  if ('reason' in captured) return captured;
  const unfit = findUnfitMount(spec, container, captured, plan.diversion);
  if (unfit) return unfit;
  const made = assemble(pod, { ...task, captured, container, fixed });
  return findTooLong(made) ?? made;
}

interface Parts extends Task {
  readonly captured: Captured;
  readonly container: Container;
  readonly fixed: FixedParts;
}

function assemble<T extends PodTemplate>(pod: T, parts: Parts): T {
  const { plan, workload, captured, container, form, fixed } = parts;
  const spec = pod.spec ?? { containers: [] };
  const step = configStep(plan, workload, captured, stepUser(container, spec, captured));
  const level = isGuaranteed(spec) ? guarantee : (own: Container): Container => own;
  const sidecar = fixed.sidecar.map(level);
  const first = [...(step ? [level(step)] : []), ...(form === 'native' ? sidecar : [])];
  const replaced = (own: Container): Container => (own === container ? captured.container : own);
  const created = createdIn(pod, parts.created, first.length > 0);
  const undo: Undo = { created, originals: captured.originals };
  const annotations = { ...fixed.annotations, [ANNOTATIONS.undo]: writeUndo(undo) };
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...pod.metadata?.annotations, ...annotations } },
    spec: {
      ...spec,
      ...(first.length > 0 || spec.initContainers
        ? { initContainers: [...first, ...(spec.initContainers ?? []).map(replaced)] }
        : {}),
      containers: [...spec.containers.map(replaced), ...(form === 'container' ? sidecar : [])],
      volumes: [...(spec.volumes ?? []), ...fixed.volumes],
    },
  };
}

function createdBefore(pod: PodTemplate): readonly Creatable[] {
  return readUndo(pod.metadata?.annotations?.[ANNOTATIONS.undo])?.created ?? [];
}

function createdIn(pod: PodTemplate, before: readonly Creatable[], initContainers: boolean): Creatable[] {
  const present: Record<Creatable, unknown> = {
    annotations: pod.metadata?.annotations,
    initContainers: pod.spec?.initContainers,
    volumes: pod.spec?.volumes,
  };
  const needed = CREATABLE.filter((name) => name !== 'initContainers' || initContainers);
  return needed.filter((name) => present[name] === undefined || before.includes(name));
}
