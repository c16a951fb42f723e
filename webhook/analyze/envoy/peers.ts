import type { Target } from '../../core/diversion.ts';
import { field, objectField } from '../../edges/envoy/fields.ts';
import type { Plan } from '../../edges/plan.ts';
import { type Coded, type Flawed, flaw } from '../finding.ts';
import type { EnvoyCluster } from './clusters.ts';
import type { EnvoyModel } from './model.ts';

/** How the clusters of the other environment are connected to, and what the whole configuration must hold for it. */
export function examinePeers(plan: Plan, model: EnvoyModel): Coded[] {
  const { file, clusters } = model;
  const peers = clusters.flatMap((cluster) =>
    flawsOf(plan, cluster).map((flaw) => ({ file, path: cluster.place, ...flaw })),
  );
  return [...peers, ...missingClusters(model)];
}

function flawsOf(plan: Plan, cluster: EnvoyCluster): Flawed[] {
  const { destination, tls, addresses } = cluster;
  if (destination.kind === 'target') {
    const mixed = new Set(addresses).size > 1 ? [mixedFlaw(addresses)] : [];
    return [...mixed, ...tlsFlaws(tls, destination.targets)];
  }
  if (destination.kind !== 'service') return [];
  const { services = {}, caFile = '' } = plan.edges.ingress ?? {};
  const names = services[destination.role]?.certificateNames ?? [];
  return tlsFlaws(tls, [{ sni: names[0] ?? '', caFile, certificateNames: names }]);
}

function mixedFlaw(addresses: readonly string[]): Flawed {
  return flaw('production-fallback', { value: addresses, message: 'spreads requests over several peers' });
}

type Peer = Pick<Target, 'sni' | 'caFile' | 'certificateNames'>;

function tlsFlaws(tls: EnvoyCluster['tls'], peers: readonly Peer[]): Flawed[] {
  if (!tls)
    return [flaw('target-plaintext', { message: 'does not encrypt what it sends to the other environment' })];
  const [first] = peers;
  const own = peers.find(({ sni }) => sni.toLowerCase() === tls.sni?.toLowerCase());
  const expected = peers.flatMap(({ certificateNames }) => certificateNames);
  return [
    ...(tls.sni === undefined
      ? [
          flaw('sni-missing', {
            message: `sends no SNI; the gateway would close the connection, or share it (${first?.sni})`,
          }),
        ]
      : []),
    ...(tls.sni !== undefined && !own
      ? [flaw('sni-differs', { value: tls.sni, message: `asks for another name than ${first?.sni}` })]
      : []),
    ...(tls.caFile === undefined
      ? [flaw('authority-file-missing', { message: 'trusts no authority, so verifies nothing' })]
      : []),
    ...(tls.caFile !== undefined && tls.caFile !== (own ?? first)?.caFile
      ? [
          flaw('authority-file-differs', {
            value: tls.caFile,
            message: `trusts another file than ${(own ?? first)?.caFile}`,
          }),
        ]
      : []),
    ...nameFlaws(tls.names, (own ?? first)?.certificateNames ?? expected),
  ];
}

function nameFlaws(names: readonly string[], expected: readonly string[]): Flawed[] {
  if (names.length === 0) {
    return [
      flaw('certificate-names-missing', {
        message: 'takes the certificate of anybody whom the authority knows',
      }),
    ];
  }
  const strange = names.filter((name) => !expected.includes(name));
  return strange.length === 0
    ? []
    : [
        flaw('certificate-names-differ', {
          value: strange,
          message: `expects other names than ${expected.join(', ')}`,
        }),
      ];
}

function missingClusters({ file, tables, clusters, config }: EnvoyModel): Coded[] {
  if (field(objectField(config, 'dynamic_resources'), 'cds_config') !== undefined) return [];
  const known = new Set(clusters.map(({ name }) => name));
  return tables.flatMap(({ routes }) =>
    routes.flatMap(({ place, clusters: named }) =>
      named
        .filter((name) => !known.has(name))
        .map((name) =>
          flaw('cluster-missing', {
            file,
            path: place,
            value: name,
            message: 'routes to a cluster that is not there',
          }),
        ),
    ),
  );
}
