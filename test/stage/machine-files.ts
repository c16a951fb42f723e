import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerMount } from './container.ts';

/** What every container of a stage finds in /etc, in place of the machine's own. */
export interface MachineFiles {
  /** Address of each host name. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Trust, at each path where a proxy or an app looks for it. */
  readonly authorities: readonly { readonly path: string; readonly pem: string }[];
  /** Names are asked of a resolver on loopback, as in a pod, instead of being written down. */
  readonly resolver?: boolean;
}

/** As kubelet writes it. */
const POD_RESOLV_CONF =
  'search ns.svc.cluster.local svc.cluster.local cluster.local\nnameserver 127.0.0.1\noptions ndots:5\n';

/** Writes the files into the folder and gives the mounts that put them in place. */
export async function machineMounts(folder: string, files: MachineFiles): Promise<ContainerMount[]> {
  const { resolver = false } = files;
  const known = resolver ? {} : files.hosts;
  const lines = Object.entries(known).map(([name, address]) => `${address} ${name}`);
  const contents: Record<string, string> = {
    '/etc/hosts': `${['127.0.0.1 localhost', '::1 localhost', ...lines].join('\n')}\n`,
    '/etc/nsswitch.conf': resolver ? 'hosts: files dns\n' : 'hosts: files\n',
    '/etc/resolv.conf': resolver ? POD_RESOLV_CONF : 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n',
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
