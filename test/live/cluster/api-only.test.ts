import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kubectl } from '../../cluster/kubectl.ts';
import { ROOT } from '../ask.ts';
import { processesNaming } from './processes.ts';

const folder = path.join(mkdtempSync(path.join(tmpdir(), 'shunt-api-only-test-')), 'cluster');
const env = { ...process.env, SHUNT_CLUSTER_FOLDER: folder };

function cluster(...args: string[]) {
  return spawnSync(path.join(ROOT, 'scripts/cluster'), args, { env, encoding: 'utf8', timeout: 120_000 });
}

afterAll(() => {
  cluster('down');
  rmSync(path.dirname(folder), { recursive: true });
});

describe('scripts/cluster --api-only', () => {
  it('goes up, says how it is reached, and runs on', async () => {
    const up = cluster('up', '--api-only');
    expect(up.status).toBe(0);
    const kubeconfig = /KUBECONFIG=(\S+)/.exec(up.stdout)?.[1] ?? '';
    expect((await kubectl(kubeconfig, ['get', 'namespaces'])).text).toContain('kube-system');
    const status = cluster('status');
    expect(status.status).toBe(0);
    for (const part of ['etcd', 'kube-apiserver', 'kube-controller-manager'])
      expect(status.stdout).toMatch(new RegExp(`^${part} +runs`, 'm'));
  });

  it('is found there by a second up, and refuses another kind beside it', () => {
    expect(cluster('up', '--api-only').stdout).toContain('export KUBECONFIG=');
    const other = cluster('up');
    expect(other.status).toBe(3);
    expect(other.stderr).toContain('scripts/cluster down takes it away');
  });

  it('says that a part has ended', () => {
    const pid = /^etcd +runs \((\d+)\)/m.exec(cluster('status').stdout)?.[1];
    process.kill(Number(pid), 'SIGKILL');
    const status = cluster('status');
    expect(status.status).toBe(1);
    expect(status.stdout).toMatch(/^etcd +has ended/m);
  });

  it('goes down, and leaves nothing', () => {
    expect(cluster('down').stdout).toBe('the cluster is gone\n');
    expect(existsSync(folder)).toBe(false);
    expect(processesNaming(folder)).toEqual([]);
    expect(cluster('down').stdout).toBe('there was no cluster\n');
    expect(cluster('status').status).toBe(1);
  });

  it('says what is wrong with its arguments', () => {
    const run = cluster('sideways');
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('no verb sideways');
  });
});
