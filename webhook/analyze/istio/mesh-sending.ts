import { hostOf } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { at } from '../fields.ts';
import { type Flawed, flaw } from '../finding.ts';
import type { Scene } from '../scene.ts';
import { verificationFlaws } from './mesh-peers.ts';
import type { Led } from './mesh-service.ts';

/** Istio draws by weight; one destination without a weight takes all. */
export function shareFlaws({ share }: Plan, led: readonly Led[]): Flawed[] {
  const weight = ({ entry }: Led): number => (led.length === 1 ? 1 : Number(entry['weight'] ?? 0));
  const whole = led.reduce((sum, destination) => sum + weight(destination), 0);
  const part = led
    .filter(({ lead }) => lead.kind === 'target')
    .reduce((sum, destination) => sum + weight(destination), 0);
  const percent = whole === 0 ? 0 : (100 * part) / whole;
  const others = led.some(({ lead }) => lead.kind === 'other');
  return percent === share || others
    ? []
    : [
        flaw('share-differs', {
          value: percent,
          message: `diverts ${percent} percent, and ${share} are declared`,
        }),
      ];
}

const MIRRORS = ['mirror', 'mirrors'];

/** What a route sends to targets besides, and how; `taken` are the diverted hosts whose requests it takes. */
export function sendingFlaws(
  scene: Scene,
  route: JsonObject,
  toTarget: readonly Led[],
  taken: readonly string[],
): Flawed[] {
  const mirror = MIRRORS.map((name) => route[name]).find((value) => value !== undefined);
  return [
    ...(mirror === undefined
      ? []
      : [flaw('mirrored', { value: mirror, message: 'sends diverted requests to a second place as well' })]),
    ...toTarget.flatMap(({ entry, host, port }) => [
      ...authorityFlaws(scene.plan, taken, [entry, route]),
      ...verificationFlaws(scene, host, port),
    ]),
  ];
}

/** The gateway knows the plain name alone, so a route must write it; nothing else in Istio makes a name canonical. */
function authorityFlaws({ hosts }: Plan, taken: readonly string[], levels: readonly JsonObject[]): Flawed[] {
  const written = levels
    .flatMap((level): (Json | undefined)[] => {
      const set = at(level, 'headers', 'request', 'set');
      return [at(set, 'host'), at(set, 'Host'), at(set, ':authority'), at(level, 'rewrite', 'authority')];
    })
    .find((value) => typeof value === 'string');
  if (written === undefined) {
    return [
      flaw('authority-not-canonical', {
        message: 'sends the authority as it came, with port and dot, which the gateway answers with 404',
      }),
    ];
  }
  const own = hostOf(String(written));
  const isOwn = taken.length > 0 ? taken.every((host) => host === own) : hosts.some((host) => host === own);
  return isOwn
    ? []
    : [flaw('authority-lost', { value: written, message: 'sends another authority than the diverted host' })];
}
