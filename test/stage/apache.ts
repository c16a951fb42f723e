import { spawnSync } from 'node:child_process';
import { globSync, realpathSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { Issued } from '../../webhook/controller/certificates.ts';
import { type RunningContainer, startContainer } from './container.ts';
import { StageError } from './stage-error.ts';

const TOOLS = path.join(import.meta.dirname, '../../scripts/tools');
const READY_WITHIN_MS = 20_000;
const MODULES = ['mpm_event', 'authz_core', 'alias', 'dir', 'mime', 'ssl'];

const LOG = 'served.log';

/** What the script answers, whichever way it was found. */
export const SCRIPT_TEXT = 'the script itself';

export interface ApacheSpec {
  /** Folder above its `usr`. */
  readonly folder: string;
  readonly address: string;
  readonly port: number;
  readonly certificate: Issued;
  /** Path of the script, which answers whatever follows behind it. */
  readonly script: string;
  readonly scratch: string;
}

/** The folder of Apache httpd, unpacked first when it is not there. */
export function findApache(): string {
  const found = spawnSync(TOOLS, ['apache'], { encoding: 'utf8' });
  if (found.status !== 0) throw new StageError(found.stderr.trim() || 'scripts/tools could not be run');
  return realpathSync(found.stdout.trim());
}

export interface RunningApache {
  /** First lines of the requests that were for the script, or for something else, in the order of the answers. */
  readonly served: () => Promise<Readonly<Record<'script' | 'others', readonly string[]>>>;
}

/** Starts an Apache httpd that decodes as much as it can be told to, with the script behind an alias. */
export async function startApache(spec: ApacheSpec): Promise<RunningApache> {
  const own = path.join(spec.scratch, 'apache');
  const files = {
    'conf/apache.conf': configOf(spec, own),
    'conf/cert.pem': spec.certificate.cert,
    'conf/key.pem': spec.certificate.key,
    'conf/mime.types': '',
    'docs/index.php': 'a page',
    'docs/wiki/X': 'a page',
    [`scripts/${path.basename(spec.script)}`]: SCRIPT_TEXT,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(own, name)), { recursive: true });
    await writeFile(path.join(own, name), content);
  }
  const libraries = globSync(['usr/lib/*-linux-*'], { cwd: spec.folder });
  const run = await startContainer(
    {
      name: 'apache',
      command: [path.join(spec.folder, 'usr/sbin/apache2'), '-X', '-f', path.join(own, 'conf/apache.conf')],
      env: { LD_LIBRARY_PATH: libraries.map((name) => path.join(spec.folder, name)).join(':') },
      mounts: [own, spec.folder].map((folder) => ({ target: folder, source: folder, readOnly: false })),
      path: [],
      readOnlyRoot: false,
    },
    spec.scratch,
  );
  await waitUntilListening(spec, run);
  return { served: () => readServed(own, spec.script) };
}

async function readServed(own: string, script: string): Promise<Record<'script' | 'others', string[]>> {
  const lines = (await readFile(path.join(own, LOG), 'utf8')).split('\n').slice(0, -1);
  const file = `${own}/scripts/${path.basename(script)} `;
  return {
    script: lines.filter((line) => line.startsWith(file)).map((line) => line.slice(file.length)),
    others: lines.filter((line) => !line.startsWith(file)),
  };
}

function configOf({ folder, address, port, script }: ApacheSpec, own: string): string {
  return [
    `ServerRoot ${own}`,
    ...MODULES.map((name) => `LoadModule ${name}_module ${folder}/usr/lib/apache2/modules/mod_${name}.so`),
    `Listen ${address}:${port} https`,
    'ServerName stage',
    `PidFile ${own}/apache.pid`,
    'Mutex pthread',
    'ErrorLog /dev/stderr',
    'LogFormat "%f %r" file',
    `CustomLog ${own}/${LOG} file`,
    `TypesConfig ${own}/conf/mime.types`,
    'SSLEngine on',
    `SSLCertificateFile ${own}/conf/cert.pem`,
    `SSLCertificateKeyFile ${own}/conf/key.pem`,
    `DocumentRoot ${own}/docs`,
    `Alias ${path.dirname(script)} ${own}/scripts`,
    'DirectoryIndex index.php',
    'AcceptPathInfo On',
    'AllowEncodedSlashes On',
    'HttpProtocolOptions Unsafe',
    '<Directory />',
    'Require all granted',
    '</Directory>',
    '',
  ].join('\n');
}

async function waitUntilListening({ address, port }: ApacheSpec, run: RunningContainer): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (await isOpen(address, port)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new StageError(`Apache does not start: ${run.output().slice(-2000)}`);
}

function isOpen(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address, () => resolve(true));
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
  });
}
