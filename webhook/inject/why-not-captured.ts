import type { Listener } from '../core/plan.ts';
import { originFinder, originsOf } from './origins.ts';
import type { Container, EnvVar } from './pod.ts';

/** Scheme, host and port of the first address in a text; what stands before an @ is left out, since it may be a secret. */
const ADDRESS = /\bhttps?:\/\/(?:[^\s/@]{0,200}@)?([^\s/"'@<>?#]{1,200})/i;

/** Why a variable holds nothing to capture, and what to do where the pod can be changed so that it does. */
export function whyNotCaptured(container: Container, name: string, listeners: readonly Listener[]): string {
  const variable = container.env?.findLast((one) => one.name === name);
  if (variable?.value !== undefined)
    return `variable ${name}: ${describeValues([variable.value], listeners)}`;
  if (variable?.valueFrom) {
    return `variable ${name} takes its value from ${sourceOf(variable)} (valueFrom), which is not seen at admission; give it as a value, or capture the file`;
  }
  if (variable) return `variable ${name} is empty`;
  const sources = (container.envFrom ?? []).map(({ configMapRef, secretRef }) =>
    configMapRef ? `ConfigMap ${configMapRef.name}` : `Secret ${secretRef?.name}`,
  );
  if (sources.length === 0) return `variable ${name} is not in env`;
  return `variable ${name} is not in env; it may come from ${sources.join(', ')} (envFrom), which is not seen at admission; give it as a value in env`;
}

/** What the values contain in which no captured address was found. */
export function describeValues(values: readonly string[], listeners: readonly Listener[]): string {
  const looked = `none of ${originsOf(listeners).join(', ')} found`;
  const finder = originFinder(listeners.map(({ upstream }) => upstream));
  const secured = values.find((value) => value.replace(/\bhttp:/gi, 'https:').search(finder) >= 0);
  if (secured !== undefined) return `${looked}; it is there with http://, and only https:// is captured`;
  const other = values.map((value) => ADDRESS.exec(value)).find((match) => match !== null);
  return other
    ? `${looked}; it names ${other[1]}, which is another host or port`
    : `${looked}; it names no address`;
}

function sourceOf({ valueFrom }: EnvVar): string {
  const { configMapKeyRef, secretKeyRef } = valueFrom ?? {};
  if (configMapKeyRef) return `ConfigMap ${configMapKeyRef.name}`;
  return secretKeyRef ? `Secret ${secretKeyRef.name}` : 'a field of the pod';
}
