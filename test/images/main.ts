import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { VERSION } from '../../webhook/core/version.ts';
import { writeArchive } from './archive.ts';
import { productImage } from './product.ts';

const MB = 1_000_000;
const USAGE = `usage: scripts/image [--out FILE] [--name NAME:TAG]

Writes the image of webhook and config step as a docker archive, without Docker: for \`docker load -i FILE\` or
\`ctr -n k8s.io images import FILE\`. It holds the Node and the libraries of this machine; the Dockerfile makes the same
image on a published one. The same checkout gives the same bytes.
`;

function main(): void {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, name: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const out = path.resolve(values.out ?? `shunt-${VERSION}.tar.gz`);
  const archive = writeArchive([productImage(values.name === undefined ? undefined : [values.name])]);
  const compressed = gzipSync(archive);
  writeFileSync(out, out.endsWith('.gz') ? compressed : archive);
  const size = (bytes: Buffer): string => `${(bytes.length / MB).toFixed(1)} MB`;
  process.stdout.write(`${out}: ${size(compressed)} compressed, ${size(archive)} unpacked\n`);
}

try {
  main();
} catch (error) {
  const bad = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`image: ${(error as Error).message}\n${bad ? USAGE : ''}`);
  process.exitCode = bad ? 2 : 3;
}
