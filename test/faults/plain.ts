import type { Mutator } from './fault.ts';
import { replaced } from './text-edits.ts';
import { inside, isNode, onDocuments, onEntries, onNodes } from './tree.ts';

/** Faults of plain Ingress objects and of the Envoy behind them. */
export const PLAIN: readonly Mutator[] = [
  onEntries(
    'a rule is gone',
    ({ node }) =>
      node['host'] !== undefined && node['http'] !== undefined && !/eqiad|codfw/.test(String(node['host'])),
    ({ list, index }) => {
      list.splice(index, 1);
    },
  ),
  replaced(
    'another host',
    /- host: "(?:test|mw-pretrain|mw-pretrain-jobrunner)\.(?:wikipedia|discovery)/,
    '- host: "test2.wikipedia',
  ),
  onNodes(
    'no certificate for the names',
    (node) => Array.isArray(node['tls']) && node['ingressClassName'] !== undefined,
    (node) => {
      delete node['tls'];
    },
  ),
  onNodes(
    'no word on how long',
    (node) =>
      inside(node, 'annotations', 'projectcontour.io/response-timeout') !== undefined &&
      /jobrunner/.test(String(node['name'])),
    (node) => {
      delete node['annotations'];
    },
  ),
  onEntries(
    'straight to the job runners',
    ({ node }) => node['pathType'] !== undefined,
    ({ node }) => {
      node['backend'] = { service: { name: 'mediawiki-jobrunner-tls-service', port: { number: 4457 } } };
    },
  ),
  onEntries(
    'a Service that is not there',
    ({ node }) => node['pathType'] !== undefined,
    ({ node }) => {
      node['backend'] = { service: { name: 'mediawiki', port: { number: 80 } } };
    },
  ),
  onEntries(
    'a port that the Service has not',
    ({ node }) => node['pathType'] !== undefined,
    ({ node }) => {
      const port = inside(node, 'backend', 'service', 'port');
      if (isNode(port)) port['number'] = 8081;
    },
  ),
  onDocuments('no router', (documents) => {
    const at = documents.findIndex((document) => isNode(document) && document['kind'] === 'Service');
    documents.splice(at, 1);
  }),
  onEntries(
    'a route of the router is gone',
    ({ node }) => /^(?:refused|debug|web|jobrunner)/.test(String(node['name'])) && isNode(node['match']),
    ({ list, index }) => {
      list.splice(index, 1);
    },
  ),
  onEntries(
    'a route of the router stands last',
    ({ node }) => /^(?:refused|debug)/.test(String(node['name'])) && isNode(node['match']),
    ({ list, index }) => {
      list.push(...list.splice(index, 1));
    },
  ),
  replaced(
    'a host of the router is gone',
    /^\s+- "(?:test\.wikipedia\.org|mw-pretrain-jobrunner\.discovery\.wmnet)"\n/,
    '',
  ),
  replaced('ports are other hosts', /^\s+ignore_port_in_host_matching: true\n/, ''),
  replaced('all hosts are one', /^(\s+- )"test\.wikipedia\.org"\n/, '$1"*"\n'),
  replaced('jobs instead of web', /^(\s+cluster: )"shunt-testwiki-web"/, '$1"shunt-testwiki-jobrunner"'),
  replaced('web instead of debug', /^(\s+cluster: )"shunt-testwiki-debug"/, '$1"shunt-testwiki-web"'),
  replaced(
    'the debug header as it missed once',
    /regex: "\(\?i:k8s-mw-pretrain\|.*"$/,
    'regex: "(backend=)?k8s-mw-pretrain.*"',
  ),
  replaced('a job with 30 s', /^(\s+timeout: )"1202\.5s"/, '$1"30s"'),
  replaced('a job that may not be silent', /^(\s+idle_timeout: )"1202\.5s"/, '$1"300s"'),
  replaced('no SNI to the pods', /^\s+sni: "mediawiki-[^"]*"\n/, ''),
  replaced('another certificate of the pods', /^(\s+exact: )"mediawiki-[^"]*"/, '$1"mw-web.discovery.wmnet"'),
  replaced('a caller may ask for retries', /^\s+- remove: "x-envoy-(?:retry-on|max-retries)"\n/, ''),
];
