import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { type ContainerMount, type RunningContainer, startContainer } from './container.ts';
import { StageError } from './stage-error.ts';
import type { TrafficServerTool } from './traffic-server-tool.ts';

/** Where Debian's Traffic Server has its files, and so where a configuration expects them. */
export const CONFIG_FOLDER = '/etc/trafficserver';
export const PORT = 3128;

const READY_WITHIN_MS = 20_000;
const RUN_ROOT = '/etc/trafficserver/runroot.yaml';

export interface TrafficServerSpec {
  readonly tool: TrafficServerTool;
  /** Files below /etc/trafficserver, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Settings of records.config, as `name TYPE value`, besides those that any stage needs. */
  readonly records: readonly string[];
  readonly mounts: readonly ContainerMount[];
  readonly scratch: string;
  /** Host whose service tells, by answering, that names are known; none unless told. */
  readonly probeHost?: string;
}

/** A Traffic Server that takes requests, and what an operator does to it. */
export interface RunningTrafficServer {
  readonly write: (name: string, content: string) => Promise<void>;
  /** `traffic_ctl config reload`, and waits until the rules have been read, be it in vain. */
  readonly reload: () => Promise<void>;
  readonly output: () => string;
  /** The process that serves requests, a child of its manager. */
  readonly processId: () => Promise<number>;
}

/** Starts Traffic Server with its manager, in a container, at port {@link PORT}. */
export async function startTrafficServer(spec: TrafficServerSpec): Promise<RunningTrafficServer> {
  const config = path.join(spec.scratch, 'trafficserver');
  const write = async (name: string, content: string): Promise<void> => {
    const file = path.join(config, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  const own = { ...ownFiles(spec), ...spec.files };
  for (const [name, content] of Object.entries(own)) await write(name, content);
  const mounts = await mountsOf(spec, config);
  const start = (name: string, command: readonly string[]): Promise<RunningContainer> =>
    startContainer(
      {
        name,
        command: [...command, `--run-root=${RUN_ROOT}`],
        env: { LD_LIBRARY_PATH: spec.tool.libraries.join(':') },
        mounts,
        path: [spec.tool.programs],
        readOnlyRoot: false,
      },
      spec.scratch,
    );
  const manager = await start('trafficserver', ['traffic_manager', '--nosyslog']);
  await waitUntilListening(manager, spec.probeHost);
  const reload = async (): Promise<void> => {
    const before = loads(manager);
    const run = await start('traffic-ctl', ['traffic_ctl', 'config', 'reload']);
    if ((await run.exited) !== 0) throw new StageError(`traffic_ctl: ${run.output()}`);
    if (!(await becomes(() => loads(manager) > before)))
      throw new StageError(`the rules are not read again: ${manager.output().slice(-2000)}`);
  };
  return { write, reload, output: manager.output, processId: findServer };
}

/** By its program, since the stage sees the processes of its own sandbox alone. */
async function findServer(): Promise<number> {
  for (const name of await readdir('/proc')) {
    const program = /^\d+$/.test(name) ? await readlink(`/proc/${name}/exe`).catch(() => '') : '';
    if (path.basename(program) === 'traffic_server') return Number(name);
  }
  throw new StageError('Traffic Server does not run any more');
}

async function mountsOf({ tool, mounts, scratch }: TrafficServerSpec, config: string) {
  const folders = ['/var/log/trafficserver', '/var/cache/trafficserver', '/run/trafficserver'];
  const writable = await Promise.all(
    folders.map(async (target): Promise<ContainerMount> => {
      const source = path.join(scratch, 'state', path.basename(path.dirname(target)));
      await mkdir(source, { recursive: true });
      return { target, source, readOnly: false };
    }),
  );
  return [
    ...mounts,
    ...writable,
    { target: CONFIG_FOLDER, source: config, readOnly: false },
    { target: tool.folder, source: tool.folder, readOnly: true },
  ];
}

function ownFiles({ tool, records }: TrafficServerSpec): Record<string, string> {
  const usr = path.join(tool.folder, 'usr');
  const folders = {
    prefix: usr,
    exec_prefix: usr,
    bindir: tool.programs,
    sbindir: path.join(usr, 'sbin'),
    sysconfdir: CONFIG_FOLDER,
    datadir: path.join(usr, 'share/trafficserver'),
    includedir: path.join(usr, 'include'),
    libdir: path.join(usr, 'lib'),
    libexecdir: tool.modules,
    localstatedir: '/run',
    runtimedir: '/run/trafficserver',
    logdir: '/var/log/trafficserver',
    cachedir: '/var/cache/trafficserver',
  };
  return {
    'runroot.yaml': Object.entries(folders)
      .map(([name, folder]) => `${name}: ${folder}\n`)
      .join(''),
    'records.config': [
      ...STAGE_RECORDS,
      `proxy.config.body_factory.template_sets_dir STRING ${tool.folder}/etc/trafficserver/body_factory`,
      ...records,
    ]

      .map((line) => `CONFIG ${line}\n`)
      .join(''),
    'storage.config': '/var/cache/trafficserver 64M\n',
    'plugin.config': '',
    'ip_allow.yaml': 'ip_allow:\n  - { apply: in, ip_addrs: 0/0, action: allow, methods: ALL }\n',
  };
}

/** Names come from the stage's own /etc/hosts; nobody is logged about; the user stays who it is. */
const STAGE_RECORDS = [
  `proxy.config.http.server_ports STRING ${PORT}`,
  'proxy.config.admin.user_id STRING #-1',
  'proxy.config.hostdb.host_file.path STRING /etc/hosts',
  'proxy.config.exec_thread.autoconfig INT 0',
  'proxy.config.exec_thread.limit INT 2',
  'proxy.config.log.logging_enabled INT 0',
  'proxy.config.diags.output.note STRING E',
  'proxy.config.diags.output.error STRING E',
  'proxy.config.diags.output.warning STRING E',
  'proxy.config.diags.output.fatal STRING E',
];

async function waitUntilListening(manager: RunningContainer, probeHost?: string): Promise<void> {
  let ended = false;
  void manager.exited.then(() => {
    ended = true;
  });
  if ((await becomes(async () => ended || (await answers(probeHost)))) && !ended) return;
  throw new StageError(`Traffic Server does not start: ${manager.output().slice(-3000)}`);
}

/** Waits until it is so; false when it takes too long. */
async function becomes(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (await isSo()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** How often the rules have been read, with or without success. */
function loads(manager: RunningContainer): number {
  return manager.output().match(/remap\.config (?:finished|failed)/g)?.length ?? 0;
}

/** The manager listens before the server does, and that before it knows names, so only an answer without an error counts. */
function answers(host?: string): Promise<boolean> {
  const header = host === undefined ? '' : `Host: ${host}\r\n`;
  return new Promise((resolve) => {
    const socket = connect(PORT, '127.0.0.1', () => socket.write(`GET / HTTP/1.0\r\n${header}\r\n`));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (head) => {
      resolve(/^HTTP\/1\.\d [1-4]/.test(String(head)));
      socket.destroy();
    });
    socket.once('error', () => undefined);
    socket.once('close', () => resolve(false));
  });
}
