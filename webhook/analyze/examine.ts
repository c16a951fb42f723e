import { examineRules } from './ats/rules.ts';
import { examineScript } from './ats/script.ts';
import { examineDeclared } from './declared.ts';
import { examineDrift } from './drift/drift.ts';
import { envoyModel } from './envoy/model.ts';
import { examinePeers } from './envoy/peers.ts';
import { examineRouting } from './envoy/routing.ts';
import { examineSending } from './envoy/sending.ts';
import { blindRoutes, exposedListeners } from './envoy/whole.ts';
import type { Coded } from './finding.ts';
import { examineChanges } from './front/changes.ts';
import { examineFronts } from './front/examine.ts';
import { examineFrontGateways } from './front/gateways.ts';
import { examineGrants } from './front/grants.ts';
import { examineTwice } from './front/twice.ts';
import { examineIngress } from './ingress/examine.ts';
import { gatewayApiTable } from './ingress/gateway-api-table.ts';
import { examineListeners } from './ingress/listeners.ts';
import { examinePlain } from './ingress/plain.ts';
import { routerTable } from './ingress/router-table.ts';
import { examineBackends } from './istio/backends.ts';
import { examineGateways } from './istio/gateways.ts';
import { istioTable } from './istio/ingress-table.ts';
import { examineMesh } from './istio/mesh.ts';
import { examineRoutes } from './istio/routes.ts';
import { examinePolicies } from './policy.ts';
import { envoysOf, remapsOf, type Scene, scriptsOf } from './scene.ts';

/** Everything that is wrong with a scene, each thing under the code of its kind. */
export function examine(scene: Scene): Coded[] {
  const { plan } = scene;
  const models = envoysOf(scene).map((subject) => envoyModel(plan, subject));
  const tables = [
    istioTable(scene),
    gatewayApiTable(scene),
    ...models.map((model) => routerTable(plan, model)),
  ];
  return [
    ...examineDeclared(scene),
    ...examineDrift(scene),
    ...envoysOf(scene).flatMap((subject) => [
      ...blindRoutes(plan, subject),
      ...exposedListeners(plan, subject),
    ]),
    ...models.flatMap((model) => [
      ...examineRouting(plan, model),
      ...examineSending(plan, model),
      ...examinePeers(plan, model),
    ]),
    ...tables.flatMap((table) => (table ? examineIngress(plan, table) : [])),
    ...examineGateways(scene),
    ...examineListeners(scene),
    ...examineRoutes(scene),
    ...examineBackends(scene),
    ...examineFronts(scene),
    ...examineChanges(scene),
    ...examineFrontGateways(scene),
    ...examineGrants(scene),
    ...examineTwice(scene),
    ...examinePlain(scene),
    ...examineMesh(scene),
    ...examinePolicies(scene),
    ...remapsOf(scene).flatMap((remap) => examineRules(plan, remap)),
    ...scriptsOf(scene).flatMap((script) => examineScript(plan, script)),
  ];
}
