import { systemClock } from '../../main/clock.ts';
import { copyTarget, type Target } from '../../main/engines/engine.ts';
import { runSync } from '../../main/sync/run/run.ts';
import type { RunDeps, RunEnd, RunSpec } from '../../main/sync/run-spec.ts';
import type { TestDatabase } from './database.ts';
import { directExchange } from './exchanges.ts';
import { keptLog } from './parts.ts';
import { specOf } from './sync-run.ts';

/** A run that lands tables of a schema of one database in a schema of another, without an application around it. */
export function tablesSpec(
  from: { readonly target: Target; readonly schema: string; readonly tables: readonly string[] },
  to: Pick<TestDatabase, 'postgres' | 'database'> & { readonly schema: string },
  change: Partial<RunSpec> = {},
): RunSpec {
  const url = `connection:${crypto.randomUUID()}`;
  return specOf(
    to,
    { url },
    {
      source: {
        ...{ type: 'database_tables', baseUrl: url, settings: { table_schema: from.schema } },
        ...{ signIn: 'connection', target: copyTarget(from.target) },
      },
      datasets: from.tables,
      guards: { on: false, shrinkPercent: 30 },
      ...change,
    },
  );
}

/** Runs it in this thread. */
export const runTables = (spec: RunSpec, change: Partial<RunDeps> = {}): Promise<RunEnd> =>
  runSync(spec, {
    tokens: { current: async () => '', renew: async () => '' },
    gate: { enter: async () => 0, refused: () => {}, closed: () => {} },
    ...{ exchange: directExchange(), clock: systemClock, random: () => 0.5, log: keptLog().log },
    ...{ onProgress: () => {}, intend: async () => {}, signal: new AbortController().signal },
    ...change,
  });
