import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../cluster/cluster.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { startOrigin } from '../../stage/origins.ts';
import { processesNaming } from './processes.ts';
import { explainPod, webPod, webService } from './web-pod.ts';

const SYSCTLS = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward'];

const KILLED = path.join(import.meta.dirname, 'killed-cluster.ts');

let cluster: Cluster;
const before = machine();

beforeAll(async () => {
  if (process.getuid?.() !== 0) return;
  cluster = await startCluster(['--no-chart']);
  const made = await run(['apply', '-f', '-'], {
    kind: 'List',
    apiVersion: 'v1',
    items: [config('one'), webPod(), webService()],
  });
  expect(made.text).toContain('pod/web created');
});
afterAll(() => cluster?.stop());

const run = (args: readonly string[], input?: unknown) => kubectl(cluster.kubeconfig, args, input);
const inPod = async (code: string) =>
  (await run(['exec', 'web', '-c', 'main', '--', 'node', '-e', code])).text.trim();
const config = (value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'web' },
  data: { value },
});

/** Whatever of the machine a cluster could leave changed; other clusters may come and go meanwhile. */
function machine() {
  return SYSCTLS.map((name) => readFileSync(`/proc/sys/${name}`, 'utf8'));
}

describe.skipIf(process.getuid?.() !== 0)('a cluster of one node', () => {
  it('runs a pod with a native sidecar, which is ready before the app starts', async () => {
    const ready = await run(['wait', '--for=condition=Ready', 'pod/web', '--timeout=60s']);
    expect(ready.text).toContain('condition met');
    expect((await run(['logs', 'web', '-c', 'side'])).text).toContain('listening');
    expect((await run(['logs', 'web', '-c', 'main'])).text).toContain('the sidecar said one');
  });

  it('finds Services by name, and the pod behind its own', async () => {
    expect(await inPod("fetch('http://web-service').then((a) => a.text()).then(console.log)")).toBe('one');
    expect(await inPod("require('dns').lookup('nowhere.default', (error) => console.log(error.code))")).toBe(
      'ENOTFOUND',
    );
  });

  it('reaches the host, at a name that a test has given to it', async () => {
    const origin = await startOrigin({
      address: cluster.network.host,
      port: 28080,
      sites: [{ name: 'host' }],
    });
    await cluster.setNames({ 'mw.example': cluster.network.host });
    const answer = await inPod(
      "fetch('http://mw.example:28080/x').then((a) => a.json()).then((a) => console.log(a.site))",
    );
    await origin.close();
    expect(answer).toBe('host');
  });

  it('brings a changed ConfigMap to the volume soon after an annotation of the pod is patched', async () => {
    expect((await run(['apply', '-f', '-'], config('two'))).status).toBe(0);
    await run(['annotate', 'pod', 'web', 'revision=2']);
    const patchedMs = Date.now();
    const readValue = "fetch('http://web-service').then((a) => a.text()).then(console.log)";
    await expect.poll(() => inPod(readValue), { timeout: 15_000, interval: 100 }).toBe('two');
    console.log(`the ConfigMap was in the volume ${Date.now() - patchedMs} ms after the patch`);
  });

  it('keeps pods that are not restricted out of a restricted namespace', async () => {
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'strict', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    };
    expect((await run(['apply', '-f', '-'], namespace)).status).toBe(0);
    const refused = await run(['--namespace=strict', 'run', 'loose', '--image=shunt.test/pause:1']);
    expect(refused.status).not.toBe(0);
    expect(refused.text).toContain('violates PodSecurity "restricted:latest"');
  });

  it('runs the image in a restricted namespace with a read-only root, as a user without a name', async () => {
    const strict = (args: readonly string[], input?: unknown) => run(['--namespace=strict', ...args], input);
    expect((await strict(['apply', '-f', '-'], explainPod())).status).toBe(0);
    const ended = '--for=jsonpath={.status.phase}=Succeeded';
    expect((await strict(['wait', ended, 'pod/explain', '--timeout=60s'])).text).toContain('condition met');
    expect((await strict(['logs', 'explain'])).text).toMatch(
      /^jobrunner: host and upstream are both diverted/,
    );
  });

  it('knows the kind ValidatingAdmissionPolicy', async () => {
    expect((await run(['api-resources', '--api-group=admissionregistration.k8s.io'])).text).toContain(
      'validatingadmissionpolicies',
    );
  });

  it('leaves nothing behind', async () => {
    await cluster.stop();
    await sleep(200);
    expect(traces(cluster)).toEqual([]);
    expect(machine()).toEqual(before);
  });

  it('leaves nothing behind when its process is killed', async () => {
    const child = spawn(process.execPath, [KILLED], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [told] = await once(child.stdout, 'data');
    const started = JSON.parse(String(told)) as Cluster;
    expect(traces(started).length).toBeGreaterThan(4);
    child.kill('SIGKILL');
    await expect.poll(() => traces(started), { timeout: 30_000 }).toEqual([]);
  });
});

/** What there is of a cluster on the machine. */
function traces({ folder, network }: Pick<Cluster, 'folder' | 'network'>): string[] {
  const groups = readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' });
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [
    ...(existsSync(folder) ? [folder] : []),
    ...readdirSync('/sys/class/net').filter((name) => name === network.name),
    ...groups.filter((group) => group.split('/').includes(network.name)),
    ...mounts.filter((mount) => mount.includes(folder)),
    ...processesNaming(folder),
  ];
}
