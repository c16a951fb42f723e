import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../cluster/api-server.ts';
import { askApi } from '../../cluster/ask-api.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { issue, serve } from '../../server/serving.ts';
import { processesNaming } from './processes.ts';

const KILLED = path.join(import.meta.dirname, 'killed.ts');

let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer({ controllerManager: true });
});
afterAll(() => server?.stop());

const run = (args: readonly string[], input?: unknown) => kubectl(server.kubeconfig, args, input);

const registration = (url: string, ca: string) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'shunt' },
  webhooks: [
    {
      name: 'pods.shunt.wikimedia.org',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
      clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
  ],
});

describe('an API server of the tests', () => {
  it('is version 1.34, and knows its administrator', async () => {
    expect((await run(['version'])).text).toContain('Server Version: v1.34');
    expect((await run(['auth', 'can-i', '*', '*'])).text.trim()).toBe('yes');
  });

  it('issues tokens of service accounts, which may do nothing by themselves', async () => {
    expect((await run(['create', 'serviceaccount', 'reader'])).status).toBe(0);
    const token = (await run(['create', 'token', 'reader'])).text.trim();
    const to = { url: server.url, ca: server.ca, token };
    expect((await askApi(to, '/api/v1/namespaces/default/pods')).status).toBe(403);
  });

  it('runs the controllers: a Deployment gets its pod', async () => {
    expect((await run(['create', 'deployment', 'web', '--image=example'])).status).toBe(0);
    const wait = ['wait', '--for=create', 'pod', '-l', 'app=web', '--timeout=20s'];
    expect((await run(wait)).status).toBe(0);
  });

  it('asks a webhook on loopback by its URL', async () => {
    const pair = await issue();
    const serving = await serve(pair);
    const url = `https://127.0.0.1:${serving.port}/mutate`;
    expect((await run(['apply', '-f', '-'], registration(url, pair.authority.cert))).status).toBe(0);
    const asked = ['run', 'asked', '--image=example', '--dry-run=server'];
    await expect.poll(async () => (await run(asked)).status, { timeout: 20_000 }).toBe(0);
    await expect.poll(() => serving.log.length, { timeout: 5_000 }).toBeGreaterThan(0);
    expect((await run(['delete', 'mutatingwebhookconfiguration', 'shunt'])).status).toBe(0);
    serving.server.close();
  });

  it('starts anew on the same port with the same objects', async () => {
    expect((await run(['create', 'configmap', 'kept'])).status).toBe(0);
    await server.restart();
    expect((await run(['get', 'configmap', 'kept'])).status).toBe(0);
  });

  it('runs beside another, and leaves no folder', async () => {
    const other = await startApiServer();
    const to = { url: other.url, ca: other.ca, token: other.adminToken };
    expect((await askApi(to, '/api/v1/namespaces/default/configmaps/kept')).status).toBe(404);
    await other.stop();
    expect(existsSync(other.folder)).toBe(false);
  });

  it('names the part that does not start, with what it said last', async () => {
    await expect(startApiServer({ flags: ['--no-such-flag'] })).rejects.toThrow(
      /^kube-apiserver ended with 1\n.*kube-apiserver\.log ends with:\n[\s\S]*unknown flag: --no-such-flag/,
    );
  });

  it('leaves nothing when its process is killed', async () => {
    const child = spawn(process.execPath, [KILLED], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [folder] = (await once(child.stdout, 'data')).map(String);
    const holders = () => processesNaming(String(folder));
    expect(existsSync(String(folder))).toBe(true);
    expect(holders()).not.toEqual([]);
    child.kill('SIGKILL');
    await expect.poll(() => existsSync(String(folder)), { timeout: 10_000 }).toBe(false);
    await expect.poll(holders, { timeout: 10_000 }).toEqual([]);
  });
});
