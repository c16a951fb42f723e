import type { VolumeMount } from './pod.ts';

/** Lists and mappings that a pod may lack, and that injection then creates. */
export const CREATABLE = ['annotations', 'initContainers', 'volumes'] as const;
export type Creatable = (typeof CREATABLE)[number];

/** What one captured value was before. */
export type Original =
  | { readonly container: string; readonly mount: VolumeMount }
  | { readonly container: string; readonly env: string; readonly value: string }
  | {
      readonly container: string;
      readonly field: 'args' | 'command';
      readonly index: number;
      readonly value: string;
    };

/**
 * What `uninject` needs beyond the pod itself. It is a record, not an authority: an original is put back only where
 * capturing it again would give what the pod holds now.
 */
export interface Undo {
  readonly created: readonly Creatable[];
  readonly originals: readonly Original[];
}

export function writeUndo(undo: Undo): string {
  return JSON.stringify(undo);
}

/** Reads the record; undefined when it is absent or not one of ours. */
export function readUndo(text: string | undefined): Undo | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<Undo> | null;
    if (!Array.isArray(value?.created) || !Array.isArray(value.originals)) return undefined;
    return { created: value.created, originals: value.originals.filter(isOriginal) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isOriginal(value: unknown): value is Original {
  const entry = value as Partial<Record<string, unknown>> | null;
  if (typeof entry?.['container'] !== 'string') return false;
  const mount = entry['mount'] as Partial<VolumeMount> | undefined;
  const isMount = typeof mount?.mountPath === 'string' && typeof mount.name === 'string';
  const isText = typeof entry['value'] === 'string';
  const isField = entry['field'] === 'args' || entry['field'] === 'command';
  return (
    isMount ||
    (isText && (typeof entry['env'] === 'string' || (isField && typeof entry['index'] === 'number')))
  );
}
