import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');

/** The program as one file, and what was put into it. */
export interface Bundle {
  readonly code: Buffer;
  /** Sorted by name. */
  readonly packages: readonly BundledPackage[];
}

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Text of its licence and notice files. */
  readonly terms: string;
  /** As package-lock.json has it. */
  readonly integrity: string;
}

interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

/** Made by the script of package.json that the Dockerfile uses too; further flags of esbuild replace its own. */
export function makeBundle(flags: readonly string[] = []): Bundle {
  const folder = mkdtempSync(path.join(tmpdir(), 'shunt-bundle-'));
  try {
    const [file, metafile] = [path.join(folder, 'shunt.mjs'), path.join(folder, 'meta.json')];
    const own = [`--outfile=${file}`, `--metafile=${metafile}`];
    execFileSync('npm', ['run', '--silent', 'bundle', '--', ...own, ...flags], { cwd: ROOT });
    const { outputs } = JSON.parse(readFileSync(metafile, 'utf8')) as Metafile;
    return { code: readFileSync(file), packages: packagesOf(Object.values(outputs)[0]?.inputs ?? {}) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The bundle as a program that a Node at that path runs: images have no `env` to find it with. */
export function runBy(node: string, { code }: Bundle): Buffer {
  return Buffer.from(code.toString().replace(/^#!.*/, `#!${node}`));
}

/** The licences of all that the bundle holds. */
export function thirdPartyTerms({ packages }: Bundle): string {
  return packages
    .map(({ name, version, license, terms }) => `${name} ${version}\nLicence: ${license}\n\n${terms}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function packagesOf(inputs: Metafile['outputs'][string]['inputs']): BundledPackage[] {
  const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const folders = used.map(([file]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  const lock = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { integrity?: string }>;
  };
  return [...new Set(folders.filter((folder) => folder !== undefined))]
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'));
      const { name, version, license } = manifest as BundledPackage;
      return {
        name,
        version,
        license,
        terms: termsIn(folder),
        integrity: lock.packages[folder]?.integrity ?? '',
      };
    })
    .sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

function termsIn(folder: string): string {
  const files = readdirSync(path.join(ROOT, folder)).filter((name) =>
    /^(licen[cs]e|notice|copying)/i.test(name),
  );
  return files
    .sort()
    .map((name) => readFileSync(path.join(ROOT, folder, name), 'utf8').trim())
    .join('\n\n');
}
