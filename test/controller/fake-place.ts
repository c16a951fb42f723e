import { isObject, type JsonObject } from '../../webhook/core/json.ts';

/** Where something is kept, as its path says. */
export interface Place {
  readonly path: string;
  readonly root: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

const FORM = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/[^/]))?\/([^/]+)(?:\/([^/]+))?$/;

export function placeOf(path: string): Place {
  const [, root, namespace, plural, name] = FORM.exec(path) ?? [];
  if (root === undefined || plural === undefined) throw new Error(`no path of the API: ${path}`);
  return { path, root, plural, namespace, name };
}

/** Whether an object is in a collection, as its query limits it. */
export function selected(
  place: Place,
  object: JsonObject,
  collection: Place,
  query: Readonly<Record<string, string>>,
): boolean {
  const field = query['fieldSelector'];
  return (
    place.root === collection.root &&
    place.plural === collection.plural &&
    (collection.namespace === undefined || place.namespace === collection.namespace) &&
    (field === undefined || field === `metadata.name=${String(metaOf(object)['name'])}`)
  );
}

export function metaOf(object: JsonObject): JsonObject {
  return isObject(object['metadata']) ? object['metadata'] : {};
}
