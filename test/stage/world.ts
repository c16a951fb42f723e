import path from 'node:path';
import { type Issued, issueAuthority, issueLeaf } from '../../webhook/controller/certificates.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import { isIpAddress } from '../../webhook/core/host.ts';
import type { PlannedUpstream } from '../../webhook/core/plan.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import { CA_BUNDLE_DIRECTORY } from '../../webhook/edges/pod-paths.ts';
import type { ContainerMount } from './container.ts';
import { machineMounts } from './machine-files.ts';
import { type Origin, type Site, startOrigin, type TlsVersion } from './origins.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Where proxies of the mesh look for trust, whatever the diversion names besides. */
const USUAL_CA_FILE = '/etc/ssl/certs/ca-certificates.crt';

/** The services that a diversion speaks of, and the names by which they are found. */
export interface World {
  /** Address of each host name. */
  readonly hosts: Readonly<Record<string, string>>;
  /** By `address:port` as the diversion has it. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** What puts names and trust in place in a container. */
  readonly mounts: readonly ContainerMount[];
  /** Every request that any of them has seen. */
  readonly arrivals: () => Origin['arrivals'];
  readonly authority: Issued;
  readonly close: () => Promise<void>;
}

/** What a world has beyond what the diversion declares. */
export interface Beyond {
  /** Services that are no upstream, so that wrong turns show. */
  readonly bystanders?: readonly { readonly name: string; readonly port: number }[];
  /** Where its services listen, one after another; on loopback unless told. */
  readonly addresses?: readonly string[];
  /** Signs their certificates; made anew unless given. */
  readonly authority?: Issued;
  /** Names that the certificates of production hold besides, such as those of the wikis. */
  readonly productionNames?: readonly string[];
  /** Hosts that the other environment publishes already, though nothing is diverted to it yet. */
  readonly published?: readonly string[];
  /** Names for the address of a target, as every service of a shared gateway has one. */
  readonly besides?: readonly { readonly name: string; readonly target: string }[];
  /** Names are asked of a resolver on loopback, which the caller starts. */
  readonly resolver?: boolean;
  /** The only version that its services speak; absent: any of today. */
  readonly tlsVersion?: TlsVersion | undefined;
  /** What stands in place of the authority's certificate at these paths; null: no file at all. */
  readonly caFiles?: Readonly<Record<string, string | null>>;
}

/** Starts an HTTPS origin for every upstream and target of the plan, each on an address of its own. */
export async function startWorld(plan: Plan, scratch: string, more: Beyond = {}): Promise<World> {
  const validity = { now: new Date(), lifetime: milliseconds(DAY_MS) };
  const { caFiles = {} } = more;
  const authority = more.authority ?? (await issueAuthority('stage', validity));
  const hosts: Record<string, string> = {};
  const origins = new Map<string, Origin>();
  const open = async (
    name: string,
    port: number,
    sites: readonly Site[],
    names: readonly string[],
  ): Promise<void> => {
    if (origins.has(`${name}:${port}`)) return;
    const taken = Object.keys(hosts).length;
    hosts[name] ??= more.addresses?.[taken] ?? `127.1.0.${taken + 1}`;
    const certificate = await issueLeaf(authority, [...new Set(names)], validity);
    origins.set(
      `${name}:${port}`,
      await startOrigin({ address: hosts[name], port, sites, certificate, tlsVersion: more.tlsVersion }),
    );
  };
  for (const upstream of plan.upstreams) {
    for (const address of upstream.addresses.filter((candidate) => !isIpAddress(candidate))) {
      await open(
        address,
        upstream.port,
        [{ name: productionSite(upstream) }],
        [address, ...upstream.certificateNames, ...(more.productionNames ?? [])],
      );
    }
  }
  for (const target of plan.targets) {
    const behind = plan.targets.filter(
      ({ address, port }) => address === target.address && port === target.port,
    );
    const sites = gatewaySites([...plan.hosts, ...(more.published ?? [])], behind);
    await open(target.address, target.port, sites, [
      ...behind.flatMap(({ certificateNames }) => certificateNames),
      ...plan.hosts,
    ]);
  }
  for (const { name, port } of more.bystanders ?? [])
    await open(name, port, [{ name: `bystander ${name}` }], [name]);
  for (const { name, target } of more.besides ?? []) hosts[name] = hosts[target] ?? '';
  const files = [
    ...new Set([USUAL_CA_FILE, ...[...plan.targets, ...plan.upstreams].map(({ caFile }) => caFile)]),
  ].filter((file) => !file.startsWith(CA_BUNDLE_DIRECTORY));
  const mounts = await machineMounts(path.join(scratch, 'machine'), {
    hosts,
    authorities: files.flatMap((file) => {
      const pem = file in caFiles ? caFiles[file] : authority.cert;
      return typeof pem === 'string' ? [{ path: file, pem }] : [];
    }),
    resolver: more.resolver ?? false,
  });
  return {
    hosts,
    origins,
    mounts,
    authority,
    arrivals: () => [...origins.values()].flatMap(({ arrivals }) => arrivals),
    close: async () => {
      for (const origin of origins.values()) await origin.close();
    },
  };
}

/** How production's answers are signed: by the address, since two upstreams may be one service. */
export function productionSite(upstream: PlannedUpstream): string {
  return `production ${upstream.addresses[0]}:${upstream.port}`;
}

export function targetSite(role: string): string {
  return `target ${role}`;
}

/**
 * The shared gateway of the other environment. Each Gateway answers to its own names alone; somebody else's claims
 * every name under the diverted hosts' domains, and answers to anything: a wrong SNI is served, wrongly, with 200.
 */
export function gatewaySites(hosts: readonly string[], behind: Plan['targets']): Site[] {
  const bySni = new Map<string, Site>();
  for (const target of behind) {
    if (bySni.has(target.sni)) continue;
    const own = target.authority === 'preserve' ? [target.sni, ...hosts] : [target.authority];
    const sni = target.authority === 'preserve' ? [target.sni, ...hosts] : [target.sni];
    const allow = target.allow ? { allow: target.allow } : {};
    // Web and debug share a Gateway; the web role, which all traffic without a debug header takes, names it.
    const role = behind.some(({ role, sni: other }) => role === 'web' && other === target.sni)
      ? 'web'
      : target.role;
    bySni.set(target.sni, { name: targetSite(role), sni, hosts: own, ...allow });
  }
  const domains = hosts.map((host) => `*.${host.split('.').slice(1).join('.')}`);
  return [...bySni.values(), { name: "somebody else's gateway", sni: domains }];
}
