import type { JsonObject } from '../../core/json.ts';
import { nameOf, objectsAt, textAt } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import { objectsOf, type Scene } from '../scene.ts';

/** Whether the namespace of a backend lets a route of another one lead to it. */
export function isGranted(scene: Scene, route: JsonObject, ref: JsonObject): boolean {
  const { namespace: home } = nameOf(route);
  const namespace = textAt(ref, 'namespace') ?? home;
  if (namespace === home) return true;
  return objectsOf(scene, 'ReferenceGrant').some(
    ({ object }) =>
      nameOf(object).namespace === namespace &&
      objectsAt(object, 'spec', 'from').some(
        (from) => from['kind'] === 'HTTPRoute' && from['namespace'] === home,
      ) &&
      objectsAt(object, 'spec', 'to').some(
        (to) => to['kind'] === 'Service' && [undefined, ref['name']].includes(to['name'] ?? undefined),
      ),
  );
}

/** Routes that lead where they may not: their requests are answered 500. */
export function examineGrants(scene: Scene): Coded[] {
  return objectsOf(scene, 'HTTPRoute').flatMap(({ file, place, object }) =>
    objectsAt(object, 'spec', 'rules').flatMap((rule, index) =>
      objectsAt(rule, 'backendRefs')
        .filter((ref) => !isGranted(scene, object, ref))
        .map((ref) =>
          flaw('grant-missing', {
            file,
            path: `${place} rules[${index}]`,
            value: `${textAt(ref, 'namespace')}/${textAt(ref, 'name')}`,
            message: 'leads to a Service in a namespace that has no ReferenceGrant for it',
          }),
        ),
    ),
  );
}
