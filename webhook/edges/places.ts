import type { Decision } from '../core/decide.ts';
import type { Edge } from '../core/diversion.ts';
import { servedAtIngress } from '../core/sites.ts';
import { scriptFile } from './ats/names.ts';
import { targetClusterName } from './envoy/names.ts';
import { routedSites } from './ingress/sites.ts';
import { upstreamSites } from './ingress/upstream-sites.ts';
import type { Plan } from './plan.ts';
import { configMapName, routesFile } from './pod-paths.ts';

/** Where an edge decides a request: the file, and the rule in it. */
export interface Place {
  readonly file: string;
  readonly rule: string;
}

const OWN_RULES: Place = { file: '', rule: "the edge's own rules; none of the diversion's matches" };

/** The file and the rule of the diversion that a decision comes from; that of the edge itself where none matches. */
export function placeOf(plan: Plan, edge: Edge, upstream: string | undefined, decision: Decision): Place {
  if (isNoneOfOurs(decision)) return OWN_RULES;
  switch (edge) {
    case 'ingress':
      return upstream === undefined ? ingressPlace(plan, decision) : upstreamPlace(plan, upstream, decision);
    case 'ats':
      return {
        file: scriptFile(plan.diversion),
        rule: 'the step in the remap rules that lead there',
      };
    case 'rest-gateway':
    case 'mesh':
      return { file: 'envoy.yaml, diverted', rule: envoyRule(plan, decision) };
    case 'sidecar':
      return sidecarPlace(plan, upstream, decision);
    case 'knative':
      return {
        file: 'values of net_istio.mesh',
        rule: 'the routes in front of those that lead there',
      };
  }
}

/** What the diversion has no rule for; a share that leaves a request out is a rule that was asked. */
function isNoneOfOurs({ to, reason }: Decision): boolean {
  return to === 'production' && reason !== 'outside-share' && reason !== 'diversion-disabled';
}

function envoyRule(plan: Plan, { to }: Decision): string {
  const target = plan.targets.find(({ role }) => role === to);
  return target
    ? `the route to ${targetClusterName(plan.diversion, target.role)}, directly in front of the original`
    : 'the route directly in front of the original';
}

function sidecarPlace(plan: Plan, name: string | undefined, decision: Decision): Place {
  const workloads = plan.workloads.filter(({ listeners }) =>
    listeners.some(({ upstream }) => upstream.name === name),
  );
  if (workloads.length === 0) return { file: '', rule: 'no workload with a sidecar calls it' };
  const maps = workloads.map((workload) => configMapName(plan.diversion, workload.name)).join(', ');
  return { file: `ConfigMap ${maps}: ${routesFile(name ?? '')}`, rule: envoyRule(plan, decision) };
}

function upstreamPlace(plan: Plan, upstream: string, { to }: Decision): Place {
  const { ingress } = plan.edges;
  const served = servedAtIngress(plan, upstream);
  const sites = ingress ? upstreamSites(plan, ingress) : [];
  const groups = sites.filter(({ name }) => name === served?.name).flatMap((site) => site.groups.slice(0, 1));
  const routes = groups.flatMap((group) => group.routes);
  const names = routes
    .filter(({ backend }) => (to === 'refused' ? !backend : to === 'production' || backend?.role === to))
    .map(({ name }) => name);
  return {
    file: 'chart/files/ingress-all/',
    rule: `${[...new Set(names)].join(', ')} of shunt-${plan.diversion}-${served?.name}`,
  };
}

function ingressPlace(plan: Plan, { to }: Decision): Place {
  const { ingress } = plan.edges;
  if (!ingress) return { file: '', rule: 'spec.edges.ingress is not declared' };
  const sites = routedSites(plan, ingress);
  const named = sites.flatMap(({ role, routes }) =>
    routes.map(({ name, backend }) => ({ role, name, backend })),
  );
  const routes = named.filter(({ backend }) => (to === 'refused' ? !backend : backend?.role === to));
  const rules = routes.map(({ role, name }) => `${name} of shunt-${plan.diversion}-${role}`).join(', ');
  return { file: 'chart/files/ingress/', rule: rules === '' ? 'no route: refused' : rules };
}
