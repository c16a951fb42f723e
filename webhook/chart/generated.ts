import { hash } from 'node:crypto';
import { stringify } from 'yaml';
import { INGRESS_KINDS } from '../core/ingress-settings.ts';
import { plan as makePlan, type Plan } from '../core/plan.ts';
import { ingressObjects } from '../edges/ingress-objects.ts';
import { toDiversion } from '../spec/convert.ts';
import type { DiversionDocument } from '../spec/schema.ts';
import { matchConditions } from './cel.ts';
import { ownedNames, workloadNamespaces } from './owned.ts';
import { valuesJsonSchema } from './values.ts';

/** A file's text by its path below the chart's folder. */
export type ChartFiles = ReadonlyMap<string, string>;

/** Where everything that is generated stands, save the schema, whose place is Helm's. */
export const GENERATED_FOLDER = 'files';

/** Holds the hash of the diversion that the others were made from; the templates compare it. */
export const SOURCE_FILE = `${GENERATED_FOLDER}/source.json`;

/**
 * All that the chart's templates cannot work out by themselves, from the text of the diversion and what it says.
 * What templates read is JSON, since Helm reads YAML by other rules than we do: `no` would become false, and 0777 octal.
 */
export function generatedFiles(text: string, document: DiversionDocument): ChartFiles {
  const plan = makePlan(toDiversion(document));
  return new Map([
    [`${GENERATED_FOLDER}/diversion.json`, toJson(document)],
    [`${GENERATED_FOLDER}/owned.json`, toJson({ names: ownedNames(plan) })],
    [
      `${GENERATED_FOLDER}/registration.json`,
      toJson({ namespaces: workloadNamespaces(plan), matchConditions: matchConditions(plan.workloads) }),
    ],
    [SOURCE_FILE, toJson({ sha256: hash('sha256', text, 'hex') })],
    ['values.schema.json', toJson(valuesJsonSchema())],
    ...ingressFiles(plan),
  ]);
}

/** A file for each kind of ingress for which the diversion declares what is needed. */
function ingressFiles(plan: Plan): [string, string][] {
  return INGRESS_KINDS.flatMap((kind): [string, string][] => {
    const objects = ingressObjects(kind, plan);
    if (!objects.ok) return [];
    const documents = objects.value.map((object) =>
      stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
    );
    return [[`${GENERATED_FOLDER}/ingress/${kind}.yaml`, documents.join('---\n')]];
  });
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
