import type { Milliseconds } from './duration.ts';
import type { GatewaySettings } from './gateway-paths.ts';
import type { Host } from './host.ts';
import type { Role } from './role.ts';

/** The places where a request's fate is decided. `mesh` is a pod's own Envoy, `sidecar` the one that is injected. */
export const EDGES = ['ingress', 'ats', 'rest-gateway', 'mesh', 'sidecar', 'knative'] as const;
export type Edge = (typeof EDGES)[number];

/** Percent of matching requests that are diverted, 0 to 100. */
export type Percent = number & { readonly __unit: 'percent' };

export interface AllowedRequest {
  readonly method: string;
  /** Exact path, without a query. */
  readonly path: string;
}

/** Where diverted requests of one role go, and as whom they are sent. */
export interface Target {
  readonly role: Role;
  readonly address: string;
  readonly port: number;
  /** Networks (CIDR) that the address lies in, for those who allow traffic by address. */
  readonly networks?: readonly string[];
  readonly sni: string;
  /** `preserve` sends the diverted host in canonical form, anything else replaces it. */
  readonly authority: 'preserve' | Host;
  /** PEM bundle, as a path where the proxy runs. */
  readonly caFile: string;
  /** The peer's certificate must hold one of these names. */
  readonly certificateNames: readonly string[];
  /** The longest that the target takes to answer. Jobs are given at least this; other routes keep their own limit. */
  readonly timeout: Milliseconds;
  readonly retries: number;
  /** The longest that a connection may take to be made, the TLS handshake included. */
  readonly connectTimeout: Milliseconds;
  /** How long an unused connection to the target is kept. */
  readonly idleTimeout: Milliseconds;
  /** When present, any other request is refused. */
  readonly allow?: readonly AllowedRequest[];
}

/** A production service whose traffic may be diverted. */
export interface Upstream {
  readonly name: string;
  /** Names and IP addresses under which callers and proxies reach it. The first is the one our sidecar uses. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly target: Role;
  /** Local port of the sidecar that leads here; absent when no injected pod needs it. */
  readonly listenerPort?: number;
  readonly timeout: Milliseconds;
  /** The longest that a connection may take to be made, the TLS handshake included. */
  readonly connectTimeout: Milliseconds;
  readonly idleTimeout: Milliseconds;
  readonly retries: number;
  readonly xForwardedProto?: 'http' | 'https';
  readonly sni: string;
  readonly caFile: string;
  readonly certificateNames: readonly string[];
}

/**
 * Where an app's configuration limits its connections to one address. All hosts share the sidecar's address, so the
 * limit that was meant for one host has to hold the calls for all of them.
 */
export interface CallerPool {
  /** Keys from the mapping that holds a captured address to the limit, joined by dots. */
  readonly key: string;
  readonly atLeast: number;
}

/** How an app's calls are routed to the sidecar. */
export type Capture =
  | { readonly kind: 'files'; readonly path: string; readonly files: readonly string[] }
  | { readonly kind: 'env'; readonly names: readonly string[] }
  | { readonly kind: 'args' }
  | { readonly kind: 'envoy'; readonly path: string; readonly files: readonly string[] };

/** The captures that work on mounted files, through copies that the config step makes. */
export type FileCapture = Extract<Capture, { kind: 'files' | 'envoy' }>;

export function isFileCapture(capture: Capture): capture is FileCapture {
  return capture.kind === 'files' || capture.kind === 'envoy';
}

/** The Envoy that a pod may already have, by the name of its container and the mounted files that configure it. */
export interface OwnEnvoy {
  readonly container: string;
  readonly path: string;
  readonly files: readonly string[];
}

/** A kind of pod that is injected. */
export interface Workload {
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Name of the captured container; `*` stands for any run of characters. */
  readonly container: string;
  readonly captures: readonly Capture[];
  readonly upstreams: readonly string[];
  /** A pod that has this container keeps its own Envoy, which is diverted; it is given no sidecar. */
  readonly ownEnvoy?: OwnEnvoy;
  /** What the config step does where a captured file names a declared upstream that is not listed here. */
  readonly unlisted: 'warn' | 'fail';
  /** Absent where the app keeps no pool of connections, or its size is not set in a captured file. */
  readonly pool?: CallerPool;
}

export interface DebugHeader {
  readonly header: string;
  /** Names of the other environment's debug backends, lower case. */
  readonly backends: readonly string[];
}

/** A name under which clients ask for a diverted host, until the CDN itself has put the host in its place. */
export interface HostAlias {
  readonly name: Host;
  readonly host: Host;
}

/** A production service that stands behind the ingress in topology `ingress-all`. */
export interface ServedService {
  readonly name: string;
  /** The upstreams that it is; all are called at the same port. */
  readonly upstreams: readonly string[];
}

/** What the meaning needs to know of single edges. The settings of an edge extend this by what its files need. */
export interface EdgeSettings {
  readonly debug?: DebugHeader;
  /** Paths that traffic from outside never reaches. */
  readonly refusedOutside: readonly string[];
  /** Absent where Host alone says what a request is for. */
  readonly restGateway?: GatewaySettings;
  /** Absent where no objects of the ingress are generated. `hosts`: more names under which a role's gateway answers. */
  readonly ingress?: {
    readonly services: Readonly<Partial<Record<Role, { readonly hosts: readonly Host[] }>>>;
  };
  /** Production services behind the ingress in topology `ingress-all`, by name; none where that is not prepared. */
  readonly ingressAll: readonly ServedService[];
  /** Absent where nothing is rendered for the CDN. */
  readonly ats?: { readonly aliases: readonly HostAlias[] };
  /** Absent where the egress of model servers is not diverted. */
  readonly knative?: { readonly upstream: string };
}

/** `::` is open for IPv4 too, and needs a kernel with IPv6. */
export type TelemetryAddress = '0.0.0.0' | '::';

export interface SidecarSettings {
  readonly image: string;
  /** Image that holds this program, for the config step. */
  readonly configImage: string;
  readonly telemetryPort: number;
  readonly telemetryAddress: TelemetryAddress;
  /** Authorities that the sidecar finds at `/etc/shunt-ca/ca.crt`, from a ConfigMap of the pod's namespace. */
  readonly caBundle?: { readonly configMap: string; readonly key: string };
  readonly resources: Resources;
  readonly configResources: Resources;
}

/** Kubernetes quantities. */
export interface Resources {
  readonly cpuRequest: string;
  readonly memoryRequest: string;
  readonly cpuLimit: string;
  readonly memoryLimit: string;
}

/** The declared thing, checked: every reference resolves and every number is possible. */
export interface Diversion<E extends EdgeSettings = EdgeSettings> {
  readonly name: string;
  readonly enabled: boolean;
  readonly share: Percent;
  readonly hosts: readonly Host[];
  readonly targets: Readonly<Partial<Record<Role, Target>>>;
  readonly upstreams: readonly Upstream[];
  readonly workloads: readonly Workload[];
  /** Names of the upstreams that each edge diverts. */
  readonly diverts: Readonly<Record<Edge, readonly string[]>>;
  readonly edges: E;
  readonly sidecar: SidecarSettings;
}
