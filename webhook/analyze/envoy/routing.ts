import type { Plan } from '../../edges/plan.ts';
import type { CheckCode } from '../catalogue/catalogue.ts';
import { type Coded, flaw } from '../finding.ts';
import { SPELLINGS, strangersTo } from '../probes.ts';
import { type Copy, copyTakes, isDiverting, type Original, originalsOf } from './copies.ts';
import { domainMatches, type EnvoyRequest } from './matching.ts';
import type { EnvoyModel } from './model.ts';
import { shareFlaws } from './sending.ts';

/** What becomes of requests for diverted hosts, and of those for others, at every route to a declared upstream. */
export function examineRouting(plan: Plan, { file, tables }: EnvoyModel): Coded[] {
  if (!plan.enabled && plan.share === 0) return [];
  const originals = tables.flatMap((table) => originalsOf(plan, table));
  const routed = originals.flatMap((original) => [
    ...examineOrder(plan, original),
    ...examineHosts(plan, original),
    ...examineRefusals(plan, original),
  ]);
  return routed.map((flaw) => ({ file, ...flaw }));
}

type Located = Omit<Coded, 'file'>;

function examineOrder(plan: Plan, { table, route, upstream, before, behind }: Original): Located[] {
  const isAsked = plan.hosts.some((host) => domainMatches(table, host));
  if (before.some(isDiverting) || !isAsked) return [];
  const late = behind.find(isDiverting);
  const path = late?.route.place ?? route.place;
  if (late) {
    const message = `stands behind ${route.place}, which takes its requests to ${upstream.name} first`;
    return [flaw('route-behind', { path, message })];
  }
  return [
    flaw('route-not-diverted', {
      path,
      value: route.clusters.join(', '),
      message: `takes requests for ${plan.hosts.join(', ')} to ${upstream.name}, and no route in front of it diverts them`,
    }),
  ];
}

/** A refusal is part of the diversion: outside the share, production decides. */
function examineRefusals(plan: Plan, { before }: Original): Located[] {
  return before
    .filter(({ route }) => route.action === undefined)
    .flatMap(({ route }) => shareFlaws(plan, route).map((flaw) => ({ path: route.place, ...flaw })));
}

function examineHosts(plan: Plan, original: Original): Located[] {
  const { before } = original;
  if (!before.some(isDiverting)) return [];
  const requests = requestsFor(original);
  const missed = plan.hosts.flatMap((host) =>
    SPELLINGS.flatMap(({ code, what, write }) => {
      const authority = write(host);
      return requests.flatMap((request) => judge(original, { ...request, authority }, { code, what }));
    }),
  );
  const wide = strangersTo(plan.hosts).flatMap((authority) =>
    requests.flatMap(({ method, path }): Located[] => {
      const taken = before.find((copy) => copyTakes(copy, { method, path, authority }));
      if (!taken || taken.route.destinations.some(({ kind }) => kind === 'upstream' || kind === 'other'))
        return [];
      const message = `takes requests for ${authority} as well, which no one diverted`;
      return [flaw('host-too-wide', { path: taken.route.place, value: authorityOf(taken), message })];
    }),
  );
  return [...missed, ...wide];
}

type Asked = Omit<EnvoyRequest, 'authority'> & { readonly isAllowed: boolean };

/** Where the target takes only certain requests, those and some that it does not; else any one. */
function requestsFor({ upstream }: Original): Asked[] {
  const { allow } = upstream.target;
  if (!allow) return [{ method: 'GET', path: '/', isAllowed: true }];
  const refused = allow.flatMap(({ method, path }) => [
    { method: method === 'GET' ? 'POST' : 'GET', path },
    { method, path: `${path}.bak` },
    { method, path: '/w/index.php' },
  ]);
  const isListed = ({ method, path }: { method: string; path: string }): boolean =>
    allow.some((own) => own.method === method && own.path === path);
  return [
    ...allow.flatMap(({ method, path }) => [
      { method, path, isAllowed: true },
      { method, path: `${path}?x=1`, isAllowed: true },
    ]),
    ...refused.filter((request) => !isListed(request)).map((request) => ({ ...request, isAllowed: false })),
  ];
}

interface Spelt {
  readonly code: CheckCode;
  readonly what: string;
}

/** What is wrong with how a request for a diverted host fares; nothing when it fares as declared. */
function judge(original: Original, request: EnvoyRequest & Asked, { code, what }: Spelt): Located[] {
  const { route, upstream, before } = original;
  const { method, path, authority, isAllowed } = request;
  const taken = before.find((copy) => copyTakes(copy, request));
  const asked = `${method} ${path} for ${authority}`;
  if (!taken) {
    // Where other requests of this spelling are diverted, it is the request that is missed, not the spelling.
    const others = before.some((copy) => copyTakes(copy, { ...request, ...likely(original, isAllowed) }));
    if (others) {
      const kind = isAllowed ? 'allow-list-closed' : 'allow-list-open';
      return [flaw(kind, { path: route.place, message: `takes ${asked} to ${upstream.name}` })];
    }
    const value = before.map(authorityOf).find((pattern) => pattern !== undefined);
    const message = `misses ${what}: ${authority} goes to ${upstream.name}`;
    return [flaw(code, { path: before[0]?.route.place ?? route.place, value, message })];
  }
  return judgeTaken(original, taken, { asked, isAllowed });
}

function likely({ upstream }: Original, isAllowed: boolean): Pick<EnvoyRequest, 'method' | 'path'> {
  const [first = { method: 'GET', path: '/' }] = upstream.target.allow ?? [];
  return isAllowed ? { method: 'PATCH', path: '/refused' } : first;
}

function judgeTaken(
  { upstream }: Original,
  { route }: Copy,
  { asked, isAllowed }: { readonly asked: string; readonly isAllowed: boolean },
): Located[] {
  const { place: path, destinations, clusters, action } = route;
  const value = clusters.join(', ');
  if (!isAllowed) {
    if (!action) return [];
    return [
      flaw('allow-list-open', { path, value, message: `passes ${asked}, which the target does not take` }),
    ];
  }
  if (!action)
    return [flaw('allow-list-closed', { path, message: `refuses ${asked}, which the target takes` })];
  if (destinations.some(({ kind }) => kind === 'upstream')) {
    return [flaw('wrong-target', { path, value, message: `takes ${asked} to production` })];
  }
  const isRight = destinations.some(
    (destination) =>
      destination.kind === 'target' && destination.targets.some(({ role }) => role === upstream.target.role),
  );
  if (isRight) return [];
  const message = `takes ${asked} elsewhere than to the target ${upstream.target.role}`;
  return [flaw('wrong-target', { path, value, message })];
}

function authorityOf({ extras }: Copy): string | undefined {
  const [matcher] = extras;
  return matcher && JSON.stringify(matcher['string_match'] ?? matcher);
}
