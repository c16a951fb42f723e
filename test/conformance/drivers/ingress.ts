import path from 'node:path';
import { type Host, hostOf } from '../../../webhook/core/host.ts';
import { isRefusedPath } from '../../../webhook/core/refused-path.ts';
import { ingressSites } from '../../../webhook/core/sites.ts';
import { ingressObjects } from '../../../webhook/edges/ingress/objects.ts';
import type { IngressKind } from '../../../webhook/edges/ingress/settings.ts';
import { diversion, planOf } from '../../live/ask.ts';
import { ASK_TIMEOUT_MS, findIngressTools } from '../../live/ingress/ask.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import type { Difference, Driver } from '../driver.ts';
import type { HostForm } from '../forms.ts';
import type { IngressConformance } from '../inside/ingress.ts';
import { normalPath } from '../normal-path.ts';
import type { ConformanceAnswer } from '../request.ts';

const plan = planOf(diversion);
const PROGRAM = path.join(import.meta.dirname, '../inside/ingress.ts');

const NO_DOT: Difference = {
  when: ({ form }) => {
    const host = form.effective && hostOf(form.effective);
    return (
      host !== undefined && plan.hosts.includes(host as Host) && /\.(?::\d*)?$/.test(form.effective ?? '')
    );
  },
  instead: 'refused',
  why: 'its objects take no name with a trailing dot',
};

/** Of Istio's hosts, and of Contour's. */
export const ANY_PORT: Difference = {
  when: ({ form: { hosts } }) =>
    hosts.length === 1 && /^[^:/@]+:(?:[a-z-][^:\s]*|\d+\.)$/.test(hosts[0] ?? ''),
  instead: { authority: ({ hosts }) => hosts[0]?.replace(/:.*$/, '') },
  why: 'Envoy is told to match hosts without what follows the colon, be it a number or not',
};

const ONE_NAME: Difference = {
  when: ({ form }) => {
    const host = hostOf(form.effective ?? '');
    const isServed = ingressSites(plan).some(({ hosts }) => host !== undefined && hosts.includes(host));
    return isServed && (form.sni ?? plan.hosts[0])?.toLowerCase() !== host;
  },
  instead: 'refused',
  why: 'Contour answers 421 where SNI and Host differ, so that callers which send the SNI of the gateway need another kind',
};

const ENCODED_NUL: Difference = {
  when: ({ path: asked }) => /^[^?#]*%00/.test(asked),
  instead: 'refused',
  why: 'Envoy refuses a path with an encoded NUL when it resolves dot segments',
};

/** Nothing of the refused path is left once the segments are resolved, and what is left is what arrives. */
export const RESOLVED_FIRST: Difference = {
  when: ({ path: asked }) =>
    isRefusedPath(plan.edges.refusedOutside, asked) &&
    !isRefusedPath(plan.edges.refusedOutside, normalPath(asked)),
  instead: { path: normalPath },
  why: 'Envoy resolves dot segments before it looks for refused paths',
};

const DIFFERENCES: Readonly<Record<IngressKind, readonly Difference[]>> = {
  istio: [ENCODED_NUL, RESOLVED_FIRST, ANY_PORT],
  'gateway-api': [ENCODED_NUL, RESOLVED_FIRST, NO_DOT, ANY_PORT],
  ingress: [ENCODED_NUL, RESOLVED_FIRST, NO_DOT, ONE_NAME, ANY_PORT],
};

/** The ingress of the other environment, in one of its kinds; behind it is no production, so the rest is refused. */
export function ingressDriver(kind: IngressKind): Driver {
  const services = plan.edges.ingress?.services ?? {};
  return {
    name: `an ingress of kind ${kind}`,
    edge: 'ingress',
    method: 'GET',
    path: '/wiki/X?a=b%2Fc',
    skips: {},
    differences: DIFFERENCES[kind],
    arrives: ({ to, authority }, { form, path: asked }) => ({
      authority: kind === 'ingress' ? canonical(form, authority) : (form.effective ?? form.hosts[0]),
      sni: Object.entries(services).find(([role]) => role === to)?.[1].certificateNames[0],
      path: pathAt(kind, asked),
    }),
    ask: async (requests) => {
      await findIngressTools(kind);
      const objects = ingressObjects(kind, plan);
      if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
      const input = { kind, envoy: findEnvoy(), diversion, objects: objects.value };
      const answers = await runInSandbox<IngressConformance, ConformanceAnswer[]>({
        program: PROGRAM,
        input: { ...input, sni: plan.hosts[0] ?? '', requests },
        timeoutMs: ASK_TIMEOUT_MS,
      });
      return { diverted: answers.map((answer) => signed(kind, answer)) };
    },
  };
}

/** The Services of the other environment sign by their role alone. */
function signed(kind: IngressKind, answer: ConformanceAnswer): ConformanceAnswer {
  const { site, path: seen } = answer;
  if (site === undefined || seen === undefined) return answer;
  return { ...answer, site: `target ${site}`, path: pathAt(kind, seen) };
}

/** Contour has Envoy merge slashes, most of the time. */
function pathAt(kind: IngressKind, asked: string): string {
  return kind === 'ingress' ? normalPath(asked).replaceAll(/\/{2,}/g, '/') : normalPath(asked);
}

/** Istio passes the authority on as it came; the router behind Contour writes it anew where it is one. */
function canonical({ effective, hosts }: HostForm, authority: string | undefined): string | undefined {
  return effective === undefined ? hosts[0]?.replace(/\.$/, '') : authority;
}
