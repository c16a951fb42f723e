import type { Result } from '../../../webhook/core/problem.ts';
import { type MergedText, mergeText, revertText } from '../../../webhook/edges/knative/text.ts';
import { type Change, diversionPlan } from '../../fixtures/diversions.ts';

/** Values with this repository's own diversion, as changed, merged into them. */
export function merge(text: string, ...changes: readonly Change[]): Result<MergedText> {
  return mergeText(text, diversionPlan(...changes));
}

export function merged(text: string, ...changes: readonly Change[]): string {
  const result = merge(text, ...changes);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value.text;
}

export function reverted(text: string, diversion = 'testwiki'): string {
  const result = revertText(text, diversion);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}
