import { servedAtIngress } from '../core/sites.ts';
import type { Plan } from '../edges/plan.ts';
import { isDiverting, originalsOf } from './envoy/copies.ts';
import { envoyModel } from './envoy/model.ts';
import { type Coded, flaw } from './finding.ts';
import { divertedUpstreamsOf } from './istio/mesh.ts';
import { productionSites } from './production-gateways.ts';
import { envoysOf, type Scene } from './scene.ts';

/**
 * Edges that divert what the ingress in front of the service diverts too: the share is drawn once here and once more
 * there, and the switch of one is not that of the other.
 */
export function examineDoubleDiversion(scene: Scene): Coded[] {
  if (productionSites(scene).length === 0) return [];
  const envoys = envoysOf(scene).flatMap((subject) => {
    const model = envoyModel(scene.plan, subject);
    return model.tables.flatMap((table) =>
      originalsOf(scene.plan, table).flatMap(({ upstream, before }) =>
        before
          .filter(isDiverting)
          .map(({ route }) => ({ file: model.file, path: route.place, upstream: upstream.name })),
      ),
    );
  });
  return [...envoys, ...divertedUpstreamsOf(scene)].flatMap((place) => flawAt(scene.plan, place));
}

function flawAt(
  plan: Plan,
  { upstream, ...place }: { readonly file: string; readonly path: string; readonly upstream: string },
): Coded[] {
  const service = servedAtIngress(plan, upstream);
  if (!service) return [];
  const message = `diverts ${upstream}, which ${service.name} behind the ingress stands for, where it is diverted too`;
  return [flaw('diverted-twice', { ...place, value: upstream, message })];
}
