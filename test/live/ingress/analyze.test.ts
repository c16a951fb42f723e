import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { ingressObjects } from '../../../webhook/edges/ingress-objects.ts';
import { findTool } from '../../cluster/tool.ts';
import { diversion, planOf } from '../ask.ts';

interface Message {
  readonly code: string;
  readonly level: string;
}

/** Both gateways have the one certificate of the environment. Clients keep connections apart by SNI, as all edges do. */
const KNOWN = ['IST0138'];

async function analyze(objects: readonly JsonObject[]): Promise<Message[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'shunt-analyze-'));
  const file = path.join(folder, 'objects.yaml');
  await writeFile(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  // Its exit code tells whether there was an error at all; the messages say which.
  const args = ['analyze', '--use-kube=false', '--all-namespaces', '--output=json', file];
  const { stdout } = await promisify(execFile)(await findTool('istioctl'), args).catch(
    (error: { stdout: string }) => error,
  );
  await rm(folder, { recursive: true });
  return JSON.parse(stdout) as Message[];
}

function rendered(kind: 'istio' | 'gateway-api'): readonly JsonObject[] {
  const objects = ingressObjects(kind, planOf(diversion));
  if (!objects.ok) throw new Error(JSON.stringify(objects.problems));
  return objects.value;
}

describe("istioctl's own analysis", () => {
  it.each(['istio', 'gateway-api'] as const)('finds nothing wrong with kind %s', async (kind) => {
    const messages = await analyze(rendered(kind));
    expect(messages.filter(({ level }) => level === 'Error')).toEqual([]);
    expect(messages.map(({ code }) => code).filter((code) => !KNOWN.includes(code))).toEqual([]);
  });

  it('would find a route whose gateway is gone', async () => {
    const messages = await analyze(rendered('istio').filter(({ kind }) => kind !== 'Gateway'));
    expect(messages).toContainEqual(expect.objectContaining({ level: 'Error', code: 'IST0101' }));
  });
});
