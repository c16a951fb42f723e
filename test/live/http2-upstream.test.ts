import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect, createSecureServer, type Http2SecureServer } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueAuthority, issueLeaf } from '../../webhook/controller/certificates.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { plan as makePlan, type Plan } from '../../webhook/core/plan.ts';
import { divert } from '../../webhook/edges/envoy/divert.ts';
import { HTTP_PROTOCOL_OPTIONS, typed } from '../../webhook/edges/envoy/types.ts';
import { configDirectory } from '../../webhook/edges/pod-paths.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { findEnvoy } from '../stage/envoy-tool.ts';
import { diversion, ENVOY_VERSIONS } from './ask.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const READY_WITHIN_MS = 60_000;
const NAME = 'origin.test';

const PROTOCOLS: readonly (readonly [string, JsonObject])[] = [
  ['HTTP/2 alone', { explicit_http_config: { http2_protocol_options: {} } }],
  [
    'the protocol of the request',
    { use_downstream_protocol_config: { http_protocol_options: {}, http2_protocol_options: {} } },
  ],
  ['what TLS agrees on', { auto_config: { http_protocol_options: {}, http2_protocol_options: {} } }],
];

/** A server of gRPC's shape: HTTP/2 alone, and the outcome in a trailer. */
function startGrpc(name: string, certificate: { cert: string; key: string }): Promise<Http2SecureServer> {
  const server = createSecureServer({ ...certificate, allowHTTP1: false });
  server.on('stream', (stream, headers) => {
    stream.respond(
      { ':status': 200, 'x-origin': name, 'x-seen': headers[':authority'] },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '7', 'grpc-message': 'said' }));
    stream.on('error', () => undefined);
    stream.end('body');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function portOf(server: Http2SecureServer): number {
  return (server.address() as AddressInfo).port;
}

interface Called {
  readonly origin: unknown;
  readonly authority: unknown;
  readonly grpcStatus: unknown;
}

function call(session: ClientHttp2Session, authority: string): Promise<Called> {
  return new Promise((resolve, reject) => {
    const request = session.request({
      ':method': 'POST',
      ':path': '/package.Service/Method',
      ':authority': authority,
      te: 'trailers',
    });
    let head: Record<string, unknown> = {};
    let trailers: Record<string, unknown> = {};
    request.on('response', (headers) => (head = { ...headers }));
    request.on('trailers', (headers) => (trailers = { ...headers }));
    request.on('error', reject);
    request.on('close', () =>
      resolve({ origin: head['x-origin'], authority: head['x-seen'], grpcStatus: trailers['grpc-status'] }),
    );
    request.resume();
    request.end('ask');
  });
}

/** The configuration of one listener that speaks HTTP/2 to its callers and to its upstream. */
function proxy(listenerPort: number, upstreamPort: number, caFile: string, options: JsonObject): JsonObject {
  const route = { match: { prefix: '/' }, route: { cluster: 'upstream' } };
  const manager = typed('hcm', {
    stat_prefix: 'x',
    codec_type: 'HTTP2',
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [route] }] },
    http_filters: [{ name: 'router', typed_config: typed('router') }],
  });
  return {
    static_resources: {
      listeners: [
        {
          name: 'l',
          address: { socket_address: { address: '127.0.0.1', port_value: listenerPort } },
          filter_chains: [{ filters: [{ name: 'hcm', typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          name: 'upstream',
          type: 'STATIC',
          load_assignment: {
            cluster_name: 'upstream',
            endpoints: [
              {
                lb_endpoints: [
                  {
                    endpoint: {
                      address: { socket_address: { address: '127.0.0.1', port_value: upstreamPort } },
                    },
                  },
                ],
              },
            ],
          },
          typed_extension_protocol_options: {
            [HTTP_PROTOCOL_OPTIONS]: typed('httpProtocolOptions', options as Record<string, never>),
          },
          transport_socket: {
            name: 'tls',
            typed_config: typed('upstreamTls', {
              sni: NAME,
              common_tls_context: {
                alpn_protocols: ['h2'],
                validation_context: { trusted_ca: { filename: caFile } },
              },
            }),
          },
        },
      ],
    },
  };
}

function planFor(upstreamPort: number, targetPort: number, caFile: string): Plan {
  const parsed = parseDiversion(diversion);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const peer = { address: '127.0.0.1', caFile, sni: NAME, certificateNames: [NAME] };
  const made = makePlan(parsed.value);
  const targets = made.targets.map((target) => ({ ...target, ...peer, port: targetPort }));
  const [first] = made.upstreams.filter(({ target }) => target.role === 'web');
  const web = targets.find(({ role }) => role === 'web');
  if (!first || !web) throw new Error('the diversion has no upstream for the web');
  return {
    ...made,
    targets,
    upstreams: [{ ...first, addresses: ['127.0.0.1'], port: upstreamPort, target: web }],
  };
}

describe.each(ENVOY_VERSIONS)('an upstream that speaks HTTP/2, on Envoy %s', (version) => {
  let scratch: string;
  let caFile: string;
  let production: Http2SecureServer;
  let target: Http2SecureServer;
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'shunt-http2-'));
    const validity = { now: new Date(), lifetime: milliseconds(DAY_MS) };
    const authority = await issueAuthority('stage', validity);
    const leaf = await issueLeaf(authority, [NAME], validity);
    caFile = path.join(scratch, 'ca.pem');
    await writeFile(caFile, authority.cert);
    production = await startGrpc('production', leaf);
    target = await startGrpc('target', leaf);
  }, READY_WITHIN_MS);

  afterAll(async () => {
    for (const envoy of running) envoy.kill('SIGKILL');
    production?.close();
    target?.close();
    await rm(scratch, { recursive: true, force: true });
  });

  async function start(config: JsonObject, port: number): Promise<ClientHttp2Session> {
    const file = path.join(scratch, `${port}.json`);
    await writeFile(file, JSON.stringify(config).replaceAll(configDirectory('testwiki'), scratch));
    const own = [
      '--disable-hot-restart',
      '--log-level',
      'error',
      '--service-node',
      'n',
      '--service-cluster',
      'c',
    ];
    running.push(spawn(findEnvoy(version), ['-c', file, '--concurrency', '1', ...own], { stdio: 'ignore' }));
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const session = connect(`http://127.0.0.1:${port}`);
      const isOpen = await new Promise<boolean>((resolve) => {
        session.once('remoteSettings', () => resolve(true));
        session.once('error', () => resolve(false));
      });
      if (isOpen) return session;
      if (performance.now() > deadlineMs) throw new Error('Envoy does not listen');
      await sleep(100);
    }
  }

  it.each(PROTOCOLS)('%s: the target is asked in the same, and trailers survive', async (_, options) => {
    const port = await freePort();
    const plan = planFor(portOf(production), portOf(target), caFile);
    const { config, report } = divert(proxy(port, portOf(production), caFile, options), plan);
    expect(report).toMatchObject({ diverted: 1, unsupported: [] });
    const session = await start(config, port);
    const answers = [await call(session, 'en.wikipedia.org'), await call(session, 'Test.Wikipedia.org.:443')];
    session.close();
    expect(answers).toEqual([
      { origin: 'production', authority: 'en.wikipedia.org', grpcStatus: '7' },
      { origin: 'target', authority: 'test.wikipedia.org', grpcStatus: '7' },
    ]);
  });
});
