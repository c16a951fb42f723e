import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { inRepository } from '../fixtures/read.ts';

it('serve ends when it is told to, though whoever read its log is gone', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'shunt-serve-test-'));
  const args = ['serve', '--standalone', '--self-signed', folder, '--port', '0', '--drain-grace', '0s'];
  const child = spawn(process.execPath, [inRepository('webhook/cli/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 8000);
  expect(await ended).toEqual([0, null]);
  clearTimeout(killer);
});
