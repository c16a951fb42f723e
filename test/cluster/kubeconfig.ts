import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Caller, Credentials } from './credentials.ts';

/** Writes the kubeconfig by which the caller reaches the API server at the URL, and gives its path. */
export async function writeKubeconfig(
  credentials: Credentials,
  caller: Caller,
  url: string,
): Promise<string> {
  const file = path.join(credentials.folder, `${caller}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'shunt',
        cluster: {
          server: url,
          'certificate-authority-data': Buffer.from(credentials.ca).toString('base64'),
        },
      },
    ],
    users: [{ name: caller, user: { token: credentials.tokens[caller] } }],
    contexts: [{ name: 'shunt', context: { cluster: 'shunt', user: caller } }],
    'current-context': 'shunt',
  };
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return file;
}
