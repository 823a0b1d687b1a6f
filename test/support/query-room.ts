import createGrammar from 'libpg-query/wasm/libpg-query.js';
import { systemClock } from '../../main/clock.ts';
import { type LandedReader, localTarget } from '../../main/engines/engine.ts';
import { landingEngine } from '../../main/engines/registry.ts';
import { AppError } from '../../main/errors.ts';
import { type Grammar, loadGrammar } from '../../main/query/check/grammar.ts';
import { prepared } from '../../main/query/check/prepared.ts';
import { type OpenQuery, openQuery, type QueryRequest } from '../../main/query/run/query.ts';
import { poolSettings } from '../../preload/contract/models.ts';

/** What became of a statement: why it was refused, how it failed, or how many rows came. */
export type Outcome =
  | { readonly refused: string; readonly message: string }
  | { readonly failed: string; readonly message: string }
  | { readonly rows: number };

export interface TestQueries extends AsyncDisposable {
  readonly grammar: Grammar;
  readonly reader: LandedReader;
  open(sql: string, more?: Partial<QueryRequest>): Promise<OpenQuery>;
  /** Runs it to its end. */
  outcome(sql: string): Promise<Outcome>;
}

/** Asks in SQL as one login of a database, without a workspace around it. */
export async function openQueries(
  login: { host: string; port: number; user: string; password: string },
  database: string,
  schemas: readonly string[],
  readerRole: string | null = null,
): Promise<TestQueries> {
  const grammar = await loadGrammar(createGrammar);
  const reader = landingEngine('postgres').reader({
    target: async () => localTarget(login, database),
    settings: poolSettings.parse({}),
    clock: systemClock,
  });
  const open: TestQueries['open'] = async (sql, more = {}) =>
    openQuery(
      { reader, grammar },
      {
        ...{ statement: prepared(grammar, sql, undefined), schemas, readerRole, functions: [] },
        ...{ limit: 1_000_000, timeoutMs: 15_000, idleMs: 60_000, whole: false },
        ...more,
      },
      new AbortController().signal,
    );
  return {
    grammar,
    reader,
    open,
    async outcome(sql) {
      try {
        const query = await open(sql);
        let page = await query.next(5000, new AbortController().signal);
        while (page.end === 'open') page = await query.next(5000, new AbortController().signal);
        await query.close();
        return { rows: page.soFar };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        const { code, message, query } = error;
        if (code === 'QUERY_REFUSED') return { refused: query?.reason ?? '', message };
        return { failed: query?.sqlState ?? code, message };
      }
    },
    [Symbol.asyncDispose]: () => reader.close(),
  };
}
