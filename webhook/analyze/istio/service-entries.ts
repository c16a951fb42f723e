import { meshHost } from '../../edges/knative/names.ts';
import { textsAt } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import { objectsOf, type Scene } from '../scene.ts';

/** Names of the other environment that more than one ServiceEntry claims: a mesh goes by one of them. */
export function examineServiceEntries(scene: Scene): Coded[] {
  const names = new Set(scene.plan.targets.map(meshHost));
  const claims = objectsOf(scene, 'ServiceEntry').flatMap((subject) =>
    textsAt(subject.object, 'spec', 'hosts')
      .filter((host) => names.has(host))
      .map((host) => ({ host, subject })),
  );
  return [...Map.groupBy(claims, ({ host }) => host).values()].flatMap(([first, ...others]) =>
    others.map(({ host, subject }) =>
      flaw('service-entry-twice', {
        file: subject.file,
        path: subject.place,
        value: host,
        message: `claims a name that ${first?.subject.place} has already`,
      }),
    ),
  );
}
