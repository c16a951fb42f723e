import path from 'node:path';
import { hostOf } from '../../../webhook/core/host.ts';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { topologyObjects } from '../../../webhook/edges/ingress/topology-objects.ts';
import { type UpstreamSite, upstreamSites } from '../../../webhook/edges/ingress/upstream-sites.ts';
import { diversion, planOf } from '../../live/ask.ts';
import { ASK_TIMEOUT_MS, findIngressTools } from '../../live/ingress/ask.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import type { Asked, Difference, Driver } from '../driver.ts';
import { plain } from '../forms.ts';
import type { IngressAllConformance } from '../inside/ingress-all.ts';
import { normalPath } from '../normal-path.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../request.ts';
import { ANY_PORT, RESOLVED_FIRST } from './ingress.ts';

const plan = planOf(diversion);
const PROGRAM = path.join(import.meta.dirname, '../inside/ingress-all.ts');
const ROUTES = new Set(['VirtualService', 'HTTPRoute']);

type Kind = IngressAllConformance['kind'];

/** One for each production service that stands behind the ingress. */
export function ingressAllDrivers(kind: Kind): Driver[] {
  const settings = plan.edges.ingress;
  return settings ? upstreamSites(plan, settings).map((site) => driverOf(kind, site)) : [];
}

/** The ingress in front of a production service; without the diversion it leads all hosts to the service. */
function driverOf(kind: Kind, site: UpstreamSite): Driver {
  const services = plan.edges.ingress?.services ?? {};
  const { method, path: asked } = plainly(site);
  const form = plain('', plan.hosts[0] ?? '');
  return {
    name: `${site.name} behind an ingress of kind ${kind}`,
    edge: 'ingress',
    upstream: site.production.upstreams[0] ?? '',
    method,
    path: asked,
    skips: {},
    differences: [...(kind === 'istio' ? [ANY_PORT] : []), RESOLVED_FIRST, speltOtherwise(site)],
    arrives: ({ to, authority }, request) => ({
      authority,
      sni: Object.entries(services).find(([role]) => role === to)?.[1].certificateNames[0],
      path: normalPath(request.path),
    }),
    ask: async (requests) => {
      await findIngressTools(kind);
      const answers = await runInSandbox<IngressAllConformance, Asked>({
        program: PROGRAM,
        input: {
          kind,
          envoy: findEnvoy(),
          diversion,
          ...objectsFor(kind),
          port: site.port,
          sni: form.hosts[0] ?? '',
          probe: { form, ...plainly(site) },
          sites: [`production ${site.name}`, site.target],
          requests,
        },
        timeoutMs: ASK_TIMEOUT_MS,
      });
      return {
        untouched: (answers.untouched ?? []).map(signed),
        diverted: answers.diverted.map(signed),
      };
    },
  };
}

function isDiverted({ form }: ConformanceRequest): boolean {
  const host = hostOf(form.effective ?? form.hosts[0]?.replace(/:.*$/, '') ?? '');
  return host !== undefined && plan.hosts.includes(host);
}

/** The job runners' allow-list is compared with what Istio has made of a path. */
function speltOtherwise({ target }: UpstreamSite): Difference {
  const allow = plan.targets.find(({ role }) => role === target)?.allow ?? [];
  const isAllowed = (request: ConformanceRequest, spelling: string): boolean =>
    allow.some(({ method, path: own }) => method === request.method && own === spelling.replace(/\?.*$/, ''));
  return {
    when: (request) =>
      isDiverted(request) &&
      !isAllowed(request, request.path) &&
      isAllowed(request, normalPath(request.path)),
    instead: { path: normalPath },
    why: 'Istio has Envoy resolve dot segments and decode letters before routes are chosen, so a job spelt otherwise is a job',
  };
}

/** What the service is there for: something that its target takes. */
function plainly({ target }: UpstreamSite): Omit<ConformanceRequest, 'form'> {
  const [allowed] = plan.targets.find(({ role }) => role === target)?.allow ?? [];
  return allowed ?? { method: 'GET', path: '/w/api.php?action=query&x=b%2Fc' };
}

/** The routes of diverted hosts stand beside the one for all, which has its Gateway's name. */
function objectsFor(kind: Kind): Pick<IngressAllConformance, 'untouched' | 'added'> {
  const objects = topologyObjects('ingress-all', kind, plan);
  if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
  const gateways = new Set(objects.value.filter((object) => object['kind'] === 'Gateway').map(keyOf));
  const isAdded = (object: JsonObject): boolean =>
    ROUTES.has(String(object['kind'])) && !gateways.has(keyOf(object));
  return {
    untouched: objects.value.filter((object) => !isAdded(object)),
    added: objects.value.filter(isAdded),
  };
}

function keyOf({ metadata }: JsonObject): string {
  const { name, namespace } = metadata as { readonly name: string; readonly namespace: string };
  return `${namespace}/${name}`;
}

/** The Services of the other environment sign by their role alone; Istio has Envoy resolve dot segments in every path. */
function signed(answer: ConformanceAnswer): ConformanceAnswer {
  const { site, path: seen } = answer;
  if (site === undefined || seen === undefined) return answer;
  return {
    ...answer,
    site: site.startsWith('production ') ? site : `target ${site}`,
    path: normalPath(seen),
  };
}
