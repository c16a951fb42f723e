import type { Target } from '../../core/diversion.ts';
import { formatSeconds } from '../../core/duration.ts';
import { isIpAddress } from '../../core/host.ts';
import type { JsonObject } from '../../core/json.ts';
import { meshHost } from './names.ts';
import type { KnativeSettings } from './settings.ts';

const CONNECT_TIMEOUT = '1s';
/** Behind a load balancer a connection must not live for ever, or a new backend would see no traffic. */
const MAX_REQUESTS_PER_CONNECTION = 1000;

/**
 * The target by the same plain ports as production: sidecars listen on them already, and a port of the target's own
 * could be one that the cluster uses for something else.
 */
export function serviceEntry(target: Target, { ports, resolution }: KnativeSettings): JsonObject {
  const literal = isIpAddress(target.address);
  return {
    hosts: [meshHost(target)],
    ports: ports.map(({ name, number }) => ({ name, number, protocol: 'HTTP', targetPort: target.port })),
    resolution: literal ? 'STATIC' : resolution,
    ...(literal ? { endpoints: [{ address: target.address }] } : {}),
  };
}

/** Without a name and an authority, Istio would ask by the caller's Host, and believe any certificate of a public one. */
export function destinationRule(target: Target, { caFile }: KnativeSettings): JsonObject {
  return {
    host: meshHost(target),
    trafficPolicy: {
      tls: {
        mode: 'SIMPLE',
        caCertificates: caFile,
        sni: target.sni,
        subjectAltNames: target.certificateNames,
      },
      connectionPool: {
        tcp: { connectTimeout: CONNECT_TIMEOUT },
        http: {
          idleTimeout: formatSeconds(target.idleTimeout),
          maxRequestsPerConnection: MAX_REQUESTS_PER_CONNECTION,
        },
      },
    },
  };
}

/** Calico lets the pods of these namespaces out to the target, beside whatever else they may reach. */
export function egressPolicy(target: Target, namespaces: Readonly<Record<string, string>>): JsonObject {
  const literal = isIpAddress(target.address)
    ? [`${target.address}/${target.address.includes(':') ? 128 : 32}`]
    : undefined;
  const nets = target.networks ?? literal;
  return {
    namespaceSelector: Object.entries(namespaces)
      .sort()
      .map(([key, value]) => `${key} == "${value}"`)
      .join(' && '),
    types: ['Egress'],
    egress: [
      {
        action: 'Allow',
        protocol: 'TCP',
        destination: { ...(nets ? { nets: [...nets].sort() } : {}), ports: [target.port] },
      },
    ],
  };
}
