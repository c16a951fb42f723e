import type { Json, JsonObject } from '../../core/json.ts';
import type { Listener } from '../../core/plan.ts';
import { typed } from './types.ts';

/*
 * The sidecar's probe goes through everything that its configuration has to bring: from the telemetry listener through
 * each listener for the app, by a route of that listener's own file, and back to a filter that looks for the clusters of
 * production. A listener, a route configuration or such a cluster that Envoy refused breaks the chain.
 */

/** An authority that no caller has: names under `.invalid` do not exist (RFC 6761). */
const READY_AUTHORITY = 'ready.shunt.invalid';
export const READY_PATH = '/healthz';
const ACCEPTED_PATH = '/accepted';
const TELEMETRY_HOP = 'shunt-ready';

/** Which cluster the probe takes next; undefined behind the last listener. */
function hopTo(listener: Listener | undefined): string {
  return listener ? `shunt-ready-${listener.upstream.name}` : TELEMETRY_HOP;
}

/** The route of the telemetry listener by which the probe enters. */
export function probeRoute([first]: readonly Listener[]): Json {
  const route = { cluster: hopTo(first), host_rewrite_literal: READY_AUTHORITY, timeout: '5s' };
  return { match: { path: READY_PATH }, route };
}

/** The route of a listener by which the probe goes on to the next one, and from the last back to the telemetry listener. */
export function passingRoute(listeners: readonly Listener[], own: Listener): Json {
  const next = listeners[listeners.indexOf(own) + 1];
  const headers = [{ name: ':authority', string_match: { exact: READY_AUTHORITY } }];
  const path = next ? {} : { prefix_rewrite: ACCEPTED_PATH };
  return {
    name: 'ready',
    match: { path: READY_PATH, headers },
    route: { cluster: hopTo(next), timeout: '5s', ...path },
  };
}

/** Answers the probe at its end: 200 where Envoy has taken the cluster of every upstream, else 503. */
export function acceptedFilter(listeners: readonly Listener[]): Json {
  return {
    name: 'envoy.filters.http.health_check',
    typed_config: typed('healthCheck', {
      pass_through_mode: false,
      headers: [{ name: ':path', string_match: { exact: ACCEPTED_PATH } }],
      // A cluster that does not exist fails even this; its endpoints may be ill without making the pod so.
      cluster_min_healthy_percentages: Object.fromEntries(
        listeners.map(({ upstream }) => [upstream.name, { value: 0 }]),
      ),
    }),
  };
}

/** The clusters by which the probe goes from one listener to the next. */
export function probeClusters(listeners: readonly Listener[], telemetryPort: number): JsonObject[] {
  return [
    ...listeners.map((listener) => loopbackCluster(hopTo(listener), listener.port)),
    loopbackCluster(hopTo(undefined), telemetryPort),
  ];
}

function loopbackCluster(name: string, port: number): JsonObject {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: name,
      endpoints: [
        {
          lb_endpoints: [
            { endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } },
          ],
        },
      ],
    },
  };
}
