import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { findTool } from '../../cluster/tool.ts';

/** A finding of istioctl. */
export interface Message {
  readonly code: string;
  readonly level: string;
}

/** What istioctl's own analysis says of these objects. */
export async function analyze(objects: readonly JsonObject[]): Promise<Message[]> {
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
