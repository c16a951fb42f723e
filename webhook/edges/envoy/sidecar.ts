import type { Json, JsonObject } from '../../core/json.ts';
import type { Listener, Plan, PlannedWorkload } from '../../core/plan.ts';
import { digest } from '../digest.ts';
import { configDirectory, routesFile, SIDECAR_FILES } from '../pod-paths.ts';
import { ADMIN, adminCluster } from './admin.ts';
import { configSource } from './config-source.ts';
import { divert } from './divert.ts';
import { listField } from './fields.ts';
import { inForceRoutes } from './in-force.ts';
import { acceptedFilter, passingRoute, probeClusters, probeRoute } from './readiness.ts';
import { diskLayer, regexLimitLayer } from './runtime.ts';
import { withCountedProduction } from './sidecar-counted.ts';
import { egressListener, telemetryListener, withoutHost } from './sidecar-listeners.ts';
import { tlsCluster } from './tls-cluster.ts';
import { TYPE, typed } from './types.ts';

const MAX_CONNECTIONS = 50_000;

/** The injected sidecar's configuration in filesystem-xDS form, by the name of each file. */
export type SidecarConfig = Readonly<Record<string, JsonObject>>;

/**
 * What an injected sidecar runs: a plain proxy for the workload's upstreams, with the diversion added by `divert`.
 * A change of hosts or of the declared share touches routes only; the live share is none of these files.
 */
export function sidecarConfig(plan: Plan, workload: PlannedWorkload): SidecarConfig {
  const { config } = divert(baseConfig(workload), plan);
  const { listeners, clusters } = config['static_resources'] as {
    listeners: JsonObject[];
    clusters: JsonObject[];
  };
  const directory = configDirectory(plan.diversion);
  const split = listeners.map((listener) => splitRoutes(listener, directory));
  const telemetry = {
    routes: [probeRoute(workload.listeners), ...inForceRoutes(plan)],
    filters: [acceptedFilter(workload.listeners)],
  };
  const own = [telemetryListener(plan.sidecar, telemetry), ...split.map(({ listener }) => listener)];
  const hops = probeClusters(workload.listeners, plan.sidecar.telemetryPort);
  const routes = split.map(({ name, routes }) => [
    routesFile(name),
    resources('routeConfiguration', [
      withOwnRoutes(plan, routes, undivertedRoutes(workload.listeners, name)),
    ]),
  ]);
  return {
    [SIDECAR_FILES.bootstrap]: bootstrap(plan, workload),
    [SIDECAR_FILES.listeners]: resources('listener', own),
    // The probe's clusters too: a proxy that an older version started takes these with its next update, and no bootstrap.
    [SIDECAR_FILES.clusters]: resources('cluster', [...clusters, ...hops]),
    ...Object.fromEntries(routes),
  };
}

function baseConfig({ listeners }: PlannedWorkload): JsonObject {
  return {
    static_resources: {
      listeners: listeners.map(egressListener),
      clusters: listeners.map(({ upstream }) => {
        const [address = ''] = upstream.addresses;
        return tlsCluster(upstream.name, { ...upstream, address });
      }),
    },
  };
}

/** Routes for requests that are never diverted, whatever the hosts: the probe's, and those that name no host. */
function undivertedRoutes(listeners: readonly Listener[], name: string): Json[] {
  const own = listeners.find(({ upstream }) => upstream.name === name);
  return own ? [passingRoute(listeners, own), withoutHost(own)] : [];
}

function withOwnRoutes(plan: Plan, configuration: JsonObject, first: readonly Json[]): JsonObject {
  const hosts = listField(configuration, 'virtual_hosts') as readonly JsonObject[];
  const changed = hosts.map((host) => {
    const routes = listField(host, 'routes') as readonly JsonObject[];
    return { ...host, routes: [...first, ...withCountedProduction(plan, routes)] };
  });
  return { ...configuration, virtual_hosts: changed };
}

function bootstrap(plan: Plan, workload: PlannedWorkload): JsonObject {
  const directory = configDirectory(plan.diversion);
  return {
    node: { id: workload.name, cluster: `shunt-${plan.diversion}` },
    admin: ADMIN,
    // The limit is lifted from the start: hosts are added while the proxy runs, and it reads its layers once.
    layered_runtime: {
      layers: [
        regexLimitLayer(plan.diversion),
        diskLayer(plan.diversion),
        { name: 'admin', admin_layer: {} },
      ],
    },
    overload_manager: {
      resource_monitors: [
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          typed_config: typed('connectionLimit', { max_active_downstream_connections: MAX_CONNECTIONS }),
        },
      ],
    },
    dynamic_resources: {
      lds_config: configSource(directory, SIDECAR_FILES.listeners),
      cds_config: configSource(directory, SIDECAR_FILES.clusters),
    },
    static_resources: { clusters: [adminCluster] },
  };
}

interface SplitListener {
  /** Of the listener, its upstream and its routes alike. */
  readonly name: string;
  readonly listener: JsonObject;
  readonly routes: JsonObject;
}

interface HttpListener extends JsonObject {
  readonly name: string;
  readonly filter_chains: readonly { readonly filters: readonly [{ readonly typed_config: JsonObject }] }[];
}

function splitRoutes(listener: JsonObject, directory: string): SplitListener {
  const { name, filter_chains: chains } = listener as HttpListener;
  const [chain] = chains;
  if (!chain) throw new Error('a listener of the sidecar has no filter chain');
  const [filter] = chain.filters;
  const { route_config: routes, ...manager } = filter.typed_config;
  const rds = {
    route_config_name: name,
    config_source: configSource(directory, routesFile(name)),
  };
  const filters = [{ ...filter, typed_config: { ...manager, rds } }];
  return {
    name,
    listener: { ...listener, filter_chains: [{ ...chain, filters }] },
    routes: routes as JsonObject,
  };
}

function resources(
  type: 'listener' | 'cluster' | 'routeConfiguration',
  items: readonly JsonObject[],
): JsonObject {
  const typedItems = items.map((item) => ({ '@type': TYPE[type], ...item }));
  // Envoy reports the version of the last file that it accepted.
  return { version_info: digest(typedItems), resources: typedItems };
}
