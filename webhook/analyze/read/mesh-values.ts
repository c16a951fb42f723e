import { isObject, type JsonObject } from '../../core/json.ts';
import { at } from '../fields.ts';
import type { ObjectSubject } from '../scene.ts';

const NAMESPACE = 'knative-serving';

const KINDS: readonly [key: string, kind: string][] = [
  ['service_entries', 'ServiceEntry'],
  ['destination_rules', 'DestinationRule'],
  ['virtual_services', 'VirtualService'],
];

/** The objects that the values `net_istio.mesh` are rendered to; undefined where a document is none. */
export function meshObjects(file: string, document: JsonObject): ObjectSubject[] | undefined {
  const mesh = at(document, 'net_istio', 'mesh');
  const policies = at(document, 'GlobalNetworkPolicies');
  if (!isObject(mesh) && !isObject(policies)) return undefined;
  const objects = KINDS.flatMap(([key, kind]) =>
    entries(at(mesh, key)).map(([name, value]) =>
      made(file, `net_istio.mesh.${key}.${name}`, kind, [name, at(value, 'spec')]),
    ),
  );
  const nets = entries(policies).map(([name, spec]) =>
    made(file, `GlobalNetworkPolicies.${name}`, 'GlobalNetworkPolicy', [name, spec]),
  );
  return [...objects, ...nets];
}

function entries(node: unknown): [string, JsonObject][] {
  if (!isObject(node)) return [];
  return Object.entries(node).filter((entry): entry is [string, JsonObject] => isObject(entry[1]));
}

function made(
  file: string,
  place: string,
  kind: string,
  [name, spec]: readonly [string, unknown],
): ObjectSubject {
  const object = { kind, metadata: { name, namespace: NAMESPACE }, spec: isObject(spec) ? spec : {} };
  return { kind: 'object', file, place, object };
}
