import type { Asked } from './editor/parameters.ts';
import type { Rows, Run } from './result/run.ts';

/** Statements that are run at once: the results of all but the last are kept beside it. */
export const mostAtOnce = 9;

/**
 * Runs statements one after the other and hands over the result of each but the last, which stays the latest. Ends with the
 * first that has none, failed or cancelled, and says which it was; null when all are done, or something else was run meanwhile.
 */
export async function runAll(
  ask: (statement: Asked) => Promise<Run | null>,
  statements: readonly Asked[],
  keep: (run: Rows, at: number) => void,
): Promise<{ readonly at: number; readonly run: Run } | null> {
  for (const [at, statement] of statements.entries()) {
    const run = await ask(statement);
    if (run === null) return null;
    if (run.kind !== 'rows') return { at, run };
    if (at < statements.length - 1) keep(run, at);
  }
  return null;
}
