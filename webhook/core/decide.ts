import type { AllowedRequest, Edge, Target } from './diversion.ts';
import { hostsInPath } from './gateway-paths.ts';
import { type Host, hostOf } from './host.ts';
import type { Plan } from './plan.ts';
import type { ReasonCode } from './reasons.ts';
import { isRefusedPath } from './refused-path.ts';
import type { Role } from './role.ts';
import { servedAtIngress, siteRoleOf } from './sites.ts';

/** A request as an edge sees it, before anything was rewritten. */
export interface Request {
  readonly edge: Edge;
  /**
   * Name of the production upstream that the edge would choose. At the ingress it is absent, save in topology
   * `ingress-all` for a request to an upstream that stands behind it.
   */
  readonly upstream?: string;
  readonly method: string;
  /** The Host header or `:authority`, as sent. */
  readonly authority: string;
  /** Path with query, as sent. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where this request falls in the share, 0 (diverted at any share above 0) up to but not including 100. */
  readonly draw?: number;
}

/** Where one request goes, and why. */
export interface Decision {
  readonly to: 'production' | 'refused' | Role;
  readonly reason: ReasonCode;
  /** The authority, SNI that a diverted request is sent with. */
  readonly authority?: string;
  readonly sni?: string;
}

/**
 * The meaning of a diversion: every renderer and every proxy is held against this function.
 * A request is diverted only when its host is, it falls inside the share, and (but at the ingress, which is in
 * the other environment and has no upstream) its upstream is declared.
 */
export function decide(plan: Plan, request: Request): Decision {
  if (!isDeclared(plan, request.edge)) return { to: 'production', reason: 'edge-not-declared' };
  switch (request.edge) {
    case 'ingress':
      return request.upstream === undefined
        ? decideAtIngress(plan, request)
        : decideInFront(plan, request, request.upstream);
    case 'ats':
      return decideAtCdn(plan, request);
    case 'rest-gateway':
      return decideAtGateway(plan, request);
    case 'mesh':
    case 'sidecar':
    case 'knative':
      return decideByUpstream(plan, request);
  }
}

/** Nothing is rendered for the CDN, or for the model servers, where the diversion does not declare them. */
function isDeclared({ edges }: Plan, edge: Edge): boolean {
  if (edge === 'ats') return edges.ats !== undefined;
  return edge !== 'knative' || edges.knative !== undefined;
}

function decideByUpstream(plan: Plan, request: Request): Decision {
  const diverted = divertedUpstream(plan, request);
  return 'reason' in diverted ? diverted : sendTo(diverted.target, diverted.host, request);
}

/** Host decides, save where the gateway makes the authority from the path, or where Host is its own name. */
function decideAtGateway(plan: Plan, request: Request): Decision {
  const { names, paths } = plan.edges.restGateway ?? { names: [], paths: [] };
  const made = hostsInPath(
    paths.filter(({ insteadOfHost }) => insteadOfHost),
    request.path,
  );
  if (made.length > 0) return decideByPath(plan, request, made);
  const host = hostOf(request.authority);
  const named = names.some((own) => own === host) ? hostsInPath(paths, request.path) : [];
  return named.length > 0 ? decideByPath(plan, request, named) : decideByUpstream(plan, request);
}

function decideByPath(plan: Plan, request: Request, named: readonly string[]): Decision {
  const authority = named.find((host) => plan.hosts.some((own) => own === host));
  if (authority === undefined) return { to: 'production', reason: 'path-not-diverted' };
  const decision = decideByUpstream(plan, { ...request, authority });
  return decision.reason === 'diverted' ? { ...decision, reason: 'diverted-by-path' } : decision;
}

function decideAtCdn(plan: Plan, request: Request): Decision {
  const diverted = divertedUpstream(plan, request);
  if ('reason' in diverted) return diverted;
  if (isRefusedOutside(plan, request)) return { to: 'refused', reason: 'refused-outside' };
  const debug = debugTarget(plan, request);
  if (debug === 'unknown') return { to: 'refused', reason: 'debug-backend-unknown' };
  return sendTo(debug ?? diverted.target, diverted.host, request);
}

/** The host to divert and the target of its upstream, or the decision that this request is none of ours. */
function divertedUpstream(plan: Plan, request: Request): { host: Host; target: Target } | Decision {
  const host = divertedHost(plan, request);
  if (typeof host === 'object') return host;
  const upstream = plan.upstreams.find((candidate) => candidate.name === request.upstream);
  if (!upstream) return { to: 'production', reason: 'upstream-not-declared' };
  if (!plan.diverts[request.edge].includes(upstream.name)) {
    return { to: 'production', reason: 'upstream-not-diverted' };
  }
  return { host, target: upstream.target };
}

/**
 * The ingress is in the other environment, and what arrives there was diverted before: it serves its hosts and its
 * own names whatever the share is.
 */
function decideAtIngress(plan: Plan, request: Request): Decision {
  const host = hostOf(request.authority);
  const site = host && siteRoleOf(plan, host);
  if (!site) return { to: 'production', reason: 'host-not-diverted' };
  const own = plan.targets.find(({ role }) => role === site);
  return own ? serve(plan, own, host, request) : { to: 'refused', reason: 'no-such-target' };
}

/** In front of a production service the ingress does at once what two edges do otherwise: it diverts, and it serves. */
function decideInFront(plan: Plan, request: Request, upstream: string): Decision {
  const diverted = divertedUpstream(plan, request);
  if ('reason' in diverted) return diverted;
  if (!servedAtIngress(plan, upstream)) return { to: 'production', reason: 'upstream-not-declared' };
  return serve(plan, diverted.target, diverted.host, request);
}

/** What the ingress does with a request for a target: under the diverted host, it may turn out to be for another. */
function serve(plan: Plan, own: Target, host: Host, request: Request): Decision {
  if (own.role !== 'web') return sendTo(own, host, request);
  if (isRefusedOutside(plan, request)) return { to: 'refused', reason: 'refused-outside' };
  const debug = debugTarget(plan, request);
  return sendTo(debug === undefined || debug === 'unknown' ? own : debug, host, request);
}

/** The host to divert, or the decision that this request is none of ours. */
function divertedHost(plan: Plan, request: Request): Host | Decision {
  const host = hostAt(plan, request);
  if (host === undefined || !plan.hosts.includes(host))
    return { to: 'production', reason: 'host-not-diverted' };
  if (!plan.enabled) return { to: 'production', reason: 'diversion-disabled' };
  if ((request.draw ?? 0) >= plan.share) return { to: 'production', reason: 'outside-share' };
  return host;
}

/** The host that a request is for; the CDN sees alias names, which it replaces with this host only later. */
function hostAt(plan: Plan, { edge, authority }: Request): Host | undefined {
  const named = hostOf(authority);
  if (edge !== 'ats' || (named && plan.hosts.includes(named))) return named;
  return plan.edges.ats?.aliases.find(({ name }) => name === named)?.host ?? named;
}

function sendTo(target: Target, host: Host, request: Request): Decision {
  if (target.allow && !target.allow.some((allowed) => isAllowed(allowed, request))) {
    return { to: 'refused', reason: 'not-in-allow-list' };
  }
  const authority = target.authority === 'preserve' ? host : target.authority;
  return { to: target.role, reason: 'diverted', authority, sni: target.sni };
}

function isAllowed(allowed: AllowedRequest, request: Request): boolean {
  return allowed.method === request.method && allowed.path === pathOf(request);
}

function isRefusedOutside(plan: Plan, request: Request): boolean {
  return isRefusedPath(plan.edges.refusedOutside, request.path);
}

function debugTarget(plan: Plan, request: Request): Target | 'unknown' | undefined {
  const debug = plan.edges.debug;
  const value = debug && request.headers?.[debug.header.toLowerCase()];
  if (debug === undefined || value === undefined) return undefined;
  if (!debug.backends.includes(debugBackendOf(value))) return 'unknown';
  return plan.targets.find((target) => target.role === 'debug');
}

/**
 * The backend that a debug header asks for: what follows `backend=`, anywhere in it, else the whole value.
 * The CDN's own rules read it the same way: they do not anchor the name.
 */
export function debugBackendOf(value: string): string {
  return (/backend=([A-Za-z0-9.-]+)/.exec(value)?.[1] ?? value).toLowerCase();
}

function pathOf(request: Request): string {
  const query = request.path.indexOf('?');
  return query < 0 ? request.path : request.path.slice(0, query);
}
