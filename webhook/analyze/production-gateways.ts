import { type UpstreamSite, upstreamSites } from '../edges/ingress/upstream-sites.ts';
import type { Plan } from '../edges/plan.ts';
import { at, objectsAt } from './fields.ts';
import { type ObjectSubject, objectsOf, type Scene } from './scene.ts';

/** Asked for every route, and made anew for every host. */
const seen = new WeakMap<Scene, readonly UpstreamSite[]>();

/** The production services behind the ingress, in files where the ingress is in front of any. */
export function productionSites(scene: Scene): readonly UpstreamSite[] {
  const known = seen.get(scene);
  if (known) return known;
  const sites = declaredSites(scene.plan);
  const found = sites.some((site) => gatewaysAt(scene, site).length > 0) ? sites : [];
  seen.set(scene, found);
  return found;
}

/** The Gateways at the port by which a production service is called. */
function gatewaysAt(scene: Scene, { port }: UpstreamSite): ObjectSubject[] {
  return objectsOf(scene, 'Gateway').filter((gateway) => portsOf(gateway).includes(port));
}

/** The other Gateways: those of the ports where the other environment is asked, and outside traffic arrives. */
export function commonGateways(scene: Scene): ObjectSubject[] {
  const ports = declaredSites(scene.plan).map(({ port }) => port);
  return objectsOf(scene, 'Gateway').filter((gateway) => {
    const own = portsOf(gateway);
    return own.length === 0 || own.some((port) => !ports.includes(port));
  });
}

function declaredSites(plan: Plan): UpstreamSite[] {
  return plan.edges.ingress ? upstreamSites(plan, plan.edges.ingress) : [];
}

/** Of Istio and of the Gateway API alike. */
function portsOf({ object }: ObjectSubject): number[] {
  const servers = objectsAt(object, 'spec', 'servers').map((server) => at(server, 'port', 'number'));
  const listeners = objectsAt(object, 'spec', 'listeners').map(({ port }) => port);
  return [...servers, ...listeners].filter((port) => port !== undefined).map(Number);
}
