import type { Json } from '../../core/json.ts';
import type { Plan } from '../../edges/plan.ts';
import { titleOf } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import type { ObjectSubject, Scene, Subject } from '../scene.ts';
import type { Difference } from './compare.ts';
import { envoyDrift } from './envoy.ts';
import { absentObjects, ownObjects, renderedSets } from './objects.ts';
import { remapDrift, scriptDrift, valuesDrift } from './texts.ts';

/** A file that was edited all over is rendered anew, not mended place by place. */
const MAX_DIFFERENCES = 20;

/**
 * What the files of this diversion hold otherwise than the program would write it now: the diversion is taken out, put
 * in again, and both are compared field by field. Files that hold no part of it are not looked at here.
 */
export function examineDrift({ plan, subjects }: Scene): Coded[] {
  const objects = subjects.filter((subject): subject is ObjectSubject => subject.kind === 'object');
  const sets = renderedSets(plan);
  const own = ownObjects(plan, sets, objects);
  // An Envoy's configuration inside an object of ours is compared with that object.
  const compared = new Set(own.map(({ subject }) => `${subject.file} ${subject.place} `));
  const others = subjects.filter(
    (subject) => subject.kind !== 'envoy' || !compared.has(`${subject.file} ${subject.prefix}`),
  );
  return [
    ...own.flatMap(({ subject, differences }) => flawsOf(subject, `${subject.place} `, differences)),
    ...others.flatMap((subject) =>
      flawsOf(subject, subject.kind === 'envoy' ? subject.prefix : '', differencesOf(plan, subject)),
    ),
    ...absentObjects(sets, objects).map((object) =>
      flaw('drift', {
        file: own[0]?.subject.file ?? '',
        path: titleOf(object),
        message: 'is absent, and this version writes it beside the other objects',
      }),
    ),
  ];
}

function differencesOf(plan: Plan, subject: Subject): readonly Difference[] {
  switch (subject.kind) {
    case 'envoy':
      return envoyDrift(plan, subject);
    case 'object':
      return [];
    case 'remap':
      return remapDrift(plan, subject);
    case 'script':
      return scriptDrift(plan, subject);
    case 'values':
      return valuesDrift(plan, subject);
  }
}

function flawsOf({ file }: Subject, place: string, differences: readonly Difference[]): Coded[] {
  return differences.slice(0, MAX_DIFFERENCES).map(({ path, expected, given }) =>
    flaw('drift', {
      file,
      path: `${place}${path}`,
      value: given,
      message: `is not what this version writes: ${said(expected)}`,
    }),
  );
}

const MAX_SHOWN = 200;

function said(expected: Json | undefined): string {
  if (expected === undefined) return 'nothing is written there';
  const text = JSON.stringify(expected);
  return `expected ${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}`;
}
