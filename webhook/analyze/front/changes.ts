import type { Json, JsonObject } from '../../core/json.ts';
import { RETRY_HEADERS } from '../../edges/caller-headers.ts';
import { at, nameOf, objectsAt, textAt, textsAt } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import { isBound } from '../istio/binding.ts';
import { type ObjectSubject, objectsOf, type Scene } from '../scene.ts';
import { frontSites, gatewaysAt } from './sites.ts';

/** What routes in front of a production service do besides choosing: all wikis' requests pass there. */
export function examineChanges(scene: Scene): Coded[] {
  return frontSites(scene).flatMap((site) =>
    gatewaysAt(scene, site).flatMap((gateway) => [
      ...objectsOf(scene, 'VirtualService')
        .filter(({ object }) => isBound(scene, object, gateway.object))
        .flatMap((service) => routesOf(service, 'http', istioChanges)),
      ...objectsOf(scene, 'HTTPRoute')
        .filter(({ object }) => isAttached(object, gateway.object))
        .flatMap((route) => routesOf(route, 'rules', gatewayApiChanges)),
    ]),
  );
}

function routesOf(
  { file, place, object }: ObjectSubject,
  key: string,
  changesOf: (route: JsonObject) => Readonly<Record<string, Json | undefined>>,
): Coded[] {
  return objectsAt(object, 'spec', key).flatMap((route, index) =>
    Object.entries(changesOf(route)).map(([what, value]) =>
      flaw('front-changes', {
        file,
        path: `${place} ${key}[${index}]`,
        value,
        message: `${what}, where callers expect what the service itself does`,
      }),
    ),
  );
}

const ISTIO_CHOICES = new Set(['name', 'match', 'route', 'retries', 'fault', 'headers', 'directResponse']);

function istioChanges(route: JsonObject): Record<string, Json | undefined> {
  const others = Object.keys(route).filter((key) => !ISTIO_CHOICES.has(key));
  const levels = [route, ...objectsAt(route, 'route')];
  const responses = levels.map((level) => at(level, 'headers', 'response')).find((own) => own !== undefined);
  const added = levels
    .flatMap((level) => [at(level, 'headers', 'request', 'add'), othersThanAuthority(level)])
    .find((own) => own !== undefined);
  const removed = levels.flatMap((level) => textsAt(level, 'headers', 'request', 'remove'));
  return {
    ...Object.fromEntries(others.map((key) => [`has ${key}`, route[key]])),
    ...(at(route, 'retries', 'attempts') === 0
      ? {}
      : { 'sends requests again, as Istio does unless told': route['retries'] }),
    ...(at(route, 'fault', 'delay') === undefined ? {} : { 'delays requests': at(route, 'fault', 'delay') }),
    ...(responses === undefined ? {} : { 'changes answers': responses }),
    ...(added === undefined ? {} : { 'adds headers': added }),
    ...removal(removed),
  };
}

function othersThanAuthority(level: JsonObject): Json | undefined {
  const set = at(level, 'headers', 'request', 'set');
  const names = Object.keys((set ?? {}) as JsonObject).filter((name) => !/^(?::authority|host)$/i.test(name));
  return names.length > 0 ? names : undefined;
}

const GATEWAY_API_CHOICES = new Set(['name', 'matches', 'backendRefs', 'filters', 'timeouts']);

function gatewayApiChanges(rule: JsonObject): Record<string, Json | undefined> {
  const others = Object.keys(rule).filter((key) => !GATEWAY_API_CHOICES.has(key));
  const filters = [rule, ...objectsAt(rule, 'backendRefs')].flatMap((level) => objectsAt(level, 'filters'));
  const strange = filters.find(({ type }) => type !== 'RequestHeaderModifier');
  const added = filters
    .flatMap((filter) => [
      ...objectsAt(filter, 'requestHeaderModifier', 'add'),
      ...objectsAt(filter, 'requestHeaderModifier', 'set').filter(
        ({ name }) => !/^host$/i.test(String(name)),
      ),
    ])
    .at(0);
  const limited = Object.values((at(rule, 'timeouts') ?? {}) as JsonObject).some((limit) => limit !== '0s');
  return {
    ...Object.fromEntries(others.map((key) => [`has ${key}`, rule[key]])),
    ...(strange ? { [`has a filter ${textAt(strange, 'type')}`]: strange } : {}),
    ...(added === undefined ? {} : { 'adds headers': added }),
    ...(limited ? { 'ends requests after a time': at(rule, 'timeouts') } : {}),
    ...removal(filters.flatMap((filter) => textsAt(filter, 'requestHeaderModifier', 'remove'))),
  };
}

/** Callers may not ask for retries of jobs; every other header is theirs. */
function removal(names: readonly string[]): Record<string, Json | undefined> {
  const others = names.filter((name) => !RETRY_HEADERS.includes(name.toLowerCase()));
  return others.length === 0 ? {} : { 'removes headers': others };
}

function isAttached(route: JsonObject, gateway: JsonObject): boolean {
  const { name, namespace } = nameOf(gateway);
  return objectsAt(route, 'spec', 'parentRefs').some(
    (parent) =>
      parent['name'] === name && (textAt(parent, 'namespace') ?? nameOf(route).namespace) === namespace,
  );
}
