import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Bundle } from '../images/bundle.ts';
import { fileFrom, textFile } from '../images/contents.ts';
import { PROGRAM, programFiles } from '../images/product.ts';
import { withFolders, writeTar } from '../images/tar.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'SECURITY.md'];

/** The npm package: the program in one file with its chart, and nothing to install beside it. */
export function npmPackage(bundle: Bundle): Buffer {
  const { name, version, description, license, engines } = JSON.parse(
    readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
  );
  const manifest = { name, version, description, license, type: 'module', engines, bin: { shunt: PROGRAM } };
  const entries = [
    textFile('package.json', `${JSON.stringify(manifest, null, 2)}\n`),
    ...DOCUMENTS.map((file) => fileFrom(path.join(ROOT, file), file)),
    ...programFiles(bundle.code, bundle),
  ];
  return gzipSync(
    writeTar(withFolders(entries.map((entry) => ({ ...entry, path: `package/${entry.path}` })))),
  );
}
