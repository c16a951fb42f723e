import { examineRules } from './ats/rules.ts';
import { examineScript } from './ats/script.ts';
import { examineDeclared } from './declared.ts';
import { examineDoubleDiversion } from './double-diversion.ts';
import { examineDrift } from './drift/drift.ts';
import { envoyModel } from './envoy/model.ts';
import { examinePeers } from './envoy/peers.ts';
import { examineRouting } from './envoy/routing.ts';
import { examineSending } from './envoy/sending.ts';
import { unsupportedRoutes } from './envoy/unsupported-routes.ts';
import type { Coded } from './finding.ts';
import { examineIngress } from './ingress/examine.ts';
import { examinePlain } from './ingress/plain.ts';
import { examineBackends } from './istio/backends.ts';
import { examineGateways } from './istio/gateways.ts';
import { istioTable } from './istio/ingress-table.ts';
import { examineMesh } from './istio/mesh.ts';
import { examineRoutes } from './istio/routes.ts';
import { examineServiceEntries } from './istio/service-entries.ts';
import { examinePolicies } from './policy.ts';
import { envoysOf, remapsOf, type Scene, scriptsOf } from './scene.ts';

/** Everything that is wrong with a scene, each thing under the code of its kind. */
export function examine(scene: Scene): Coded[] {
  const { plan } = scene;
  const models = envoysOf(scene).map((subject) => envoyModel(plan, subject));
  const table = istioTable(scene);
  return [
    ...examineDeclared(scene),
    ...examineDrift(scene),
    ...envoysOf(scene).flatMap((subject) => unsupportedRoutes(plan, subject)),
    ...models.flatMap((model) => [
      ...examineRouting(plan, model),
      ...examineSending(plan, model),
      ...examinePeers(plan, model),
    ]),
    ...(table ? examineIngress(plan, table) : []),
    ...examineGateways(scene),
    ...examineRoutes(scene),
    ...examineBackends(scene),
    ...examineDoubleDiversion(scene),
    ...examinePlain(scene),
    ...examineMesh(scene),
    ...examineServiceEntries(scene),
    ...examinePolicies(scene),
    ...remapsOf(scene).flatMap((remap) => examineRules(plan, remap)),
    ...scriptsOf(scene).flatMap((script) => examineScript(plan, script)),
  ];
}
