import type { EdgeMeasured } from './edges.ts';
import type { Finding } from './findings.ts';
import { percentile } from './statistics.ts';

/** The most that a request may take, in terms of the same request by the untouched rule: for one host, and for many. */
const AIMS = { one: { p50: 1.02, p99: 1.05 }, many: { p50: 1.05, p99: 1.1 }, renderMs: 1000 } as const;
const BYTES_PER_KB = 1000;

export function edgeFindings(edge: string, all: readonly EdgeMeasured[]): Finding[] {
  return all.flatMap((measured) => {
    const { hosts, renderMs, bytes, startMs } = measured;
    const name = `${edge}, ${hosts} hosts`;
    return [
      {
        what: `${name}: render`,
        unit: 'ms',
        webhook: renderMs,
        aim: `<= ${AIMS.renderMs} ms`,
        met: renderMs <= AIMS.renderMs,
      },
      { what: `${name}: size`, unit: 'kB', webhook: bytes / BYTES_PER_KB },
      { what: `${name}: start`, unit: 'ms', webhook: startMs },
      latency(name, measured, 'p50', 0.5),
      latency(name, measured, 'p99', 0.99),
    ];
  });
}

function latency(name: string, measured: EdgeMeasured, quantile: 'p50' | 'p99', share: number): Finding {
  const at = (values: readonly number[]): number =>
    percentile(
      values.toSorted((a, b) => a - b),
      share,
    );
  const [floor, webhook] = [at(measured.untouchedUs), at(measured.steppedUs)];
  const aim = AIMS[measured.hosts === 1 ? 'one' : 'many'][quantile];
  const ratio = webhook / floor;
  return {
    what: `${name}: ${quantile}`,
    unit: 'us',
    floor,
    webhook,
    ratio,
    aim: `<= ${aim} of the untouched`,
    met: ratio <= aim,
  };
}
