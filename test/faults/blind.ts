import { createHash } from 'node:crypto';
import type { Change } from '../fixtures/diversions.ts';
import { ruleFaults, scriptFaults } from './blind-text.ts';
import { type Alteration, treeFaults } from './blind-tree.ts';
import type { Base, Fault } from './fault.ts';

/** Files of one edge with the diversion in them, and as they were. */
export interface BlindBase extends Base {
  /** Empty for a file that is the diversion's own. */
  readonly untouched: Base['files'];
  /** How the diversion differs from this repository's. */
  readonly changes?: readonly Change[];
}

/**
 * Faults made at random places: whatever is known of a file is how its notation is read. Many do no harm; what they
 * do is for a proxy to say. So many of them, always the same by one seed, of which a larger sample holds the smaller.
 */
export function blindFaults(base: BlindBase, count: number, seed: number): Fault[] {
  const all = Object.entries(base.files).flatMap(([file, text]) =>
    alterationsOf(file, text, base.untouched[file] ?? '').map(({ what, make }) => ({
      fault: `${file}: ${what}`,
      make: () => ({ ...base.files, [file]: make() }),
    })),
  );
  const rank = (fault: string): string => createHash('sha256').update(`${seed} ${fault}`).digest('hex');
  return all
    .map((one) => ({ ...one, rank: rank(one.fault) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .map(({ fault, make }) => ({ edge: base.edge, name: base.name, files: make(), fault }));
}

/** How many there are. */
export function blindCount({ files, untouched }: BlindBase): number {
  const counts = Object.entries(files).map(
    ([file, text]) => alterationsOf(file, text, untouched[file] ?? '').length,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function alterationsOf(file: string, text: string, untouched: string): Alteration[] {
  if (file.endsWith('.lua')) return scriptFaults(text, untouched);
  return file.endsWith('.config') ? ruleFaults(text, untouched) : treeFaults(text, untouched);
}
