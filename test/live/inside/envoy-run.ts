import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { type Issued, issueAuthority, issueLeaf } from '../../../webhook/controller/certificates.ts';
import { milliseconds } from '../../../webhook/core/duration.ts';
import { isIpAddress } from '../../../webhook/core/host.ts';
import type { Json, JsonObject } from '../../../webhook/core/json.ts';
import { plan as makePlan } from '../../../webhook/core/plan.ts';
import { field, listField, objectField } from '../../../webhook/edges/envoy/fields.ts';
import { findClusters } from '../../../webhook/edges/envoy/find.ts';
import { protocolOf } from '../../../webhook/edges/envoy/upstream-protocol.ts';
import type { Plan } from '../../../webhook/edges/plan.ts';
import { configDirectory, RUNTIME_FOLDER, shareRuntimeKey } from '../../../webhook/edges/pod-paths.ts';
import { parseDiversion } from '../../../webhook/spec/parse.ts';
import { type ContainerMount, type RunningContainer, startContainer } from '../../stage/container.ts';
import { machineMounts } from '../../stage/machine-files.ts';
import { type Origin, type Seen, startOrigin } from '../../stage/origins.ts';
import { startRateLimit } from '../../stage/rate-limit.ts';
import { startResolver } from '../../stage/resolver.ts';
import { secretFiles } from '../../stage/secret-files.ts';
import { StageError } from '../../stage/stage-error.ts';
import { gatewaySites } from '../../stage/world.ts';
import { type AnswersInput, OVER_LIMIT_WORD } from '../live-request.ts';
import { JWKS } from './jwks.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const READY_WITHIN_MS = 60_000;
const CONFIG_FOLDER = '/etc/envoy';
const CA_FILES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/ssl/certs/wmf-ca-certificates.crt'];

interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface RunningEnvoy {
  readonly container: RunningContainer;
  /** Every request that any origin has seen. */
  readonly arrivals: () => readonly Seen[];
  /** From its start until it took requests. */
  readonly readyMs: number;
}

/** Runs Envoy with that very configuration: each name that it knows leads to an origin that says who it is. */
export async function startEnvoyWith(input: AnswersInput, scratch: string): Promise<RunningEnvoy> {
  const config = parse(input.config) as JsonObject;
  const validity = { now: new Date(), lifetime: milliseconds(DAY_MS) };
  const authority = await issueAuthority('stage', validity);
  const parsed = parseDiversion(input.diversion);
  if (!parsed.ok) throw new StageError(JSON.stringify(parsed.problems));
  const plan = makePlan(parsed.value);
  const endpoints = endpointsOf(config);
  const certificate = await issueLeaf(authority, [...new Set(namesFor(endpoints, plan.targets))], validity);
  const hosts: Record<string, string> = {};
  const origins: Origin[] = [];
  for (const { address, port, tls } of endpoints) {
    if (!isIpAddress(address)) hosts[address] ??= `127.1.1.${Object.keys(hosts).length + 1}`;
    const place = hosts[address] ?? address;
    const behind = plan.targets.filter((target) => target.address === address && target.port === port);
    const sites = behind.length > 0 ? gatewaySites(plan.hosts, behind) : [{ name: `${address}:${port}` }];
    const tlsVersion = behind.length > 0 ? input.tlsVersion : undefined;
    origins.push(
      await startOrigin({ address: place, port, sites, tlsVersion, ...(tls ? { certificate } : {}) }),
    );
  }
  for (const { address, port } of rateLimitsOf(config)) await startRateLimit(address, port, OVER_LIMIT_WORD);
  const mounts = [
    ...(await machineMounts(path.join(scratch, 'machine'), {
      hosts,
      authorities: CA_FILES.map((file) => ({ path: file, pem: authority.cert })),
      resolver: input.ill !== undefined,
    })),
    ...(await fileMounts(scratch, input, certificate)),
    ...(await shareMounts(scratch, plan, input.folder ?? {})),
    ...(await otherShareMounts(scratch, plan.diversion, input.config)),
    ...['/var/run/envoy', '/var/log/envoy'].map((target) => ({ target, readOnly: false })),
  ];
  if (input.ill) await startResolver(hosts, input.ill);
  const service = ['--service-node', 'stage', '--service-cluster', 'stage'];
  const startMs = performance.now();
  const running = await startContainer(
    {
      name: 'envoy',
      command: [
        'envoy',
        '-c',
        `${CONFIG_FOLDER}/envoy.yaml`,
        '--disable-hot-restart',
        '--log-level',
        'warning',
        ...service,
      ],
      env: {},
      mounts,
      path: [path.dirname(input.envoy)],
      readOnlyRoot: true,
    },
    scratch,
  );
  await waitUntilListening(running, config);
  const readyMs = performance.now() - startMs;
  return { container: running, arrivals: () => origins.flatMap((origin) => origin.arrivals), readyMs };
}

function namesFor(
  endpoints: readonly Endpoint[],
  targets: readonly { certificateNames: readonly string[] }[],
): string[] {
  return [
    ...endpoints.filter(({ tls, address }) => tls && !isIpAddress(address)).map(({ address }) => address),
    ...targets.flatMap(({ certificateNames }) => certificateNames),
  ];
}

/** Everything that a static cluster leads to; pipes and HTTP/2-only services (tracing, rate limits) stay away. */
function endpointsOf(config: JsonObject): Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const cluster of findClusters(config).clusters) {
    const tls = field(cluster, 'transport_socket') !== undefined;
    if (protocolOf(cluster) === 'http2') continue;
    for (const place of placesOf(cluster)) found.set(`${place.address}:${place.port}`, { ...place, tls });
  }
  return [...found.values()];
}

interface Place {
  readonly address: string;
  readonly port: number;
}

function placesOf(cluster: Json): Place[] {
  const localities = listField(objectField(cluster, 'load_assignment'), 'endpoints');
  return localities
    .flatMap((locality) => listField(locality, 'lb_endpoints'))
    .flatMap((endpoint): Place[] => {
      const socket = objectField(objectField(objectField(endpoint, 'endpoint'), 'address'), 'socket_address');
      const [address, port] = [field(socket, 'address'), field(socket, 'port_value')];
      return typeof address === 'string' && typeof port === 'number' ? [{ address, port }] : [];
    });
}

/** Where the rate limit service is that filters ask. */
function rateLimitsOf(config: JsonObject): Place[] {
  const asked = new Set(
    [...JSON.stringify(config).matchAll(/"rate_limit_service":.*?"cluster_name":"([^"]+)"/g)].map(
      ([, name]) => name,
    ),
  );
  const clusters = findClusters(config).clusters.filter((cluster) =>
    asked.has(String(field(cluster, 'name'))),
  );
  return clusters.flatMap(placesOf);
}

/** Origins of the stage answer as soon as they have a processor, which on a busy machine takes longer than a quarter second. */
function patient(config: string): string {
  return config.replaceAll(/(\bconnect_timeout"?: *"?)[0-9.]+s/g, (_, key: string) => `${key}20s`);
}

async function fileMounts(
  scratch: string,
  input: AnswersInput,
  { cert, key }: Issued,
): Promise<ContainerMount[]> {
  const files: Record<string, string> = {
    [`${CONFIG_FOLDER}/envoy.yaml`]: patient(input.config),
    [`${CONFIG_FOLDER}/ssl/service.crt`]: cert,
    [`${CONFIG_FOLDER}/ssl/service.key`]: key,
    '/etc/jwks/jwks.json': input.jwks ?? JSON.stringify(JWKS),
  };
  for (const [name, content] of Object.entries(secretFiles(input.config, { cert, key }))) {
    files[`${CONFIG_FOLDER}/${name}`] = content;
  }
  return Promise.all(
    Object.entries(files).map(async ([target, content]) => {
      const source = path.join(scratch, 'files', target);
      await mkdir(path.dirname(source), { recursive: true });
      await writeFile(source, content);
      return { target, source, readOnly: true };
    }),
  );
}

async function shareMounts(
  scratch: string,
  { diversion, share }: Plan,
  files: Readonly<Record<string, string>>,
): Promise<ContainerMount[]> {
  const source = path.join(scratch, 'share');
  const folder = path.join(source, '..data', RUNTIME_FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, shareRuntimeKey(diversion)), String(share));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(source, name), text);
  return [{ target: configDirectory(diversion), source, readOnly: true }];
}

/** Empty folders for the shares of other diversions in the same Envoy, which does not start without them. */
async function otherShareMounts(
  scratch: string,
  diversion: string,
  config: string,
): Promise<ContainerMount[]> {
  const named = [...config.matchAll(/\/etc\/shunt\/([a-z0-9-]+)\/\.\.data/g)].map(([, name = '']) => name);
  const others = [...new Set(named)].filter((name) => name !== diversion);
  return Promise.all(
    others.map(async (name) => {
      const source = path.join(scratch, 'other-shares', name);
      await mkdir(path.join(source, '..data', RUNTIME_FOLDER), { recursive: true });
      return { target: configDirectory(name), source, readOnly: true };
    }),
  );
}

async function waitUntilListening(running: RunningContainer, config: JsonObject): Promise<void> {
  const [listener] = listField(objectField(config, 'static_resources'), 'listeners') as readonly JsonObject[];
  const port = field(objectField(objectField(listener, 'address'), 'socket_address'), 'port_value') as Json;
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && !ended) {
    const answer = await fetch(`http://localhost:${port}/healthz`).catch(() => undefined);
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new StageError(`Envoy does not take the configuration: ${running.output().slice(-3000)}`);
}
