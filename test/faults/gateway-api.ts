import type { Mutator } from './fault.ts';
import { replaced } from './text-edits.ts';
import { type Entry, isNode, type Node, onEntries, onNodes, withoutKey } from './tree.ts';

function isRule({ node }: Entry): boolean {
  return Array.isArray(node['matches']);
}

function isListener({ node }: Entry): boolean {
  return node['allowedRoutes'] !== undefined;
}

function leadsToJobs(entry: Entry): boolean {
  return isRule(entry) && JSON.stringify(entry.node['backendRefs'] ?? '').includes('jobrunner');
}

export const GATEWAY_API: readonly Mutator[] = [
  onEntries('a rule is gone', isRule, ({ list, index }) => {
    list.splice(index, 1);
  }),
  onEntries(
    'a rule for everything',
    (entry) => isRule(entry) && /header|method|72/.test(JSON.stringify(entry.node['matches'])),
    ({ node }) => {
      delete node['matches'];
    },
  ),
  onEntries(
    'a refusal that passes',
    (entry) => isRule(entry) && entry.node['backendRefs'] === undefined,
    ({ node }) => {
      node['backendRefs'] = [{ name: 'mediawiki-main-tls-service', port: 4457 }];
    },
  ),
  onEntries('a listener is gone', isListener, ({ list, index }) => {
    list.splice(index, 1);
  }),
  onEntries('a listener without TLS', isListener, ({ node }) => {
    delete node['tls'];
  }),
  onEntries(
    'a route at a listener that is not there',
    ({ node }) => node['sectionName'] !== undefined,
    ({ node }) => {
      node['sectionName'] = 'https';
    },
  ),
  onNodes(
    'a route for no diverted host',
    (node) => Array.isArray(node['hostnames']),
    (node) => {
      node['hostnames'] = ['test2.wikipedia.org'];
    },
  ),
  onNodes(
    'a route for all of the domain',
    (node) => Array.isArray(node['hostnames']) && node['hostnames'].includes('test.wikipedia.org'),
    (node) => {
      node['hostnames'] = ['*.wikipedia.org', 'mw-pretrain.discovery.wmnet'];
    },
  ),
  onNodes(
    'the jobs under the diverted host',
    (node) => Array.isArray(node['hostnames']) && !node['hostnames'].includes('test.wikipedia.org'),
    (node) => {
      node['hostnames'] = ['test.wikipedia.org'];
    },
  ),
  replaced('another port of a Service', /port: 4457/, 'port: 4447'),
  replaced(
    'web instead of jobs',
    /- name: "mediawiki-jobrunner-tls-service"/,
    '- name: "mediawiki-main-tls-service"',
  ),
  replaced(
    'jobs instead of web',
    /- name: "mediawiki-main-tls-service"/,
    '- name: "mediawiki-jobrunner-tls-service"',
  ),
  replaced(
    'web instead of debug',
    /- name: "mediawiki-debug-tls-service"/,
    '- name: "mediawiki-main-tls-service"',
  ),
  replaced(
    'a certificate of somebody else',
    /hostname: "mediawiki-(?:main|debug|jobrunner)[^"]*"/,
    'hostname: "mw-web.discovery.wmnet"',
  ),
  replaced(
    'no verification of a Service',
    /name: "mediawiki-(?:main|debug|jobrunner)-tls-service"\n {2}validation/,
    'name: "none"\n  validation',
  ),
  withoutKey('no CA', 'wellKnownCACertificates'),
  onEntries('a job with 30 s', leadsToJobs, ({ node }) => {
    node['timeouts'] = { request: '30s' };
  }),
  onEntries('a retry on jobs', leadsToJobs, ({ node }) => {
    node['retry'] = { attempts: 2, codes: [503] };
  }),
  onEntries('a caller may ask for retries', leadsToJobs, ({ node }) => {
    delete node['filters'];
  }),
  onEntries(
    'a mirror',
    (entry) => isRule(entry) && entry.node['backendRefs'] !== undefined,
    ({ node }) => {
      const filters = Array.isArray(node['filters']) ? node['filters'] : [];
      const backendRef = { name: 'mediawiki-debug-tls-service', port: 4457 };
      node['filters'] = [...filters, { type: 'RequestMirror', requestMirror: { backendRef } }];
    },
  ),
  onEntries(
    'another authority',
    (entry) => isRule(entry) && entry.node['backendRefs'] !== undefined,
    ({ node }) => {
      const filters = Array.isArray(node['filters']) ? node['filters'] : [];
      node['filters'] = [...filters, { type: 'URLRewrite', urlRewrite: { hostname: 'en.wikipedia.org' } }];
    },
  ),
  onNodes(
    'any method at the job runners',
    (node) => node['method'] !== undefined && isNode(node['path']),
    (node: Node) => {
      delete node['method'];
    },
  ),
  onNodes(
    'any path at the job runners',
    (node) => node['method'] !== undefined && isNode(node['path']),
    (node) => {
      node['path'] = { type: 'PathPrefix', value: '/' };
    },
  ),
  replaced(
    'the debug header as it missed once',
    /value: "\^\(\?:\(\?i:k8s-mw-pretrain\|.*"$/,
    'value: "(backend=)?k8s-mw-pretrain.*"',
  ),
  replaced('another debug header', /name: "x-wikimedia-debug"/, 'name: "x-debug"'),
];
