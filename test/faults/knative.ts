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

function isDiverted({ node }: Entry): boolean {
  return Array.isArray(node['route']) && JSON.stringify(node['route']).includes('mw-pretrain');
}

function authority(name: string, value: Node): Mutator {
  return onEntries(name, isDiverted, ({ node }) => {
    for (const match of node['match'] as Node[]) match['authority'] = value;
  });
}

function meshOf(documents: Value[]): Node {
  const mesh = inside(documents[0], 'net_istio', 'mesh');
  return isNode(mesh) ? mesh : {};
}

function without(name: string, ...keys: readonly [string, string]): Mutator {
  return onDocuments(name, (documents) => {
    const [kind, own] = keys;
    const node = meshOf(documents)[kind];
    if (isNode(node)) delete node[own];
  });
}

function isOwnEntry(node: Node): boolean {
  return JSON.stringify(inside(node, 'spec', 'hosts') ?? '') === '["mw-pretrain.discovery.wmnet"]';
}

/** Faults in the values of an Istio mesh. */
export const KNATIVE: readonly Mutator[] = [
  onEntries('a diverted route is gone', isDiverted, ({ list, index }) => {
    list.splice(index, 1);
  }),
  onEntries('a diverted route stands last', isDiverted, ({ list, index }) => {
    list.push(...list.splice(index, 1));
  }),
  onEntries('a diverted route asks for no host', isDiverted, ({ node }) => {
    for (const match of node['match'] as Node[]) delete match['authority'];
  }),
  onEntries('a diverted route for another port', isDiverted, ({ node }) => {
    for (const match of node['match'] as Node[]) match['port'] = 8080;
  }),
  authority('the host must be spelt exactly', { exact: 'test.wikipedia.org' }),
  authority('the host as a prefix', { prefix: 'test.wikipedia.org' }),
  authority('the host with an optional port', { regex: 'test\\.wikipedia\\.org(?::[0-9]+)?' }),
  authority("the host as upstream's own example has it", { regex: 'test[.]wikipedia[.]org' }),
  authority('all of the domain', { regex: '^(.*\\.)?wikipedia\\.org$' }),
  authority('another host', { exact: 'test2.wikipedia.org' }),
  onEntries('the authority as it came', isDiverted, ({ node }) => {
    for (const entry of node['route'] as Node[]) delete entry['headers'];
    delete node['headers'];
  }),
  onEntries('another authority', isDiverted, ({ node }) => {
    node['route'] = (node['route'] as Node[]).map((entry) => ({
      ...entry,
      headers: { request: { set: { host: 'en.wikipedia.org' } } },
    }));
  }),
  onEntries('half of the share', isDiverted, ({ node }) => {
    const [own] = node['route'] as Node[];
    const production = {
      destination: { host: 'mw-api-int-ro.discovery.wmnet', port: { number: 4680 } },
      weight: 50,
    };
    if (own) node['route'] = [{ ...own, weight: 50 }, production];
  }),
  onEntries('production after all', isDiverted, ({ node }) => {
    node['route'] = [{ destination: { host: 'mw-api-int-ro.discovery.wmnet', port: { number: 4680 } } }];
  }),
  onEntries('a name that the mesh does not know', isDiverted, ({ node }) => {
    for (const entry of node['route'] as Node[])
      if (isNode(entry['destination'])) entry['destination']['host'] = 'mw-pretrain-ro.discovery.wmnet';
  }),
  onEntries('a mirror', isDiverted, ({ node }) => {
    node['mirror'] = { host: 'mw-api-int-ro.discovery.wmnet' };
  }),
  onEntries('a port that the entry has not', isDiverted, ({ node }) => {
    for (const entry of node['route'] as Node[]) {
      const port = inside(entry, 'destination', 'port');
      if (isNode(port)) port['number'] = 4447;
    }
  }),
  without('no ServiceEntry', 'service_entries', 'shunt-testwiki'),
  without('no DestinationRule', 'destination_rules', 'shunt-testwiki'),
  onNodes('a ServiceEntry without a port', isOwnEntry, (node) => {
    const spec = node['spec'];
    if (isNode(spec) && Array.isArray(spec['ports'])) spec['ports'].splice(0, 1);
  }),
  replaced('a ServiceEntry that leads to plain HTTP', /targetPort: 30443/, 'targetPort: 30080'),
  onDocuments('a VirtualService of its own', (documents) => {
    const services = meshOf(documents)['virtual_services'];
    const route = [{ destination: { host: 'mw-pretrain.discovery.wmnet', port: { number: 4680 } } }];
    if (isNode(services))
      services['testwiki'] = {
        spec: { gateways: ['mesh'], hosts: ['test.wikipedia.org'], http: [{ route }] },
      };
  }),
  onDocuments('a second VirtualService for all wikis', (documents) => {
    const services = meshOf(documents)['virtual_services'];
    const [first] = isNode(services) ? Object.values(services) : [];
    if (isNode(services) && first !== undefined) services['second'] = structuredClone(first);
  }),
  onNodes(
    'a VirtualService without the host',
    (node) =>
      Array.isArray(node['hosts']) &&
      Array.isArray(node['http']) &&
      node['hosts'].includes('*.wikipedia.org'),
    (node) => {
      node['hosts'] = ['*.wiktionary.org'];
    },
  ),
  onNodes(
    'no SNI',
    (node) => typeof node['sni'] === 'string',
    (node) => {
      delete node['sni'];
    },
  ),
  replaced("another gateway's SNI", /sni: "[^"]+"/, 'sni: "en.wikipedia.org"'),
  replaced('the read-only SNI', /sni: "mw-pretrain\./, 'sni: "mw-pretrain-ro.'),
  withoutKey('no CA', 'caCertificates'),
  withoutKey('no certificate name', 'subjectAltNames'),
  onNodes(
    'another certificate name',
    (node) => node['subjectAltNames'] !== undefined,
    (node) => {
      node['subjectAltNames'] = ['*.wikipedia.org'];
    },
  ),
  onNodes(
    'no TLS',
    (node) => node['mode'] === 'SIMPLE' && node['sni'] !== undefined,
    (node) => {
      node['mode'] = 'DISABLE';
    },
  ),
  replaced('no way out to the one network', /^\s+- "10\.2\.1\.70\/32"\n/, ''),
  replaced('no way out to the port', /^(\s+ports:\n\s+- )30443/, '$14446'),
];
