import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Layer, makeLayer } from './archive.ts';
import { base, fileFrom, textFile } from './contents.ts';
import { newestPins, type Pins, readPins, unpackedPackages } from './debian.ts';
import { type Architecture, readElf } from './elf.ts';
import { ImageError } from './image-error.ts';
import { nodeFolder } from './node-build.ts';
import type { Entry } from './tar.ts';

const TRIPLETS = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const;
export const NODE = 'usr/local/bin/node';

/** By these, scanners recognise the packages of a distribution, as in images without a package manager. */
const OS_RELEASE =
  'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian 12, libraries only"\nID=debian\nVERSION_ID="12"\n';

const made = new Map<string, Layer>();

/** Node with the libraries that it is linked to, from locked parts alone: no shell, no package manager. */
export function baseLayer(architecture: Architecture, pins = readPins()): Layer {
  const key = JSON.stringify([architecture, pins]);
  const known = made.get(key) ?? makeLayer(entries(architecture, pins));
  made.set(key, known);
  return known;
}

/** The pins of this checkout, or what is offered now where those are offered no longer: for tests, not for a release. */
export function availablePins(architecture: Architecture): Pins {
  try {
    unpackedPackages(readPins(), architecture);
    return readPins();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    process.stderr.write(
      `the image's base is no longer offered, taking a newer one; lock it by scripts/image --pin: ${error.message}\n`,
    );
    return newestPins(Object.keys(readPins()));
  }
}

function entries(architecture: Architecture, pins: Pins): Entry[] {
  const node = nodeFolder(architecture);
  const packages = unpackedPackages(pins, architecture);
  return [
    ...base(),
    fileFrom(path.join(node, 'bin/node'), NODE, 0o755),
    fileFrom(path.join(node, 'LICENSE'), 'usr/share/doc/node/LICENSE'),
    ...linked(path.join(node, 'bin/node'), architecture, packages),
    ...Object.keys(pins).flatMap((name) => papers(packages, name)),
    textFile('etc/os-release', OS_RELEASE),
  ];
}

/** The loader and the libraries that a program needs, each where the loader looks for it. */
function linked(program: string, architecture: Architecture, packages: string): Entry[] {
  const { interpreter = '' } = readElf(readFileSync(program));
  const found = new Map<string, Entry>();
  const waiting = [program];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const name of readElf(readFileSync(file)).needed) {
      if (found.has(name)) continue;
      const library = findLibrary(name, architecture, packages);
      const isLoader = name === path.basename(interpreter);
      found.set(name, fileFrom(library.file, isLoader ? interpreter.slice(1) : library.target, 0o755));
      waiting.push(library.file);
    }
  }
  return [...found.values()];
}

function findLibrary(name: string, architecture: Architecture, packages: string) {
  for (const owner of readdirSync(packages)) {
    for (const target of [
      `lib/${TRIPLETS[architecture]}/${name}`,
      `usr/lib/${TRIPLETS[architecture]}/${name}`,
    ]) {
      const file = path.join(packages, owner, target);
      if (existsSync(file)) return { file, target };
    }
  }
  throw new ImageError(`no package of the image's base has ${name} (${architecture})`);
}

/** What a package's licence asks for, and the entry by which scanners know its version. */
function papers(packages: string, name: string): Entry[] {
  const copyright = `usr/share/doc/${name}/copyright`;
  const file = path.join(packages, name, copyright);
  const control = fileFrom(path.join(packages, name, 'DEBIAN/control'), `var/lib/dpkg/status.d/${name}`);
  // That of libgcc-s1 and libstdc++6 is a link to the one of gcc-12-base.
  return existsSync(file) ? [control, fileFrom(file, copyright)] : [control];
}
