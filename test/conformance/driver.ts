import type { Edge } from '../../webhook/core/diversion.ts';
import type { ConformanceAnswer, ConformanceRequest } from './request.ts';

/** How one edge is started on its real proxy and asked. */
export interface Driver {
  readonly name: string;
  readonly edge: Edge;
  /** The production service that the edge chooses for these requests; absent at the ingress, which has none. */
  readonly upstream?: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Forms that this edge is not asked about, by the beginning of their names, each with the reason. */
  readonly skips: Readonly<Record<string, string>>;
  readonly ask: (requests: readonly ConformanceRequest[]) => Promise<Asked>;
}

/** The answers in the order of the requests. */
export interface Asked {
  readonly diverted: readonly ConformanceAnswer[];
  /** Of the same proxy without the diversion; absent where there is no proxy without it. */
  readonly untouched?: readonly ConformanceAnswer[];
}

/** The reason why a driver skips a form; undefined when it does not. */
export function skipReason({ skips }: Driver, formName: string): string | undefined {
  return Object.entries(skips).find(([beginning]) => formName.startsWith(beginning))?.[1];
}
