import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, parseDocument } from 'yaml';
import type { Host } from '../../webhook/core/host.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { findWorkload, plan as makePlan, type Plan, type PlannedWorkload } from '../../webhook/core/plan.ts';
import { configMapName } from '../../webhook/core/pod-paths.ts';
import { findRouteLists } from '../../webhook/edges/envoy/find.ts';
import { recogniseClusters } from '../../webhook/edges/envoy/recognise.ts';
import { sidecarData } from '../../webhook/edges/envoy/sidecar-data.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { AppClient } from '../stage/app-client.ts';
import { serveSandbox } from '../stage/inside.ts';
import { runPod } from '../stage/pod-run.ts';
import type { Configs } from '../stage/volumes.ts';
import { startWorld } from '../stage/world.ts';
import { casesFor } from './cases.ts';
import { exchange } from './exchange.ts';
import { type Change, liveChanges } from './live-changes.ts';
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
}

export type SessionEvent = { readonly row: Row } | { readonly progress: string };

async function session(
  input: SessionInput,
  emit: (event: SessionEvent) => void,
): Promise<{ absent: readonly string[] }> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-demo-'));
  try {
    return await runSession(input, scratch, emit);
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function runSession(input: SessionInput, scratch: string, emit: (event: SessionEvent) => void) {
  const plan = planOf(input.diversion);
  const workload = findWorkload(plan, input.workload);
  if (!workload) throw new Error(`the diversion has no workload ${input.workload}`);
  const host = plan.hosts[0] as Host;
  const world = await startWorld(plan, scratch, { published: [addedHost(host)] });
  const ownEnvoy = workload.listeners.length === 0;
  const pod = ownEnvoy ? withCaller(input.pod) : input.pod;
  const running = await runPod(pod, configsFor(input, plan, workload, input.diversion), {
    isApp: ({ name }) => name === (ownEnvoy ? CALLER : input.container),
    envoy: input.envoy,
    mounts: world.mounts,
    scratch,
  });
  const app = await AppClient.connect(running.app);
  emit({ progress: `running ${[...running.containers.keys()].join(', ')}` });
  for (const { upstream, port, productionSni } of routesOf(plan, workload, input.config)) {
    const route = { app, world, upstream, origin: `http://127.0.0.1:${port}`, productionSni };
    for (const item of casesFor(upstream, host, port)) {
      emit({ row: await exchange(route, item) });
    }
    const hosts = [host, `en.${host.split('.').slice(1).join('.')}`];
    const changes = changesFor(input, host, ownEnvoy);
    for (const row of await liveChanges(running, route, hosts, changes)) emit({ row });
  }
  await world.close();
  return { absent: running.absent };
}

function planOf(text: string): Plan {
  const diversion = parseDiversion(text);
  if (!diversion.ok) throw new Error(`the diversion is not valid: ${JSON.stringify(diversion.problems)}`);
  return makePlan(diversion.value);
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
    const cluster = routes.map(({ route }) => route?.cluster ?? '').find((name) => known.has(name));
    const upstream = known.get(cluster ?? '');
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

/** Every ConfigMap and Secret that the pod mounts: ours with that diversion, the app's with its configuration. */
function configsFor(input: SessionInput, plan: Plan, workload: PlannedWorkload, diversion: string): Configs {
  const [capture] = workload.captures;
  const file = capture && 'files' in capture ? (capture.files[0] ?? '') : '';
  const names = (input.pod.spec?.volumes ?? []).flatMap(
    ({ configMap, secret }) => configMap?.name ?? secret?.secretName ?? [],
  );
  return {
    ...Object.fromEntries(names.map((name) => [name, { [file]: input.config }])),
    [configMapName(plan.diversion, workload.name)]: sidecarData(
      planOf(diversion),
      workloadIn(diversion, workload.name),
      diversion,
    ),
  };
}

function workloadIn(diversion: string, name: string): PlannedWorkload {
  const workload = findWorkload(planOf(diversion), name);
  if (!workload) throw new Error(`the diversion has no workload ${name}`);
  return workload;
}

/** The host that is added while traffic flows. */
function addedHost(host: Host): string {
  return `added-${host}`;
}

/** Off, on again, and (where routes come from the ConfigMap) one more host. */
function changesFor(input: SessionInput, host: Host, ownEnvoy: boolean): Change[] {
  const change = (
    title: string,
    edit: { share: number; added?: string },
    watched: string,
    to: Change['to'],
  ): Change => {
    const text = editDiversion(input.diversion, edit.share, edit.added);
    const plan = planOf(text);
    return {
      title,
      configs: configsFor(input, plan, workloadIn(text, input.workload), text),
      host: watched,
      to,
    };
  };
  const added = addedHost(host);
  return [
    change('share set to 0', { share: 0 }, host, 'production'),
    change('share set back to 100', { share: 100 }, host, 'target'),
    ...(ownEnvoy
      ? []
      : [
          change(`host ${added} declared`, { share: 100, added }, added, 'target'),
          change(`host ${added} taken out`, { share: 100 }, added, 'production'),
        ]),
    change('nothing changed', { share: 100 }, host, 'target'),
  ];
}

function editDiversion(text: string, share: number, added?: string): string {
  const document = parseDocument(text);
  document.setIn(['spec', 'share'], share);
  if (added !== undefined) document.addIn(['spec', 'hosts'], added);
  return document.toString();
}

await serveSandbox<SessionInput, { absent: readonly string[] }, SessionEvent>(session);
