import { RE2JS, RE2JSException } from 're2js';
import { type GatewayPath, NAME, nameFor } from '../../core/gateway-paths.ts';
import { holdsInOrder } from '../../core/glob.ts';
import type { Host } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';
import { field, objectField } from './fields.ts';
import type { HostMatchers, Undiverted } from './host-matcher.ts';
import { namingPaths, pathMatch } from './path-match.ts';

/** What may stand where a declared path ends in `*`. */
const TAILS = ['', 'x', 'x/y'];
const ANY_NAME = 'x';

/**
 * Where a route makes the authority from the path, Host tells nothing. The declared paths do, of which the route makes
 * just the host that was declared; whatever else it may make of a path is said.
 */
export function pathRewriteMatchers(
  hosts: readonly Host[],
  paths: readonly GatewayPath[],
  rewrite: JsonObject,
): HostMatchers {
  const made = readRewrite(rewrite);
  const declared = paths.filter((own) => own.insteadOfHost && makes(made, own, ANY_NAME));
  const telling = namingPaths(declared, hosts)
    .map(({ own, hosts: named }) => ({
      own,
      hosts: named.filter((host) => makes(made, own, nameFor(own, host) ?? '')),
    }))
    .filter((naming) => naming.hosts.length > 0);
  const missing = hosts.filter(
    (host) => mayMake(rewrite, host) && !telling.some((naming) => naming.hosts.includes(host)),
  );
  return {
    matchers: telling.length === 0 ? [] : [{ headers: [pathMatch(telling)] }],
    undiverted: missing.length > 0 ? [untold(missing)] : declared.length > 0 ? [] : [UNDECLARED],
  };
}

const UNDECLARED: Undiverted = {
  reason: 'it makes the authority from the path, which edges.restGateway.paths does not say',
  bypass: false,
};

function untold(hosts: readonly Host[]): Undiverted {
  const reason = `it makes the authority from the path, and edges.restGateway.paths does not say when that is ${hosts.join(', ')}`;
  return { reason, bypass: true };
}

/** Maps a path to the authority that the route derives from it, or undefined. */
type Made = (path: string) => string | undefined;

/** Nothing becomes of a path that does not match, or where the expression is in a dialect that is not read here. */
function readRewrite(rewrite: JsonObject): Made {
  const regex = readPattern(field(objectField(rewrite, 'pattern'), 'regex'));
  const substitution = substitutionOf(rewrite)
    .replaceAll('$', '$$$$')
    .replace(/\\(\d)/g, '$$$1');
  return (path) => (regex?.test(path) ? regex.matcher(path).replaceFirst(substitution) : undefined);
}

/** By the engine that Envoy has too: the expression is somebody else's, and V8 may take for ever. */
function readPattern(regex: unknown): RE2JS | undefined {
  try {
    return typeof regex === 'string' ? RE2JS.compile(regex) : undefined;
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}

/** Whether some path could become that authority. */
function mayMake(rewrite: JsonObject, host: Host): boolean {
  return holdsInOrder(substitutionOf(rewrite).toLowerCase().split(/\\\d/), host);
}

function substitutionOf(rewrite: JsonObject): string {
  return String(field(rewrite, 'substitution') ?? '');
}

/** Whether the route makes the declared host, and no other, of the paths that are declared. */
function makes(made: Made, { path, host }: GatewayPath, name: string): boolean {
  const named = path.replace(NAME, () => name);
  const samples = named.endsWith('*') ? TAILS.map((tail) => named.slice(0, -1) + tail) : [named];
  const authorities = samples.flatMap((sample) => made(sample) ?? []);
  const expected = host.replace(NAME, () => name);
  return authorities.length > 0 && authorities.every((authority) => authority.toLowerCase() === expected);
}
