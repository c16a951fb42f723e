import { type Subjected, subjected } from './bases.ts';
import { type Fault, faultsOf } from './fault.ts';
import { codesIn, newCodes } from './judge.ts';

/** A fault, and what the checks find that they do not find in the files as they should be. */
export interface Judged {
  readonly fault: Fault;
  readonly codes: readonly string[];
}

/** Judges every fault, in the order of the files. */
export function judgeAll(given: readonly Subjected[] = subjected()): Judged[] {
  return given.flatMap(({ base, mutators }) => {
    const before = codesIn(base);
    return faultsOf(base, mutators).map((fault) => ({ fault, codes: newCodes(before, codesIn(fault)) }));
  });
}

/** How many faults of each edge are caught, as a table. */
export function scoreTable(judged: readonly Judged[], caught: (judged: Judged) => boolean): string {
  const byEdge = Map.groupBy(judged, ({ fault }) => fault.edge);
  const rows = [...byEdge].map(([edge, all]) => row(edge, all.filter(caught).length, all.length));
  return [...rows, row('together', judged.filter(caught).length, judged.length)].join('\n');
}

function row(edge: string, caught: number, all: number): string {
  return `${edge.padEnd(24)} ${String(caught).padStart(4)} of ${String(all).padStart(4)}  ${((100 * caught) / all).toFixed(1)} %`;
}
