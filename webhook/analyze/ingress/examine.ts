import { decide } from '../../core/decide.ts';
import type { Target } from '../../core/diversion.ts';
import { ingressSites } from '../../core/sites.ts';
import type { IngressSettings } from '../../edges/ingress/settings.ts';
import type { Plan } from '../../edges/plan.ts';
import type { CheckCode } from '../catalogue/catalogue.ts';
import { type Coded, flaw } from '../finding.ts';
import { asksFor, asksForOthers, requestsBeside, requestsFor, SPELLINGS, strangersTo } from '../probes.ts';
import type { IngressRequest, IngressTable, Served } from './table.ts';

interface Probe {
  readonly request: IngressRequest;
  /** Code of what is wrong when the request fares otherwise than declared. */
  readonly code: CheckCode;
  readonly what: string;
}

/** Asks an ingress for everything that the diversion has an opinion on. */
export function examineIngress(plan: Plan, table: IngressTable): Coded[] {
  const { ingress } = plan.edges;
  if (!ingress) return [];
  const probes = [
    ...plan.hosts.flatMap((host) => hostProbes(plan, host)),
    ...ownProbes(plan),
    ...nameProbes(plan),
    ...strangerProbes(plan),
  ];
  return probes
    .filter(({ code }) => !table.cannot.includes(code))
    .flatMap((probe) => judge(plan, ingress, table, probe));
}

const PAGE = { method: 'GET', path: '/wiki/Main_Page', headers: {} } as const;

function hostProbes(plan: Plan, host: Plan['hosts'][number]): Probe[] {
  const web = plan.targets.find(({ role }) => role === 'web');
  const sni = web?.sni ?? host;
  const page: IngressRequest = { ...PAGE, sni, authority: host };
  const { debug, refusedOutside } = plan.edges;
  const debugging = (value: string, code: CheckCode): Probe => ({
    request: { ...page, headers: { [debug?.header.toLowerCase() ?? '']: value } },
    code,
    what: `${debug?.header}: ${value}`,
  });
  return [
    ...SPELLINGS.map(({ code, what, write }) => ({
      request: { ...page, authority: write(host) },
      code,
      what,
    })),
    { request: { ...page, sni: host }, code: 'sni-unserved', what: 'the host itself as SNI' },
    ...(debug?.backends ?? []).flatMap((name) =>
      asksFor(name).map((value) => debugging(value, 'debug-header-missed')),
    ),
    ...asksForOthers(debug?.backends ?? []).map((value) => debugging(value, 'debug-header-too-wide')),
    ...requestsFor(refusedOutside).map(
      (own): Probe => ({
        request: { ...page, ...own },
        code: 'refused-path-open',
        what: `${own.method} ${own.path}`,
      }),
    ),
    // No header opens it either.
    ...refusedOutside.flatMap((path) =>
      (debug?.backends.slice(0, 1) ?? []).map((backend): Probe => {
        const { request, what } = debugging(`backend=${backend}`, 'refused-path-open');
        const asked = { ...request, method: 'POST', path };
        return { request: asked, code: 'refused-path-open', what: `POST ${path}, ${what}` };
      }),
    ),
  ];
}

/** The names that targets are asked by, each with what the target takes and what it does not. */
function ownProbes(plan: Plan): Probe[] {
  return plan.targets.flatMap((target): Probe[] => {
    const authority = target.authority === 'preserve' ? plan.hosts[0] : target.authority;
    if (authority === undefined) return [];
    const request: IngressRequest = { ...PAGE, sni: target.sni, authority };
    const allowed = (target.allow ?? []).map(
      (own): Probe => ({
        request: { ...request, ...own },
        code: 'target-unserved',
        what: `${own.method} ${own.path}`,
      }),
    );
    const others = (target.allow ?? []).flatMap(requestsBeside).map(
      (own): Probe => ({
        request: { ...request, ...own },
        code: 'allow-list-open',
        what: `${own.method} ${own.path}`,
      }),
    );
    const reach: Probe[] =
      target.role === 'debug' ? [] : [{ request, code: 'target-unserved', what: PAGE.path }];
    return target.allow ? [...allowed, ...others] : reach;
  });
}

/** Every declared name, as SNI and as Host, in all its spellings. */
function nameProbes(plan: Plan): Probe[] {
  return ingressSites(plan).flatMap(({ role, hosts }) => {
    const target = plan.targets.find((own) => own.role === role);
    const asked = target?.allow?.[0] ?? PAGE;
    return hosts.flatMap((host) => {
      const request = { ...PAGE, ...asked, sni: host, authority: host };
      // A name that replaces the authority is written by the edges, always the same.
      const isUsed = host === target?.sni && target.authority === 'preserve';
      const spelt = isUsed ? SPELLINGS.filter(({ code }) => code !== 'host-missed') : [];
      return [
        { request, code: 'name-unserved', what: host },
        ...spelt.map(({ code, what, write }) => ({
          request: { ...request, authority: write(host) },
          code,
          what,
        })),
      ];
    });
  });
}

function strangerProbes(plan: Plan): Probe[] {
  const sites = ingressSites(plan).flatMap(({ hosts }) => hosts);
  const own = new Set<string>(sites);
  return plan.targets
    .filter(({ role }) => role !== 'debug')
    .flatMap(({ sni }) =>
      strangersTo(plan.hosts)
        .filter((stranger) => !own.has(stranger))
        .map((authority) => ({
          request: { ...PAGE, sni, authority },
          code: 'host-too-wide',
          what: authority,
        })),
    );
}

function judge(
  plan: Plan,
  ingress: IngressSettings,
  table: IngressTable,
  { request, code, what }: Probe,
): Coded[] {
  const { method, path, authority, headers } = request;
  const { to } = decide(plan, { edge: 'ingress', method, path, authority, headers });
  const served = table.serve(request);
  const found = (own: CheckCode, message: string): Coded[] => [
    flaw(own, { file: table.file, path: served.place, value: what, message }),
  ];
  if (to === 'production' || to === 'refused') {
    const roles = served.kind === 'service' ? rolesOf(ingress, served) : [];
    if (roles.length === 0) return [];
    const asked = `${method} ${path} for ${authority}`;
    const outside = roles.includes('jobrunner') && code === 'refused-path-open';
    return found(outside ? 'job-reachable-outside' : code, `takes ${asked} to ${roles.join(', ')}`);
  }
  return judgeServed(ingress, served, {
    to,
    asked: `${method} ${path} for ${authority} (SNI ${request.sni})`,
    code,
    found,
  });
}

interface Expected {
  readonly to: Target['role'];
  readonly asked: string;
  readonly code: CheckCode;
  readonly found: (code: CheckCode, message: string) => Coded[];
}

function judgeServed(
  { services }: IngressSettings,
  served: Served,
  { to, asked, code, found }: Expected,
): Coded[] {
  const wanted = services[to];
  if (!wanted) return [];
  if (served.kind === 'closed') return found(code, `${asked} is answered by no gateway of these files`);
  if (served.kind === 'refused') return found(code, `${asked} is refused, not taken to ${to}`);
  const wrong = served.services.filter(({ address }) => address !== wanted.address);
  if (wrong.length > 0 || served.services.length === 0) {
    const own = code.startsWith('debug') ? code : 'wrong-target';
    return found(
      own,
      `${asked} goes to ${wrong.map(({ address }) => address).join(', ')}, not to ${wanted.address}`,
    );
  }
  const port = served.services.find((service) => service.port !== wanted.port)?.port;
  return served.services.some((service) => service.port !== wanted.port)
    ? found('service-port', `goes to port ${port}, and the Service of ${to} has ${wanted.port}`)
    : [];
}

function rolesOf({ services }: IngressSettings, served: Extract<Served, { kind: 'service' }>): string[] {
  return Object.entries(services).flatMap(([role, service]) =>
    served.services.some(({ address }) => address === service.address) ? [role] : [],
  );
}
