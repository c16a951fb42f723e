import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findTool } from '../cluster/tool.ts';
import { HERE, writeArchive } from '../images/archive.ts';
import { availablePins } from '../images/base-layer.ts';
import { makeBundle } from '../images/bundle.ts';
import { readPins, unpackedPackages } from '../images/debian.ts';
import type { Architecture } from '../images/elf.ts';
import { ImageError } from '../images/image-error.ts';
import { productImage } from '../images/product.ts';
import { readSource } from '../images/source.ts';
import { packageChart, signChart } from './chart-package.ts';
import { executables } from './executable.ts';
import { releaseNotes } from './notes.ts';
import { npmPackage } from './npm-package.ts';
import { envelope, provenance } from './provenance.ts';
import { ReleaseError } from './release-error.ts';
import { sbom } from './sbom.ts';
import { disagreements } from './versions.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const ALL: readonly Architecture[] = ['amd64', 'arm64'];
const USAGE = `usage: scripts/release VERSION [--out DIR] [--sign KEY] [--attest FILE] [--dry-run]

Makes every file of a release in DIR (release-VERSION): image archive, chart package, npm package, single-file executables,
SBOM, provenance statement, notes, SHA256SUMS. The same commit gives the same bytes.
--sign KEY     signs the chart package with that key of gpg
--attest FILE  signs the provenance statement with that private key (PEM)
--dry-run      a rehearsal in seconds, also with modified files: the image for this machine alone and not compressed,
               no executables
`;

interface Options {
  readonly version: string;
  readonly out: string;
  readonly sign?: string | undefined;
  readonly attest?: string | undefined;
  readonly isDryRun: boolean;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      sign: { type: 'string' },
      attest: { type: 'string' },
      'dry-run': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const [version, ...more] = positionals;
  if (values.help) process.stdout.write(USAGE);
  else if (version === undefined || more.length > 0) {
    process.stderr.write(`release: name one version\n${USAGE}`);
    process.exitCode = 2;
  } else {
    const { sign, attest, 'dry-run': isDryRun = false } = values;
    await release({ version, out: path.resolve(values.out ?? `release-${version}`), sign, attest, isDryRun });
  }
}

async function release({ version, out, sign, attest, isDryRun }: Options): Promise<void> {
  const source = readSource();
  check(version, isDryRun || source?.isModified === false);
  const notes = releaseNotes(readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8'), version);
  if (notes === undefined) throw new ReleaseError(`CHANGELOG.md has no section for ${version}`);
  const architectures = isDryRun ? [HERE] : ALL;
  const pins = isDryRun ? availablePins(HERE) : lockedPins(architectures);
  const bundle = makeBundle();
  const image = productImage({ names: [`pretrain-shunt:${version}`], architectures, pins, bundle });
  const { bytes, digests } = writeArchive([image], { compress: !isDryRun });
  const files = new Map<string, Buffer>([
    [`pretrain-shunt-${version}.oci.tar`, bytes],
    [
      `chart/pretrain-shunt-${version}.tgz`,
      packageChart(await findTool('helm', '3'), version, digests[0] ?? ''),
    ],
    [`npm/pretrain-shunt-${version}.tgz`, npmPackage(bundle)],
    ...(isDryRun ? [] : [...executables(ALL)]).map(([name, made]) => [`shunt-linux-${name}`, made] as const),
    ['sbom.cdx.json', Buffer.from(sbom(version, bundle, pins, architectures))],
    ['RELEASE-NOTES.md', Buffer.from(notes)],
  ]);
  const statement = provenance({ version, sums: sumsOf(files), pins, source, architectures });
  files.set(
    'provenance.intoto.json',
    Buffer.from(attest ? envelope(statement, readFileSync(attest, 'utf8')) : statement),
  );
  write(out, files);
  if (sign !== undefined) {
    const chart = path.join(out, `chart/pretrain-shunt-${version}.tgz`);
    files.set(`chart/pretrain-shunt-${version}.tgz.prov`, signChart(chart, sign));
    write(out, files);
  }
  process.stdout.write(
    `${out}: ${files.size + 1} files, image ${digests[0]}${isDryRun ? ', a rehearsal' : ''}\n`,
  );
}

function check(version: string, isClean: boolean): void {
  const wrong = disagreements(version);
  if (wrong.length > 0) throw new ReleaseError(`not version ${version}: ${wrong.join('; ')}`);
  if (!isClean)
    throw new ReleaseError(
      'files differ from the commit, or there is none; commit them first, or rehearse with --dry-run',
    );
}

function lockedPins(architectures: readonly Architecture[]) {
  const pins = readPins();
  for (const architecture of architectures) unpackedPackages(pins, architecture);
  return pins;
}

function sumsOf(files: ReadonlyMap<string, Buffer>): Map<string, string> {
  return new Map([...files].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]));
}

function write(out: string, files: ReadonlyMap<string, Buffer>): void {
  for (const [name, bytes] of files) {
    const file = path.join(out, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes, { mode: name.startsWith('shunt-') ? 0o755 : 0o644 });
  }
  const lines = [...sumsOf(files)].map(([name, sum]) => `${sum}  ${name}\n`);
  writeFileSync(path.join(out, 'SHA256SUMS'), lines.join(''));
}

try {
  await main();
} catch (error) {
  const isBad = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  if (!isBad && !(error instanceof ReleaseError) && !(error instanceof ImageError)) throw error;
  process.stderr.write(`release: ${(error as Error).message}\n${isBad ? USAGE : ''}`);
  process.exitCode = isBad ? 2 : 3;
}
