import path from 'node:path';
import { HERE, type Image, type Layer, makeLayer } from './archive.ts';
import { availablePins, baseLayer } from './base-layer.ts';
import { base, fileFrom, program, textFile } from './contents.ts';
import { packages } from './packages.ts';
import { PATH, USER } from './product.ts';
import type { Entry } from './tar.ts';

/*
 * Images that stand in for those of a registry, under the very names that manifests use, so that manifests run as
 * they are.
 */

const ROOT = path.join(import.meta.dirname, '../..');
const SERVICE = 'srv/service';
const AUTHORITY_FILES = ['etc/ssl/certs/ca-certificates.crt', 'etc/ssl/certs/wmf-ca-certificates.crt'];

/** What holds a pod's namespaces; also for containers that only need to be there. */
export function idleImage(names: readonly string[], pause: string): Image {
  return {
    names,
    platforms: here(makeLayer([fileFrom(pause, 'pause', 0o755)])),
    entrypoint: ['/pause'],
    env: {},
    user: USER,
    workingDir: '/',
  };
}

/** An Envoy that trusts the given authority (PEM), wherever proxies look for it. */
export function proxyImage(names: readonly string[], envoy: string, authority: string): Image {
  return {
    names,
    platforms: here(makeLayer([...trusting(authority), ...program(envoy, 'usr/local/bin/envoy')])),
    entrypoint: ['envoy'],
    env: { PATH },
    user: USER,
    workingDir: '/',
  };
}

/**
 * The stage's app in place of changeprop: started as changeprop is, it listens on the ports of its probes and makes
 * the calls that it is asked for.
 */
export function appImage(names: readonly string[], authority: string): Image {
  const text = (file: string, content: string) => textFile(path.posix.join(SERVICE, file), content);
  const own = ['test/stage/app.ts', 'test/images/app-server.ts'];
  return {
    names,
    platforms: here(
      baseLayer(HERE, availablePins(HERE)),
      makeLayer([
        ...trusting(authority),
        text('package.json', '{"type":"module"}\n'),
        text('server.js', "import './test/images/app-server.ts';\n"),
        ...own.map((file) => fileFrom(path.join(ROOT, file), path.posix.join(SERVICE, file))),
        ...packages(ROOT, ['hyperswitch', 'preq', 'yaml'], SERVICE),
      ]),
    ),
    entrypoint: ['node', 'server.js'],
    env: { PATH },
    user: USER,
    workingDir: `/${SERVICE}`,
  };
}

function here(...layers: Layer[]): Image['platforms'] {
  return [{ architecture: HERE, layers }];
}

function trusting(authority: string): Entry[] {
  return [...base(), ...AUTHORITY_FILES.map((file) => textFile(file, authority))];
}
