import { hash } from 'node:crypto';
import { stringify } from 'yaml';
import type { JsonObject } from '../core/json.ts';
import { plan as makePlan } from '../core/plan.ts';
import type { Result } from '../core/problem.ts';
import { ingressObjects } from '../edges/ingress/objects.ts';
import { INGRESS_KINDS, type IngressKind } from '../edges/ingress/settings.ts';
import { TOPOLOGIES, workloadsIn } from '../edges/ingress/topology.ts';
import { ingressAllObjects } from '../edges/ingress/topology-objects.ts';
import type { Plan } from '../edges/plan.ts';
import type { Weights } from '../edges/weights.ts';
import { toDiversion } from '../spec/convert.ts';
import { type DiversionDocument, diversionJsonSchema } from '../spec/schema.ts';
import { matchConditions } from './cel.ts';
import { openTargets, ownedNames, workloadNamespaces } from './owned.ts';
import { valuesJsonSchema } from './values.ts';

/** A file's text by its path below the chart's folder. */
export type ChartFiles = ReadonlyMap<string, string>;

/** Where everything that is generated stands, save the schema, whose place is Helm's. */
export const GENERATED_FOLDER = 'files';

/** Holds the hash of the diversion that the others were made from; the templates compare it. */
export const SOURCE_FILE = `${GENERATED_FOLDER}/source.json`;

/** For editors, which find it beside the diversion. */
export const DIVERSION_SCHEMA_FILE = 'diversion.schema.json';

/** The share is a value of the chart: the templates put it where these stand. */
const LAID_IN: Weights = { diverted: 'SHUNT_DIVERTED', rest: 'SHUNT_REST' };

/**
 * All that the chart's templates cannot work out by themselves, from the text of the diversion and what it says.
 * What templates read is JSON, since Helm reads YAML by other rules than we do: `no` would become false, and 0777 octal.
 */
export function generatedFiles(text: string, document: DiversionDocument): ChartFiles {
  const plan = makePlan(toDiversion(document));
  return new Map([
    [`${GENERATED_FOLDER}/diversion.json`, toJson(document)],
    [
      `${GENERATED_FOLDER}/owned.json`,
      toJson({ namespaces: ownedNames(plan), openTargets: openTargets(plan) }),
    ],
    [`${GENERATED_FOLDER}/registration.json`, toJson(registrations(document, plan))],
    [SOURCE_FILE, toJson({ sha256: hash('sha256', text, 'hex') })],
    ['values.schema.json', toJson(valuesJsonSchema())],
    [DIVERSION_SCHEMA_FILE, toJson(diversionJsonSchema())],
    ...ingressFiles('ingress', (kind) => ingressObjects(kind, plan)),
    ...ingressFiles('ingress-all', (kind) => ingressAllObjects(kind, plan, LAID_IN)),
  ]);
}

/** In each topology: the workloads, and which pods the API server asks about. */
function registrations({ spec }: DiversionDocument, { edges }: Plan) {
  return Object.fromEntries(
    TOPOLOGIES.map((topology) => {
      const workloads = workloadsIn(topology, spec.workloads, edges.ingressAll);
      const own = Object.values(workloads);
      return [
        topology,
        {
          workloads,
          namespaces: workloadNamespaces({ workloads: own }),
          matchConditions: matchConditions(own),
        },
      ];
    }),
  );
}

type ObjectsOf = (kind: IngressKind) => Result<readonly JsonObject[]>;

/** A file for each kind of ingress for which the diversion declares what is needed. */
function ingressFiles(folder: string, objectsOf: ObjectsOf): [string, string][] {
  return INGRESS_KINDS.flatMap((kind): [string, string][] => {
    const objects = objectsOf(kind);
    if (!objects.ok) return [];
    const documents = objects.value.map((object) =>
      stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }),
    );
    return [[`${GENERATED_FOLDER}/${folder}/${kind}.yaml`, documents.join('---\n')]];
  });
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
