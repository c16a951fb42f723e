import { isObject, type JsonObject } from '../../core/json.ts';
import { failure, type Problem, type Result, success } from '../../core/problem.ts';
import type { Insertion, KeyInsertion, Path } from '../edits.ts';
import type { KnativeProblemCode } from './codes.ts';
import { hostTable } from './host-table.ts';
import { meshHost } from './names.ts';
import { ENTRIES_PATH, mappingAt, nodeAt, RULES_PATH, routePlaces, SERVICES_PATH } from './places.ts';
import { type Found, recognise } from './recognise.ts';
import { divertedRoutes } from './routes.ts';
import type { KnativePlan } from './settings.ts';
import { addedKeys, type Mesh } from './values.ts';

/** A route to a declared upstream that cannot be diverted, and why. */
export interface Blind {
  readonly path: string;
  readonly reason: string;
}

/** What to insert into values, and what bypasses the diversion there. */
export interface Merge {
  readonly insertions: readonly Insertion[];
  readonly blind: readonly Blind[];
}

/** The edits that add a diversion to values which have no trace of it yet. */
export function mergeEdits(values: JsonObject, plan: KnativePlan, mesh: Mesh): Result<Merge> {
  if (!isObject(nodeAt(values, SERVICES_PATH))) return failure([noMesh()]);
  const entries = mappingAt(values, ENTRIES_PATH);
  const found = routePlaces(values).map((place) => ({
    ...place,
    is: recognise(plan, mesh, place.route, entries),
  }));
  const halves = inexpressible(found, plan);
  const missing = halves.length > 0 ? [] : missingRoutes(found, mesh);
  const problems = [...takenHosts(values, mesh), ...halves, ...missing];
  if (problems.length > 0) return failure(problems);
  const table = hostTable(plan, mesh, values, found);
  const inPlace = plan.hosts.filter((host) => !table.hosts.has(host));
  const copies = found.flatMap(({ list, index, is }): Insertion[] => {
    const routes = is.kind === 'original' ? divertedRoutes(plan, is.original, inPlace) : [];
    return routes.length > 0 ? [{ path: list, index, values: routes }] : [];
  });
  const keys = addedKeys(plan, mesh).map((insertion) => rooted(values, insertion));
  const blind = found.flatMap(({ list, index, is }) =>
    is.kind === 'blind' ? [{ path: formatPath([...list, index]), reason: is.reason }] : [],
  );
  return success({ insertions: [...copies, ...keys, ...table.insertions], blind });
}

/** The same insertion where its mapping is there and has keys, else with the mapping that is missing around it. */
function rooted(values: JsonObject, insertion: KeyInsertion): KeyInsertion {
  const { path, key, value } = insertion;
  const last = path.at(-1);
  if (last === undefined || Object.keys(mappingAt(values, path)).length > 0) return insertion;
  return rooted(values, { path: path.slice(0, -1), key: String(last), value: { [key]: value } });
}

/** The declared VirtualService must route every declared port to the upstream; otherwise its requests would stay in production. */
function missingRoutes(found: readonly Found[], { settings }: Mesh): Problem[] {
  const { ports, virtualService } = settings;
  const originals = found.flatMap(({ service, is }) =>
    service === virtualService && is.kind === 'original' ? [is.original] : [],
  );
  const covered = (number: number): boolean =>
    originals.some(({ conditions }) => conditions.some(({ port }) => (port ?? number) === number));
  return ports
    .filter(({ number }) => !covered(number))
    .map(({ number }) =>
      problem('values-route-missing', [...SERVICES_PATH, virtualService], {
        value: undefined,
        message: `has no route for port ${number} that could be diverted from ${settings.upstream}`,
        remedy: 'name the VirtualService and the ports that the values have in spec.edges.knative',
      }),
    );
}

/** Of two objects for one host, Istio takes whichever is older. */
function takenHosts(values: JsonObject, { target }: Mesh): Problem[] {
  const wanted = meshHost(target);
  return [ENTRIES_PATH, RULES_PATH].flatMap((path) =>
    Object.entries(mappingAt(values, path)).flatMap(([name, object]) => {
      const { hosts, host } = mappingAt(object ?? null, ['spec']);
      const names = Array.isArray(hosts) ? hosts : [host];
      if (!names.includes(wanted)) return [];
      return problem('values-host-taken', [...path, name], {
        value: wanted,
        message: 'is the host of the target, for which an object is added',
        remedy: 'remove the one that is there, or take the host out of it',
      });
    }),
  );
}

function inexpressible(found: readonly Found[], { share }: KnativePlan): Problem[] {
  return found.flatMap(({ list, index, is }) => {
    if (is.kind !== 'whole') return [];
    return problem('values-share', [...list, index], {
      value: share,
      message: 'is the share of a route with a mirror, which belongs to all of its requests or to none',
      remedy: 'use a share of 0 or 100, or take the mirror out',
    });
  });
}

function noMesh(): Problem {
  return problem('values-no-mesh', SERVICES_PATH, {
    value: undefined,
    message: 'is not a mapping of VirtualServices',
    remedy: 'give the values of the cluster that have net_istio.mesh',
  });
}

function problem(code: KnativeProblemCode, path: Path, facts: Omit<Problem, 'code' | 'path'>): Problem {
  return { code, path: formatPath(path), ...facts };
}

function formatPath(path: Path): string {
  return path.join('.');
}
