import { type Driver, skipReason } from './driver.ts';
import type { ConformanceAnswer, ConformanceRequest } from './request.ts';

/** One paragraph: how many rows an edge was asked, what became of them, which were skipped and differ, and why. */
export function describeCounts(
  driver: Driver,
  all: readonly ConformanceRequest[],
  answers: readonly ConformanceAnswer[],
): string {
  const skips = count(all.map(({ form }) => skipReason(driver, form.name)));
  const asked = all.filter(({ form }) => skipReason(driver, form.name) === undefined);
  const differing = count(asked.map((request) => driver.differences?.find(({ when }) => when(request))?.why));
  const outcomes = count(answers.map(({ site }) => outcomeOf(site)));
  return [
    `${driver.name}: ${asked.length} rows of ${all.length} (${listed(outcomes)})`,
    ...[...skips].map(([reason, times]) => `  skipped ${times}: ${reason}`),
    ...[...differing].map(([why, times]) => `  differ ${times}: ${why}`),
  ].join('\n');
}

/** The chance of a request that is answered wrongly, where none of so many was: below 3/N with 95 % confidence. */
export function describeRandom(driver: Driver, seed: number, answers: readonly ConformanceAnswer[]): string {
  const outcomes = listed(count(answers.map(({ site }) => outcomeOf(site))));
  const bound = (3 / answers.length).toExponential(1);
  return `${driver.name}: none of ${answers.length} random requests answered wrongly (seed ${seed}; ${outcomes}); 95 %: fewer than ${bound} of such requests are`;
}

function outcomeOf(site: string | undefined): string {
  if (site === undefined) return 'refused';
  return site.startsWith('target') ? 'diverted' : 'not diverted';
}

function count(values: readonly (string | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, times]) => `${times} ${what}`).join(', ');
}
