import { startWorld, type World } from '../../../stage/world.ts';
import { planOf } from '../../ask.ts';

const BYSTANDERS = [
  { name: 'rest-gateway.discovery.wmnet', port: 4113 },
  { name: 'eventgate-main.discovery.wmnet', port: 4492 },
];
/** Today's rules name no SNI, so Istio asks by the caller's Host and believes a certificate that holds it. */
const PRODUCTION_NAMES = ['*.wikipedia.org', '*.wiktionary.org'];

/** Everything that a mesh of model servers leads to. */
export function startMeshWorld(diversion: string, scratch: string): Promise<World> {
  return startWorld(planOf(diversion), scratch, {
    bystanders: BYSTANDERS,
    productionNames: PRODUCTION_NAMES,
  });
}
