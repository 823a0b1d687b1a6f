import type { JsonObject } from '../../main/connectors/json.ts';
import type { RunResult, RunSpec } from '../../main/sync/run-spec.ts';
import { english } from '../../preload/messages/said.ts';
import type { HqSimulator } from '../simulators/commcare-hq/index.ts';
import type { TestDatabase } from './database.ts';
import { byFetch } from './exchanges.ts';
import { specOf, standingRun } from './sync-run.ts';

const formsOf = (answers: readonly JsonObject[]): JsonObject[] =>
  answers.map((answer, at) => ({
    id: `f${at}`,
    received_on: '2026-01-01T00:00:00.000000Z',
    indexed_on: `2026-01-01T00:00:${String(at).padStart(2, '0')}.000000Z`,
    form: { '@xmlns': 'http://example.org/visit', '@name': 'visit', ...answer },
  }));

/** Publishes forms with these answers; resolves with what a person is told. */
export type Publishing = (answers: readonly JsonObject[]) => Promise<string | null>;

/** A dataset's life as runs of its own, each with other answers; what it remembers goes from one refresh to the next. */
export function history(
  db: Pick<TestDatabase, 'postgres' | 'database'>,
  sim: HqSimulator,
  schema: string,
  change: Partial<RunSpec> = {},
): Publishing {
  let spec = specOf({ postgres: db.postgres, database: db.database, schema }, sim, change);
  return async (answers) => {
    const objects = formsOf(answers);
    const answering: typeof fetch = async (input) =>
      Response.json({
        meta: { total_count: objects.length, next: null },
        objects: String(input).includes('/application/') ? [] : objects,
      });
    const end = await standingRun({ ...spec, jobId: crypto.randomUUID() }, sim, undefined, {
      exchange: byFetch(answering),
      // As the store does: names that were given stay given, whatever comes of it.
      intend: async ({ names }: RunResult) => {
        spec = { ...spec, names: structuredClone(names) };
      },
    }).ended;
    if (end.kind !== 'published') throw new Error(`held: ${JSON.stringify(end.reasons)}`);
    const { names, tables, rowCounts, notice } = end.result;
    spec = { ...spec, names: structuredClone(names), published: { rowCounts, tables } };
    return notice === null ? null : english(notice);
  };
}
