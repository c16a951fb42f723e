import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { VERSION } from '../../webhook/core/version.ts';
import { type Image, type Layer, makeLayer } from './archive.ts';
import { base, filesBelow, program } from './contents.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const BUNDLE = 'app/webhook/cli/shunt.mjs';

export const USER = '65532:65532';
export const PATH = '/usr/local/bin';

/** The image of webhook and config step, as the Dockerfile describes it. */
export function productImage(names: readonly string[] = [`shunt.test/shunt:${VERSION}`]): Image {
  return {
    names,
    layers: [
      nodeLayer(),
      makeLayer([
        ...base(),
        { kind: 'file', path: BUNDLE, content: bundle(), mode: 0o755 },
        { kind: 'link', path: 'usr/local/bin/shunt', target: `/${BUNDLE}` },
        ...filesBelow(path.join(ROOT, 'chart'), 'app/chart'),
      ]),
    ],
    entrypoint: ['shunt'],
    env: { PATH, NODE_ENV: 'production' },
    user: USER,
    workingDir: '/app',
  };
}

let node: Layer | undefined;

/** Node where every image has it; made once, being large. */
export function nodeLayer(): Layer {
  node ??= makeLayer(program(process.execPath, 'usr/local/bin/node'));
  return node;
}

/** The program as one file, by the script of package.json that the Dockerfile uses too. */
function bundle(): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'shunt-bundle-'));
  const file = path.join(folder, 'shunt.mjs');
  try {
    execFileSync('npm', ['run', '--silent', 'bundle', '--', `--outfile=${file}`], { cwd: ROOT });
    // There is no env in this image.
    return Buffer.from(readFileSync(file, 'utf8').replace(/^#!.*/, '#!/usr/local/bin/node'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
