import type { Mutator } from './fault.ts';
import { replaced } from './text-edits.ts';
import { type Entry, inside, isNode, type Node, onEntries, onNodes } from './tree.ts';

const OWNED = ['metadata', 'filter_metadata', 'shunt.wikimedia.org'] as const;

function isOwned(node: Node): boolean {
  return inside(node, ...OWNED) !== undefined;
}

function isOwnedRoute({ node }: Entry): boolean {
  return isOwned(node) && node['match'] !== undefined;
}

function isCopy({ node }: Entry): boolean {
  return isOwned(node) && isNode(node['route']);
}

function isRefusal({ node }: Entry): boolean {
  return isOwned(node) && node['direct_response'] !== undefined;
}

function leadsToJobs(entry: Entry): boolean {
  return isCopy(entry) && /jobrunner/.test(String(inside(entry.node, 'route', 'cluster')));
}

function isTargetCluster({ node }: Entry): boolean {
  return (
    typeof node['name'] === 'string' &&
    /^shunt-testwiki-/.test(node['name']) &&
    node['load_assignment'] !== undefined
  );
}

function headersOf(node: Node): Node[] {
  const headers = inside(node, 'match', 'headers');
  return Array.isArray(headers) ? headers.filter(isNode) : [];
}

function withoutHeader(node: Node, name: string): void {
  const match = node['match'];
  if (isNode(match)) match['headers'] = headersOf(node).filter((header) => header['name'] !== name);
}

function onRoute(name: string, change: (route: Node, node: Node) => void, isOne = isCopy): Mutator {
  return onEntries(name, isOne, ({ node }) => {
    const route = node['route'];
    if (isNode(route)) change(route, node);
  });
}

/** Faults in the order of routes, and in what they ask for. */
function hostMatched(name: string, regex: string): Mutator {
  return onEntries(name, isOwnedRoute, ({ node }) => {
    const ours = headersOf(node).filter((header) => header['name'] === ':authority');
    if (!ours.some((header) => JSON.stringify(header).includes('test'))) return;
    const others = headersOf(node).filter((header) => !ours.includes(header));
    const match = node['match'];
    if (isNode(match))
      match['headers'] = [...others, { name: ':authority', string_match: { safe_regex: { regex } } }];
  });
}

const ROUTES: readonly Mutator[] = [
  hostMatched('the host with anything in front', '(?i).*(?:test\\.wikipedia\\.org)\\.?(?::[0-9]*)?'),
  hostMatched('the dots of the host unquoted', '(?i)(?:test.wikipedia.org)\\.?(?::[0-9]*)?'),
  hostMatched('all hosts of the domain', '(?i)(?:[a-z]+\\.wikipedia\\.org)\\.?(?::[0-9]*)?'),
  hostMatched('another host', '(?i)(?:test2\\.wikipedia\\.org)\\.?(?::[0-9]*)?'),
  hostMatched("the host as upstream's own example has it", 'test[.]wikipedia[.]org'),
  onEntries('a diverted route is gone', isCopy, ({ list, index }) => {
    list.splice(index, 1);
  }),
  onEntries('a diverted route stands behind the next', isOwnedRoute, ({ list, index }) => {
    list.push(...list.splice(index, 1));
  }),
  onEntries('a refusal is gone', isRefusal, ({ list, index }) => {
    list.splice(index, 1);
  }),
  onEntries('a refusal stands first', isRefusal, ({ list, index }) => {
    list.unshift(...list.splice(index, 1));
  }),
  onEntries('a diverted route asks for no host', isOwnedRoute, ({ node }) => {
    withoutHeader(node, ':authority');
  }),
  onEntries('the host must be spelt exactly', isOwnedRoute, ({ node }) => {
    for (const header of headersOf(node))
      if (header['name'] === ':authority') header['string_match'] = { exact: 'test.wikipedia.org' };
  }),
  onEntries('the host may stand anywhere', isOwnedRoute, ({ node }) => {
    for (const header of headersOf(node))
      if (header['name'] === ':authority') header['string_match'] = { contains: 'wikipedia.org' };
  }),
  onEntries('the host decides the other way round', isOwnedRoute, ({ node }) => {
    for (const header of headersOf(node)) if (header['name'] === ':authority') header['invert_match'] = true;
  }),
  onEntries('a diverted route looks for a piece of another path', isOwnedRoute, ({ node }) => {
    for (const header of headersOf(node))
      if (inside(header, 'string_match', 'contains') !== undefined && header['name'] === ':path')
        header['string_match'] = { contains: '/elsewhere/' };
  }),
  onEntries('any method is passed', leadsToJobs, ({ node }) => {
    withoutHeader(node, ':method');
  }),
  onEntries('any path is passed', leadsToJobs, ({ node }) => {
    withoutHeader(node, ':path');
  }),
  onEntries('a diverted route is for one path', isCopy, ({ node }) => {
    const match = node['match'];
    if (isNode(match) && match['prefix'] === '/') match['prefix'] = '/w/';
  }),
  replaced('the host without its port', /\)\\\\\.\?\(\?::\[0-9\]\*\)\?"/, ')\\\\.?"'),
  replaced('the host only with a port', /\)\\\\\.\?\(\?::\[0-9\]\*\)\?"/, ')\\\\.?:[0-9]*"'),
  replaced('the host without its dot', /\)\\\\\.\?\(\?::\[0-9\]\*\)\?"/, ')(?::[0-9]*)?"'),
  replaced('the host with its case', /"\(\?i\)\(\?:test/, '"(?:test'),
  replaced('the host with anything behind it', /\)\\\\\.\?\(\?::\[0-9\]\*\)\?"/, ').*"'),
];

/** Faults in how routes send what they take. */
const SENDING: readonly Mutator[] = [
  replaced('a cluster of production', /^(\s+cluster: )"shunt-testwiki-web"/, '$1"mw-api-int"'),
  replaced(
    'a cluster that is not there',
    /^(\s+cluster: )"shunt-testwiki-(?:web|jobrunner)"/,
    '$1"shunt-testwiki"',
  ),
  replaced('web instead of jobs', /^(\s+cluster: )"shunt-testwiki-jobrunner"/, '$1"shunt-testwiki-web"'),
  onRoute('a mirror', (route) => {
    route['request_mirror_policies'] = [{ cluster: 'mw-api-int' }];
  }),
  onRoute(
    'a copy that gives up sooner',
    (route) => {
      route['timeout'] = '1s';
    },
    (entry) => isCopy(entry) && !leadsToJobs(entry),
  ),
  onRoute(
    'the authority of the target',
    (route) => {
      route['auto_host_rewrite'] = true;
    },
    (entry) => isCopy(entry) && !leadsToJobs(entry),
  ),
  onRoute('the authority of another wiki', (route) => {
    route['host_rewrite_literal'] = 'en.wikipedia.org';
  }),
  onRoute(
    'the authority not rewritten',
    (route) => {
      delete route['host_rewrite_literal'];
    },
    leadsToJobs,
  ),
  onRoute(
    'a job with 30 s',
    (route) => {
      route['timeout'] = '30s';
    },
    leadsToJobs,
  ),
  onRoute(
    'a job with the default of 15 s',
    (route) => {
      delete route['timeout'];
    },
    leadsToJobs,
  ),
  onRoute(
    'a job with an idle timeout',
    (route) => {
      route['idle_timeout'] = '300s';
    },
    leadsToJobs,
  ),
  onRoute(
    'a job with a longest stream',
    (route) => {
      route['max_stream_duration'] = { max_stream_duration: '60s' };
    },
    leadsToJobs,
  ),
  onRoute(
    'a retry on jobs',
    (route) => {
      route['retry_policy'] = { retry_on: '5xx', num_retries: 1 };
    },
    leadsToJobs,
  ),
  onRoute(
    'a retry with its default count',
    (route) => {
      route['retry_policy'] = { retry_on: 'connect-failure,reset' };
    },
    leadsToJobs,
  ),
  onRoute(
    'a hedged job',
    (route) => {
      route['hedge_policy'] = { hedge_on_per_try_timeout: true };
    },
    leadsToJobs,
  ),
  onRoute('a share that nobody turns', (_, node) => {
    if (isNode(node['match'])) delete node['match']['runtime_fraction'];
  }),
  replaced(
    'the share under another key',
    /runtime_key: "shunt\.testwiki\.share"/,
    'runtime_key: "shunt.share"',
  ),
  replaced('half of the share', /numerator: 100$/, 'numerator: 50'),
  replaced('the share in thousandths', /denominator: "HUNDRED"/, 'denominator: "TEN_THOUSAND"'),
];

/** Faults in the clusters of the other environment and in what surrounds them. */
const PEERS: readonly Mutator[] = [
  onEntries('a target without TLS', isTargetCluster, ({ node }) => {
    delete node['transport_socket'];
  }),
  onEntries('a target without the filter that writes its authority', isTargetCluster, ({ node }) => {
    const options = inside(
      node,
      'typed_extension_protocol_options',
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    );
    if (isNode(options)) delete options['http_filters'];
  }),
  onEntries('a target that is gone', isTargetCluster, ({ list, index }) => {
    list.splice(index, 1);
  }),
  onEntries('a target that falls back to production', isTargetCluster, ({ node }) => {
    const endpoints = inside(node, 'load_assignment', 'endpoints', 0, 'lb_endpoints');
    const address = { socket_address: { address: 'mw-web.discovery.wmnet', port_value: 4450 } };
    if (Array.isArray(endpoints)) endpoints.push({ endpoint: { address } });
  }),
  onNodes(
    'no SNI',
    (node) => typeof node['sni'] === 'string' && /pretrain/.test(node['sni']),
    (node) => {
      delete node['sni'];
    },
  ),
  replaced("another gateway's SNI", /^(\s+sni: )"[a-z-]*pretrain[^"]*"/, '$1"en.wikipedia.org"'),
  replaced(
    'the read-only SNI',
    /^(\s+sni: )"mw-pretrain\.discovery\.wmnet"/,
    '$1"mw-pretrain-ro.discovery.wmnet"',
  ),
  onNodes(
    'no certificate name',
    (node) => node['match_typed_subject_alt_names'] !== undefined && /pretrain/.test(JSON.stringify(node)),
    (node) => {
      delete node['match_typed_subject_alt_names'];
    },
  ),
  replaced(
    'another certificate name',
    /^(\s+exact: )"mw-pretrain[a-z-]*\.discovery\.wmnet"/,
    '$1"mw-web.discovery.wmnet"',
  ),
  onEntries('no authority to trust', isTargetCluster, ({ node }) => {
    const context = inside(
      node,
      'transport_socket',
      'typed_config',
      'common_tls_context',
      'validation_context',
    );
    if (isNode(context)) delete context['trusted_ca'];
  }),
  onEntries('the port of somebody else', isTargetCluster, ({ node }) => {
    const endpoint = inside(
      node,
      'load_assignment',
      'endpoints',
      0,
      'lb_endpoints',
      0,
      'endpoint',
      'address',
      'socket_address',
    );
    if (isNode(endpoint)) endpoint['port_value'] = 31443;
  }),
  replaced(
    'another address',
    /^(\s+address: )"mw-pretrain\.discovery\.wmnet"/,
    '$1"mw-pretrain-ro.discovery.wmnet"',
  ),
  onEntries(
    'no layer for the share',
    ({ node }) => node['disk_layer'] !== undefined,
    ({ list, index }) => {
      list.splice(index, 1);
    },
  ),
  replaced(
    'a layer that reads another folder',
    /symlink_root: "\/etc\/shunt\/testwiki\/\.\.data"/,
    'symlink_root: "/etc/shunt/..data"',
  ),
];

/** Faults of the sidecar's own listeners. */
export const LISTENERS: readonly Mutator[] = [
  replaced('a listener for all of the network', /^(\s+address: )"127\.0\.0\.1"/, '$1"0.0.0.0"'),
  replaced('a listener at another port', /^(\s+port_value: )650[0-9]/, '$16599'),
];

/** Where nothing else takes away the headers by which a caller asks for retries. */
export const CALLERS: readonly Mutator[] = [
  onEntries('a caller may ask for retries', leadsToJobs, ({ node }) => {
    delete node['request_headers_to_remove'];
  }),
];

export const ENVOY: readonly Mutator[] = [...ROUTES, ...SENDING, ...PEERS];
