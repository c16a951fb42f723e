import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { ask, review, type Serving, send } from '../server/serving.ts';
import { ended, linesOf, shunt, start, temporaryFolder } from './run.ts';

describe('serve', () => {
  it('answers over TLS, and leaves at SIGTERM without an error', async () => {
    const folder = temporaryFolder();
    const child = start([
      'serve',
      '--standalone',
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--self-signed',
      folder,
      '--drain-grace',
      '100ms',
    ]);
    const end = ended(child);
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const ready = JSON.parse(line);
    expect(ready).toMatchObject({ msg: 'ready', host: '127.0.0.1', diversion: 'testwiki', hosts: 1 });
    const serving = { port: ready.port, ca: readFileSync(path.join(folder, 'ca.crt'), 'utf8') } as Serving;
    expect((await ask(serving, review())).response?.allowed).toBe(true);
    expect((await send(serving, { method: 'GET', path: '/readyz', headers: {} })).status).toBe(200);
    child.kill('SIGTERM');
    const { code, out, error } = await end;
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(linesOf(out).map((entry) => JSON.parse(entry).msg)).toEqual([
      'ready',
      'review',
      'draining',
      'stopped',
    ]);
  });

  it('says that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const args = [
      'serve',
      '--standalone',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--self-signed',
      temporaryFolder(),
    ];
    const { code, error } = await shunt(args);
    other.close();
    expect(code).toBe(2);
    expect(error).toMatch(
      new RegExp(`127\\.0\\.0\\.1:${port}: is in use; stop what uses it, or choose another with --port`),
    );
    expect(linesOf(error)).toHaveLength(1);
  });
});
