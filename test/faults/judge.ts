import { analyze } from '../../webhook/analyze/analyze.ts';
import { readSubjects } from '../../webhook/analyze/read/read.ts';
import type { Subject } from '../../webhook/analyze/scene.ts';
import { plan as makePlan } from '../../webhook/core/plan.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { type Change, diversionPlan } from '../fixtures/diversions.ts';
import type { Base } from './fault.ts';

const DIVERSION = 'diversion.yaml';

/** What is found in some files: the codes of checks, or of the problems for which they are not even read. */
export function codesIn(
  { files }: Pick<Base, 'files'>,
  changes: readonly Change[] = [],
  isGiven?: true,
): string[] {
  const declared = files[DIVERSION];
  if (declared === undefined) return codesFor(diversionPlan(...changes), files, isGiven);
  const parsed = parseDiversion(declared);
  return parsed.ok ? codesFor(makePlan(parsed.value), {}) : parsed.problems.map(({ code }) => code);
}

function codesFor(plan: Plan, files: Base['files'], isGiven?: true): string[] {
  const subjects: Subject[] = [];
  for (const [name, text] of Object.entries(files)) {
    const read = readSubjects(name, text);
    if (!read.ok) return read.problems.map(({ code }) => code);
    subjects.push(...read.value);
  }
  return analyze({ plan, file: DIVERSION, subjects, ...(isGiven ? { isGiven } : {}) }).map(
    ({ code }) => code,
  );
}

/** The codes that are found more often than in the files as they were. */
export function newCodes(base: readonly string[], codes: readonly string[]): string[] {
  const count = (list: readonly string[], code: string): number =>
    list.filter((other) => other === code).length;
  return [...new Set(codes)].filter((code) => count(codes, code) > count(base, code));
}
