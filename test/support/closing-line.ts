import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Why a test was skipped: its name, or that of what it is in, says so. */
function reasonOf(test: TestCase): string {
  const said = test.fullName.split(' > ').find((name) => /\bskipped\b/.test(name));
  return said ?? 'not asked for';
}

/**
 * Ends every run with what was skipped and why, and then the plain line `N passed, N failed, N skipped`; hook and import
 * errors count as failed.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandled.length;
    const skipped = new Map<string, number>();
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failedHere += 1;
        else skipped.set(reasonOf(test), (skipped.get(reasonOf(test)) ?? 0) + 1);
      }
      failed += failedHere;
      if (failedHere === 0 && module.state() === 'failed') failed += 1;
    }
    const told = [...skipped].map(([why, count]) => `${count} skipped: ${why}\n`).join('');
    const all = [...skipped.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(`\n${told}\n${passed} passed, ${failed} failed, ${all} skipped\n`);
  }
}
