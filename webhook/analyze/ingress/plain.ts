import { ingressFindings } from '../../edges/ingress/findings.ts';
import { objectsAt } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import { objectsOf, type Scene } from '../scene.ts';

/** What `shunt render` says of plain Ingress objects, once they are the kind that somebody chose. */
export function examinePlain(scene: Scene): Coded[] {
  const { plan, file } = scene;
  const rules = objectsOf(scene, 'Ingress').flatMap(({ object }) => objectsAt(object, 'spec', 'rules'));
  const served = new Set(rules.map(({ host }) => host));
  if (!scene.isGiven || !plan.hosts.some((host) => served.has(host))) return [];
  return ingressFindings('ingress', plan).map(({ path, value, message }) =>
    flaw('ingress-sni-differs', { file, path, value: String(value), message }),
  );
}
