import { isObject, type JsonObject } from '../core/json.ts';

/** Who keeps an object, as it says itself. */
export interface Mark {
  /** Whether it says that this program keeps it. */
  readonly kept: boolean;
  readonly diversion: string | undefined;
  /** `NAMESPACE/NAME` of the release; absent on what the first version of the program wrote. */
  readonly owner: string | undefined;
}

/** `ours`, or of another release of the same diversion, or not marked as kept by this program at all. */
export type Belonging = 'ours' | 'another-release' | 'foreign';

const KEPT_BY = 'app.kubernetes.io/managed-by';
const KEEPER = 'pretrain-shunt';
const DIVERSION = 'shunt.wikimedia.org/diversion';
/** Annotation that names the release which keeps an object. */
export const OWNER_ANNOTATION = 'shunt.wikimedia.org/owner';

/** The mark that an object carries. */
export function markOf(object: JsonObject): Mark {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const labels = isObject(metadata['labels']) ? metadata['labels'] : {};
  const annotations = isObject(metadata['annotations']) ? metadata['annotations'] : {};
  return {
    kept: labels[KEPT_BY] === KEEPER,
    diversion: textOf(labels[DIVERSION]),
    owner: textOf(annotations[OWNER_ANNOTATION]),
  };
}

/** Whether an object is this release's to overwrite or delete; one that names no release is taken over. */
export function belonging({ kept, diversion, owner }: Mark, own: string, release: string): Belonging {
  if (!kept || diversion !== own) return 'foreign';
  return owner === undefined || owner === release ? 'ours' : 'another-release';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
