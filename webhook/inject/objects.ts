import { isObject, type Json, type JsonObject } from '../core/json.ts';
import type { PodTemplate } from './pod.ts';

/** The place of the pod template in each kind of object that has one. */
const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ['template'],
  Deployment: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  // OpenShift, Argo and OpenKruise.
  DeploymentConfig: ['spec', 'template'],
  Rollout: ['spec', 'template'],
  CloneSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** A pod template inside an object, and how to speak of that object. */
export interface Found {
  readonly kind: string;
  readonly name: string;
  /** The object's own namespace; undefined when the manifest leaves it to the one who applies it. */
  readonly namespace: string | undefined;
  readonly template: PodTemplate;
  /** Where the template is, in an object of a kind that is not known; what becomes of it is then not written back. */
  readonly unknownAt?: string;
}

/**
 * The object with every pod template in it (there are several in a List) replaced by what `change` makes of it.
 * Objects without a template, and those that `change` leaves alone, come back as they are.
 */
export function mapTemplates(object: JsonObject, change: (found: Found) => PodTemplate): JsonObject {
  const kind = String(object['kind'] ?? '');
  if (kind.endsWith('List') && Array.isArray(object['items'])) {
    const items = object['items'] as readonly Json[];
    const own = kind.slice(0, -'List'.length);
    const changed = items.map((item) => (isObject(item) ? mapItem(item, own, change) : item));
    return changed.every((item, index) => item === items[index]) ? object : { ...object, items: changed };
  }
  const path = TEMPLATE_PATHS[kind];
  if (path) return mapAt(object, path, (node) => changeTemplate(object, { kind }, node, change));
  for (const { at, node } of podTemplates(object))
    changeTemplate(object, { kind, unknownAt: at.join('.') }, node, change);
  return object;
}

/** Whatever looks like a pod template inside an object. */
function podTemplates(
  node: Json | undefined,
  at: readonly string[] = [],
): { at: readonly string[]; node: JsonObject }[] {
  if (Array.isArray(node)) return node.flatMap((item, index) => podTemplates(item, [...at, String(index)]));
  if (!isObject(node)) return [];
  if (isObject(node['spec']) && isContainers(node['spec']['containers'])) return [{ at, node }];
  return Object.entries(node).flatMap(([key, value]) => podTemplates(value, [...at, key]));
}

function isContainers(value: Json | undefined): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (item) => isObject(item) && (typeof item['name'] === 'string' || typeof item['image'] === 'string'),
    )
  );
}

/** The items of a typed list, such as a PodList, leave out the kind that the list's own name says. */
function mapItem(item: JsonObject, kind: string, change: (found: Found) => PodTemplate): JsonObject {
  if (item['kind'] !== undefined || kind === '') return mapTemplates(item, change);
  const whole = { ...item, kind };
  const changed = mapTemplates(whole, change);
  if (changed === whole) return item;
  const { kind: _kind, ...rest } = changed;
  return rest;
}

function changeTemplate(
  object: JsonObject,
  known: Pick<Found, 'kind' | 'unknownAt'>,
  node: JsonObject,
  change: (found: Found) => PodTemplate,
): JsonObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const { name, generateName, namespace } = metadata as Record<string, string | undefined>;
  const found = {
    ...known,
    name: name ?? generateName ?? '(unnamed)',
    namespace,
    template: node as unknown as PodTemplate,
  };
  return change(found) as unknown as JsonObject;
}

function mapAt(
  node: JsonObject,
  path: readonly string[],
  change: (node: JsonObject) => JsonObject,
): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return change(node);
  const child = node[step];
  if (!isObject(child)) return node;
  const changed = mapAt(child, rest, change);
  return changed === child ? node : { ...node, [step]: changed };
}
