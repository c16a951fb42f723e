import path from 'node:path';
import { isSea } from 'node:sea';
import { plan as makePlan } from '../core/plan.ts';
import { success } from '../core/problem.ts';
import type { Plan } from '../edges/plan.ts';
import { parseDiversion } from '../spec/parse.ts';
import { type Io, readText, reportProblems } from './io.ts';
import { type ManifestFile, namespaceProblems, readManifests } from './manifests.ts';
import { OWN_CHART, OWN_DIVERSION, readOwn } from './own-chart.ts';

export interface Loaded {
  readonly file: string;
  readonly text: string;
  readonly plan: Plan;
}

/** Reads and checks the diversion; undefined after its problems have been printed. */
export async function loadPlan(io: Io, verb: string, given: string | undefined): Promise<Loaded | undefined> {
  const named = given ?? io.env['SHUNT_DIVERSION'];
  const file = named ?? path.join(OWN_CHART, OWN_DIVERSION);
  const text =
    named === undefined && isSea() ? success(await readOwn(OWN_DIVERSION)) : await readText(file, io);
  if (!text.ok) {
    reportProblems(io, verb, file, text.problems);
    return undefined;
  }
  const diversion = parseDiversion(text.value);
  if (!diversion.ok) {
    reportProblems(io, verb, file, diversion.problems);
    return undefined;
  }
  return { file, text: text.value, plan: makePlan(diversion.value) };
}

/** Reads and checks a file of manifests; undefined after its problems have been printed. */
export async function loadManifests(
  io: Io,
  verb: string,
  file: string,
  namespace: string | undefined,
): Promise<ManifestFile | undefined> {
  const text = await readText(file, io);
  const read = text.ok ? readManifests(text.value) : text;
  const problems = read.ok ? namespaceProblems(read.value, namespace) : read.problems;
  if (read.ok && problems.length === 0) return read.value;
  reportProblems(io, verb, file, problems);
  return undefined;
}
