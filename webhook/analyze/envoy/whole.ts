import { isObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { divertEdits } from '../../edges/envoy/divert.ts';
import { field, listField, objectField } from '../../edges/envoy/fields.ts';
import { revert } from '../../edges/envoy/revert.ts';
import { type Coded, flaw } from '../finding.ts';
import type { EnvoySubject } from '../scene.ts';

/** Routes that lead to a declared upstream in a way that no copy could do justice. */
export function blindRoutes(plan: Plan, { file, prefix, config }: EnvoySubject): Coded[] {
  const { report } = divertEdits(revert(config, plan.diversion), plan);
  return report.blind
    .filter(({ bypass }) => bypass)
    .map(({ path, reason }) =>
      flaw('route-blind', {
        file,
        path: `${prefix}${path}`,
        message: `cannot be diverted by host: ${reason}`,
      }),
    );
}

const LOOPBACK = new Set(['127.0.0.1', '::1']);

/** The sidecar that is injected serves its own pod: on loopback, at the ports that the captured calls are led to. */
export function exposedListeners(plan: Plan, { file, prefix, config }: EnvoySubject): Coded[] {
  if (!prefix.startsWith(`ConfigMap`) || objectField(config, 'dynamic_resources') === undefined) return [];
  const ports = new Set(plan.upstreams.flatMap(({ listenerPort }) => listenerPort ?? []));
  return listField(objectField(config, 'static_resources'), 'listeners').flatMap(
    (listener, index): Coded[] => {
      const socket = objectField(objectField(listener, 'address'), 'socket_address');
      if (!isObject(socket)) return [];
      const port = Number(field(socket, 'port_value'));
      const address = String(field(socket, 'address'));
      const path = `${prefix}listeners[${index}]`;
      if (port === plan.sidecar.telemetryPort) return [];
      return [
        ...(LOOPBACK.has(address)
          ? []
          : [
              flaw('listener-exposed', {
                file,
                path,
                value: address,
                message: 'takes calls from outside the pod',
              }),
            ]),
        ...(ports.has(port)
          ? []
          : [
              flaw('listener-port', {
                file,
                path,
                value: port,
                message: 'is no port that captured calls are led to',
              }),
            ]),
      ];
    },
  );
}
