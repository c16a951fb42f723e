import { scriptFile } from '../../edges/ats/names.ts';
import { divertRemap } from '../../edges/ats/remap.ts';
import { script, scriptTitle } from '../../edges/ats/script.ts';
import { mergeText } from '../../edges/knative/text.ts';
import { knativeValues } from '../../edges/knative/values.ts';
import type { Plan } from '../../edges/plan.ts';
import { readDocuments } from '../read/documents.ts';
import type { RemapSubject, ScriptSubject, ValuesSubject } from '../scene.ts';
import { type Difference, differences, lineDifferences } from './compare.ts';
import { hasTrace } from './trace.ts';

/** Whether a script is this diversion's: by its name, its title or the name in its data. */
export function isOwnScript({ diversion }: Plan, { file, text }: ScriptSubject): boolean {
  return (
    file.endsWith(scriptFile(diversion)) ||
    text.includes(scriptTitle(diversion)) ||
    (/^local data = /m.test(text) && text.includes(`["name"] = ${JSON.stringify(diversion)}`))
  );
}

/** The diversion's own script, against the one that is written now. */
export function scriptDrift(plan: Plan, subject: ScriptSubject): Difference[] {
  const { ats } = plan.edges;
  return ats && isOwnScript(plan, subject) ? lineDifferences(script(plan, ats), subject.text) : [];
}

/** Rules that hold the step of this diversion, against the same rules with the step put in now. */
export function remapDrift(plan: Plan, { text }: RemapSubject): Difference[] {
  const { ats } = plan.edges;
  if (!ats || !text?.includes(scriptFile(plan.diversion))) return [];
  const diverted = divertRemap(text, plan, ats);
  return diverted.ok ? lineDifferences(diverted.value.text, text) : [];
}

/** Values of a cluster that hold parts of this diversion, against the same values with these parts put in now. */
export function valuesDrift(plan: Plan, { text }: ValuesSubject): Difference[] {
  if (!plan.edges.knative || !hasTrace(plan, text)) return [];
  const given = readDocuments(text);
  if (!given.ok) return [];
  // Values of the diversion alone are what is rendered where no file is given.
  const alone = knativeValues(plan);
  if (alone.ok && differences(alone.value, given.value[0]).length === 0) return [];
  const merged = mergeText(text, plan);
  const expected = merged.ok ? readDocuments(merged.value.text) : merged;
  return expected.ok ? differences(expected.value[0], given.value[0]) : [];
}
