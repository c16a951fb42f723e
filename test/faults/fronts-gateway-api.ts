import type { Base, Mutator } from './fault.ts';
import { beside, inAdded, onRoutes } from './fronts.ts';
import { GATEWAY_API } from './gateway-api.ts';
import { replaced } from './text-edits.ts';
import { type Entry, inside, isNode, type Node, onNodes, type Value } from './tree.ts';

function isListener(node: Node): boolean {
  return node['allowedRoutes'] !== undefined;
}

function isRule({ node }: Entry): boolean {
  return Array.isArray(node['backendRefs']);
}

function refs(rule: Node): Node[] {
  return (rule['backendRefs'] as Value[]).filter(isNode);
}

function isSplit(entry: Entry): boolean {
  return isRule(entry) && refs(entry.node).length > 1;
}

function isWhole(entry: Entry): boolean {
  return isRule(entry) && refs(entry.node).length === 1;
}

const LISTENERS: readonly Mutator[] = [
  onNodes('the service at the common port', isListener, (listener) => {
    listener['port'] = 443;
  }),
  onNodes('the service at a port that nobody calls', isListener, (listener) => {
    listener['port'] = 4449;
  }),
  onNodes('the service by its own name alone', isListener, (listener) => {
    listener['hostname'] = 'mw-jobrunner.discovery.wmnet';
  }),
  onNodes('routes from every namespace', isListener, (listener) => {
    listener['allowedRoutes'] = { namespaces: { from: 'All' } };
  }),
  onNodes('the certificate of the other environment', isListener, (listener) => {
    const tls = listener['tls'];
    if (isNode(tls)) tls['certificateRefs'] = [{ kind: 'Secret', name: 'mw-pretrain-tls-certificate' }];
  }),
  onNodes('no certificate', isListener, (listener) => {
    const tls = listener['tls'];
    if (isNode(tls)) delete tls['certificateRefs'];
  }),
];

const RULES: readonly Mutator[] = [
  onRoutes('production within 30 s', isWhole, (rule) => {
    rule['timeouts'] = { request: '30s' };
  }),
  onRoutes('production asked twice', isWhole, (rule) => {
    rule['retry'] = { attempts: 1, codes: [503] };
  }),
  onRoutes('production with headers of its own', isWhole, (rule) => {
    const set = [{ name: 'X-Forwarded-Proto', value: 'http' }];
    rule['filters'] = [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set } }];
  }),
  onRoutes('production told a host', isWhole, (rule) => {
    const set = [{ name: 'Host', value: 'test.wikipedia.org' }];
    for (const ref of refs(rule))
      ref['filters'] = [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set } }];
  }),
  onRoutes('production for GET alone', isWhole, (rule) => {
    rule['matches'] = [{ method: 'GET' }];
  }),
  onRoutes('all wikis diverted', isWhole, (rule) => {
    rule['backendRefs'] = [{ name: 'mediawiki-main-tls-service', namespace: 'mw-pretrain', port: 4457 }];
  }),
  onRoutes('another port of production', isWhole, (rule) => {
    for (const ref of refs(rule)) ref['port'] = 4447;
  }),
  onRoutes('half of the declared share', isSplit, (rule) => {
    for (const ref of refs(rule)) ref['weight'] = 50;
  }),
  onRoutes('weights that nobody wrote', isSplit, (rule) => {
    for (const ref of refs(rule)) delete ref['weight'];
  }),
  onRoutes('diverted under the name that came', isSplit, (rule) => {
    for (const ref of refs(rule)) delete ref['filters'];
  }),
  onRoutes('diverted to the namespace of the service', isSplit, (rule) => {
    for (const ref of refs(rule)) delete ref['namespace'];
  }),
  replaced(
    'a certificate of somebody else',
    /hostname: "mw-(?:api-int|jobrunner)[^"]*"/,
    'hostname: "mw-web.discovery.wmnet"',
  ),
  replaced('hosts with their case', /value: "\^\(\?:\(\?i\)/, 'value: "^(?:'),
  replaced('hosts without ports', /\(\?::\[0-9\]\*\)\?\)\$/, ')$'),
  replaced('hosts without dots', /\\\\\.\?\(\?::/, '(?::'),
  replaced('hosts anywhere in a name', /value: "\^(\(\?:\(\?i\).*)\$"$/, 'value: ".*$1.*"'),
];

const GRANTS: readonly Mutator[] = [
  onNodes(
    'a grant for another namespace',
    (node) => node['kind'] === 'ReferenceGrant',
    (node) => {
      const from = inside(node, 'spec', 'from', 0);
      if (isNode(from)) from['namespace'] = 'mediawiki';
    },
  ),
  onNodes(
    'a grant for one Service',
    (node) => node['kind'] === 'ReferenceGrant',
    (node) => {
      const spec = inside(node, 'spec');
      if (isNode(spec)) spec['to'] = [{ group: '', kind: 'Service', name: 'mediawiki-debug-tls-service' }];
    },
  ),
];

/** Faults of the objects of the Gateway API in front of production's services. */
export function gatewayApiFronts(others: Readonly<Record<string, Base['files']>>): Mutator[] {
  return [...[...GATEWAY_API, ...LISTENERS, ...RULES, ...GRANTS].map(inAdded), ...beside(others)];
}
