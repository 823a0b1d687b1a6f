import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepared } from '../../main/query/check/prepared.ts';
import { copyQuery } from '../../main/query/run/copy.ts';
import { CallError } from '../../preload/contract/client.ts';
import type { Link, QueryAnswer } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/parts.ts';
import { openQueries } from '../support/query-room.ts';
import { createRole, type TestRole } from '../support/roles.ts';
import { deskThatSaves } from '../support/saving-desk.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* One reading statement over a project's tables: its answer, page by page, exact; its end; what is written down of it. */

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
let role: TestRole;
let made: Link;
let projectId = '';
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  db = await createDatabase();
  role = await createRole(db);
  folder = temporaryFolder();
  ws = await openWorkspace({ desk: deskThatSaves(() => join(folder.path, 'saved')) });
  sim = await createHqSimulator({ domains: [{ name: 'asked', forms: 300, cases: 50, seed: 7 }] });
  made = await setUp(ws.api, {
    postgres: { ...db.postgres, user: role.name, password: role.password },
    database: db.database,
    sourceUrl: sim.url,
    domain: 'asked',
  });
  projectId = made.projectId;
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed' });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const ask = (
  sql: string,
  more: Partial<Parameters<Workspace['api']['query']['open']>[0]> = {},
): Promise<QueryAnswer> => ws.api.query.open({ projectId, sql, ...more });
async function refusal(work: Promise<unknown>): Promise<CallError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CallError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}
const sessions = async (): Promise<number> =>
  Number(
    (
      await db.query(
        `SELECT count(*) AS n FROM pg_stat_activity WHERE usename = '${role.name}' AND state <> 'idle'`,
      )
    )[0]?.['n'],
  );

const sleeping = async (): Promise<number> =>
  Number(
    (
      await db.query(
        `SELECT count(*) AS n FROM pg_stat_activity WHERE usename = '${role.name}' AND wait_event = 'PgSleep'`,
      )
    )[0]?.['n'],
  );

describe('an answer', () => {
  it('comes in pages to its end, and the session is given back', async () => {
    const first = await ask('SELECT id FROM forms ORDER BY id', { pageRows: 120 });
    expect(first).toMatchObject({
      end: 'open',
      soFar: 120,
      columns: [{ name: 'id', type: 'text' }],
      warnings: [],
    });
    const handle = first.handle ?? '';
    const second = await ws.api.query.page({ handle, pageRows: 120 });
    const third = await ws.api.query.page({ handle, pageRows: 120 });
    expect([second.end, third.end, third.rows.length]).toEqual(['open', 'done', 60]);
    const ids = [first, second, third].flatMap(({ rows }) => rows.map(([id]) => id));
    expect(new Set(ids).size).toBe(300);
    expect(await refusal(ws.api.query.page({ handle }))).toMatchObject({ code: 'QUERY_GONE' });
    expect(await sessions()).toBe(0);
  });

  it('stops at the limit and says that there is more', async () => {
    expect(await ask('SELECT 1 FROM forms', { limit: 299 })).toMatchObject({
      end: 'limit',
      soFar: 299,
      handle: null,
    });
    expect(await ask('SELECT 1 FROM forms', { limit: 300 })).toMatchObject({ end: 'done', soFar: 300 });
  });

  it('is exact to the last digit, whatever the type', async () => {
    const { rows, columns } =
      await ask(`SELECT 9007199254740993::bigint AS a, 0.1000::numeric AS b, 'NaN'::float8 AS c,
      '-infinity'::timestamptz AS d, '1 mon 2 days 03:04:05.000006'::interval AS e, ARRAY[1, NULL, 3] AS f, int4range(1, 5) AS g,
      '{"a":  1}'::json AS h, '\\x00ff'::bytea AS i, NULL::text AS j, ''::text AS k, '2026-01-02 03:04:05.678901+02'::timestamptz AS l`);
    expect(rows).toEqual([
      [
        ...[
          '9007199254740993',
          '0.1000',
          'NaN',
          '-infinity',
          '1 mon 2 days 03:04:05.000006',
          '{1,NULL,3}',
          '[1,5)',
        ],
        ...['{"a":  1}', '\\x00ff', null, '', '2026-01-02 01:04:05.678901+00'],
      ],
    ]);
    expect(columns.map(({ type }) => type).slice(0, 4)).toEqual([
      ...['bigint', 'numeric', 'double precision', 'timestamp with time zone'],
    ]);
  });

  it('says which datasets it is of, and how fresh they are', async () => {
    const { sources } = await ask('SELECT count(*) FROM forms');
    expect(sources).toEqual([
      expect.objectContaining({ datasetId: made.dataset?.id, dataAsOf: expect.any(String) }),
    ]);
    expect((await ask('SELECT 1')).sources).toEqual([]);
  });

  it('takes values as parameters, by number and by name', async () => {
    const evil = "'; DROP TABLE forms; --";
    expect((await ask('SELECT $1::text, $2::int + 1', { parameters: [evil, '41'] })).rows).toEqual([
      [evil, '42'],
    ]);
    const named = await ask('SELECT :word::text AS w, (ARRAY[1,2,3])[1:2] AS part, :n::int * 2, :word', {
      parameters: { word: evil, n: '21' },
    });
    expect(named.rows).toEqual([[evil, '{1,2}', '42', evil]]);
    expect(await refusal(ask('SELECT $2', { parameters: ['x'] }))).toMatchObject({
      query: { reason: 'parameters' },
    });
    expect(await refusal(ask('SELECT :b', { parameters: { a: 'x' } }))).toMatchObject({
      query: { reason: 'parameters' },
    });
  });

  it('shows settings that are harmless, and plans', async () => {
    expect((await ask('SHOW server_encoding')).rows).toEqual([['UTF8']]);
    expect((await ask('EXPLAIN SELECT * FROM forms')).rows[0]?.[0]).toMatch(/Scan on forms/);
    const plan = await ws.api.query.explain({
      projectId,
      sql: 'SELECT count(*) FROM forms f JOIN forms g USING (id)',
      measure: true,
    });
    expect(plan).toMatchObject({
      root: { what: 'Aggregate', actualRows: 1, steps: [expect.anything()] },
      ms: expect.any(Number),
    });
  });
});

describe('memory', () => {
  it('lets go of a page once another is asked for', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await using room = await openQueries(
      { ...db.postgres, user: role.name, password: role.password },
      db.database,
      ['public'],
    );
    const never = new AbortController().signal;
    const kept = async (pages: AsyncIterable<object>): Promise<number> => {
      const weak: WeakRef<object>[] = [];
      for await (const page of pages) weak.push(new WeakRef(page));
      // What a turn looked at is held until its end.
      await new Promise((resolve) => setTimeout(resolve, 0));
      collect();
      return weak.filter((ref) => ref.deref() !== undefined).length;
    };
    const query = await room.open('SELECT n, md5(n::text) FROM generate_series(1, 20000) n');
    const pages = async function* () {
      for (let at = 0; at < 60; at += 1) yield (await query.next(100, never)).rows;
    };
    expect(await kept(pages())).toBeLessThan(5);
    await query.close();
    const pieces = async function* () {
      const request = {
        statement: prepared(
          room.grammar,
          "SELECT repeat('x', 1000) FROM generate_series(1, 10000)",
          undefined,
        ),
        ...{ schemas: ['public'], readerRole: null, functions: [] },
        ...{ delimiter: ',', timeoutMs: 15_000, idleMs: 60_000, onOpen() {}, onRows() {} },
      };
      // An object for each piece: a text can't be held weakly.
      for await (const text of copyQuery({ reader: room.reader, grammar: room.grammar }, request, never))
        yield { text };
    };
    let count = 0;
    for await (const { text } of pieces()) count += text.length;
    expect(count).toBeGreaterThan(10_000_000);
  });
});

describe('a statement that fails', () => {
  it('is told with its place and what was meant', async () => {
    expect(await refusal(ask('SELECT id\nFROM form'))).toMatchObject({
      code: 'QUERY_REFUSED',
      query: { reason: 'unknown_table', position: 16, meant: expect.arrayContaining(['forms']) },
    });
    expect(await refusal(ask('SELECT idd FROM forms'))).toMatchObject({
      code: 'QUERY_FAILED',
      query: { trouble: 'syntax', sqlState: '42703', position: 8, meant: ['id'] },
    });
    expect(await refusal(ask('SELECT "é" FROM forms WHER id = 1'))).toMatchObject({
      code: 'QUERY_FAILED',
      query: { trouble: 'syntax', position: 28 },
    });
    expect(await refusal(ask('SELECT 1 / (id = id)::int::int - 1 / 0 FROM forms'))).toMatchObject({
      query: { trouble: 'execution', sqlState: '22012' },
    });
  });

  it('is told which column a question became', async () => {
    await db.query(`CREATE TABLE public.answers (q17 text); COMMENT ON COLUMN public.answers.q17 IS 'Name of the village';
      COMMENT ON TABLE public.answers IS 'Monthly visit'; GRANT SELECT ON public.answers TO ${role.name}`);
    expect(await refusal(ask('SELECT village_name FROM answers'))).toMatchObject({
      query: { sqlState: '42703', meant: ['q17'] },
    });
    expect(await refusal(ask('SELECT * FROM monthly_visit'))).toMatchObject({
      query: { reason: 'unknown_table', meant: ['answers'] },
    });
  });

  it('ends in time, and at the server', async () => {
    expect(await refusal(ask('SELECT pg_sleep(60)', { timeoutSeconds: 1 }))).toMatchObject({
      code: 'QUERY_TIMEOUT',
      query: { trouble: 'timeout' },
    });
    await expect.poll(sessions).toBe(0);
  });

  it('is cancelled at the server within 300 ms, at whatever moment', async () => {
    const took: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const stop = new AbortController();
      const asked = refusal(
        ws.api.query.open({ projectId, sql: 'SELECT pg_sleep(60)' }, { signal: stop.signal }),
      );
      // Also while the statement is still looked at: between two statements there is nothing to cancel.
      if (round % 2 === 0) await expect.poll(sessions, { interval: 1 }).toBe(1);
      else await expect.poll(sleeping, { interval: 5 }).toBe(1);
      const began = performance.now();
      stop.abort();
      expect(await asked).toMatchObject({ code: 'CANCELLED' });
      await expect.poll(sessions, { interval: 5 }).toBe(0);
      took.push(Math.round(performance.now() - began));
    }
    console.info(`cancelled, and seen to be on the server, after ${took.join(', ')} ms`);
  });
});

describe('what is open', () => {
  it('is closed by whoever asked, and the oldest gives way', async () => {
    const handles: string[] = [];
    for (let n = 0; n < 5; n += 1)
      handles.push((await ask('SELECT 1 FROM forms', { pageRows: 1 })).handle ?? '');
    await expect.poll(sessions).toBe(4);
    expect(await refusal(ws.api.query.page({ handle: handles[0] as string }))).toMatchObject({
      code: 'QUERY_GONE',
    });
    for (const handle of handles) await ws.api.query.close({ handle });
    await expect.poll(sessions).toBe(0);
  });
});

describe('the history', () => {
  it('has every query with its end, and lets one keep and forget them', async () => {
    const sql = `SELECT 'found again', count(*) FROM forms`;
    const { queryId } = await ask(sql);
    await refusal(ask("DELETE FROM forms WHERE id = 'x'"));
    const { queries } = await ws.api.query.history({ projectId, limit: 2 });
    expect(queries).toMatchObject([
      { outcome: 'refused', code: 'not_reading', isMine: true, way: 'terminal' },
      {
        id: queryId,
        sql,
        outcome: 'done',
        rows: 1,
        code: null,
        tables: [`${made.dataset?.schemaName}.forms`],
      },
    ]);
    await ws.api.query.keep({ id: queryId, name: 'mine', isPinned: true });
    expect(
      (await ws.api.query.history({ projectId, text: 'FOUND AGAIN', only: 'pinned' })).queries,
    ).toMatchObject([{ id: queryId, name: 'mine' }]);
    const { tables, queries: asked } = await ws.api.query.statistics({ projectId });
    expect(tables[0]).toMatchObject({ table: `${made.dataset?.schemaName}.forms` });
    expect(asked).toBeGreaterThan(10);
    await ws.api.query.forget({ id: queryId });
    expect((await ws.api.query.history({ projectId, text: 'found again' })).queries).toEqual([]);
  });
});

describe('what a workspace decides', () => {
  it('keeps a person from more than so many queries in an hour, and says when the next can be asked', async () => {
    await ws.api.policy.set({ queriesAnHour: 1 });
    const error = await refusal(ask('SELECT 1'));
    expect(error).toMatchObject({ code: 'QUERY_LIMIT', query: { trouble: 'too_many' } });
    expect(error.message).toMatch(/can be asked at \d{4}-\d\d-\d\dT/);
    await ws.api.policy.set({ queriesAnHour: 10_000 });
    expect((await ask('SELECT 1')).rows).toEqual([['1']]);
  });

  it('leaves values out of what is written down', async () => {
    await ws.api.policy.set({ queryLiterals: 'leave_out' });
    const { queryId } = await ask("SELECT count(*) FROM forms WHERE id = 'somebody' AND length(id) < 1234");
    await refusal(ask("SELECT 'somebody' FROM WHERE"));
    const { queries } = await ws.api.query.history({ projectId, limit: 2 });
    expect(queries).toMatchObject([
      { sql: '', outcome: 'failed', hasLiterals: false },
      {
        id: queryId,
        sql: 'SELECT count(*) FROM forms WHERE id = $1 AND length(id) < $2',
        hasLiterals: false,
      },
    ]);
    await ws.api.policy.set({ queryLiterals: 'keep' });
  });

  it('leaves values out beside named ones, whose names stay', async () => {
    await ws.api.policy.set({ queryLiterals: 'leave_out' });
    const sql =
      "SELECT 'हिन्दी :b' AS t, count(*) FROM forms WHERE id = :who AND length(id) < 1234 AND (id = :who OR :b::int = 1)";
    const parameters = { who: 'somebody', b: '1' };
    await ask(sql, { parameters });
    await ws.api.query.explain({ projectId, sql, parameters });
    await ws.api.query.export({ projectId, sql, parameters, format: 'csv' });
    await refusal(ask(sql, { parameters: { who: 'somebody' } }));
    const bare =
      'SELECT $3 AS t, count(*) FROM forms WHERE id = :who AND length(id) < $4 AND (id = :who OR :b::int = $5)';
    const { queries } = await ws.api.query.history({ projectId, limit: 4 });
    expect(queries.map(({ sql: kept, outcome }) => [outcome, kept])).toEqual([
      ['refused', ''],
      ['done', bare],
      ['done', `EXPLAIN (FORMAT JSON) ${bare}`],
      ['done', bare],
    ]);
    await ws.api.policy.set({ queryLiterals: 'keep' });
  });
});

describe('an export', () => {
  const exported = async (
    sql: string,
    more: Partial<Parameters<Workspace['api']['query']['export']>[0]> = {},
  ) => {
    const answer = await ws.api.query.export({ projectId, sql, format: 'csv', ...more });
    return { ...answer, text: readFileSync(answer.savedTo ?? '', 'utf8') };
  };
  const values = `SELECT * FROM (VALUES (1, 'a,b', NULL, true, 9007199254740993::bigint, '{"k":  [1]}'::json),
    (2, '', E'two\nlines "quoted"', false, NULL, NULL), (3, '=1+1', '-5', NULL, 0, '1')) v (n, t, u, b, big, doc)`;

  it('is a file of every row, as each format has it', async () => {
    expect((await exported(values)).text).toBe(
      'n,t,u,b,big,doc\n1,"a,b",,t,9007199254740993,"{""k"":  [1]}"\n2,"","two\nlines ""quoted""",f,,\n3,=1+1,-5,,0,1\n',
    );
    // The same, row by row, which parameters need; and what a comment at the end must not take along.
    const byRow = await exported(`${values} WHERE $1`, { parameters: ['true'] });
    expect(await exported(`${values} -- all of it`)).toMatchObject({
      text: byRow.text,
      rows: 3,
      bytes: byRow.bytes,
    });
    const long = await exported("SELECT n, repeat('हिन्दी ', n % 50) AS t FROM generate_series(1, 30000) n", {
      delimiter: '\t',
      bom: true,
    });
    expect(long).toMatchObject({ rows: 30_000, bytes: Buffer.byteLength(long.text) });
    expect(long.text.split('\n')[1]).toBe('1\tहिन्दी ');
    const spread = await exported(values, { delimiter: ';', bom: true, escapeFormulas: true });
    expect(spread.text).toMatch(/^\uFEFFn;t;u;b;big;doc\n1;a,b;;t/);
    expect(spread.text).toContain("3;'=1+1;'-5;;0;1");
    expect((await exported(values, { format: 'json' })).text).toBe(
      '[\n{"n":1,"t":"a,b","u":null,"b":true,"big":9007199254740993,"doc":{"k":  [1]}},\n{"n":2,"t":"","u":"two\\nlines \\"quoted\\"","b":false,"big":null,"doc":null},\n{"n":3,"t":"=1+1","u":"-5","b":null,"big":0,"doc":1}\n]\n',
    );
    const lines = await exported('SELECT generate_series(1, 12000) AS n, 1 AS n', { format: 'ndjson' });
    expect(lines).toMatchObject({ rows: 12_000, bytes: Buffer.byteLength(lines.text) });
    expect(lines.text.split('\n').slice(0, 2)).toEqual(['{"n":1,"n_2":1}', '{"n":2,"n_2":1}']);
  });

  it('that fails, or is cancelled, leaves no file', async () => {
    const before = readdirSync(folder.path);
    expect(await refusal(exported('SELECT 1 / (5000 - n) FROM generate_series(1, 9999) n'))).toMatchObject({
      query: { sqlState: '22012' },
    });
    expect(
      await refusal(exported('SELECT 1 / (5000 - n) FROM generate_series(1, 9999) n', { format: 'json' })),
    ).toMatchObject({
      query: { sqlState: '22012' },
    });
    expect(await refusal(exported('SELECT idd FROM forms'))).toMatchObject({
      query: { position: 8, meant: ['id'] },
    });
    expect(await refusal(exported('SELECT pg_sleep(60)', { timeoutSeconds: 1 }))).toMatchObject({
      code: 'QUERY_TIMEOUT',
    });
    expect(await refusal(exported('DROP TABLE forms'))).toMatchObject({ code: 'QUERY_REFUSED' });
    const stop = new AbortController();
    const running = refusal(
      ws.api.query.export(
        { projectId, sql: 'SELECT n, pg_sleep(0.01) FROM generate_series(1, 1000000) n', format: 'csv' },
        { signal: stop.signal },
      ),
    );
    await expect.poll(sessions).toBe(1);
    stop.abort();
    expect(await running).toMatchObject({ code: 'CANCELLED' });
    await expect.poll(sessions, { interval: 10 }).toBe(0);
    expect(readdirSync(folder.path)).toEqual(before);
  });
});
