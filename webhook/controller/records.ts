import { isObject, type JsonObject } from '../core/json.ts';
import { digest } from '../edges/digest.ts';
import { DIVERSION_FILE } from '../edges/pod-paths.ts';
import { ANNOTATIONS, INJECT_LABEL, MIRROR_ANNOTATION, SIDECAR_NAME } from '../inject/names.ts';
import type { Pod, PodTemplate } from '../inject/pod.ts';
import { type Mark, markOf } from './mark.ts';
import { restrictsEgress, selectorOf } from './network-policy.ts';
import { FIELD_MANAGER } from './resources.ts';

/* What is kept of the objects that are watched: a cluster has thousands of pods, and each is some ten kilobytes. */

export interface NamespaceRecord {
  readonly uid: string;
  /** The value of the label that opts in; undefined where there is none. */
  readonly label: string | undefined;
  readonly optedIn: boolean;
  readonly terminating: boolean;
}

export function namespaceRecord(object: JsonObject): NamespaceRecord {
  const status = isObject(object['status']) ? object['status'] : {};
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const label = labelsOf(object)[INJECT_LABEL];
  return {
    uid: String(metadata['uid'] ?? ''),
    label,
    optedIn: label === 'enabled',
    terminating: status['phase'] === 'Terminating',
  };
}

export interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly createdMs: number;
  /** What it is judged by: labels, and the few fields and annotations that matter. */
  readonly pod: PodTemplate;
  /** The ConfigMaps of ours that it mounts; an injected pod mounts one. */
  readonly mounts: readonly string[];
  /** What annotations of ours say, by key. */
  readonly said: Readonly<Record<string, string>>;
  /** Where its proxy answers; undefined before it has an address. */
  readonly address: string | undefined;
  /** Whether it has the sidecar, rather than an Envoy of its own. */
  readonly hasSidecar: boolean;
  /** Whether something makes a new one when it is deleted. */
  readonly owned: boolean;
  readonly finished: boolean;
}

const OWN_CONFIG_MAPS = 'shunt.';

export function podRecord(object: JsonObject): PodRecord {
  const { metadata, spec, status } = object as Pod;
  const annotations = metadata?.annotations ?? {};
  const mirror = annotations[MIRROR_ANNOTATION];
  const ended = ['Succeeded', 'Failed'].includes(status?.phase ?? '');
  // Finished pods may stay for weeks, but no longer read their volumes.
  const volumes = ended ? [] : (spec?.volumes ?? []);
  const mounts = volumes.map(({ configMap }) => configMap?.name ?? '');
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    createdMs: timeOf(metadata?.creationTimestamp),
    pod: {
      metadata: {
        labels: metadata?.labels ?? {},
        annotations: mirror === undefined ? {} : { [MIRROR_ANNOTATION]: mirror },
      },
      spec: { containers: [], hostNetwork: spec?.hostNetwork === true },
    },
    mounts: mounts.filter((name) => name.startsWith(OWN_CONFIG_MAPS)),
    said: saidIn(annotations),
    address: status?.podIP,
    hasSidecar: containersOf(spec).some(({ name }) => name === SIDECAR_NAME),
    owned: (metadata?.ownerReferences ?? []).some(({ controller }) => controller === true),
    finished: ended || metadata?.deletionTimestamp !== undefined,
  };
}

const SAID = [ANNOTATIONS.written, ANNOTATIONS.revision, ANNOTATIONS.share, ANNOTATIONS.rejected];

function saidIn(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SAID.flatMap((key) => (annotations[key] === undefined ? [] : [[key, annotations[key]]])),
  );
}

function containersOf(spec: Pod['spec']) {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

export interface ConfigMapRecord {
  /** The revision that it says it is. */
  readonly revision: string | undefined;
  /** The digest of what it holds; when it differs from the revision, something else has changed it. */
  readonly digest: string;
  /** The digest of the diversion's text that it was made from. */
  readonly source: string;
  readonly keys: readonly string[];
  /** When we last changed it, in milliseconds since 1970. */
  readonly appliedMs: number;
  /** When it was last seen to change. */
  readonly seenMs: number;
  readonly uid: string;
  readonly mark: Mark;
}

export function configMapRecord(object: JsonObject, nowMs: number): ConfigMapRecord {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const fields = (metadata['managedFields'] ?? []) as readonly JsonObject[];
  const times = fields.filter(({ manager }) => manager === FIELD_MANAGER).map(({ time }) => timeOf(time));
  const data = { ...(isObject(object['data']) ? object['data'] : {}), ...binary(object) };
  return {
    revision: annotationsOf(object)[ANNOTATIONS.revision],
    digest: digest(data),
    source: digest(data[DIVERSION_FILE]),
    keys: Object.keys(data),
    appliedMs: Math.max(0, ...times),
    seenMs: nowMs,
    uid: String(metadata['uid'] ?? ''),
    mark: markOf(object),
  };
}

/** We write no binary data; it counts as data so that a change by others is noticed. */
function binary(object: JsonObject): JsonObject {
  return isObject(object['binaryData']) ? object['binaryData'] : {};
}

export interface PolicyRecord {
  /** The digest that it says it has; only ours do. */
  readonly revision: string | undefined;
  readonly digest: string;
  readonly selector: JsonObject;
  readonly restrictsEgress: boolean;
  readonly uid: string;
  readonly mark: Mark;
}

export function policyRecord(object: JsonObject): PolicyRecord {
  const spec = isObject(object['spec']) ? object['spec'] : {};
  return {
    revision: annotationsOf(object)[ANNOTATIONS.revision],
    digest: digest(spec),
    selector: selectorOf(spec),
    restrictsEgress: restrictsEgress(spec),
    uid: String(isObject(object['metadata']) ? (object['metadata']['uid'] ?? '') : ''),
    mark: markOf(object),
  };
}

function labelsOf(object: JsonObject): Readonly<Record<string, string>> {
  return mapOf(object, 'labels');
}

function annotationsOf(object: JsonObject): Readonly<Record<string, string>> {
  return mapOf(object, 'annotations');
}

function mapOf(object: JsonObject, name: string): Readonly<Record<string, string>> {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  return (isObject(metadata[name]) ? metadata[name] : {}) as Readonly<Record<string, string>>;
}

function timeOf(value: unknown): number {
  return value === undefined || value === null ? 0 : new Date(String(value)).getTime() || 0;
}
