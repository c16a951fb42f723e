import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Entry } from './tar.ts';

/** Libraries that look up names, and are loaded without being linked. */
const NAME_SERVICES = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** A program of this machine at that path of the image, with its shared libraries at the paths where it looks for them. */
export function program(file: string, target: string): Entry[] {
  const links = execFileSync('ldd', [file], { encoding: 'utf8' });
  const linked = [...links.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, library = '']) => library);
  const beside = path.dirname(linked.find((library) => library.endsWith('/libc.so.6')) ?? '');
  const named = NAME_SERVICES.map((name) => path.join(beside, name)).filter((library) => existsSync(library));
  return [
    fileFrom(file, target, 0o755),
    ...[...new Set([...linked, ...named])].map((library) => fileFrom(library, library.slice(1), 0o755)),
  ];
}

/** What any program expects to find: users, and a place for its own files. */
export function base(): Entry[] {
  return [
    textFile('etc/passwd', 'root:x:0:0::/:/sbin/nologin\nshunt:x:65532:65532::/:/sbin/nologin\n'),
    textFile('etc/group', 'root:x:0:\nshunt:x:65532:\n'),
    textFile('etc/nsswitch.conf', 'hosts: files dns\n'),
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
  ];
}

export function textFile(target: string, content: string): Entry {
  return { kind: 'file', path: target, content: Buffer.from(content), mode: 0o644 };
}

export function fileFrom(source: string, target: string, mode = 0o644): Entry {
  return { kind: 'file', path: target, content: readFileSync(realpathSync(source)), mode };
}

/** Every file below the folder, except those that a filter on the path below it leaves out. */
export function filesBelow(folder: string, target: string, wanted = (_: string) => true): Entry[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => wanted(name) && statSync(path.join(folder, name)).isFile())
    .map((name) => fileFrom(path.join(folder, name), path.posix.join(target, name)));
}
