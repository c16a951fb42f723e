import type { JsonObject } from '../core/json.ts';
import type { KubeRequest } from './kube.ts';

/** A kind of object, and where the API server keeps it. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

export const RESOURCES = {
  namespace: { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' },
  pod: { apiVersion: 'v1', kind: 'Pod', plural: 'pods' },
  configMap: { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' },
  secret: { apiVersion: 'v1', kind: 'Secret', plural: 'secrets' },
  event: { apiVersion: 'v1', kind: 'Event', plural: 'events' },
  networkPolicy: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', plural: 'networkpolicies' },
  registration: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    plural: 'mutatingwebhookconfigurations',
  },
  diversionRegistration: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
  },
} as const satisfies Record<string, Resource>;

/** Owner, in the sense of server-side apply, of every field that we write. */
export const FIELD_MANAGER = 'shunt';

/** Path of all objects of a kind, of one namespace where one is given. */
export function collectionPath({ apiVersion, plural }: Resource, namespace?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

export function objectPath(resource: Resource, name: string, namespace?: string): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

/** Server-side apply: sets the fields of the object, also those that others wrote, and leaves all other fields alone. */
export function applyRequest(resource: Resource, object: JsonObject): KubeRequest {
  const { name, namespace } = nameOf(object);
  return {
    method: 'PATCH',
    path: objectPath(resource, name, namespace),
    query: { fieldManager: FIELD_MANAGER, force: 'true' },
    contentType: 'application/apply-patch+yaml',
    body: object,
  };
}

export interface ObjectName {
  readonly name: string;
  readonly namespace: string | undefined;
}

export function nameOf(object: JsonObject): ObjectName {
  const metadata = object['metadata'] as JsonObject;
  const namespace = metadata['namespace'];
  return {
    name: String(metadata['name']),
    namespace: namespace === undefined ? undefined : String(namespace),
  };
}
