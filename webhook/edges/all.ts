import { EDGES, type Edge as EdgeName } from '../core/diversion.ts';
import type { JsonObject } from '../core/json.ts';
import { ats } from './ats/edge.ts';
import type { Declared, Edge, RenderedFiles } from './edge.ts';
import { ingress } from './ingress/edge.ts';
import { knative } from './knative/edge.ts';
import { mesh } from './mesh/edge.ts';
import { type DecidedRequest, isByOwnRules, OWN_RULES, type Place } from './place.ts';
import type { Plan } from './plan.ts';
import { restGateway } from './rest-gateway/edge.ts';
import { sidecar } from './sidecar/edge.ts';
import { writeYaml } from './write.ts';

/** The one list of edges. */
export const ALL_EDGES: Readonly<Record<EdgeName, Edge>> = {
  ingress,
  ats,
  'rest-gateway': restGateway,
  mesh,
  sidecar,
  knative,
};

/** What each edge diverts, resolved once. */
export function divertedUpstreams(declared: Declared): Record<EdgeName, readonly string[]> {
  const entries = EDGES.map((name) => [name, ALL_EDGES[name].diverts(declared)]);
  return Object.fromEntries(entries) as Record<EdgeName, readonly string[]>;
}

/** The file and the rule of the diversion that a decision comes from; that of the edge itself where none matches. */
export function placeOf(plan: Plan, edge: EdgeName, decided: DecidedRequest): Place {
  return isByOwnRules(decided.decision) ? OWN_RULES : ALL_EDGES[edge].place(plan, decided);
}

/**
 * What the diversion is rendered to, edge by edge. An edge that it does not declare is left out. The kinds of an edge
 * are alternatives, so each is a set of its own.
 */
export function renderedEdges(plan: Plan, diversionText: string): RenderedFiles[] {
  return EDGES.flatMap((name): RenderedFiles[] => {
    const { objectSets, files } = ALL_EDGES[name];
    const texts = Object.entries(files(plan)).map(([file, text]) => [`${name} ${file}`, text]);
    return [
      ...objectSets(plan, diversionText).map(({ title, objects }) => ({ [title]: printed(objects) })),
      ...(texts.length > 0 ? [Object.fromEntries(texts)] : []),
    ];
  });
}

function printed(objects: readonly JsonObject[]): string {
  return objects.map(writeYaml).join('---\n');
}
