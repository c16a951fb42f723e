import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerMount } from './container.ts';

/** What every container of a stage finds in /etc, in place of the machine's own. */
export interface MachineFiles {
  /** Address of each host name. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Trust, at each path where a proxy or an app looks for it. */
  readonly authorities: readonly { readonly path: string; readonly pem: string }[];
}

/** Writes the files into the folder and gives the mounts that put them in place. */
export async function machineMounts(folder: string, files: MachineFiles): Promise<ContainerMount[]> {
  const lines = Object.entries(files.hosts).map(([name, address]) => `${address} ${name}`);
  const contents: Record<string, string> = {
    '/etc/hosts': `${['127.0.0.1 localhost', '::1 localhost', ...lines].join('\n')}\n`,
    '/etc/nsswitch.conf': 'hosts: files\n',
    '/etc/resolv.conf': 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n',
    '/etc/passwd': 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n',
    '/etc/group': 'root:x:0:\nnogroup:x:65534:\n',
    ...Object.fromEntries(files.authorities.map(({ path: place, pem }) => [place, pem])),
  };
  return Promise.all(
    Object.entries(contents).map(async ([target, content]) => {
      const source = path.join(folder, target);
      await mkdir(path.dirname(source), { recursive: true });
      await writeFile(source, content);
      return { target, source, readOnly: true };
    }),
  );
}
