import type { Host } from '../../core/host.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { isTableName } from './names.ts';

/** An object of the values that is for a host, by the one of its names that covers it. */
export interface Claim {
  readonly key: string;
  /** An exact name, or one that starts with `*`. */
  readonly name: string;
  readonly spec: JsonObject;
}

/** What the objects of one kind are for, without those that diversions added for their own hosts. */
export function claimsOf(objects: JsonObject): Claim[] {
  return Object.entries(objects)
    .filter(([key]) => !isTableName(key))
    .flatMap(([key, object]) => {
      const spec = isObject(object) ? object['spec'] : undefined;
      return isObject(spec) ? namesOf(spec).map((name) => ({ key, name, spec })) : [];
    });
}

/** The claim that a mesh goes by: an exact name before a wildcard, a longer wildcard before a shorter; none of equals. */
export function claimFor(claims: readonly Claim[], host: Host): Claim | undefined {
  const [first, second] = claims
    .filter(({ name }) => covers(name, host))
    .sort((a, b) => rank(b.name) - rank(a.name));
  return first?.name === second?.name ? undefined : first;
}

export function isWildcard(name: string): boolean {
  return name.startsWith('*');
}

function covers(name: string, host: Host): boolean {
  return isWildcard(name) ? host.endsWith(name.slice(1)) : name === host;
}

function rank(name: string): number {
  return isWildcard(name) ? name.length : Number.MAX_SAFE_INTEGER;
}

function namesOf({ hosts }: JsonObject): string[] {
  return (Array.isArray(hosts) ? hosts : []).flatMap((name: Json) =>
    typeof name === 'string' ? [name.toLowerCase()] : [],
  );
}
