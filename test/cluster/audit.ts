import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const LOG = 'audit.log';

const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [
    { level: 'None', resources: [{ group: 'coordination.k8s.io' }, { group: 'events.k8s.io' }] },
    { level: 'None', resources: [{ group: '', resources: ['events', 'nodes', 'nodes/status'] }] },
    { level: 'Metadata', resources: [{ group: '', resources: ['secrets', 'serviceaccounts/token'] }] },
    { level: 'Request', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] },
    { level: 'None' },
  ],
};

/** Writes an audit policy into the folder, and gives the flags of kube-apiserver that follow it. */
export async function auditFlags(folder: string): Promise<string[]> {
  const policy = path.join(folder, 'audit-policy.json');
  await writeFile(policy, JSON.stringify(POLICY));
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${path.join(folder, LOG)}`];
}

/** A change that the API server was asked for, and its answer. */
export interface Audited {
  readonly at: string;
  readonly by: string;
  readonly verb: string;
  /** `resource namespace/name`. */
  readonly object: string;
  readonly status: number;
}

/** The changes that a cluster started with `--audit` has seen, oldest first. */
export async function readAudit(folder: string): Promise<readonly Audited[]> {
  const lines = (await readFile(path.join(folder, LOG), 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => auditedIn(JSON.parse(line)));
}

interface AuditEvent {
  readonly stageTimestamp: string;
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
}

function auditedIn({ stageTimestamp, user, verb, objectRef, responseStatus }: AuditEvent): Audited {
  const { resource = '', namespace = '', name = '' } = objectRef ?? {};
  return {
    at: stageTimestamp,
    by: user.username,
    verb,
    object: `${resource} ${namespace}/${name}`,
    status: responseStatus?.code ?? 0,
  };
}
