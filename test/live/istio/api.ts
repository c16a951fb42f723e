import type { JsonObject } from '../../../webhook/core/json.ts';
import type { ApiServer } from '../../cluster/api-server.ts';
import { kubectl } from '../../cluster/kubectl.ts';
import { StageError } from '../../stage/stage-error.ts';

/** Creates or updates objects as an operator would; fails where the API server refuses one, or does not know a field. */
export async function apply(api: ApiServer, items: readonly JsonObject[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items };
  await run(api, ['apply', '--server-side', '--validate=strict', '--filename=-'], list);
}

/** The same for files or folders of manifests. */
export async function applyFiles(api: ApiServer, files: readonly string[]): Promise<void> {
  await run(api, ['apply', '--server-side', ...files.map((file) => `--filename=${file}`)]);
}

export async function run(api: ApiServer, args: readonly string[], input?: unknown): Promise<string> {
  const { status, text } = await kubectl(api.kubeconfig, args, input);
  if (status !== 0) throw new StageError(`kubectl ${args[0]}: ${text}`);
  return text;
}
