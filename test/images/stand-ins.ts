import path from 'node:path';
import { type Image, makeLayer } from './archive.ts';
import { base, fileFrom, program } from './contents.ts';
import { packages } from './packages.ts';
import { nodeLayer, PATH, USER } from './product.ts';
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
    layers: [makeLayer([fileFrom(pause, 'pause', 0o755)])],
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
    layers: [makeLayer([...trusting(authority), ...program(envoy, 'usr/local/bin/envoy')])],
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
  const text = (file: string, content: string): Entry => ({
    kind: 'file',
    path: path.posix.join(SERVICE, file),
    content: Buffer.from(content),
    mode: 0o644,
  });
  const own = ['test/stage/app.ts', 'test/images/app-server.ts'];
  return {
    names,
    layers: [
      nodeLayer(),
      makeLayer([
        ...trusting(authority),
        text('package.json', '{"type":"module"}\n'),
        text('server.js', "import './test/images/app-server.ts';\n"),
        ...own.map((file) => fileFrom(path.join(ROOT, file), path.posix.join(SERVICE, file))),
        ...packages(ROOT, ['hyperswitch', 'preq', 'yaml'], SERVICE),
      ]),
    ],
    entrypoint: ['node', 'server.js'],
    env: { PATH },
    user: USER,
    workingDir: `/${SERVICE}`,
  };
}

function trusting(authority: string): Entry[] {
  const files = AUTHORITY_FILES.map(
    (file): Entry => ({
      kind: 'file',
      path: file,
      content: Buffer.from(authority),
      mode: 0o644,
    }),
  );
  return [...base().filter((entry) => !AUTHORITY_FILES.includes(entry.path)), ...files];
}
