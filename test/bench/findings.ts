import type { Measured } from './admission.ts';
import type { Round, Slice } from './alternate.ts';
import { median, sum } from './statistics.ts';

/** A line of the report. */
export interface Finding {
  readonly what: string;
  readonly floor?: number;
  readonly webhook: number;
  readonly unit: string;
  /** The webhook's measure in terms of the floor's: the median of the rounds. */
  readonly ratio?: number;
  /** Lowest and highest ratio of a round, which tell how noisy the machine was. */
  readonly spread?: readonly [number, number];
  readonly aim?: string;
  readonly met?: boolean;
}

const AIMS = { throughput: 0.85, p99: 1.5, largeMs: 10, readyMs: 1000, memory: 1.3 } as const;
const US_PER_MS = 1000;

/** What the measurements say, and whether it is what is aimed at. */
export function findings({ rounds, large, readyMs, peakMemoryMib }: Measured): Finding[] {
  const throughput = compare(rounds, ({ requests, seconds }) => requests / seconds);
  const p99 = compare(rounds, ({ p99Us }) => p99Us);
  const ready = { floor: median(readyMs.floor), webhook: median(readyMs.webhook) };
  const memory = peakMemoryMib.webhook / peakMemoryMib.floor;
  const largeWorst = large.worstUs / US_PER_MS;
  return [
    {
      what: 'throughput',
      unit: 'reviews/s',
      ...throughput,
      aim: `>= ${AIMS.throughput} of the floor`,
      met: throughput.ratio >= AIMS.throughput,
    },
    { what: 'processor time', unit: 'us/review', ...cpu(rounds) },
    { what: 'p50', unit: 'us', ...compare(rounds, ({ p50Us }) => p50Us) },
    { what: 'p99', unit: 'us', ...p99, aim: `<= ${AIMS.p99} of the floor`, met: p99.ratio <= AIMS.p99 },
    { what: 'large pod, median', unit: 'ms', webhook: large.p50Us / US_PER_MS },
    {
      what: 'large pod, worst',
      unit: 'ms',
      webhook: largeWorst,
      aim: `<= ${AIMS.largeMs} ms`,
      met: largeWorst <= AIMS.largeMs,
    },
    {
      what: 'spawn to ready',
      unit: 'ms',
      ...ready,
      aim: `< ${AIMS.readyMs} ms`,
      met: ready.webhook < AIMS.readyMs,
    },
    {
      what: 'peak memory',
      unit: 'MiB',
      ...peakMemoryMib,
      ratio: memory,
      aim: `<= ${AIMS.memory} of the floor`,
      met: memory <= AIMS.memory,
    },
  ];
}

/** The ratio is taken round by round: what disturbs a round disturbs both of its halves. */
function compare(rounds: readonly Round[], measure: (slice: Slice) => number) {
  const ratios = rounds.map(({ floor, webhook }) => measure(webhook) / measure(floor));
  return {
    floor: median(rounds.map(({ floor }) => measure(floor))),
    webhook: median(rounds.map(({ webhook }) => measure(webhook))),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)] as const,
  };
}

/** Over all rounds together, since the clock of processor time is a coarse one. */
function cpu(rounds: readonly Round[]) {
  const perReview = (slices: readonly Slice[]): number =>
    (sum(slices.map(({ cpuSeconds }) => cpuSeconds)) / sum(slices.map(({ requests }) => requests))) * 1e6;
  const floor = perReview(rounds.map((round) => round.floor));
  const webhook = perReview(rounds.map((round) => round.webhook));
  return { floor, webhook, ratio: webhook / floor };
}
