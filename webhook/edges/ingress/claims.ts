import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Problem } from '../../core/problem.ts';
import type { IngressProblemCode } from './codes.ts';

/** Where objects of the ingress say which names they are for; each kind once, whatever dialect it belongs to. */
const NAMES: Readonly<Record<string, (spec: JsonObject) => readonly (Json | undefined)[]>> = {
  DestinationRule: (spec) => [spec['host']],
  Gateway: (spec) => [
    ...each(spec['servers']).flatMap((server) => namesIn(server['hosts'])),
    ...each(spec['listeners']).map((listener) => listener['hostname']),
  ],
  HTTPRoute: (spec) => namesIn(spec['hostnames']),
  Ingress: (spec) => each(spec['rules']).map((rule) => rule['host']),
  VirtualService: (spec) => namesIn(spec['hosts']),
};

/**
 * Names that objects which exist already claim besides ours: a gateway registers a TLS host once, and of two routes or
 * rules for a host one is ignored. Wildcards of others are none, since an exact name comes first.
 */
export function claimedTwice(
  own: readonly JsonObject[],
  existing: readonly JsonObject[],
  namespace: string,
): Problem[] {
  const code: IngressProblemCode = 'ingress-name-taken';
  const ours = new Set(own.map((object) => identity(object, namespace)));
  const claims = new Map(
    own.flatMap((object) => namesOf(object).map((name) => [`${object['kind']} ${name}`, object])),
  );
  return existing
    .filter((object) => !ours.has(identity(object, namespace)))
    .flatMap((object) =>
      namesOf(object)
        .filter((name) => claims.has(`${object['kind']} ${name}`))
        .map((name) => ({
          code,
          path: identity(object, namespace),
          value: name,
          message: 'has a name that the generated objects have too, and only one of them is served',
          remedy: 'take it out there, or do not install the generated objects (ingress.kind: none)',
        })),
    );
}

function namesOf(object: JsonObject): string[] {
  const spec = object['spec'];
  const names = NAMES[String(object['kind'])];
  if (!names || !isObject(spec)) return [];
  const plain = names(spec).filter((name): name is string => typeof name === 'string' && !name.endsWith('.'));
  return [...new Set(plain.map((name) => name.replace(/^[^/]*\//, '').toLowerCase()))];
}

/** Manifests may leave the namespace to the command that applies them. */
function identity({ kind, metadata }: JsonObject, namespace: string): string {
  const { name, namespace: own = namespace } = isObject(metadata) ? metadata : {};
  return `${kind} ${own}/${name}`;
}

function namesIn(list: Json | undefined): readonly Json[] {
  return Array.isArray(list) ? list : [];
}

function each(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
