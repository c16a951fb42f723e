import type { Decision } from '../../webhook/core/decide.ts';
import type { Edge } from '../../webhook/core/diversion.ts';
import type { HostForm } from './forms.ts';
import type { ConformanceAnswer, ConformanceRequest } from './request.ts';

/** How one edge is started on its real proxy and asked. */
export interface Driver {
  readonly name: string;
  readonly edge: Edge;
  /** Text of the diversion that it follows; this repository's own unless given. */
  readonly diversion?: string;
  /**
   * The production service that the edge chooses for these requests. Absent where the untouched proxy shows it by
   * where it leads, and at the ingress, which has none.
   */
  readonly upstream?: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Forms that this edge is not asked about, by the beginning of their names, each with the reason. */
  readonly skips: Readonly<Record<string, string>>;
  /** Where its verdict is known to be another. */
  readonly differences?: readonly Difference[];
  /** What arrives where a request was diverted to, where that is not as the decision has it and the path was. */
  readonly arrives?: (decision: Decision, request: ConformanceRequest) => Arrival;
  readonly ask: (requests: readonly ConformanceRequest[]) => Promise<Asked>;
  /** How many random requests it is asked, unless SHUNT_REQUESTS says; 2,000 where starting it does not take long. */
  readonly randomRequests?: number;
}

export interface Arrival {
  readonly authority?: string | undefined;
  readonly sni?: string | undefined;
  readonly path?: string;
}

/** Requests that an edge judges otherwise than the table, and why that is right or cannot be helped. */
export interface Difference {
  readonly when: (request: ConformanceRequest) => boolean;
  /** It refuses them, or takes them to be for another authority or path. */
  readonly instead:
    | 'refused'
    | { readonly authority: (form: HostForm) => string | undefined }
    | { readonly path: (path: string) => string };
  readonly why: string;
}

/** The answers in the order of the requests. */
export interface Asked {
  readonly diverted: readonly ConformanceAnswer[];
  /** Of the same proxy without the diversion; absent where there is no proxy without it. */
  readonly untouched?: readonly ConformanceAnswer[];
  /** Of the untouched proxy where requests had no debug header: from these one knows the upstream that it chooses. */
  readonly plainly?: readonly ConformanceAnswer[];
}

/** For edges that are reached inside a pod or before TLS begins. */
export const WITHOUT_TLS = { SNI: 'its door is plain HTTP, where there is no SNI' } as const;

/** The reason why a driver skips a form; undefined when it does not. */
export function skipReason({ skips }: Driver, formName: string): string | undefined {
  return Object.entries(skips).find(([beginning]) => formName.startsWith(beginning))?.[1];
}
