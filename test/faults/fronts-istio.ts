import type { Base, Mutator } from './fault.ts';
import { beside, inAdded, onRoutes } from './fronts.ts';
import { ISTIO } from './istio.ts';
import { replaced } from './text-edits.ts';
import { type Entry, inside, isNode, type Node, onNodes, type Value } from './tree.ts';

function isRoute({ node }: Entry): boolean {
  return Array.isArray(node['route']);
}

function isForAll(entry: Entry): boolean {
  return isRoute(entry) && entry.node['name'] === 'production';
}

/** A route that leads part of its requests to the other environment. */
function isDiverting(entry: Entry): boolean {
  return isRoute(entry) && JSON.stringify(entry.node['route']).includes('"weight"');
}

function isRefusal({ node }: Entry): boolean {
  return isNode(node['fault'] ?? null);
}

function isServer(node: Node): boolean {
  return isNode(node['port'] ?? null) && Array.isArray(node['hosts']) && node['tls'] !== undefined;
}

function onServers(name: string, change: (server: Node) => void): Mutator {
  return onNodes(name, isServer, change);
}

function destinations(route: Node): Node[] {
  return (route['route'] as Value[]).filter(isNode);
}

function toService(host: string): (route: Node) => void {
  return (route) => {
    for (const entry of destinations(route)) {
      const destination = inside(entry, 'destination');
      if (isNode(destination)) destination['host'] = host;
    }
  };
}

function weighed(diverted: number): (route: Node) => void {
  return (route) => {
    const [target, production] = destinations(route);
    if (target) target['weight'] = diverted;
    if (production) production['weight'] = 100 - diverted;
  };
}

const SERVERS: readonly Mutator[] = [
  onServers('the service at the common port', (server) => {
    const port = server['port'];
    if (isNode(port)) port['number'] = 443;
  }),
  onServers('the service at a port that nobody calls', (server) => {
    const port = server['port'];
    if (isNode(port)) port['number'] = 4449;
  }),
  onServers('the service by its own name alone', (server) => {
    server['hosts'] = ['./mw-jobrunner.discovery.wmnet', './mw-api-int.discovery.wmnet'];
  }),
  onServers('the service for wikis alone', (server) => {
    server['hosts'] = ['./*.wikipedia.org'];
  }),
  onServers('routes from every namespace', (server) => {
    server['hosts'] = ['*/*'];
  }),
  onServers('routes from wherever', (server) => {
    server['hosts'] = ['*'];
  }),
  onServers('the certificate of the other environment', (server) => {
    const tls = server['tls'];
    if (isNode(tls)) tls['credentialName'] = 'mw-pretrain-tls-certificate';
  }),
  onServers('certificates of callers asked for', (server) => {
    const tls = server['tls'];
    if (isNode(tls)) tls['mode'] = 'MUTUAL';
  }),
];

const PRODUCTION: readonly Mutator[] = [
  onRoutes('production within 30 s', isForAll, (route) => {
    route['timeout'] = '30s';
  }),
  onRoutes('production asked twice', isForAll, (route) => {
    route['retries'] = { attempts: 1, retryOn: '5xx' };
  }),
  onRoutes("production with Istio's own retries", isForAll, (route) => {
    delete route['retries'];
  }),
  onRoutes('production mirrored', isForAll, (route) => {
    route['mirror'] = { host: 'mediawiki-debug-tls-service.mw-pretrain.svc.cluster.local' };
  }),
  onRoutes('production under its own name', isForAll, (route) => {
    route['rewrite'] = { authority: 'mw-api-int.discovery.wmnet' };
  }),
  onRoutes('production told a host', isForAll, (route) => {
    for (const entry of destinations(route))
      entry['headers'] = { request: { set: { ':authority': 'test.wikipedia.org' } } };
  }),
  onRoutes('production delayed', isForAll, (route) => {
    route['fault'] = { delay: { percentage: { value: 100 }, fixedDelay: '1s' } };
  }),
  onRoutes('production refused in part', isForAll, (route) => {
    route['fault'] = { abort: { percentage: { value: 5 }, httpStatus: 503 } };
  }),
  onRoutes('production with headers of its own', isForAll, (route) => {
    route['headers'] = { request: { set: { 'x-forwarded-proto': 'http' } } };
  }),
  onRoutes('production with other answers', isForAll, (route) => {
    const own = isNode(route['headers'] ?? null) ? (route['headers'] as Node) : {};
    route['headers'] = { ...own, response: { remove: ['server'] } };
  }),
  onRoutes('production without debugging', isForAll, (route) => {
    const remove = (inside(route, 'headers', 'request', 'remove') ?? []) as Value[];
    route['headers'] = { request: { remove: [...remove, 'x-wikimedia-debug'] } };
  }),
  onRoutes(
    'all wikis diverted',
    isForAll,
    toService('mediawiki-main-tls-service.mw-pretrain.svc.cluster.local'),
  ),
  onRoutes(
    'production at a canary',
    isForAll,
    toService('mediawiki-canary-tls-service.mw-api-int.svc.cluster.local'),
  ),
  onRoutes('production for GET alone', isForAll, (route) => {
    route['match'] = [{ method: { exact: 'GET' } }];
  }),
  onRoutes('production below one path', isForAll, (route) => {
    route['match'] = [{ uri: { prefix: '/w/' } }];
  }),
  onNodes(
    'production for wikis alone',
    (node) => Array.isArray(node['hosts']) && node['hosts'].includes('*') && node['http'] !== undefined,
    (node) => {
      node['hosts'] = ['*.wikipedia.org'];
    },
  ),
  replaced(
    'the jobs of production at the internal API',
    /host: "([a-z-]+)\.mw-jobrunner\.svc/,
    'host: "$1.mw-api-int.svc',
  ),
  replaced('another port of production', /number: 444[68]\n(?= +weight|\s*$|---)/, 'number: 4447\n'),
];

const DIVERTED: readonly Mutator[] = [
  onRoutes('half of the declared share', isDiverting, weighed(50)),
  onRoutes('nothing of the declared share', isDiverting, weighed(0)),
  onRoutes('weights that nobody wrote', isDiverting, (route) => {
    for (const entry of destinations(route)) delete entry['weight'];
  }),
  onRoutes('diverted under the name that came', isDiverting, (route) => {
    for (const entry of destinations(route)) delete entry['headers'];
  }),
  onRoutes('diverted under the name of another wiki', isDiverting, (route) => {
    const [target] = destinations(route);
    if (target) target['headers'] = { request: { set: { ':authority': 'en.wikipedia.org' } } };
  }),
  onRoutes('diverted under a name with a port', isDiverting, (route) => {
    const [target] = destinations(route);
    if (target) target['headers'] = { request: { set: { ':authority': 'test.wikipedia.org:443' } } };
  }),
  onRoutes('the debug pods for all', isDiverting, (route) => {
    const [target] = destinations(route);
    const destination = inside(target, 'destination');
    if (isNode(destination))
      destination['host'] = 'mediawiki-debug-tls-service.mw-pretrain.svc.cluster.local';
  }),
  onRoutes('a third place', isDiverting, (route) => {
    const [, production] = destinations(route);
    if (production) production['weight'] = 0;
    (route['route'] as Value[]).push({ destination: { host: 'mw-web.discovery.wmnet' }, weight: 20 });
  }),
  onRoutes('diverted with a time limit', isDiverting, (route) => {
    route['timeout'] = '15s';
  }),
  onRoutes('a refusal of half', isRefusal, (route) => {
    route['fault'] = { abort: { percentage: { value: 50 }, httpStatus: 404 } };
  }),
  onRoutes('a refusal of nothing', isRefusal, (route) => {
    route['fault'] = { abort: { httpStatus: 404 } };
  }),
  onRoutes('no refusal', isRefusal, (route) => {
    delete route['fault'];
  }),
  onNodes(
    'routes of one service at the Gateway of the other',
    (node) => Array.isArray(node['gateways']) && Array.isArray(node['http']),
    (node) => {
      const [own] = node['gateways'] as Value[];
      const isJobs = String(own).includes('jobrunner');
      node['gateways'] = [
        isJobs ? 'mw-api-int/shunt-testwiki-mw-api-int' : 'mw-jobrunner/shunt-testwiki-mw-jobrunner',
      ];
    },
  ),
];

/** Faults of the objects of Istio in front of production's services. */
export function istioFronts(others: Readonly<Record<string, Base['files']>>): Mutator[] {
  return [...[...ISTIO, ...SERVERS, ...PRODUCTION, ...DIVERTED].map(inAdded), ...beside(others)];
}
