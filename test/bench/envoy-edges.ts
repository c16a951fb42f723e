import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../../webhook/core/json.ts';
import { plan as makePlan } from '../../webhook/core/plan.ts';
import { field, listField, objectField } from '../../webhook/edges/envoy/fields.ts';
import { findRouteLists } from '../../webhook/edges/envoy/find.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { diversionText, withHosts } from '../fixtures/diversions.ts';
import { inRepository } from '../fixtures/read.ts';
import { findEnvoy } from '../stage/envoy-tool.ts';
import { runInSandbox } from '../stage/sandbox.ts';
import { BenchError } from './bench-error.ts';
import { ECHO, echoCluster } from './echo-listener.ts';
import { type EdgeMeasured, type EdgesOptions, HOST_COUNTS } from './edges.ts';

export interface EnvoyBenchInput {
  readonly envoy: string;
  readonly diversion: string;
  readonly config: string;
  readonly path: string;
  /** The same listener, without the diversion and with it. */
  readonly ports: { readonly untouched: number; readonly diverted: number };
  readonly requests: number;
}

export type EnvoyBenchOutput = Pick<EdgeMeasured, 'startMs' | 'untouchedUs' | 'steppedUs'>;

/** An Envoy, and a request for a host that is not diverted. */
interface Subject {
  readonly name: string;
  readonly file: string;
  readonly port: number;
  readonly path: string;
}

const SUBJECTS: readonly Subject[] = [
  // Behind nearly every copy: the last routes but a few.
  {
    name: 'rest-gateway',
    file: '../shared/upstream/envoy/rest-gateway.yaml',
    port: 8087,
    path: '/w/api.php?action=query',
  },
  { name: 'mesh', file: '../shared/upstream/envoy/mobileapps.yaml', port: 6500, path: '/w/api.php' },
];

const PROGRAM = new URL('inside/envoy.ts', import.meta.url).pathname;
const TIMEOUT_MS = 300_000;
/** Beyond the ports of the original. */
const SHIFT = 10_000;

/** What a number of diverted hosts costs at an Envoy, by the Envoy. */
export async function measureEnvoys({
  requests,
  say,
}: EdgesOptions): Promise<Record<string, EdgeMeasured[]>> {
  const all: Record<string, EdgeMeasured[]> = {};
  for (const subject of SUBJECTS) {
    const config = readFileSync(inRepository(subject.file), 'utf8');
    all[subject.name] = [];
    for (const hosts of HOST_COUNTS) {
      say(`${hosts} hosts: Envoy of ${subject.name} ...`);
      all[subject.name]?.push(await measure(subject, config, { hosts, requests }));
    }
  }
  return all;
}

async function measure(
  { port, path }: Subject,
  config: string,
  { hosts, requests }: { readonly hosts: number; readonly requests: number },
): Promise<EdgeMeasured> {
  const names = Array.from({ length: hosts }, (_, index) => nameOf(index));
  const diversion = diversionText(withHosts(...names));
  const startMs = performance.now();
  const diverted = render(diversion, config);
  const renderMs = performance.now() - startMs;
  const input = {
    envoy: findEnvoy(),
    diversion,
    config: JSON.stringify(sideBySide(parse(config) as JsonObject, parse(diverted) as JsonObject)),
    path,
    ports: { untouched: port, diverted: port + SHIFT },
    requests,
  };
  const run = { program: PROGRAM, input, timeoutMs: TIMEOUT_MS };
  const measured = await runInSandbox<EnvoyBenchInput, EnvoyBenchOutput>(run);
  return { hosts, renderMs, bytes: diverted.length - config.length, ...measured };
}

/** Names that have no first letters in common, once there are several. */
export function nameOf(index: number): string {
  return `${index.toString(36).split('').reverse().join('')}wiki.wikipedia.org`;
}

function render(diversion: string, config: string): string {
  const parsed = parseDiversion(diversion);
  const diverted = parsed.ok ? divertText(config, makePlan(parsed.value)) : parsed;
  if (!diverted.ok) throw new BenchError(JSON.stringify(diverted.problems));
  return diverted.value.text;
}

/** One Envoy with both sets of listeners, so that both have the same share of whatever else runs. */
function sideBySide(untouched: JsonObject, diverted: JsonObject): Json {
  const listeners = (config: JsonObject, shift: number): Json[] =>
    listField(objectField(config, 'static_resources'), 'listeners')
      .filter((listener) => findRouteLists(listener as JsonObject).length > 0)
      .map((listener) => moved(listener as JsonObject, shift));
  const clusters = listField(objectField(diverted, 'static_resources'), 'clusters').map(toEcho);
  return {
    ...diverted,
    static_resources: {
      listeners: [...listeners(untouched, 0), ...listeners(diverted, SHIFT), ECHO],
      clusters,
    },
  };
}

/** The listener at another port, in plain HTTP: what TLS costs is no matter here. */
function moved(listener: JsonObject, shift: number): Json {
  const socket = objectField(objectField(listener, 'address'), 'socket_address') ?? {};
  const chains = listField(listener, 'filter_chains').map((chain) => {
    const { transport_socket: _tls, ...rest } = chain as JsonObject;
    return rest;
  });
  const port = Number(field(socket, 'port_value')) + shift;
  const address = { socket_address: { ...socket, port_value: port } };
  return { ...listener, name: `${field(socket, 'address')} ${port}`, address, filter_chains: chains };
}

function toEcho(cluster: Json): Json {
  const { name } = cluster as { name: string };
  if (/^shunt-|rate_limit|admin/.test(name)) return cluster;
  return echoCluster(name);
}
