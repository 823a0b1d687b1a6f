import type { JsonObject } from '../../main/connectors/json.ts';
import type { RunDeps, RunEnd, RunResult, RunSpec } from '../../main/sync/run-spec.ts';
import { english } from '../../preload/messages/said.ts';
import type { TestDatabase } from './database.ts';
import { byFetch } from './exchanges.ts';
import { keptLog } from './parts.ts';
import { specOf, standingRun } from './sync-run.ts';

/** A form of a project space that is made up record by record. */
export const xmlns = 'http://example.org/visit';

/** A question as HQ's application list has it. */
export interface Question {
  readonly value: string;
  readonly label?: string;
  readonly tag?: string;
  readonly repeat?: string;
}

/** One refresh after the other of what a small HQ holds at that moment. */
export interface SmallHq {
  /** What the next refresh finds: answers of each form, and whatever the submissions say beside them. */
  forms: readonly { readonly form: JsonObject; readonly beside?: JsonObject }[];
  /** The questions of the form; null: the application list fails. */
  questions: readonly Question[] | null;
  refresh(change?: Partial<RunSpec>, deps?: Partial<RunDeps>): Promise<RunEnd>;
  /** What was published last. */
  published(): Omit<RunResult, 'notice'> & { readonly notice: string | null };
}

export function smallHq(db: TestDatabase, schema: string): SmallHq {
  const sim = { url: 'http://hq.test', oauth: { issueTokens: () => ({ accessToken: 'token' }) } };
  const place = { postgres: db.postgres, database: db.database, schema };
  const first = specOf(place, sim);
  let last: RunResult | null = null;
  const hq: SmallHq = {
    forms: [],
    questions: [],
    async refresh(change = {}, deps = {}) {
      const submissions = hq.forms.map(({ form, beside }, at) => ({
        id: `f${at}`,
        received_on: '2026-01-01T00:00:00.000000Z',
        indexed_on: `2026-01-01T00:00:00.${String(at).padStart(3, '0')}000Z`,
        ...beside,
        form: { '@xmlns': xmlns, '@name': 'visit', ...form },
      }));
      const questions = hq.questions;
      const application = {
        id: 'app',
        name: 'app',
        modules: [{ name: 'm', forms: [{ xmlns, name: 'Visit', questions }] }],
      };
      const answering: typeof fetch = async (input) => {
        const isList = String(input).includes('/application/');
        if (isList && questions === null) return new Response('{"error": "no"}', { status: 403 });
        const objects = isList ? [application] : submissions;
        return Response.json({ meta: { total_count: objects.length, next: null }, objects });
      };
      const { names, rowCounts, tables } = last ?? { ...first, ...first.published };
      const spec = {
        ...first,
        jobId: crypto.randomUUID(),
        names,
        published: { rowCounts, tables },
        ...change,
      };
      const end = await standingRun(spec, sim as Parameters<typeof standingRun>[1], undefined, {
        log: keptLog().log,
        exchange: byFetch(answering),
        ...deps,
      }).ended;
      if (end.kind === 'published') last = end.result;
      return end;
    },
    published() {
      if (last === null) throw new Error(`nothing of ${schema} was published`);
      return { ...last, notice: last.notice === null ? null : english(last.notice) };
    },
  };
  return hq;
}
