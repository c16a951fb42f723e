import { Counter, Gauge, type Registry } from 'prom-client';

/** What the controller counts, beside the webhook's own. */
export interface ControllerMetrics {
  readonly writes: Counter<'kind'>;
  readonly repairs: Counter<'kind'>;
  readonly failures: Counter<'kind'>;
  readonly conflicts: Counter<'kind' | 'whose'>;
  readonly rejectedDiversions: Counter;
  readonly diversionRead: Gauge;
  readonly leafExpiry: Gauge;
  readonly pods: Gauge<'state'>;
  readonly podsInForce: Gauge<'namespace' | 'workload' | 'state'>;
  readonly proxyAsks: Counter<'result'>;
  readonly rival: Gauge;
}

/** Registers the controller's metrics; once for each registry. */
export function createControllerMetrics(registry: Registry): ControllerMetrics {
  const registers = [registry];
  return {
    writes: new Counter({
      name: 'shunt_writes_total',
      help: 'Objects created or changed in the cluster.',
      labelNames: ['kind'],
      registers,
    }),
    repairs: new Counter({
      name: 'shunt_repairs_total',
      help: 'Objects of ours that others had changed or deleted, and that were restored.',
      labelNames: ['kind'],
      registers,
    }),
    failures: new Counter({
      name: 'shunt_kube_failures_total',
      help: 'Requests and watches that the API server did not fulfil.',
      labelNames: ['kind'],
      registers,
    }),
    conflicts: new Counter({
      name: 'shunt_conflicts_total',
      help: 'Objects that have a name of ours and are not ours; they are left alone.',
      labelNames: ['kind', 'whose'],
      registers,
    }),
    rejectedDiversions: new Counter({
      name: 'shunt_diversion_rejected_total',
      help: 'Changes of the diversion that could not be read; the last good one stays in force.',
      registers,
    }),
    diversionRead: new Gauge({
      name: 'shunt_diversion_read_timestamp_seconds',
      help: 'When the diversion in force was read, as seconds since 1970.',
      registers,
    }),
    leafExpiry: new Gauge({
      name: 'shunt_leaf_expiry_timestamp_seconds',
      help: 'When the certificate of this replica ends, as seconds since 1970.',
      registers,
    }),
    pods: new Gauge({
      name: 'shunt_pods',
      help: 'Pods of declared workloads in namespaces that opted in, by what became of them.',
      labelNames: ['state'],
      registers,
    }),
    podsInForce: new Gauge({
      name: 'shunt_pods_in_force',
      help: 'Injected pods by whether their proxies run what is written: in-force, behind, rejected or unknown.',
      labelNames: ['namespace', 'workload', 'state'],
      registers,
    }),
    rival: new Gauge({
      name: 'shunt_another_release',
      help: 'Whether another release keeps everything of this diversion, so that this one does nothing: 1 or 0.',
      registers,
    }),
    proxyAsks: new Counter({
      name: 'shunt_proxy_asks_total',
      help: 'Times that a sidecar was asked what it runs, by whether it answered.',
      labelNames: ['result'],
      registers,
    }),
  };
}
