import { hash } from 'node:crypto';
import { plan as makePlan } from '../core/plan.ts';
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
 * It is JSON, since Helm reads YAML by other rules than we do: `no` would become false, and 0777 octal.
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
  ]);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
