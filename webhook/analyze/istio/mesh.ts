import { hostOf } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { type Lead, leadOf } from '../envoy/leads.ts';
import { at, listAt, objectsAt, textAt, textsAt } from '../fields.ts';
import type { Coded } from '../finding.ts';
import { covers } from '../ingress/name-index.ts';
import { SPELLINGS, strangersTo } from '../probes.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { verificationFlaws } from './mesh-peers.ts';
import { type Destination, destinationsOf, routeFor } from './virtual-service.ts';

type Flawed = Omit<Coded, 'file' | 'path'> & { readonly path?: string };

/** A VirtualService of a mesh, its routes with where each leads. */
export interface MeshService {
  readonly scene: Scene;
  readonly routes: readonly JsonObject[];
  readonly leads: readonly (readonly Led[])[];
  readonly hosts: readonly string[];
}

interface Led extends Destination {
  readonly lead: Lead;
}

/** What the sidecars of an Istio mesh do with calls to declared upstreams. */
export function examineMesh(scene: Scene): Coded[] {
  return objectsOf(scene, 'VirtualService')
    .filter(({ object }) => isOfMesh(object))
    .flatMap((subject) => examineService(scene, subject));
}

function isOfMesh(service: JsonObject): boolean {
  const gateways = textsAt(service, 'spec', 'gateways');
  return gateways.length === 0 || gateways.includes('mesh');
}

/** Where sidecars of the mesh divert calls to which declared upstream. */
export function divertedUpstreamsOf(scene: Scene) {
  const { knative } = scene.plan.edges;
  return objectsOf(scene, 'VirtualService')
    .filter(({ object }) => isOfMesh(object))
    .flatMap(({ file, place, object }) =>
      objectsAt(object, 'spec', 'http').flatMap((route, index) => {
        const leads = destinationsOf(route).map((destination) => meshLead(scene, destination));
        const upstream = knative?.upstream;
        return upstream !== undefined && leads.some(({ kind }) => kind === 'target')
          ? [{ file, path: `${place} http[${index}]`, upstream }]
          : [];
      }),
    );
}

function examineService(scene: Scene, { file, place, object }: ObjectSubject): Coded[] {
  const routes = objectsAt(object, 'spec', 'http');
  const leads = routes.map((route) =>
    destinationsOf(route).map((destination) => ({ ...destination, lead: meshLead(scene, destination) })),
  );
  const service: MeshService = { scene, routes, leads, hosts: textsAt(object, 'spec', 'hosts') };
  const concerns = leads.flat().some(({ lead }) => lead.kind === 'upstream' || lead.kind === 'target');
  if (!concerns) return [];
  const flaws = [
    ...hostFlaws(service),
    ...routes.flatMap((_, index) => [...upstreamFlaws(service, index), ...targetFlaws(service, index)]),
  ];
  return flaws.map(({ path, ...flaw }) => ({
    file,
    path: path === undefined ? place : `${place} ${path}`,
    ...flaw,
  }));
}

/** Where a destination leads, by what the mesh's registry says of its name and port. */
export function meshLead(scene: Scene, { host, port }: Destination): Lead {
  const entry = entriesFor(scene, host)[0];
  const own = objectsAt(entry?.object, 'spec', 'ports').find(({ number }) => number === port);
  const target = Number(own?.['targetPort'] ?? own?.['number'] ?? port ?? 0);
  const address = textAt(objectsAt(entry?.object, 'spec', 'endpoints')[0], 'address') ?? host;
  return leadOf(scene.plan, address, target);
}

/** The ServiceEntries for a name. */
export function entriesFor(scene: Scene, host: string): ObjectSubject[] {
  return objectsOf(scene, 'ServiceEntry').filter(({ object }) =>
    textsAt(object, 'spec', 'hosts').includes(host),
  );
}

function hostFlaws({ scene, hosts, leads }: MeshService): Flawed[] {
  const diverts = leads.flat().some(({ lead }) => lead.kind === 'target');
  const missing = scene.plan.hosts.filter((host) => !hosts.some((own) => covers(own, host)));
  // Values that are still to be merged have routes without the hosts that they are for.
  return diverts && hosts.length > 0 && missing.length > 0
    ? [{ code: 'hosts-disjoint', value: missing, message: 'diverts hosts that it is not for' }]
    : [];
}

/** The ports that a route is for; one that is not named is any. */
function portsOf(route: JsonObject): (number | undefined)[] {
  const ports = objectsAt(route, 'match').map(({ port }) => (port === undefined ? undefined : Number(port)));
  return ports.length > 0 ? [...new Set(ports)] : [undefined];
}

function upstreamFlaws(service: MeshService, index: number): Flawed[] {
  const { scene, routes, leads, hosts } = service;
  const route = routes[index];
  const upstream = leads[index]?.flatMap(({ lead }) => (lead.kind === 'upstream' ? [lead.upstream] : []))[0];
  const diverts = leads[index]?.some(({ lead }) => lead.kind === 'target');
  if (!route || !upstream || diverts) return [];
  const { plan } = scene;
  return portsOf(route).flatMap((port): Flawed[] => {
    const asked = plan.hosts.filter((host) => hosts.some((own) => covers(own, host)));
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
            {
              code: 'route-not-diverted',
              path: `http[${index}]`,
              value: port,
              message: `takes ${asked.join(', ')} to ${upstream.name}, and no route in front of it diverts them`,
            },
          ]
        : [
            {
              code: 'route-behind',
              path: `http[${behind}]`,
              value: port,
              message: `stands behind http[${index}], which takes its requests to ${upstream.name} first`,
            },
          ];
    }
    return asked.flatMap((host) =>
      SPELLINGS.flatMap(({ code, what, write }): Flawed[] => {
        const found = routeFor(routes, requestFor(write(host), port));
        const isMissed =
          found !== undefined && !leads[found.index]?.some(({ lead }) => lead.kind === 'target');
        const message = `misses ${what}: ${write(host)} goes to ${upstream.name} on port ${port}`;
        return isMissed
          ? [{ code, path: `http[${found.index}]`, value: listAt(routes[found.index - 1], 'match'), message }]
          : [];
      }),
    );
  });
}

function requestFor(authority: string, port: number | undefined) {
  return {
    authority,
    method: 'GET',
    path: '/w/api.php',
    headers: {},
    ...(port === undefined ? {} : { port }),
  };
}

function targetFlaws(service: MeshService, index: number): Flawed[] {
  const { scene, routes, leads } = service;
  const route = routes[index];
  const toTarget = leads[index]?.filter(({ lead }) => lead.kind === 'target') ?? [];
  if (!route || toTarget.length === 0) return [];
  const path = `http[${index}]`;
  const wide = portsOf(route).flatMap((port) =>
    strangersTo(scene.plan.hosts)
      .filter((stranger) => routeFor(routes, requestFor(stranger, port))?.index === index)
      .map((stranger) => ({
        code: 'host-too-wide',
        value: listAt(route, 'match'),
        message: `takes requests for ${stranger} as well, which no one diverted`,
      })),
  );
  return [
    ...wide,
    ...shareFlaws(scene.plan, leads[index] ?? []),
    ...sendingFlaws(scene, route, toTarget),
  ].map((flaw) => ({ path, ...flaw }));
}

/** Istio draws by weight; one destination without a weight takes all. */
function shareFlaws({ share }: Plan, led: readonly Led[]): Flawed[] {
  const weight = ({ entry }: Led): number => (led.length === 1 ? 1 : Number(entry['weight'] ?? 0));
  const whole = led.reduce((sum, destination) => sum + weight(destination), 0);
  const part = led
    .filter(({ lead }) => lead.kind === 'target')
    .reduce((sum, destination) => sum + weight(destination), 0);
  const percent = whole === 0 ? 0 : (100 * part) / whole;
  const others = led.some(({ lead }) => lead.kind === 'other');
  return percent === share || others
    ? []
    : [
        {
          code: 'share-differs',
          value: percent,
          message: `diverts ${percent} percent, and ${share} are declared`,
        },
      ];
}

const MIRRORS = ['mirror', 'mirrors'];

function sendingFlaws(scene: Scene, route: JsonObject, toTarget: readonly Led[]): Flawed[] {
  const mirror = MIRRORS.map((name) => route[name]).find((value) => value !== undefined);
  return [
    ...(mirror === undefined
      ? []
      : [{ code: 'mirrored', value: mirror, message: 'sends diverted requests to a second place as well' }]),
    ...toTarget.flatMap(({ entry, host, port }) => [
      ...authorityFlaws(scene.plan, [entry, route]),
      ...verificationFlaws(scene, host, port),
    ]),
  ];
}

/** The gateway knows the plain name alone, so a route must write it; nothing else in Istio makes a name canonical. */
function authorityFlaws({ hosts }: Plan, levels: readonly JsonObject[]): Flawed[] {
  const written = levels
    .flatMap((level): (Json | undefined)[] => {
      const set = at(level, 'headers', 'request', 'set');
      return [at(set, 'host'), at(set, 'Host'), at(set, ':authority'), at(level, 'rewrite', 'authority')];
    })
    .find((value) => typeof value === 'string');
  if (written === undefined) {
    return [
      {
        code: 'authority-not-canonical',
        message: 'sends the authority as it came, with port and dot, which the gateway answers with 404',
      },
    ];
  }
  const isOwn = hosts.some((host) => host === hostOf(String(written)));
  return isOwn
    ? []
    : [{ code: 'authority-lost', value: written, message: 'sends another authority than the diverted host' }];
}
