import { defineConfig } from 'vitest/config';

const MINUTE_MS = 60_000;

const LIVE_TIMEOUTS = { testTimeout: 10 * MINUTE_MS, hookTimeout: 5 * MINUTE_MS };

/** Tests that measure time, processor time or memory: no other test may run beside them. */
const MEASURING = [
  'test/live/ats/reuse.test.ts',
  'test/live/cluster/certificates.test.ts',
  'test/live/cluster/churn.test.ts',
  'test/live/crowded-pool.test.ts',
  'test/live/drain.test.ts',
  'test/live/jobs.test.ts',
  'test/live/names-ill.test.ts',
  'test/live/patience.test.ts',
];

/** Most of a live test's time is spent waiting for programs, so two files run at once on two cores. */
const LIVE_WORKERS = 2;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/live/**'],
          testTimeout: MINUTE_MS / 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          exclude: MEASURING,
          maxWorkers: LIVE_WORKERS,
          sequence: { groupOrder: 1 },
          ...LIVE_TIMEOUTS,
        },
      },
      {
        test: {
          name: 'live-measuring',
          include: MEASURING,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          ...LIVE_TIMEOUTS,
        },
      },
    ],
  },
});
