import type { Workload } from '../core/diversion.ts';
import { INJECT_LABEL, MIRROR_ANNOTATION } from '../inject/names.ts';

/** A condition under which the API server asks the webhook at all, as a registration holds it. */
export interface MatchCondition {
  readonly name: string;
  /** CEL over `object` and `request`; an error would count as a failed call, so every optional field is asked for first. */
  readonly expression: string;
}

type Selected = Pick<Workload, 'labels' | 'namespaces'>;

/** The pods that `assess` would inject, in CEL: the API server then asks for no other. */
export function matchConditions(workloads: readonly Selected[]): MatchCondition[] {
  return [
    { name: 'declared-workload', expression: anyOf(workloadTerms(workloads)) },
    { name: 'not-host-network', expression: '!has(object.spec.hostNetwork) || !object.spec.hostNetwork' },
    { name: 'not-opted-out', expression: `!(${hasLabel(INJECT_LABEL, 'disabled')})` },
    {
      name: 'not-a-mirror',
      expression: `!has(object.metadata.annotations) || !(${quote(MIRROR_ANNOTATION)} in object.metadata.annotations)`,
    },
  ];
}

/** One term for all namespaces in which the same labels are looked for. */
function workloadTerms(workloads: readonly Selected[]): string[] {
  const byLabels = new Map<string, Set<string>>();
  for (const { labels, namespaces } of workloads) {
    const wanted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    const terms = wanted.map(([key, value]) => hasLabel(key, value)).join(' && ');
    byLabels.set(terms, new Set([...(byLabels.get(terms) ?? []), ...namespaces]));
  }
  return [...byLabels].map(([terms, namespaces]) => {
    const place = `request.namespace in [${[...namespaces].sort().map(quote).join(', ')}]`;
    return terms === '' ? place : `${place} && ${terms}`;
  });
}

function anyOf(terms: readonly string[]): string {
  return terms.length === 0 ? 'false' : terms.map((term) => `(${term})`).join(' || ');
}

function hasLabel(key: string, value: string): string {
  const labels = 'object.metadata.labels';
  return `has(${labels}) && ${quote(key)} in ${labels} && ${labels}[${quote(key)}] == ${quote(value)}`;
}

/** A CEL string; JSON's escapes are a part of CEL's. */
function quote(text: string): string {
  return JSON.stringify(text);
}
