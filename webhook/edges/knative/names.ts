import type { Target } from '../../core/diversion.ts';
import { isIpAddress } from '../../core/host.ts';
import { isObject, type Json } from '../../core/json.ts';

/** The name, and the key in the values, of every object that is added for a diversion. */
export function objectName(diversion: string): string {
  return `shunt-${diversion}`;
}

/** The name of a route that is added; no other name holds a dot in that place, so no two diversions share one. */
export function routeName(diversion: string, host: string, original: Json | undefined): string {
  const own = `${routePrefix(diversion)}${host}`;
  return typeof original === 'string' ? `${own} ${original}` : own;
}

/** Whether a route was added for this diversion; for any one, where none is named. */
export function isOwnRoute(route: Json | undefined, diversion?: string): boolean {
  const name = isObject(route) ? route['name'] : undefined;
  const prefix = diversion === undefined ? ROUTE : routePrefix(diversion);
  return typeof name === 'string' && name.startsWith(prefix);
}

/** The key of an object that is added for a host alone; the key of no other object of ours has a dot. */
export function tableName(diversion: string, of: string): string {
  return `${objectName(diversion)}.${of}`;
}

/** Whether an object was added for hosts alone, by any diversion. */
export function isTableName(key: string): boolean {
  return /^shunt-[^.]+\./.test(key);
}

/** The name under which the mesh knows the target. */
export function meshHost({ address, sni }: Target): string {
  return isIpAddress(address) ? sni : address;
}

const ROUTE = 'shunt.';

function routePrefix(diversion: string): string {
  return `${ROUTE}${diversion}.`;
}
