import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { issueAuthority, issueLeaf } from '../../webhook/controller/certificates.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import { issueClient } from './client-certificate.ts';

const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;
const TOKEN_BYTES = 24;

/** The one node of a cluster that has any. */
export const NODE_NAME = 'shunt-node';

/** Who calls the API server: the name of the user and its groups, as they stand in the token file. */
const CALLERS = {
  admin: ['shunt-admin', 'system:masters'],
  'kube-controller-manager': ['system:kube-controller-manager'],
  'kube-scheduler': ['system:kube-scheduler'],
  'kube-proxy': ['system:kube-proxy'],
  kubelet: [`system:node:${NODE_NAME}`, 'system:nodes'],
} as const satisfies Record<string, readonly string[]>;

export type Caller = keyof typeof CALLERS;

/** Files of a cluster's own authority and tokens. */
export interface Credentials {
  readonly folder: string;
  readonly caFile: string;
  /** PEM. */
  readonly ca: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly tokensFile: string;
  readonly serviceAccountKeyFile: string;
  readonly serviceAccountPublicFile: string;
  /** By which the API server calls kubelets. */
  readonly kubeletClient: { readonly certFile: string; readonly keyFile: string };
  readonly tokens: Readonly<Record<Caller, string>>;
}

/** Makes the authority, the API server's certificate for these names and addresses, and a token for each caller. */
export async function makeCredentials(folder: string, names: readonly string[]): Promise<Credentials> {
  const validity = { now: new Date(), lifetime: milliseconds(LIFETIME_MS) };
  const authority = await issueAuthority('shunt test cluster', validity);
  const server = await issueLeaf(authority, names, validity);
  const client = issueClient(authority, 'kube-apiserver-kubelet-client', 'system:masters');
  const serviceAccounts = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const tokens = Object.fromEntries(
    Object.keys(CALLERS).map((caller) => [caller, randomBytes(TOKEN_BYTES).toString('hex')]),
  ) as Record<Caller, string>;
  const at = (name: string): string => path.join(folder, name);
  const credentials = {
    folder,
    caFile: at('ca.crt'),
    ca: authority.cert,
    certFile: at('server.crt'),
    keyFile: at('server.key'),
    tokensFile: at('tokens.csv'),
    serviceAccountKeyFile: at('service-accounts.key'),
    serviceAccountPublicFile: at('service-accounts.pub'),
    kubeletClient: { certFile: at('kubelet-client.crt'), keyFile: at('kubelet-client.key') },
    tokens,
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const contents = {
    [credentials.caFile]: authority.cert,
    [credentials.certFile]: server.cert,
    [credentials.keyFile]: server.key,
    [credentials.kubeletClient.certFile]: client.cert,
    [credentials.kubeletClient.keyFile]: client.key,
    [at('admin.token')]: tokens.admin,
    [credentials.tokensFile]: tokenLines(tokens),
    [credentials.serviceAccountKeyFile]: serviceAccounts.privateKey.export({ type: 'pkcs1', format: 'pem' }),
    [credentials.serviceAccountPublicFile]: serviceAccounts.publicKey.export({ type: 'spki', format: 'pem' }),
  };
  for (const [file, content] of Object.entries(contents)) await writeFile(file, content, { mode: 0o600 });
  return credentials;
}

function tokenLines(tokens: Readonly<Record<Caller, string>>): string {
  const lines = (Object.keys(CALLERS) as Caller[]).map((caller) => {
    const [user, ...groups] = CALLERS[caller];
    return `${tokens[caller]},${user},${user},"${groups.join(',')}"`;
  });
  return `${lines.join('\n')}\n`;
}
