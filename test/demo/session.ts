import { parse } from 'yaml';
import type { Host } from '../../webhook/core/host.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import type { PlannedUpstream, PlannedWorkload } from '../../webhook/core/plan.ts';
import { findRouteLists } from '../../webhook/edges/envoy/find.ts';
import { recogniseClusters } from '../../webhook/edges/envoy/recognise.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { AppClient } from '../stage/app-client.ts';
import { serveSandbox } from '../stage/inside.ts';
import { runPod } from '../stage/pod-run.ts';
import { secretFiles } from '../stage/secret-files.ts';
import type { Configs } from '../stage/volumes.ts';
import { startWorld } from '../stage/world.ts';
import { casesFor } from './cases.ts';
import { addedHost, changesFor, configsFor, readDeclared } from './changes.ts';
import { exchange } from './exchange.ts';
import { liveChanges } from './live-changes.ts';
import type { Row } from './row.ts';

/** One pod of the demonstration, after the webhook's patch. */
export interface SessionInput {
  readonly pod: Pod;
  readonly workload: string;
  readonly diversion: string;
  /** Text of the app's (or of its own Envoy's) configuration. */
  readonly config: string;
  /** Name of the captured container. */
  readonly container: string;
  readonly envoy: string;
  /** Empty folder for everything that is written. */
  readonly scratch: string;
}

export type SessionEvent = { readonly row: Row } | { readonly progress: string };

async function session(input: SessionInput, emit: (event: SessionEvent) => void) {
  const { plan, workload } = readDeclared(input.diversion, input.workload);
  const host = plan.hosts[0] as Host;
  const world = await startWorld(plan, input.scratch, { published: [addedHost(host)] });
  const ownEnvoy = workload.listeners.length === 0;
  const configs = (diversion: string): Configs =>
    configsFor(input, secretFiles(input.config, world.authority), diversion);
  const pod = ownEnvoy ? withCaller(input.pod) : input.pod;
  const running = await runPod(pod, configs(input.diversion), {
    isApp: ({ name }) => name === (ownEnvoy ? CALLER : input.container),
    envoy: input.envoy,
    mounts: world.mounts,
    scratch: input.scratch,
  });
  const app = await AppClient.connect(running.app);
  emit({ progress: `running ${[...running.containers.keys()].join(', ')}` });
  for (const { upstream, port, productionSni } of routesOf(plan, workload, input.config)) {
    const route = { app, world, upstream, origin: `http://127.0.0.1:${port}`, productionSni };
    for (const item of casesFor(upstream, host, port)) {
      emit({ row: await exchange(route, item) });
    }
    const hosts = [host, `en.${host.split('.').slice(1).join('.')}`];
    const changes = changesFor({ diversion: input.diversion, host, addHost: !ownEnvoy, configs });
    for (const row of await liveChanges(running, route, hosts, changes)) emit({ row });
  }
  await world.close();
  return { absent: running.absent };
}

const CALLER = 'stage-caller';

/** Beside an app whose image is not at hand, a caller of its own sends what the app would through the pod's Envoy. */
function withCaller(pod: Pod): Pod {
  const spec = pod.spec ?? { containers: [] };
  return { ...pod, spec: { ...spec, containers: [...spec.containers, { name: CALLER }] } };
}

/** The upstreams that the pod's proxy leads to, each with its local port. */
function routesOf(plan: Plan, workload: PlannedWorkload, config: string) {
  if (workload.listeners.length > 0) {
    return workload.listeners.map((listener) => ({ ...listener, productionSni: listener.upstream.sni }));
  }
  const bootstrap = parse(config) as JsonObject;
  const { listeners, clusters } = bootstrap['static_resources'] as {
    listeners: JsonObject[];
    clusters: JsonObject[];
  };
  const known = recogniseClusters(plan, clusters);
  const found = new Map<number, { upstream: PlannedUpstream; productionSni: string }>();
  for (const listener of listeners) {
    const { socket_address: socket } = listener['address'] as { socket_address: { port_value: number } };
    const routes = findRouteLists(listener).flatMap((list) => list.routes) as {
      route?: { cluster?: string };
    }[];
    const cluster = routes.map(({ route }) => route?.cluster ?? '').find((name) => known.upstreams.has(name));
    const upstream = known.upstreams.get(cluster ?? '');
    const productionSni = sniOf(clusters.find(({ name }) => name === cluster));
    if (upstream) found.set(socket.port_value, { upstream, productionSni });
  }
  return [...found].map(([port, route]) => ({ port, ...route }));
}

/** What the pod's own proxy sends to production, before and after. */
function sniOf(cluster: JsonObject | undefined): string {
  const socket = cluster?.['transport_socket'] as { typed_config?: { sni?: string } } | undefined;
  return socket?.typed_config?.sni ?? '';
}

await serveSandbox<SessionInput, { absent: readonly string[] }, SessionEvent>(session);
