import { debugPattern } from './debug-pattern.ts';
import type { AllowedRequest, Target } from './diversion.ts';
import type { Milliseconds } from './duration.ts';
import type { Host } from './host.ts';
import type { IngressService, IngressSettings } from './ingress-settings.ts';
import type { Plan } from './plan.ts';
import { refusedPathPattern } from './refused-path.ts';
import type { Role } from './role.ts';

/** One gateway at the ingress: the names it answers to, as SNI and as Host alike, and what it does with a request. */
export interface IngressSite {
  /** The role that the gateway is named after. */
  readonly role: Role;
  /** Sorted, canonical. */
  readonly hosts: readonly Host[];
}

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

/**
 * The gateways that the targets ask for. Targets that keep the diverted host share the web gateway with it; one that
 * rewrites the authority has a gateway of its own, which answers to nothing else.
 */
export function ingressSites(plan: Named): IngressSite[] {
  const shared = plan.targets.filter(isShared).flatMap((target) => namesOf(plan, target));
  const own = plan.targets.filter((target) => !isShared(target));
  const web = { role: 'web' as const, hosts: unique([...plan.hosts, ...shared]) };
  return [...own.map((target) => ({ role: target.role, hosts: unique(namesOf(plan, target)) })), web];
}

/** The role of the site that answers to a host; the list of sites is not built for it. */
export function siteRoleOf(plan: Named, host: Host): Role | undefined {
  const named = plan.targets.filter((target) => namesOf(plan, target).includes(host));
  const own = named.find((target) => !isShared(target));
  return own?.role ?? (named.length > 0 || plan.hosts.includes(host) ? 'web' : undefined);
}

type Named = Pick<Plan, 'targets' | 'hosts' | 'edges'>;

function namesOf({ edges }: Named, { role, sni, authority }: Target): Host[] {
  const declared = edges.ingress?.services[role]?.hosts ?? [];
  const names: readonly string[] = [sni, ...(authority === 'preserve' ? [] : [authority]), ...declared];
  return names.map((name) => name.toLowerCase() as Host);
}

/** Whether a target is reached under the diverted host; the web gateway is, in any case. */
function isShared({ role, authority }: Target): boolean {
  return role === 'web' || authority === 'preserve';
}

/** The sites with their routes, for whoever writes them in a dialect. */
export function routedSites(plan: Plan, settings: IngressSettings): RoutedSite[] {
  return ingressSites(plan).map((site) => ({
    ...site,
    routes: roleRoutes(plan, settings, site.role),
  }));
}

/** What becomes of the requests for one role: those for web may turn out to be for debug, or for nobody. */
export function roleRoutes(plan: Plan, settings: IngressSettings, role: Role): IngressRoute[] {
  return role === 'web' ? webRoutes(plan, settings) : routesTo(plan, settings, role);
}

/** The backends of all routes, once each, by role. */
export function ingressBackends(plan: Plan, settings: IngressSettings): IngressBackend[] {
  return plan.targets.flatMap((target) => backendOf(target, settings) ?? []);
}

function webRoutes(plan: Plan, settings: IngressSettings): IngressRoute[] {
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

function routesTo(plan: Plan, settings: IngressSettings, role: Role, match: RouteMatch = {}): IngressRoute[] {
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

function unique(hosts: readonly Host[]): Host[] {
  return [...new Set(hosts)].sort();
}
