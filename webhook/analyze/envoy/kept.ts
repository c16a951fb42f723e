import type { JsonObject } from '../../core/json.ts';
import { type Coded, flaw } from '../finding.ts';
import type { Original } from './copies.ts';
import type { EnvoyRoute } from './model.ts';

type Located = Omit<Coded, 'file'>;

/** What a diverted copy has of its own. */
const OWN_OF_ROUTE = new Set(['name', 'match', 'metadata', 'route', 'request_headers_to_remove']);
const OWN_OF_ACTION = new Set([
  'cluster',
  'weighted_clusters',
  'request_mirror_policies',
  'auto_host_rewrite',
  'host_rewrite_literal',
  'host_rewrite_path_regex',
]);
/** What jobs are given in the place of the original's. */
const OWN_OF_JOBS = new Set([
  'timeout',
  'idle_timeout',
  'max_stream_duration',
  'retry_policy',
  'hedge_policy',
  'max_grpc_timeout',
]);

/** A diverted request keeps all but its upstream: rewrites, headers, filters and limits of the original stay. */
export function examineKept(originals: readonly Original[]): Located[] {
  const pairs = originals.flatMap((original) =>
    original.before
      .filter(
        ({ route }) => route.leads.some(({ kind }) => kind === 'target') && isNextBehind(original, route),
      )
      .map((copy) => ({ copy: copy.route, differing: differencesOf(original, copy.route) })),
  );
  // Of several originals with the same conditions, it is the copy of one.
  return [...Map.groupBy(pairs, ({ copy }) => copy)].flatMap(([copy, own]): Located[] => {
    if (own.some(({ differing }) => differing.length === 0)) return [];
    const value = own[0]?.differing ?? [];
    const message = 'differs from the route behind it in more than its destination';
    return [flaw('copy-differs', { path: copy.place, value, message })];
  });
}

/** Whether no other route to production stands between, whose copy it rather is. */
function isNextBehind({ table, route }: Original, copy: EnvoyRoute): boolean {
  const between = table.routes.slice(table.routes.indexOf(copy) + 1, table.routes.indexOf(route));
  return !between.some((other) => other.leads.some(({ kind }) => kind === 'upstream'));
}

function differencesOf({ route, upstream }: Original, copy: EnvoyRoute): string[] {
  const isJob = upstream.target.role === 'jobrunner';
  // Where the path makes the authority, it makes that of the copy.
  const isMade = (key: string): boolean =>
    key === 'host_rewrite_path_regex' && actionOf(route)[key] !== undefined;
  const isOwnOfAction = (key: string): boolean =>
    (OWN_OF_ACTION.has(key) && !isMade(key)) || (isJob && OWN_OF_JOBS.has(key));
  return [
    ...differences(route.raw, copy.raw, (key) => OWN_OF_ROUTE.has(key)),
    ...differences(actionOf(route), actionOf(copy), isOwnOfAction),
  ];
}

function actionOf({ action }: EnvoyRoute): JsonObject {
  return action ?? {};
}

function differences(a: JsonObject, b: JsonObject, isOwn: (key: string) => boolean): string[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.filter((key) => !isOwn(key) && JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}
