import type { ClusterMeasured } from './cluster.ts';
import type { Finding } from './findings.ts';
import { percentile } from './statistics.ts';
import type { SwitchMeasured } from './switch.ts';

const AIMS = { addedMs: 3, memoryMb: 200, imageMb: 90 } as const;
const US_PER_MS = 1000;
const MB_PER_MIB = 1.048576;

/** What the measurements on a real API server say, and whether it is what is aimed at. */
export function clusterFindings(measured: ClusterMeasured): Finding[] {
  const at = (share: number) => {
    const webhook = quantile(measured.injectedUs, share);
    const floor = quantile(measured.untouchedUs, share);
    return { webhook, floor, ratio: webhook / floor };
  };
  const added = at(0.5).webhook - at(0.5).floor;
  const memory = measured.loadedMib * MB_PER_MIB;
  return [
    { what: 'creation of a pod, p50', unit: 'ms', ...at(0.5) },
    { what: 'creation of a pod, p99', unit: 'ms', ...at(0.99) },
    {
      what: 'added at p50',
      unit: 'ms',
      webhook: added,
      aim: `<= ${AIMS.addedMs} ms`,
      met: added <= AIMS.addedMs,
    },
    { what: 'labels to last ConfigMap', unit: 'ms', webhook: measured.labelledMs },
    { what: 'upgrade to last patched pod', unit: 'ms', webhook: measured.changedMs },
    { what: 'memory, idle', unit: 'MB', webhook: measured.idleMib * MB_PER_MIB },
    {
      what: 'memory, all pods',
      unit: 'MB',
      webhook: memory,
      aim: `<= ${AIMS.memoryMb} MB`,
      met: memory <= AIMS.memoryMb,
    },
    { what: 'memory, at its peak', unit: 'MB', webhook: measured.peakMib * MB_PER_MIB },
    {
      what: 'image, compressed',
      unit: 'MB',
      webhook: measured.imageMb,
      aim: `<= ${AIMS.imageMb} MB`,
      met: measured.imageMb <= AIMS.imageMb,
    },
  ];
}

function quantile(us: readonly number[], share: number): number {
  const sorted = us.toSorted((a, b) => a - b);
  return percentile(sorted, share) / US_PER_MS;
}

const SWITCH_AIM_MS = 5_000;

/** What the switches on a real kubelet say. */
export function switchFindings({ lastOldMs, failures }: SwitchMeasured): Finding[] {
  const sorted = lastOldMs.toSorted((a, b) => a - b);
  const p99 = percentile(sorted, 0.99);
  const failed = Object.values(failures).reduce((total, count) => total + count, 0);
  return [
    { what: 'switch to last old decision, p50', unit: 'ms', webhook: percentile(sorted, 0.5) },
    {
      what: 'switch to last old decision, p99',
      unit: 'ms',
      webhook: p99,
      aim: `< ${SWITCH_AIM_MS} ms`,
      met: p99 < SWITCH_AIM_MS,
    },
    { what: 'calls that failed meanwhile', unit: '', webhook: failed, aim: '0', met: failed === 0 },
  ];
}
