import type { Reporter, TestModule } from 'vitest/node';

/** Prints the one line that people and machines look for at the end of a run: `Tests: N passed, N failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) count(counts, test.result().state);
      // A file that cannot be loaded has no tests to fail.
      if (tests.length === 0 && module.state() === 'failed') counts.failed++;
    }
    counts.failed += errors.length;
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.stdout.write(`Tests: ${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
  }
}

function count(counts: { passed: number; failed: number; skipped: number }, state: string): void {
  if (state === 'passed') counts.passed++;
  else if (state === 'failed') counts.failed++;
  else counts.skipped++;
}
