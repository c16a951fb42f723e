import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { VERSION } from '../../webhook/core/version.ts';
import { writeArchive } from './archive.ts';
import { newestPins, PINS_FILE, readPins } from './debian.ts';
import type { Architecture } from './elf.ts';
import { ImageError } from './image-error.ts';
import { productImage } from './product.ts';

const MB = 1_000_000;
const ARCHITECTURES: readonly Architecture[] = ['amd64', 'arm64'];
const USAGE = `usage: scripts/image [--out FILE] [--name NAME:TAG] [--arch amd64|arm64] | --pin

Writes the image of webhook and config step as an OCI archive, without Docker, for amd64 and arm64 or for one of them.
  skopeo copy --all --preserve-digests oci-archive:FILE docker://REGISTRY/NAME:TAG
  ctr -n k8s.io images import FILE
It holds Node and three libraries of Debian, in locked versions, and no shell. The same commit gives the same bytes.
--pin locks the versions of these libraries that the package sources of this machine offer now.
`;

function main(): void {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      name: { type: 'string' },
      arch: { type: 'string', multiple: true },
      pin: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) process.stdout.write(USAGE);
  else if (values.pin) pin();
  else write(path.resolve(values.out ?? `shunt-${VERSION}.oci.tar`), values.name, values.arch);
}

function pin(): void {
  writeFileSync(PINS_FILE, `${JSON.stringify(newestPins(Object.keys(readPins())), null, 2)}\n`);
  process.stdout.write(`${PINS_FILE}: written\n`);
}

function write(out: string, name: string | undefined, wanted: readonly string[] | undefined): void {
  const unknown = wanted?.find((architecture) => !ARCHITECTURES.some((known) => known === architecture));
  if (unknown !== undefined)
    throw new BadArgument(
      `--arch ${unknown} is not known; the image is made for ${ARCHITECTURES.join(' and ')}`,
    );
  const architectures = ARCHITECTURES.filter((architecture) => wanted?.includes(architecture) ?? true);
  const image = productImage({
    ...(name !== undefined && { names: [name] }),
    architectures,
  });
  const { bytes, digests } = writeArchive([image], { compress: true });
  writeFileSync(out, bytes);
  process.stdout.write(
    `${out}: ${architectures.join(', ')}, ${(bytes.length / MB).toFixed(1)} MB, ${digests[0]}\n`,
  );
}

class BadArgument extends Error {}

try {
  main();
} catch (error) {
  const isBad =
    error instanceof BadArgument || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  if (!isBad && !(error instanceof ImageError)) throw error;
  process.stderr.write(`image: ${(error as Error).message}\n${isBad ? USAGE : ''}`);
  process.exitCode = isBad ? 2 : 3;
}
