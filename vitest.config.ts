import { defineConfig } from 'vitest/config';

const MINUTE_MS = 60_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/live/**'],
          testTimeout: MINUTE_MS / 2,
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          testTimeout: 10 * MINUTE_MS,
          hookTimeout: 5 * MINUTE_MS,
          fileParallelism: false,
        },
      },
    ],
  },
});
