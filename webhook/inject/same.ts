import { isObject } from '../core/json.ts';

/** What the API server writes into a container, probe, port or volume that leaves the field out. */
const API_DEFAULTS: Readonly<Record<string, unknown>> = {
  apiVersion: 'v1',
  defaultMode: 0o644,
  failureThreshold: 3,
  imagePullPolicy: 'IfNotPresent',
  initialDelaySeconds: 0,
  periodSeconds: 10,
  protocol: 'TCP',
  scheme: 'HTTP',
  successThreshold: 1,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  timeoutSeconds: 1,
};

/**
 * Whether a part of ours is exactly what it should be, nothing missing and nothing added, apart from the defaults
 * that the API server writes and from empty values, which it may leave out.
 */
export function isSame(given: unknown, wanted: unknown): boolean {
  if (given === wanted) return true;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(given) || given.length !== wanted.length) return isEmpty(given) && isEmpty(wanted);
    return wanted.every((item, index) => isSame(given[index], item));
  }
  if (!isObject(wanted) || !isObject(given)) return isEmpty(given) && isEmpty(wanted);
  const keys = new Set([...Object.keys(given), ...Object.keys(wanted)]);
  return [...keys].every((key) => isSame(given[key] ?? defaultOf(key), wanted[key] ?? defaultOf(key)));
}

function defaultOf(key: string): unknown {
  return Object.hasOwn(API_DEFAULTS, key) ? API_DEFAULTS[key] : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}
