import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { render } from '../../chart/helm.ts';
import { ApiClient } from '../../cluster/api-client.ts';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { pathOf } from '../../cluster/namespaces.ts';
import { Release, until } from '../../cluster/release.ts';
import { inRepository } from '../../fixtures/read.ts';

/*
 * Each rule of each role is taken away, and the program started in a cluster where it has everything to do: its log must
 * then name the right that it lacks. A rule whose absence is not felt is one too many.
 */

const NS = 'changeprop';
const OURS = 'shunt.testwiki.changeprop';
const ROLES = '/apis/rbac.authorization.k8s.io/v1';
const FELT_WITHIN_MS = 15_000;

interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const release = { release: 'shunt', namespace: 'shunt-system' };
const rendered = await render(release);
const RULES = rendered.flatMap(({ kind, metadata, rules }) => {
  const { name, namespace } = metadata as { name: string; namespace?: string };
  if (
    !String(kind).endsWith('Role') ||
    (namespace !== undefined && /^(mobile|rest|.*jobqueue)/.test(namespace))
  )
    return [];
  const place =
    namespace === undefined
      ? `${ROLES}/clusterroles/${name}`
      : `${ROLES}/namespaces/${namespace}/roles/${name}`;
  return (rules as unknown as Rule[]).map((rule, index) => {
    const { resources, resourceNames = [], verbs } = rule;
    const title = `${namespace ?? 'cluster'}: ${verbs.join(', ')} ${resources} ${resourceNames.join(', ')}`;
    return { title, place, index, rule };
  });
});

let api: ApiServer;
let client: ApiClient;
let chart: Release;
let running: ChildProcess | undefined;

beforeAll(async () => {
  api = await startApiServer();
  client = new ApiClient(api, api.adminToken);
  chart = await Release.install(api, 0, { values: ['--set', 'failurePolicy=Ignore'] });
  await client.create(pathOf(NS, 'networkpolicies'), {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'restricting' },
    spec: { podSelector: {}, policyTypes: ['Egress'] },
  });
  await client.create(pathOf(NS, 'pods'), {
    metadata: { name: 'injected', labels: { app: 'changeprop' } },
    spec: {
      containers: [{ name: 'app', image: 'example' }],
      volumes: [{ name: 'v', configMap: { name: OURS } }],
    },
  });
  await client.patch(`/api/v1/namespaces/${NS}`, {
    metadata: { labels: { 'shunt.wikimedia.org/inject': 'enabled' } },
  });
});
afterAll(async () => {
  running?.kill('SIGKILL');
  await chart?.stop();
  client?.close();
  await api?.stop();
});

const registration = () =>
  `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${chart.registration}`;
const secret = () => pathOf(chart.namespace, 'secrets', `${chart.name}-authority`);

/** Leaves the program everything to do. */
async function disturb(): Promise<void> {
  for (const plural of ['configmaps', 'networkpolicies'])
    await client.send({ method: 'DELETE', path: pathOf(NS, plural, OURS) });
  await client.patch(pathOf(NS, 'pods', 'injected'), {
    metadata: { annotations: { 'shunt.wikimedia.org/written': null } },
  });
  await client.patch(secret(), { data: null });
  await client.patch(secret(), { data: { 'ca.crt': Buffer.from('garbage').toString('base64') } });
  await emptyBundle();
}

async function emptyBundle(): Promise<void> {
  const body = [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: '' }];
  await client.send({
    method: 'PATCH',
    path: registration(),
    body,
    contentType: 'application/json-patch+json',
  });
}

/** What the API server refused to a replica, until it is so or long enough has passed. */
async function refusals(isEnough: (refused: readonly string[]) => boolean): Promise<readonly string[]> {
  const { name, namespace } = chart;
  const kubeconfig = path.join(api.folder, `${name}.${namespace}.kubeconfig`);
  const names = [
    '--config-map',
    `${name}-diversion`,
    '--registration',
    chart.registration,
    '--service',
    name,
  ];
  const secrets = ['--secret', `${name}-authority`, '--former-secret', `${name}-ca`, '--settle', '30s'];
  const ports = ['--host', '127.0.0.1', '--port', '0', '--metrics-port', '0', '--nudge'];
  const program = [inRepository('node_modules/.bin/node'), inRepository('webhook/cli/main.ts'), 'serve'];
  const where = ['--kubeconfig', kubeconfig, '--namespace', namespace];
  const command = ['--pdeathsig', 'KILL', '--', ...program, ...where, ...names, ...secrets, ...ports];
  running = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const refused: string[] = [];
  createInterface({ input: running.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const { msg, status } = JSON.parse(line) as { msg?: string; status?: number };
    if (status === 403 && msg !== undefined) refused.push(msg);
    // Something is repaired only by who knew it before.
    if (msg === 'caBundle written') void sleep(700).then(emptyBundle);
  });
  try {
    await until('enough is refused', async () => isEnough(refused), FELT_WITHIN_MS);
  } catch {
    // Those that were refused say enough.
  }
  const gone = new Promise((resolve) => running?.once('exit', resolve));
  running.kill('SIGKILL');
  await gone;
  return refused;
}

describe('the program', () => {
  it.each(RULES)('needs the right to $title', { timeout: 60_000 }, async ({ place, index, rule }) => {
    const role = (await client.get(place)) as JsonObject;
    const rules = (role['rules'] as readonly JsonObject[]).filter((_, at) => at !== index);
    await client.patch(place, { rules });
    try {
      await disturb();
      const [resource = ''] = rule.resources;
      const isFelt = (refused: readonly string[]) =>
        refused.some((text) => text.includes(`cannot ${verbIn(text, rule)} resource "${resource}"`));
      const refused = await refusals(isFelt);
      expect([...new Set(refused)].join('\n')).toContain(`resource "${resource}"`);
      expect(isFelt(refused)).toBe(true);
    } finally {
      await client.patch(place, { rules: role['rules'] as readonly JsonObject[] });
    }
  });

  it('lacks no right with all of them', { timeout: 60_000 }, async () => {
    await disturb();
    expect(await refusals(() => false)).toEqual([]);
  });
});

function verbIn(text: string, { verbs }: Rule): string {
  return verbs.find((verb) => text.includes(`cannot ${verb} `)) ?? 'nothing';
}
