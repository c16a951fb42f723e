import type { Json, JsonObject } from '../../core/json.ts';
import { field, listField, objectField } from '../../edges/envoy/fields.ts';
import { HTTP_PROTOCOL_OPTIONS } from '../../edges/envoy/types.ts';
import type { Plan } from '../../edges/plan.ts';
import { classifyAddress, ELSEWHERE, type RouteDestination } from './destination.ts';

export interface EnvoyCluster {
  readonly name: string;
  readonly place: string;
  readonly destination: RouteDestination;
  /** Absent where nothing is encrypted. */
  readonly tls: EnvoyTls | undefined;
  readonly addresses: readonly string[];
  readonly raw: Json;
  /** Whether something in its own filter chain writes the authority anew. */
  readonly rewritesAuthority: boolean;
}

export interface EnvoyTls {
  readonly sni: string | undefined;
  readonly caFile: string | undefined;
  readonly names: readonly string[];
}

/** A cluster, and where it destinations: that of all its endpoints, or none that is known if they differ. */
export function readCluster(plan: Plan, cluster: Json, place: string): EnvoyCluster {
  const tls = readTls(cluster);
  const endpoints = endpointsOf(cluster);
  const destinations = endpoints.map(({ address, port }) => classifyAddress(plan, address, port, tls?.sni));
  const [first = ELSEWHERE] = destinations;
  const [deciding = first] = destinations.filter(({ kind }) => kind === 'target');
  return {
    name: String(field(cluster, 'name')),
    place,
    destination: deciding,
    tls,
    addresses: endpoints.map(({ address, port }) => `${address}:${port}`),
    raw: cluster,
    rewritesAuthority: /:authority/.test(JSON.stringify(filtersOf(cluster))),
  };
}

function filtersOf(cluster: Json): readonly Json[] {
  const options = objectField(cluster, 'typed_extension_protocol_options');
  return listField(options?.[HTTP_PROTOCOL_OPTIONS], 'http_filters');
}

function readTls(cluster: Json): EnvoyTls | undefined {
  const context = objectField(objectField(cluster, 'transport_socket'), 'typed_config');
  if (!context) return undefined;
  const validation = objectField(objectField(context, 'common_tls_context'), 'validation_context');
  const sni = field(context, 'sni');
  const caFile = field(objectField(validation, 'trusted_ca'), 'filename');
  return {
    sni: typeof sni === 'string' ? sni : undefined,
    caFile: typeof caFile === 'string' ? caFile : undefined,
    names: listField(validation, 'match_typed_subject_alt_names').map((entry) => {
      const matcher = objectField(entry, 'matcher');
      return String(field(matcher, 'exact') ?? '*');
    }),
  };
}

function endpointsOf(cluster: Json): { readonly address: string; readonly port: number }[] {
  return listField(objectField(cluster, 'load_assignment'), 'endpoints')
    .flatMap((locality) => listField(locality, 'lb_endpoints'))
    .map((entry): JsonObject | undefined =>
      objectField(objectField(objectField(entry, 'endpoint'), 'address'), 'socket_address'),
    )
    .filter((socket) => socket !== undefined)
    .map((socket) => ({
      address: String(field(socket, 'address')),
      port: Number(field(socket, 'port_value')),
    }));
}
