import { parse } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../webhook/core/json.ts';
import { plan as makePlan } from '../../webhook/core/plan.ts';
import { listField, objectField } from '../../webhook/edges/envoy/fields.ts';
import { mergeText } from '../../webhook/edges/knative/text.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { diversionText, withHosts } from '../fixtures/diversions.ts';
import { fixtureText } from '../fixtures/read.ts';
import { findMeshTools } from '../live/knative/mesh-run.ts';
import { findEnvoy } from '../stage/envoy-tool.ts';
import { runInSandbox } from '../stage/sandbox.ts';
import { BenchError } from './bench-error.ts';
import { ECHO, echoCluster } from './echo-listener.ts';
import { type EdgeMeasured, type EdgesOptions, HOST_COUNTS } from './edges.ts';
import { type EnvoyBenchInput, type EnvoyBenchOutput, nameOf } from './envoy-edges.ts';

export interface MeshBenchInput {
  readonly envoy: string;
  readonly diversion: string;
  readonly values: readonly JsonObject[];
}

const PORT = 4680;
const SHIFT = 10_000;
const MESH_PROGRAM = new URL('inside/mesh.ts', import.meta.url).pathname;
const ENVOY_PROGRAM = new URL('inside/envoy.ts', import.meta.url).pathname;
const TIMEOUT_MS = 1_200_000;
const TODAY = fixtureText('knative/values.yaml');

/**
 * What a number of diverted hosts costs in a mesh: the time to merge them into values, and what a sidecar that the real
 * control plane configured by these adds to a request for another host.
 */
export async function measureMesh({ requests, say }: EdgesOptions): Promise<EdgeMeasured[]> {
  await findMeshTools();
  const merged = HOST_COUNTS.map(merge);
  say('a mesh takes the values of each number of hosts ...');
  const values = [TODAY, ...merged.map(({ text }) => text)].map(readValues);
  const diversion = diversionText();
  const envoy = findEnvoy();
  const run = { program: MESH_PROGRAM, input: { envoy, diversion, values }, timeoutMs: TIMEOUT_MS };
  const [today, ...dumps] = await runInSandbox<MeshBenchInput, JsonObject[]>(run);
  const all: EdgeMeasured[] = [];
  for (const [index, { hosts, renderMs, text }] of merged.entries()) {
    say(`${hosts} hosts: Envoy as the mesh configured it ...`);
    const config = sideBySide(today ?? {}, dumps[index] ?? {});
    const ports = { untouched: PORT, diverted: PORT + SHIFT };
    const input = { envoy, diversion, config: JSON.stringify(config), path: '/w/api.php', ports, requests };
    const asked = { program: ENVOY_PROGRAM, input, timeoutMs: TIMEOUT_MS };
    const measured = await runInSandbox<EnvoyBenchInput, EnvoyBenchOutput>(asked);
    all.push({ hosts, renderMs, bytes: text.length - TODAY.length, ...measured });
  }
  return all;
}

function merge(hosts: number) {
  const diversion = diversionText(withHosts(...Array.from({ length: hosts }, (_, index) => nameOf(index))));
  const startMs = performance.now();
  const parsed = parseDiversion(diversion);
  const merged = parsed.ok ? mergeText(TODAY, makePlan(parsed.value)) : parsed;
  const renderMs = performance.now() - startMs;
  if (!merged.ok) throw new BenchError(JSON.stringify(merged.problems));
  return { hosts, renderMs, text: merged.value.text };
}

function readValues(text: string): JsonObject {
  return parse(text, { version: '1.1', merge: true }) as JsonObject;
}

/** One Envoy with the listener of both, so that both have the same share of whatever else runs. */
function sideBySide(untouched: JsonObject, diverted: JsonObject): Json {
  const listeners = [staticListener(untouched, PORT), staticListener(diverted, PORT + SHIFT)];
  const clusters = [...clustersIn(listeners)].map(echoCluster);
  return { static_resources: { listeners: [...listeners, ECHO], clusters } };
}

/** The listener as a sidecar reported it, with the routes in it and without tracing, which needs a service. */
function staticListener(dump: JsonObject, port: number): Json {
  const state = dynamic(dump, 'dynamic_listeners')
    .map((entry) => objectField(objectField(entry, 'active_state') ?? {}, 'listener') ?? {})
    .find(({ name }) => String(name).endsWith(`_${PORT}`));
  const routes = dynamic(dump, 'dynamic_route_configs')
    .map((entry) => objectField(entry, 'route_config') ?? {})
    .find(({ name }) => name === String(PORT));
  if (!state || !routes) throw new BenchError(`the sidecar has no listener with routes at port ${PORT}`);
  const filters = listField(state, 'filter_chains').map((chain) => ({
    filters: listField(chain as JsonObject, 'filters').map((filter) => {
      const {
        rds: _rds,
        tracing: _tracing,
        ...manager
      } = objectField(filter as JsonObject, 'typed_config') ?? {};
      return { ...(filter as JsonObject), typed_config: { ...manager, route_config: withoutType(routes) } };
    }),
  }));
  const address = { socket_address: { address: '127.0.0.1', port_value: port } };
  return { name: `mesh ${port}`, address, filter_chains: filters };
}

function dynamic(dump: JsonObject, kind: string): JsonObject[] {
  return listField(dump, 'configs').flatMap((part) => listField(part as JsonObject, kind)) as JsonObject[];
}

function withoutType({ '@type': _type, ...rest }: JsonObject): JsonObject {
  return rest;
}

function clustersIn(node: Json | undefined): Set<string> {
  if (Array.isArray(node)) return new Set(node.flatMap((item: Json) => [...clustersIn(item)]));
  if (!isObject(node)) return new Set();
  const { cluster, weighted_clusters: weighted } = node;
  const named = typeof cluster === 'string' ? [cluster] : [];
  const parts = listField(isObject(weighted) ? weighted : {}, 'clusters').flatMap((entry) =>
    isObject(entry) && typeof entry['name'] === 'string' ? [entry['name']] : [],
  );
  return new Set([...named, ...parts, ...Object.values(node).flatMap((value) => [...clustersIn(value)])]);
}
