import type { UpstreamSite } from '../../core/ingress-all.ts';
import type { Plan } from '../../core/plan.ts';
import type { CheckCode } from '../catalogue/catalogue.ts';
import type { IngressRequest } from '../ingress/table.ts';
import { asksFor, asksForOthers, requestsBeside, requestsFor, SPELLINGS, strangersTo } from '../probes.ts';

/** A request to a production service behind the ingress. */
export interface FrontProbe {
  readonly request: IngressRequest;
  /** Code of what is wrong when it fares otherwise than declared. */
  readonly code: CheckCode;
}

const PAGE = { method: 'GET', path: '/w/api.php', headers: {} } as const;

/** Everything that the diversion has an opinion on at one site, and what callers of the service send besides. */
export function frontProbes(plan: Plan, site: UpstreamSite): FrontProbe[] {
  const names = callersNames(plan, site);
  const sni = names[0] ?? '';
  const strangers = strangersTo(plan.hosts);
  const own = [...names, ...plan.targets.map((target) => target.sni)];
  const kinds = kindsOf(plan, site);
  const asked = (authority: string, code: CheckCode): FrontProbe[] =>
    kinds.map((kind) => ({ request: { ...kind, sni, authority }, code }));
  return [
    ...plan.hosts.flatMap((host) => [
      ...SPELLINGS.flatMap(({ code, write }) => asked(write(host), code)),
      ...(site.target === 'web' ? webProbes(plan, { ...PAGE, sni, authority: host }) : []),
      ...allowProbes(plan, site, { ...PAGE, sni, authority: host }),
    ]),
    ...[...strangers, ...own].flatMap((name) => asked(name, 'host-too-wide')),
    ...[...plan.hosts.slice(0, 1), ...strangers.slice(0, 1), ...own].flatMap((authority) =>
      helloNames(plan, names).map(
        (hello): FrontProbe => ({
          request: { ...plainly(plan, site), sni: hello, authority },
          code: 'front-unserved',
        }),
      ),
    ),
  ];
}

type Kind = Omit<IngressRequest, 'sni' | 'authority'>;

function plainly({ targets }: Plan, { target }: UpstreamSite): Kind {
  const [allowed] = targets.find(({ role }) => role === target)?.allow ?? [];
  return { ...PAGE, ...allowed };
}

/** One request for each route that there may be, since each has to know the hosts by itself. */
function kindsOf({ edges, targets }: Plan, { target }: UpstreamSite): Kind[] {
  const { allow = [] } = targets.find(({ role }) => role === target) ?? {};
  const { debug, refusedOutside } = edges;
  return [
    ...allow.map((own) => ({ ...PAGE, ...own })),
    ...refusedOutside.map((path) => ({ ...PAGE, method: 'POST', path })),
    ...(debug?.backends ?? [])
      .slice(0, 1)
      .map((value) => ({ ...PAGE, headers: { [debug?.header.toLowerCase() ?? '']: value } })),
    { ...PAGE, method: 'POST' },
    { ...PAGE, path: '/' },
  ];
}

/** The names by which callers know the service. */
export function callersNames({ upstreams }: Plan, { production }: UpstreamSite): string[] {
  const addresses = upstreams
    .filter(({ name }) => production.upstreams.includes(name))
    .flatMap((upstream) => upstream.addresses);
  return [...new Set(addresses)].filter((address) => /[a-z]/i.test(address) && !address.includes(':'));
}

/** What callers say in the hello: the service, a diverted wiki, any other one, or nothing. */
function helloNames({ hosts }: Plan, names: readonly string[]): string[] {
  const diverted = hosts.slice(0, 1);
  return [...new Set([...names, ...diverted, ...strangersTo(diverted).slice(0, 1), ''])];
}

function webProbes({ edges, targets }: Plan, request: IngressRequest): FrontProbe[] {
  const { debug, refusedOutside } = edges;
  const isServed = targets.some(({ role }) => role === 'debug');
  const debugging = (value: string, code: CheckCode): FrontProbe => ({
    request: { ...request, headers: { [debug?.header.toLowerCase() ?? '']: value } },
    code,
  });
  return [
    ...(isServed && debug ? debug.backends : []).flatMap((name) =>
      asksFor(name).map((value) => debugging(value, 'debug-header-missed')),
    ),
    ...asksForOthers(debug?.backends ?? []).map((value) => debugging(value, 'debug-header-too-wide')),
    ...requestsFor(refusedOutside).map(
      (own): FrontProbe => ({
        request: { ...request, ...own },
        code: 'refused-path-open',
      }),
    ),
  ];
}

function allowProbes({ targets }: Plan, { target }: UpstreamSite, request: IngressRequest): FrontProbe[] {
  const allow = targets.find(({ role }) => role === target)?.allow ?? [];
  return allow.flatMap(({ method, path }): FrontProbe[] => [
    { request: { ...request, method, path }, code: 'allow-list-closed' },
    ...requestsBeside({ method, path }).map(
      (own): FrontProbe => ({
        request: { ...request, ...own },
        code: 'allow-list-open',
      }),
    ),
  ]);
}
