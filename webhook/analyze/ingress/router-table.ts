import type { Plan } from '../../core/plan.ts';
import { domainMatches, routeMatches } from '../envoy/matching.ts';
import type { EnvoyModel, EnvoyTable } from '../envoy/model.ts';
import { NameIndex } from './name-index.ts';
import type { IngressTable } from './table.ts';

/** An Envoy behind a plain Ingress, which tells requests apart by Host, path and header; undefined where it is none. */
export function routerTable(plan: Plan, { file, tables, clusters }: EnvoyModel): IngressTable | undefined {
  const own = tables.filter(({ routes }) =>
    routes.some(({ leads }) => leads.some(({ kind }) => kind === 'service')),
  );
  const [first] = own;
  if (!first) return undefined;
  const { services = {} } = plan.edges.ingress ?? {};
  const roles = new Map(
    clusters.flatMap(({ name, lead }) => (lead.kind === 'service' ? [[name, lead.role]] : [])),
  );
  const chosen = new Map<string, EnvoyTable | undefined>();
  return {
    file,
    cannot: ['sni-unserved'],
    serve: (request) => {
      const { authority } = request;
      if (!chosen.has(authority)) chosen.set(authority, chosenTable(own, authority));
      const table = chosen.get(authority);
      if (!table) return { kind: 'refused', place: first.place };
      const route = table.routes.find(({ match }) => routeMatches(match, request));
      if (!route?.action) return { kind: 'refused', place: route?.place ?? table.place };
      const found = route.clusters.map((name) => services[roles.get(name) ?? 'web']);
      const known = route.clusters.every((name) => roles.has(name));
      return {
        kind: 'service',
        place: route.place,
        services: known
          ? found.flatMap((service) => service ?? [])
          : [{ address: route.clusters.join(), port: 0 }],
      };
    },
  };
}

function chosenTable(tables: readonly EnvoyTable[], authority: string): EnvoyTable | undefined {
  const answering = tables.filter((table) => domainMatches(table, authority));
  const domains = new NameIndex(
    answering.flatMap((table) => table.domains.map((domain) => [domain, table] as const)),
  );
  const host = authority.toLowerCase();
  return domains.find(host) ?? domains.find(host.replace(/:\d+$/, ''));
}
