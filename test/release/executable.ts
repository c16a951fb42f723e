import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HERE } from '../images/archive.ts';
import { makeBundle } from '../images/bundle.ts';
import { filesBelow } from '../images/contents.ts';
import type { Architecture } from '../images/elf.ts';
import { nodeFolder } from '../images/node-build.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const INJECT = path.join(ROOT, 'node_modules/postject/dist/cli.js');
/** Where Node looks for a program within itself. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
/** Such a program is CommonJS. */
const FLAGS = ['--format=cjs', '--banner:js=', '--define:import.meta.dirname=__dirname'];

/** The program, its chart and Node as one file, for each architecture. Nothing in it is code of this machine. */
export function executables(architectures: readonly Architecture[]): Map<Architecture, Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'shunt-executable-'));
  try {
    const blob = path.join(folder, 'sea.blob');
    writeFileSync(path.join(folder, 'main.cjs'), makeBundle(FLAGS).code);
    const chart = path.join(ROOT, 'chart');
    const names = filesBelow(chart, '').map((entry) => entry.path);
    const assets = Object.fromEntries(names.sort().map((name) => [name, path.join(chart, name)]));
    // The name of the program is kept in the file: no temporary folder may be in it.
    const sea = { main: 'main.cjs', output: blob, disableExperimentalSEAWarning: true, assets };
    writeFileSync(path.join(folder, 'sea.json'), JSON.stringify(sea));
    const node = path.join(nodeFolder(HERE), 'bin/node');
    execFileSync(node, ['--experimental-sea-config', 'sea.json'], { cwd: folder, stdio: 'pipe' });
    return new Map(
      architectures.map((architecture) => {
        const file = path.join(folder, architecture);
        copyFileSync(path.join(nodeFolder(architecture), 'bin/node'), file);
        const args = [INJECT, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE];
        execFileSync(node, args, { stdio: 'pipe' });
        return [architecture, readFileSync(file)];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
