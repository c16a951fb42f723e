import { type BlindBase, blindCount, blindFaults } from '../../faults/blind.ts';
import type { Fault } from '../../faults/fault.ts';
import { codesIn, newCodes } from '../../faults/judge.ts';
import type { Outcome, Rig } from './rigs/rig.ts';

/** What became of a fault. */
export interface BlindJudged {
  readonly fault: string;
  /** Checks that find it. */
  readonly codes: readonly string[];
  /** Absent where it was not asked, since a check found the fault. */
  readonly proxy?: 'refused' | 'differs' | 'same';
  /** How many requests came out otherwise. */
  readonly differing?: number;
}

/** Faults in the files of one edge, and who found them. */
export interface BlindScore {
  readonly files: string;
  readonly proxy: string;
  /** How many faults there are, of which these are a sample. */
  readonly of: number;
  readonly requests: number;
  readonly judged: readonly BlindJudged[];
}

/** Judges so many faults by the checks, and those that they miss (or all of them) by the proxy. */
export async function scoreBlind(
  base: BlindBase,
  rig: Rig,
  { count, seed, all }: { count: number; seed: number; all: boolean },
): Promise<BlindScore> {
  const before = codesIn(base, base.changes);
  const found = blindFaults(base, count, seed).map((fault) => ({
    fault,
    codes: newCodes(before, codesIn(fault, base.changes)),
  }));
  const asked = found.filter(({ codes }) => all || codes.length === 0).map(({ fault }) => fault);
  const { verdicts, requests } = await askAgain(rig, base, asked);
  const judged = found.map(({ fault, codes }): BlindJudged => {
    const named = { fault: fault.fault, codes };
    return { ...named, ...verdicts.get(fault) };
  });
  return { files: base.name, proxy: rig.proxy, of: blindCount(base), requests, judged };
}

type Verdict = Pick<BlindJudged, 'proxy' | 'differing'>;

const ROUNDS = 3;

/** What a machine under load does once it does not do each time, so what is not the same is asked again. */
async function askAgain(
  rig: Rig,
  base: BlindBase,
  asked: readonly Fault[],
): Promise<{ verdicts: ReadonlyMap<Fault, Verdict>; requests: number }> {
  const verdicts = new Map<Fault, Verdict>();
  const differences = new Map<Fault, readonly number[]>();
  let doubtful = asked;
  let requests = 0;
  for (let round = 0; round < ROUNDS && doubtful.length > 0; round += 1) {
    const { usual, seen } = await outcomesOf(rig, base, doubtful);
    requests = usual.length;
    for (const [index, fault] of doubtful.entries()) {
      const each = inBoth(differences.get(fault), differing(usual, seen[index]));
      if (each) differences.set(fault, each);
      verdicts.set(fault, verdict(each));
    }
    doubtful = doubtful.filter((fault) => verdicts.get(fault) !== SAME);
  }
  return { verdicts, requests };
}

/** Every answer that a request had with the files as they should be, and the answers with each fault. */
async function outcomesOf(rig: Rig, base: BlindBase, faults: readonly Fault[]) {
  const [healthy, ...seen] = await rig.outcomes([base, ...faults, base].map(({ files }) => files));
  const last = seen.pop();
  if (!healthy || !last) throw new Error(`${base.name}, as it should be, is refused`);
  return { usual: healthy.map((text, index) => new Set([text, last[index] ?? text])), seen };
}

type Indices = readonly number[] | undefined;

/** One that is absent, since the files were refused, says nothing against the other. */
function inBoth(a: Indices, b: Indices): Indices {
  return a && b ? a.filter((index) => b.includes(index)) : (a ?? b);
}

const SAME: Verdict = { proxy: 'same' };

/** By the requests that came out otherwise each time; undefined where the files were refused each time. */
function verdict(differing: Indices): Verdict {
  if (!differing) return { proxy: 'refused' };
  return differing.length === 0 ? SAME : { proxy: 'differs', differing: differing.length };
}

/** Which requests came out otherwise than ever before. */
function differing(usual: readonly ReadonlySet<string>[], outcome: Outcome): Indices {
  return outcome?.flatMap((text, index) => (usual[index]?.has(text) ? [] : [index]));
}

/** How many of the faults were caught, and by whom. */
export function countsOf(judged: readonly BlindJudged[]) {
  const byAnalyze = judged.filter(({ codes }) => codes.length > 0).length;
  const missed = judged.filter(({ codes }) => codes.length === 0);
  const byProxy = missed.filter(({ proxy }) => proxy !== 'same').length;
  const equivalent = missed.length - byProxy;
  return { faults: judged.length, byAnalyze, byProxy, together: byAnalyze + byProxy, equivalent };
}

/** A line of figures, and by name the faults of which nobody saw a thing. */
export function describeScore(score: BlindScore): string {
  const { faults, byAnalyze, byProxy, together, equivalent } = countsOf(score.judged);
  const same = score.judged.filter(({ codes, proxy }) => codes.length === 0 && proxy === 'same');
  return [
    `${score.files}: ${faults} faults of ${score.of}; caught by analyze ${byAnalyze}, by ${score.proxy} ${byProxy} more, together ${together}; the same to all ${score.requests} requests ${equivalent}`,
    ...same.map(({ fault }) => `  ${fault}`),
  ].join('\n');
}

/** Of each set of files, and together. */
export function scoreTable(scores: readonly BlindScore[]): string {
  const line = (name: string, judged: readonly BlindJudged[]): string => {
    const { faults, byAnalyze, byProxy, together, equivalent } = countsOf(judged);
    const figures = [faults, byAnalyze, byProxy, together, equivalent].map((one) => String(one).padStart(12));
    return `${name.padEnd(26)}${figures.join('')}`;
  };
  const heads = ['faults', 'analyze', 'proxy', 'together', 'no change'].map((head) => head.padStart(12));
  return [
    `${''.padEnd(26)}${heads.join('')}`,
    ...scores.map(({ files, judged }) => line(files, judged)),
    line(
      'together',
      scores.flatMap(({ judged }) => judged),
    ),
  ].join('\n');
}
