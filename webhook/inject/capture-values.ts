import type { Listener } from '../core/plan.ts';
import type { Captured, CaptureFailure } from './captured.ts';
import { replaceOrigins } from './origins.ts';
import type { Container } from './pod.ts';
import type { Original } from './undo.ts';
import { describeValues, whyNotCaptured } from './why-not-captured.ts';

const NO_FILES = { stepMounts: [], mountPoints: [] } as const;

/** Leads the origins in the values of these environment variables to the sidecar. */
export function captureEnv(
  container: Container,
  names: readonly string[],
  listeners: readonly Listener[],
): Captured | CaptureFailure {
  const originals: Original[] = [];
  const env = container.env?.map((variable) => {
    if (!names.includes(variable.name) || variable.value === undefined) return variable;
    const { text, count } = replaceOrigins(variable.value, listeners);
    if (count === 0) return variable;
    originals.push({ container: container.name, env: variable.name, value: variable.value });
    return { ...variable, value: text };
  });
  const captured = new Set(originals.map((original) => ('env' in original ? original.env : '')));
  const missed = names.filter((name) => !captured.has(name));
  if (!env || missed.length > 0) {
    const detail = missed.map((name) => whyNotCaptured(container, name, listeners)).join('; ');
    return { reason: 'nothing-to-capture', detail: `container ${container.name}: ${detail}` };
  }
  return { container: { ...container, env }, originals, ...NO_FILES };
}

/** Leads the origins in the command and its arguments to the sidecar. */
export function captureArgs(container: Container, listeners: readonly Listener[]): Captured | CaptureFailure {
  const originals: Original[] = [];
  const replaceIn = (field: 'args' | 'command'): string[] | undefined =>
    container[field]?.map((value, index) => {
      const { text, count } = replaceOrigins(value, listeners);
      if (count > 0) originals.push({ container: container.name, field, index, value });
      return text;
    });
  const command = replaceIn('command');
  const args = replaceIn('args');
  if (originals.length === 0) {
    const given = [...(container.command ?? []), ...(container.args ?? [])];
    const detail = `the command and its arguments: ${describeValues(given, listeners)}`;
    return { reason: 'nothing-to-capture', detail: `container ${container.name}, ${detail}` };
  }
  const changed = { ...container, ...(command ? { command } : {}), ...(args ? { args } : {}) };
  return { container: changed, originals, ...NO_FILES };
}
