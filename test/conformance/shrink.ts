import { plain } from './forms.ts';
import type { ConformanceRequest } from './request.ts';
import type { Plainly } from './sni-forms.ts';

/** Tells what is wrong with each of these requests when they are made one after another to a proxy started anew. */
export type FindFaults = (
  requests: readonly ConformanceRequest[],
) => Promise<readonly (string | undefined)[]>;

export interface Shrunk {
  /** Those that are made, the last of which has the fault. */
  readonly requests: readonly ConformanceRequest[];
  readonly fault: string;
}

/**
 * The simplest request that still has a fault. Starting an edge takes seconds, so all simplifications are tried on one;
 * where the request alone has no fault, the requests before it are halved for as long as it has.
 */
export async function shrink(
  requests: readonly ConformanceRequest[],
  index: number,
  { plainly, host, findFaults }: { plainly: Plainly; host: string; findFaults: FindFaults },
): Promise<Shrunk | undefined> {
  const faulty = requests[index];
  if (!faulty) return undefined;
  const simpler = simplifications(faulty, plainly, host);
  const faults = await findFaults(simpler);
  const first = faults.findIndex((fault) => fault !== undefined);
  const [request, fault] = [simpler[first], faults[first]];
  if (request && fault !== undefined) return { requests: [request], fault };
  return halve(requests.slice(0, index + 1), findFaults);
}

/** Every choice of parts put back to what is plain, those with most parts first; the request itself is the last. */
export function simplifications(
  request: ConformanceRequest,
  plainly: Plainly,
  host: string,
): ConformanceRequest[] {
  const parts: Partial<ConformanceRequest>[] = [
    { headers: plainly.headers ?? {} },
    { method: plainly.method },
    { path: plainly.path },
    { form: plain('plain', host) },
  ];
  return Array.from({ length: 2 ** parts.length }, (_, choice) =>
    parts.filter((_part, place) => choice & (1 << place)),
  )
    .sort((a, b) => b.length - a.length)
    .map((chosen) => Object.assign({}, request, ...chosen) as ConformanceRequest);
}

async function halve(
  requests: readonly ConformanceRequest[],
  findFaults: FindFaults,
): Promise<Shrunk | undefined> {
  const fault = (await findFaults(requests)).at(-1);
  if (fault === undefined) return undefined;
  const [before, last] = [requests.slice(0, -1), requests.slice(-1)];
  const middle = Math.ceil(before.length / 2);
  const halves = before.length < 2 ? [] : [before.slice(middle), before.slice(0, middle)];
  for (const half of halves) {
    const shrunk = await halve([...half, ...last], findFaults);
    if (shrunk) return shrunk;
  }
  return { requests, fault };
}
