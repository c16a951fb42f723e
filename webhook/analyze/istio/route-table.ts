import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { at, listAt, objectsAt } from '../fields.ts';
import { fullMatcher } from '../pattern.ts';
import { conditionHolds, type MeshRequest } from './virtual-service.ts';

/** The routes of a VirtualService in their order; of many hosts' routes only a few may take one authority. */
export interface RouteTable {
  readonly routes: readonly JsonObject[];
  /** The first route that takes a request, with its place in the list. */
  readonly find: (request: MeshRequest) => FoundRoute | undefined;
}

export interface FoundRoute {
  readonly route: JsonObject;
  readonly index: number;
}

interface Alternative extends FoundRoute {
  /** Absent where a route takes all requests. */
  readonly condition: Json | undefined;
  readonly mayTake: (authority: string) => boolean;
}

const tables = new WeakMap<JsonObject, RouteTable>();

/** Made once for each VirtualService, however many requests are tried on it. */
export function routeTable(service: JsonObject): RouteTable {
  const table = tables.get(service) ?? makeTable(objectsAt(service, 'spec', 'http'));
  tables.set(service, table);
  return table;
}

function makeTable(routes: readonly JsonObject[]): RouteTable {
  const alternatives = routes.flatMap((route, index): Alternative[] => {
    const conditions = listAt(route, 'match');
    if (conditions.length === 0) return [{ route, index, condition: undefined, mayTake: () => true }];
    return conditions.map((condition) => ({
      route,
      index,
      condition,
      mayTake: authorityTest(at(condition, 'authority')),
    }));
  });
  const known = new Map<string, readonly Alternative[]>();
  return {
    routes,
    find: (request) => {
      const { authority } = request;
      const few = known.get(authority) ?? alternatives.filter(({ mayTake }) => mayTake(authority));
      known.set(authority, few);
      return few.find(({ condition }) => condition === undefined || conditionHolds(condition, request));
    },
  };
}

/** Whether a condition may hold for an authority; what else it asks for is left to the whole comparison. */
function authorityTest(matcher: Json | undefined): (authority: string) => boolean {
  const { regex = undefined } = isObject(matcher) ? matcher : {};
  if (typeof regex !== 'string') return () => true;
  const matches = fullMatcher(regex);
  return (authority) => matches(authority) !== false;
}
