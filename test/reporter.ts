import type { Reporter, TestCase, TestModule } from 'vitest/node';

const LONGEST_REASON = 200;

/** Prints which tests failed, and the one line that people and machines look for at the end of a run: `Tests: N passed, N failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failed: string[] = [];
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) count(counts, test.result().state);
      failed.push(...tests.filter((test) => test.result().state === 'failed').map(lineOf));
      // A file that cannot be loaded has no tests to fail, and a hook that failed only skips them.
      if (module.state() === 'failed' && !tests.some((test) => test.result().state === 'failed')) {
        counts.failed++;
        failed.push(`failed: ${module.relativeModuleId}`);
      }
    }
    counts.failed += errors.length;
    for (const line of failed) process.stdout.write(`${line}\n`);
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.stdout.write(`Tests: ${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
  }
}

/** Names a failed test and why, in one line: what stands above it may be longer than anybody keeps. */
function lineOf(test: TestCase): string {
  const [why = ''] = test.result().errors?.[0]?.message.split('\n') ?? [];
  return `failed: ${test.module.relativeModuleId} > ${test.fullName}: ${why.slice(0, LONGEST_REASON)}`;
}

function count(counts: { passed: number; failed: number; skipped: number }, state: string): void {
  if (state === 'passed') counts.passed++;
  else if (state === 'failed') counts.failed++;
  else counts.skipped++;
}
