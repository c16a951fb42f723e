import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { auditFlags } from './audit.ts';
import { run } from './command.ts';
import { type Start, startApi, startControllers, startEtcd } from './control-plane-parts.ts';
import { makeCredentials } from './credentials.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { makeGroups } from './machine/cgroups.ts';
import { importImages, makeWorldAuthority } from './machine/images.ts';
import { enter, makeNamespaces } from './machine/namespaces.ts';
import { connect } from './machine/network.ts';
import { writeNodeFiles } from './machine/node-files.ts';
import {
  dnsSources,
  startContainerd,
  startDns,
  startKubelet,
  startProxy,
  startScheduler,
} from './machine/node-parts.ts';
import { startPart } from './part.ts';
import { freePort } from './ports.ts';
import { Record } from './record.ts';
import { FOLDER, identify, type State } from './state.ts';
import { findTool } from './tool.ts';

const LOOPBACK = '127.0.0.1';
const API_PORT = 6443;
const ETCD_PORT = 2379;

/** Programs that parts of a node look for by name. */
const ON_THE_PATH = ['containerd', 'runc', 'iptables', 'conntrack'];

export interface FullOptions {
  /** Whether the API server writes down who changed what, in audit.log. */
  readonly audit?: boolean;
}

/** Starts etcd, the API server and the controllers on loopback; they run until `down`. */
export async function upApiOnly(): Promise<State> {
  const record = new Record('api-only');
  const credentials = await makeCredentials(path.join(FOLDER, 'credentials'), [LOOPBACK, 'localhost']);
  const plane = {
    address: LOOPBACK,
    etcdPort: await freePort(),
    apiPort: await freePort(),
    dataFolder: FOLDER,
    credentials,
    serviceRange: '10.213.128.0/20',
  };
  const url = `https://${LOOPBACK}:${plane.apiPort}`;
  const start = starter(record, [], process.env);
  await startEtcd(plane, start);
  await startApi(plane, start);
  await startControllers(plane, start, await writeKubeconfig(credentials, 'kube-controller-manager', url));
  return record.ready(await writeKubeconfig(credentials, 'admin', url), url);
}

/** Starts a cluster of one node in namespaces of its own; the host reaches it over a link. */
export async function upFull({ audit = false }: FullOptions = {}): Promise<State> {
  const tools = await Promise.all(ON_THE_PATH.map((name) => findTool(name)));
  const record = new Record('full');
  const { holder, initPid } = await makeNamespaces(FOLDER, await findTool('cni-plugins'));
  const inside = enter(initPid);
  const held = { holder: identify('unshare', holder.pid), initPid };
  const network = await connect(initPid, inside, (network) => record.machine({ ...held, network }));
  makeGroups(network.name);
  const env = {
    ...process.env,
    PATH: [...tools.map((tool) => path.dirname(tool)), process.env['PATH']].join(':'),
  };
  const start = starter(record, inside, env);

  const names = [network.node, network.apiService, 'kubernetes.default.svc', LOOPBACK];
  const credentials = await makeCredentials(path.join(FOLDER, 'credentials'), names);
  const url = `https://${network.node}:${API_PORT}`;
  const plane = {
    address: network.node,
    etcdPort: ETCD_PORT,
    apiPort: API_PORT,
    dataFolder: FOLDER,
    credentials,
    serviceRange: network.serviceRange,
  };
  for (const caller of ['kube-scheduler', 'kube-proxy', 'kubelet'] as const)
    await writeKubeconfig(credentials, caller, url);
  const api = { url, ca: credentials.ca, token: credentials.tokens.admin };
  await writeNodeFiles(FOLDER, network);
  await writeFile(path.join(FOLDER, 'names.json'), '{}\n');
  await writeFile(path.join(FOLDER, 'dns.json'), JSON.stringify(dnsSources(api)), { mode: 0o600 });

  const [nsenter = '', ...args] = inside;
  const runInside = (command: readonly string[]) => run(nsenter, [...args, ...command]);
  const setting = { start, runInside, api, network };
  await Promise.all([startEtcd(plane, start), startContainerd(setting)]);
  const images = importImages(FOLDER, await makeWorldAuthority(FOLDER), runInside);
  await Promise.all([startApi(plane, start, audit ? await auditFlags(FOLDER) : []), images]);
  const controllers = await writeKubeconfig(credentials, 'kube-controller-manager', url);
  await Promise.all([
    startControllers(plane, start, controllers),
    startScheduler(setting),
    startProxy(setting),
    startKubelet(setting),
    startDns(setting),
  ]);
  return record.ready(await writeKubeconfig(credentials, 'admin', url), url);
}

function starter(record: Record, inside: readonly string[], env: NodeJS.ProcessEnv): Start {
  return (name, command) =>
    record.process(
      startPart({
        name,
        command: [...inside, ...command],
        logFile: path.join(FOLDER, `${name}.log`),
        env,
        outlives: true,
      }),
    );
}
