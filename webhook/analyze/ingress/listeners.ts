import { ingressSites } from '../../core/ingress-sites.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { objectsAt, textAt } from '../fields.ts';
import { type Coded, type Flawed, flaw } from '../finding.ts';
import { objectsOf, type Scene } from '../scene.ts';
import { covers } from './name-index.ts';

/** Listeners of the Gateway API that take names of ours must end TLS, with a certificate that somebody has. */
export function examineListeners(scene: Scene): Coded[] {
  const names = ingressSites(scene.plan).flatMap(({ hosts }) => hosts);
  return objectsOf(scene, 'Gateway').flatMap(({ file, place, object }) =>
    objectsAt(object, 'spec', 'listeners').flatMap((listener, index) => {
      const hostname = textAt(listener, 'hostname') ?? '*';
      if (!names.some((name) => covers(hostname, name))) return [];
      const path = `${place} listeners[${index}]`;
      return listenerFlaws(scene.plan, listener).map((flaw) => ({ file, path, ...flaw }));
    }),
  );
}

function listenerFlaws({ edges }: Plan, listener: JsonObject): Flawed[] {
  const protocol = textAt(listener, 'protocol');
  // A certificate ends TLS unless told otherwise.
  const mode = textAt(listener, 'tls', 'mode') ?? 'Terminate';
  const secrets = [edges.ingress, ...edges.ingressAll].flatMap((own) => own?.tlsSecret ?? []);
  const named = objectsAt(listener, 'tls', 'certificateRefs')
    .filter((reference) => (textAt(reference, 'kind') ?? 'Secret') === 'Secret')
    .map((reference) => textAt(reference, 'name'));
  if (protocol !== 'HTTPS' || mode !== 'Terminate') {
    const message = 'does not end TLS as the edges expect it';
    return [flaw('gateway-plain', { value: protocol === 'HTTPS' ? mode : protocol, message })];
  }
  if (secrets.length === 0 || secrets.some((secret) => named.includes(secret))) return [];
  const message = `names none of ${secrets.join(', ')}`;
  return [flaw('gateway-certificate', { value: named.join(', '), message })];
}
