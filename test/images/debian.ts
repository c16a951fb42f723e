import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Architecture } from './elf.ts';
import { ImageError } from './image-error.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const WITHIN_MS = 300_000;

/** A package of Debian in one version, and the checksum that its file must have. */
export interface Pin {
  readonly version: string;
  readonly sha256: Readonly<Record<Architecture, string>>;
}
export type Pins = Readonly<Record<string, Pin>>;

export const PINS_FILE = path.join(ROOT, 'test/images/base.json');

/** The packages whose libraries the image has. */
export function readPins(): Pins {
  return JSON.parse(readFileSync(PINS_FILE, 'utf8')) as Pins;
}

/**
 * A folder with the contents of these packages, each below its name; fetched once, and checked. Throws an ImageError
 * where the machine's package sources no longer offer them.
 */
export function unpackedPackages(pins: Pins, architecture: Architecture): string {
  const key = sha256(Buffer.from(JSON.stringify(pins))).slice(0, 12);
  const folder = path.join(ROOT, `.tools/image-base-${architecture}-${key}`);
  if (existsSync(folder)) return folder;
  inScratch((scratch) => {
    for (const [name, { version, sha256: sums }] of Object.entries(pins)) {
      const bytes = readFileSync(download(scratch, architecture, `${name}=${version}`));
      if (sha256(bytes) !== sums[architecture])
        throw new ImageError(
          `${name} ${version} (${architecture}) has another checksum than ${PINS_FILE} names`,
        );
    }
    mkdirSync(path.join(scratch, 'unpacked'));
    for (const file of packageFiles(scratch)) {
      const target = path.join(scratch, 'unpacked', path.basename(file).replace(/_.*/, ''));
      execFileSync('dpkg-deb', ['--raw-extract', file, target]);
    }
    if (!existsSync(folder)) renameSync(path.join(scratch, 'unpacked'), folder);
  });
  return folder;
}

/** The versions and checksums that this machine's package sources offer now. */
export function newestPins(names: readonly string[]): Pins {
  return inScratch((scratch) => {
    const pins: Record<string, Pin> = {};
    for (const name of names) {
      const [amd64, arm64] = [offered(scratch, 'amd64', name), offered(scratch, 'arm64', name)];
      if (amd64.version !== arm64.version)
        throw new ImageError(`${name} has version ${amd64.version} for amd64 and ${arm64.version} for arm64`);
      pins[name] = { version: amd64.version, sha256: { amd64: amd64.sha256, arm64: arm64.sha256 } };
    }
    return pins;
  });
}

function offered(scratch: string, architecture: Architecture, name: string) {
  const file = download(scratch, architecture, name);
  const version = execFileSync('dpkg-deb', ['--field', file, 'Version'], { encoding: 'utf8' });
  return { version: version.trim(), sha256: sha256(readFileSync(file)) };
}

/** The file of a package, by apt with lists of its own, so that any architecture can be had on any machine. */
function download(scratch: string, architecture: Architecture, wanted: string): string {
  const state = path.join(scratch, architecture);
  const options = {
    'Dir::State::Lists': path.join(state, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': path.join(state, 'cache'),
    'APT::Architecture': architecture,
    'APT::Architectures::': architecture,
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  };
  const flags = ['-qq', ...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`])];
  const apt = (...args: string[]): void => {
    try {
      execFileSync('apt-get', [...flags, ...args], { cwd: state, timeout: WITHIN_MS, stdio: 'pipe' });
    } catch (error) {
      throw new ImageError(`${wanted} (${architecture}) cannot be fetched: ${reasonOf(error as Error)}`);
    }
  };
  if (!existsSync(state)) {
    mkdirSync(path.join(state, 'lists/partial'), { recursive: true });
    mkdirSync(path.join(state, 'cache/archives/partial'), { recursive: true });
    apt('update');
  }
  apt('download', wanted);
  const name = wanted.replace(/=.*/, '');
  const file = packageFiles(scratch).find((file) => file.startsWith(path.join(state, `${name}_`)));
  if (file === undefined) throw new ImageError(`apt-get fetched no ${wanted} (${architecture})`);
  return file;
}

function reasonOf(error: Error & { stderr?: Buffer }): string {
  return error.stderr?.toString().trim() || error.message;
}

function packageFiles(scratch: string): string[] {
  return readdirSync(scratch, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.deb'))
    .map((name) => path.join(scratch, name));
}

function inScratch<T>(work: (scratch: string) => T): T {
  mkdirSync(path.join(ROOT, '.tools'), { recursive: true });
  const scratch = mkdtempSync(path.join(ROOT, '.tools/image-base-'));
  try {
    return work(scratch);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
