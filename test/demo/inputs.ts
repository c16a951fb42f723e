import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { Pod } from '../../webhook/inject/pod.ts';

/** The user gave something that the demonstration cannot work with. */
export class UnusableInput extends Error {}

export interface PodFile {
  readonly pod: Pod;
  readonly namespace: string;
}

/** The first Pod, or the pod of the first Deployment, of a manifest. */
export async function readPod(file: string): Promise<PodFile> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UnusableInput(`${file} cannot be read: ${error.message}`);
  });
  for (const document of parseAllDocuments(text, { merge: true })) {
    const [error] = document.errors;
    if (error) throw new UnusableInput(`${file}: ${error.message}`);
    const object = document.toJS() as {
      kind?: string;
      metadata?: Pod['metadata'];
      spec?: { template?: Pod };
    } | null;
    const pod =
      object?.kind === 'Pod'
        ? (object as Pod)
        : object?.kind === 'Deployment'
          ? object.spec?.template
          : undefined;
    if (pod?.spec) return { pod, namespace: object?.metadata?.namespace ?? 'default' };
  }
  throw new UnusableInput(`${file} holds neither a Pod nor a Deployment`);
}
