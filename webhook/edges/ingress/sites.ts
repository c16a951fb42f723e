import type { AllowedRequest, Target } from '../../core/diversion.ts';
import type { Milliseconds } from '../../core/duration.ts';
import type { Role } from '../../core/role.ts';
import { type IngressSite, ingressSites } from '../../core/sites.ts';
import { debugPattern } from '../debug-pattern.ts';
import { refusedPathPattern } from '../refused-path-pattern.ts';
import type { IngressPlan, IngressService, IngressSettings } from './settings.ts';

/** A site together with its routes; the first that matches decides, and what matches none is refused. */
export interface RoutedSite extends IngressSite {
  readonly routes: readonly IngressRoute[];
}

export interface IngressRoute {
  /** Unique within the site. */
  readonly name: string;
  readonly match: RouteMatch;
  /** Absent: the request is refused. */
  readonly backend?: IngressBackend;
}

/** Conditions that must all hold; none of them: any request. */
export interface RouteMatch {
  readonly request?: AllowedRequest;
  /** RE2, matched in full against the path without its query. */
  readonly pathPattern?: string;
  /** Name in lower case; the pattern is RE2, matched in full. */
  readonly header?: { readonly name: string; readonly pattern: string };
}

export interface IngressBackend {
  readonly role: Role;
  readonly service: IngressService;
  readonly caFile: string;
  readonly timeout: Milliseconds;
  readonly retries: number;
}

/** The sites with their routes, for the renderer of a dialect. */
export function routedSites(plan: IngressPlan, settings: IngressSettings): RoutedSite[] {
  return ingressSites(plan).map((site) => ({
    ...site,
    routes: roleRoutes(plan, settings, site.role),
  }));
}

/** What becomes of the requests for one role: those for web may turn out to be for debug, or be refused. */
export function roleRoutes(plan: IngressPlan, settings: IngressSettings, role: Role): IngressRoute[] {
  return role === 'web' ? webRoutes(plan, settings) : routesTo(plan, settings, role);
}

/** The backends of all routes, once each, by role. */
export function ingressBackends(plan: IngressPlan, settings: IngressSettings): IngressBackend[] {
  return plan.targets.flatMap((target) => backendOf(target, settings) ?? []);
}

function webRoutes(plan: IngressPlan, settings: IngressSettings): IngressRoute[] {
  const { debug, refusedOutside } = plan.edges;
  const refused = refusedOutside.map((path, index) => ({
    name: `refused-${index + 1}`,
    match: { pathPattern: refusedPathPattern(path) },
  }));
  const header = debug && { name: debug.header.toLowerCase(), pattern: debugPattern(debug.backends) };
  return [
    ...refused,
    ...(header ? routesTo(plan, settings, 'debug', { header }) : []),
    ...routesTo(plan, settings, 'web'),
  ];
}

function routesTo(
  plan: IngressPlan,
  settings: IngressSettings,
  role: Role,
  match: RouteMatch = {},
): IngressRoute[] {
  const target = plan.targets.find((candidate) => candidate.role === role);
  const backend = target && backendOf(target, settings);
  if (!target || !backend) return [];
  if (!target.allow) return [{ name: role, match, backend }];
  return target.allow.map((request, index) => ({
    name: `${role}-${index + 1}`,
    match: { ...match, request },
    backend,
  }));
}

function backendOf(target: Target, { services, caFile }: IngressSettings): IngressBackend | undefined {
  const { role, timeout, retries } = target;
  const service = services[role];
  return service && { role, service, caFile, timeout, retries };
}
