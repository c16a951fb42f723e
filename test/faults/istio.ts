import type { Mutator } from './fault.ts';
import { replaced } from './text-edits.ts';
import {
  type Entry,
  inside,
  isNode,
  type Node,
  onDocuments,
  onEntries,
  onNodes,
  type Value,
  withoutKey,
} from './tree.ts';

function isKind(kind: string): (node: Node) => boolean {
  return (node) => node['kind'] === kind && node['spec'] !== undefined;
}

function specOf(node: Node): Node {
  const spec = node['spec'];
  return isNode(spec) ? spec : {};
}

function isHttpRoute({ node }: Entry): boolean {
  return Array.isArray(node['route']) || node['directResponse'] !== undefined;
}

function leadsTo(role: string): (entry: Entry) => boolean {
  return ({ node }) => JSON.stringify(node['route'] ?? '').includes(role) && isNode(inside(node, 'route', 0));
}

function withoutKind(kind: string): Mutator {
  return {
    name: `no ${kind}`,
    apply: ({ files }) =>
      Object.entries(files).flatMap(([file, text]) => {
        const parts = text.split(/^---\n/m);
        return parts.flatMap((part, index) =>
          new RegExp(`^kind: "?${kind}"?$`, 'm').test(part)
            ? [{ ...files, [file]: parts.filter((_, at) => at !== index).join('---\n') }]
            : [],
        );
      }),
  };
}

function hostsOf(name: string, kind: string, change: (hosts: Value[]) => Value[]): Mutator {
  return onNodes(name, isKind(kind), (node) => {
    const spec = specOf(node);
    const places = kind === 'Gateway' ? (spec['servers'] as Value[]).filter(isNode) : [spec];
    for (const place of places) if (Array.isArray(place['hosts'])) place['hosts'] = change(place['hosts']);
  });
}

const HOSTS: readonly Mutator[] = [
  hostsOf('hosts intersected away', 'VirtualService', () => ['test2.wikipedia.org']),
  hostsOf('a VirtualService without the diverted host', 'VirtualService', (hosts) =>
    hosts.filter((host) => !String(host).startsWith('test.')),
  ),
  hostsOf('a VirtualService without the names of its own', 'VirtualService', (hosts) =>
    hosts.filter((host) => !String(host).includes('discovery')),
  ),
  hostsOf('a VirtualService for the diverted host at a gateway that has it not', 'VirtualService', (hosts) =>
    hosts.includes('test.wikipedia.org') ? hosts : ['test.wikipedia.org'],
  ),
  hostsOf('a VirtualService for all of the domain', 'VirtualService', (hosts) => [
    ...hosts,
    '*.wikipedia.org',
  ]),
  hostsOf('a VirtualService without dots', 'VirtualService', (hosts) =>
    hosts.filter((host) => !String(host).endsWith('.')),
  ),
  hostsOf('a Gateway without the names of its own', 'Gateway', (hosts) =>
    hosts.filter((host) => !String(host).includes('discovery')),
  ),
  hostsOf('a Gateway without the diverted host', 'Gateway', (hosts) =>
    hosts.filter((host) => !String(host).startsWith('test.')),
  ),
  hostsOf('a Gateway with a wildcard in its place', 'Gateway', () => [
    '*.wikipedia.org',
    '*.discovery.wmnet',
  ]),
  hostsOf('a name registered on the other Gateway too', 'Gateway', (hosts) => [
    ...hosts,
    hosts.includes('test.wikipedia.org') ? 'mw-pretrain-jobrunner.discovery.wmnet' : 'test.wikipedia.org',
  ]),
  hostsOf('a Gateway for other hosts', 'Gateway', () => ['test2.wikipedia.org']),
];

const OBJECTS: readonly Mutator[] = [
  withoutKind('Gateway'),
  withoutKind('VirtualService'),
  withoutKind('DestinationRule'),
  onDocuments('a second VirtualService with the same hosts', (documents) => {
    const own = documents.find((document) => isNode(document) && isKind('VirtualService')(document));
    if (isNode(own)) documents.push({ ...own, metadata: { ...(own['metadata'] as Node), name: 'second' } });
  }),
  onDocuments('a second Gateway with the same hosts', (documents) => {
    const own = documents.find((document) => isNode(document) && isKind('Gateway')(document));
    if (isNode(own)) documents.push({ ...own, metadata: { ...(own['metadata'] as Node), name: 'second' } });
  }),
  onNodes('a Gateway that is not there', isKind('VirtualService'), (node) => {
    specOf(node)['gateways'] = ['mediawiki'];
  }),
  onNodes('the wrong Gateway', isKind('VirtualService'), (node) => {
    const own = String(inside(specOf(node), 'gateways', 0));
    specOf(node)['gateways'] = [
      own.endsWith('web') ? own.replace('web', 'jobrunner') : own.replace('jobrunner', 'web'),
    ];
  }),
  onNodes('other gateway pods', isKind('Gateway'), (node) => {
    specOf(node)['selector'] = { istio: 'egressgateway' };
  }),
  replaced('plain HTTP at the gateway', /protocol: "HTTPS"/, 'protocol: "HTTP"'),
  replaced('TLS passed through', /mode: "SIMPLE"/, 'mode: "PASSTHROUGH"'),
  replaced('no TLS to the pods', /mode: "SIMPLE"/, 'mode: "DISABLE"'),
  withoutKey('no certificate', 'credentialName'),
  withoutKey('no CA', 'caCertificates'),
  replaced('another CA', /caCertificates: "[^"]+"/, 'caCertificates: "/etc/ssl/certs/ca-certificates.crt"'),
  withoutKey('no certificate name', 'subjectAltNames'),
  onNodes(
    'another certificate name',
    (node) => node['subjectAltNames'] !== undefined,
    (node) => {
      node['subjectAltNames'] = ['mw-web.discovery.wmnet'];
    },
  ),
  withoutKey('no SNI', 'sni'),
  replaced('another SNI', /sni: "[^"]+"/, 'sni: "en.wikipedia.org"'),
  replaced('another port of a Service', /number: 4457/, 'number: 4447'),
  replaced(
    'another Service',
    /host: "mediawiki-(?:main|debug|jobrunner)-tls-service/,
    'host: "mediawiki-canary-tls-service',
  ),
  replaced(
    'web instead of jobs',
    /host: "mediawiki-jobrunner-tls-service/,
    'host: "mediawiki-main-tls-service',
  ),
  replaced('web instead of debug', /host: "mediawiki-debug-tls-service/, 'host: "mediawiki-main-tls-service'),
  replaced(
    'jobs instead of web',
    /host: "mediawiki-main-tls-service/,
    'host: "mediawiki-jobrunner-tls-service',
  ),
];

const ROUTES: readonly Mutator[] = [
  onEntries('a route is gone', isHttpRoute, ({ list, index }) => {
    list.splice(index, 1);
  }),
  onEntries(
    'a route stands last',
    (entry) => isHttpRoute(entry) && !leadsTo('jobrunner')(entry),
    ({ list, index }) => {
      list.push(...list.splice(index, 1));
    },
  ),
  onEntries('a route that asks for nothing', isHttpRoute, ({ node }) => {
    delete node['match'];
  }),
  onEntries(
    'a refusal that passes',
    ({ node }) => node['directResponse'] !== undefined,
    ({ node, list }) => {
      delete node['directResponse'];
      const last = list.at(-1);
      if (isNode(last) && last['route'] !== undefined) node['route'] = last['route'];
    },
  ),
  onEntries(
    'a refusal of one spelling',
    ({ node }) => node['directResponse'] !== undefined,
    ({ node }) => {
      node['match'] = [{ uri: { exact: '/rpc/RunSingleJob.php' } }];
    },
  ),
  replaced(
    'the debug header as it missed once',
    /regex: "\(\?i:k8s-mw-pretrain\|.*"$/,
    'regex: "(backend=)?k8s-mw-pretrain.*"',
  ),
  replaced(
    'the debug header with one name',
    /\(\?i:k8s-mw-pretrain\|k8s-mw-pretrain-eqiad\|k8s-mw-pretrain-codfw\)\|/,
    '(?i:k8s-mw-pretrain)|',
  ),
  replaced('the debug header with its case', /regex: "\(\?i:(k8s-mw-pretrain\|)/, 'regex: "(?:$1'),
  replaced('any debug header', /regex: "\(\?i:k8s-mw-pretrain\|.*"$/, 'regex: ".*"'),
  replaced('another debug header', /x-wikimedia-debug:/, 'x-debug:'),
  onEntries('a job with 30 s', leadsTo('jobrunner'), ({ node }) => {
    node['timeout'] = '30s';
  }),
  onEntries('a retry on jobs', leadsTo('jobrunner'), ({ node }) => {
    node['retries'] = { attempts: 2 };
  }),
  onEntries("jobs with Istio's own retries", leadsTo('jobrunner'), ({ node }) => {
    delete node['retries'];
  }),
  onEntries('a caller may ask for retries', leadsTo('jobrunner'), ({ node }) => {
    delete node['headers'];
  }),
  onEntries('a mirror', leadsTo('main'), ({ node }) => {
    node['mirror'] = { host: 'mw-web.discovery.wmnet' };
  }),
  onEntries('another authority', leadsTo('main'), ({ node }) => {
    node['rewrite'] = { authority: 'en.wikipedia.org' };
  }),
  onEntries('any method at the job runners', leadsTo('jobrunner'), ({ node }) => {
    for (const match of (node['match'] ?? []) as Node[]) delete match['method'];
  }),
  onEntries('any path at the job runners', leadsTo('jobrunner'), ({ node }) => {
    for (const match of (node['match'] ?? []) as Node[]) match['uri'] = { prefix: '/' };
  }),
  onEntries('half of the requests elsewhere', leadsTo('main'), ({ node }) => {
    const [own] = node['route'] as Node[];
    if (own)
      node['route'] = [
        { ...own, weight: 50 },
        { destination: { host: 'mw-web.discovery.wmnet' }, weight: 50 },
      ];
  }),
];

export const ISTIO: readonly Mutator[] = [...HOSTS, ...OBJECTS, ...ROUTES];
