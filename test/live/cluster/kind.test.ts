import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../ask.ts';

/* Docker and kind are stand-ins that write down how they were called; what they would do is not checked here. */

const folder = mkdtempSync(path.join(tmpdir(), 'shunt-kind-test-'));
const log = path.join(folder, 'log');
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(log, { force: true }));

function standIn(name: string, body: string): void {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>${log}\n${body}\n`);
  chmodSync(file, 0o755);
}

function kind(...args: string[]) {
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  const run = spawnSync(path.join(ROOT, 'scripts/kind'), args, { env, encoding: 'utf8', timeout: 60_000 });
  return { ...run, calls: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [] };
}

describe('scripts/kind', () => {
  it('says in its first line that Docker is not to be had, and does nothing then', () => {
    standIn('docker', 'echo no daemon >&2; exit 1');
    standIn('kind', '');
    const run = kind('up');
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/^kind: docker cannot be used: .*\n.*no daemon/);
    expect(run.calls).toEqual(['docker version']);
  });

  it('builds, makes the cluster and loads the images before it installs, and stops at the first failure', () => {
    standIn('docker', '');
    standIn('kind', 'case "$*" in "load image-archive"*) echo no room >&2; exit 1;; esac');
    const run = kind('up');
    expect(run.status).toBe(3);
    expect(run.stderr).toContain('no room');
    const steps = [
      'docker version',
      'kind version',
      'docker build',
      'kind get',
      'kind create',
      'kind load docker-image',
    ];
    expect(
      run.calls.map((call, index) => call.startsWith(steps[index] ?? 'kind load image-archive')),
    ).toEqual(run.calls.map(() => true));
    expect(run.calls).toHaveLength(steps.length + 1);
  });

  it('deletes its own cluster alone', () => {
    standIn('docker', '');
    standIn('kind', 'case "$1" in get) echo other; echo shunt;; esac');
    const run = kind('down');
    expect(run.status).toBe(0);
    expect(run.calls.at(-1)).toMatch(/^kind delete cluster --name shunt /);
    standIn('kind', 'case "$1" in get) echo other;; esac');
    rmSync(log);
    expect(kind('down').calls.filter((call) => call.includes('delete'))).toEqual([]);
  });
});
