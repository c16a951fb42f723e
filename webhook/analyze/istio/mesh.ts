import { listAt, objectsAt } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import { covers } from '../ingress/name-index.ts';
import { SPELLINGS, strangersTo } from '../probes.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { disjointFlaws, unreadFlaws, unroutedFlaws } from './mesh-hosts.ts';
import { isOfMesh, isServedByName, namesOfMesh } from './mesh-names.ts';
import { concerns, diverts, type MeshService, meshDestination, serviceOf } from './mesh-service.ts';
import { destinationsOf, portsOf, requestFor } from './virtual-service.ts';

type Flawed = Omit<Coded, 'file'>;

/** What the sidecars of an Istio mesh do with calls to declared upstreams. */
export function examineMesh(scene: Scene): Coded[] {
  const subjects = objectsOf(scene, 'VirtualService').filter(({ object }) => isOfMesh(object));
  const services = subjects.map(({ object }) => serviceOf(scene, object));
  const mesh = { names: namesOfMesh(scene), services };
  const flaws = subjects.flatMap((subject, index) => {
    const service = services[index];
    return service ? examineService(subject, { ...service, mesh }) : [];
  });
  return [...disjointFlaws(scene, subjects, services), ...flaws, ...unreadFlaws(scene, services)];
}

/** Where sidecars of the mesh divert calls to which declared upstream. */
export function divertedUpstreamsOf(scene: Scene) {
  const { knative } = scene.plan.edges;
  return objectsOf(scene, 'VirtualService')
    .filter(({ object }) => isOfMesh(object))
    .flatMap(({ file, place, object }) =>
      objectsAt(object, 'spec', 'http').flatMap((route, index) => {
        const leads = destinationsOf(route).map((destination) => meshDestination(scene, destination));
        const upstream = knative?.upstream;
        return upstream !== undefined && leads.some(({ kind }) => kind === 'target')
          ? [{ file, path: `${place} http[${index}]`, upstream }]
          : [];
      }),
    );
}

function examineService({ file, place }: ObjectSubject, service: MeshService): Coded[] {
  const { routes } = service;
  if (!concerns(service)) return [];
  const strangers = diverts(service) ? strangersByRoute(service) : NOTHING_TAKEN;
  const flaws = routes.flatMap((_, index) => [
    ...upstreamFlaws(service, index),
    ...targetFlaws(service, strangers, index),
  ]);
  return flaws.map(({ path, ...flaw }) => ({
    file,
    path: `${place} ${path}`,
    ...flaw,
  }));
}

function upstreamFlaws(service: MeshService, index: number): Flawed[] {
  const { scene, routes, find, leads, hosts, mesh } = service;
  const route = routes[index];
  const upstream = leads[index]?.flatMap(({ lead }) => (lead.kind === 'upstream' ? [lead.upstream] : []))[0];
  const isDiverted = leads[index]?.some(({ lead }) => lead.kind === 'target');
  if (!route || !upstream || isDiverted) return [];
  const { plan } = scene;
  const unrouted = portsOf(route).flatMap((port) => unroutedFlaws(service, index, upstream.name, port));
  const flaws = portsOf(route).flatMap((port): Flawed[] => {
    const asked = plan.hosts.filter(
      (host) =>
        hosts.some((own) => covers(own, host)) &&
        (hosts.includes(host) || !isServedByName(mesh.names, host, port)),
    );
    const behind = leads.findIndex(
      (led, at) =>
        at > index &&
        led.some(({ lead }) => lead.kind === 'target') &&
        portsOf(routes[at] ?? {}).includes(port),
    );
    const before = leads.some(
      (led, at) =>
        at < index &&
        led.some(({ lead }) => lead.kind === 'target') &&
        portsOf(routes[at] ?? {}).some((own) => own === port || own === undefined),
    );
    if (asked.length > 0 && !before) {
      return behind < 0
        ? [
            flaw('route-not-diverted', {
              path: `http[${index}]`,
              value: port,
              message: `takes ${asked.join(', ')} to ${upstream.name}, and no route in front of it diverts them`,
            }),
          ]
        : [
            flaw('route-behind', {
              path: `http[${behind}]`,
              value: port,
              message: `stands behind http[${index}], which takes its requests to ${upstream.name} first`,
            }),
          ];
    }
    return asked.flatMap((host) =>
      SPELLINGS.flatMap(({ code, what, write }): Flawed[] => {
        const found = find(requestFor(write(host), port));
        const isMissed =
          found !== undefined && !leads[found.index]?.some(({ lead }) => lead.kind === 'target');
        const message = `misses ${what}: ${write(host)} goes to ${upstream.name} on port ${port}`;
        return isMissed
          ? [
              flaw(code, {
                path: `http[${found.index}]`,
                value: listAt(routes[found.index - 1], 'match'),
                message,
              }),
            ]
          : [];
      }),
    );
  });
  return [...flaws, ...unrouted.map((flaw) => ({ path: `http[${index}]`, ...flaw }))];
}

function isWildcard(name: string): boolean {
  return name.includes('*');
}

/** Hosts that a diverting route takes though they are not diverted. */
function targetFlaws({ routes, leads }: MeshService, strangers: ByRoute, index: number): Flawed[] {
  const route = routes[index];
  const diverts = leads[index]?.some(({ lead }) => lead.kind === 'target');
  if (!route || !diverts) return [];
  return portsOf(route)
    .flatMap((port) => strangers.get(port)?.get(index) ?? [])
    .map((stranger) =>
      flaw('host-too-wide', {
        path: `http[${index}]`,
        value: listAt(route, 'match'),
        message: `takes requests for ${stranger} as well, which is not diverted`,
      }),
    );
}

/** By port, and by the index of the route that takes them: hosts that are not diverted. */
type ByRoute = ReadonlyMap<number | undefined, ReadonlyMap<number | undefined, readonly string[]>>;

const NOTHING_TAKEN: ByRoute = new Map();

function strangersByRoute({ scene, routes, find, hosts }: MeshService): ByRoute {
  // No other host arrives where all names are exact.
  const diverted = scene.plan.hosts.filter((host) => hosts.some(isWildcard) || hosts.includes(host));
  const names = strangersTo(hosts.length > 0 ? diverted : scene.plan.hosts);
  const ports = [...new Set(routes.flatMap(portsOf))];
  return new Map(
    ports.map((port) => [port, Map.groupBy(names, (name) => find(requestFor(name, port))?.index)]),
  );
}
