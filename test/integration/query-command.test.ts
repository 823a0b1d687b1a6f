import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { runHeadgate } from '../support/processes.ts';
import { readWorkbook } from '../support/workbook.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* `headgate query`: what a script or a person at a terminal gets. */

let db: TestDatabase;
let sim: HqSimulator;
let folder: string;
let project: string;

beforeAll(async () => {
  db = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'headgate-query-'));
  sim = await createHqSimulator({ domains: [{ name: 'cli', forms: 60, cases: 20, seed: 4 }] });
  const ws = await openWorkspace({ folder });
  const link = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'cli' },
  });
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  project = (await ws.api.projects.list())[0]?.name ?? '';
  await ws[Symbol.asyncDispose]();
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const query = (...args: string[]) => runHeadgate(folder, 'query', project, ...args);

it('shows a table to people, with how fresh it is', async () => {
  const { code, out, err } = await query('SELECT count(*) AS forms FROM forms');
  expect([code, out]).toEqual([0, expect.stringMatching(/forms\n.*─+\n.*60\n/)]);
  expect(err).toMatch(/1 rows in \d+ ms\nData of CommCare .* as of \d{4}-/);
  const { out: cut, err: more } = await query('SELECT id FROM forms', '--limit', '5');
  expect(cut.trim().split('\n')).toHaveLength(7);
  expect(more).toContain('There is more than 5 rows');
});

it('gives programs every row, in their formats', async () => {
  const csv = await query('SELECT n, NULL AS nothing FROM generate_series(1, 5000) n', '--format', 'csv');
  expect([csv.code, csv.out.split('\n').length, csv.out.slice(0, 14)]).toEqual([0, 5002, 'n,nothing\n1,\n2']);
  const json = await query('SELECT 1 AS a', '--json');
  expect(JSON.parse(json.out)).toEqual([{ a: 1 }]);
  const lines = await query('SELECT n FROM generate_series(1, 3) n', '--format', 'ndjson');
  expect(lines.out).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
});

it('takes the statement from a file, and values as values', async () => {
  const file = join(folder, 'asked.sql');
  writeFileSync(file, '-- what is asked each week\nSELECT :word::text AS word, :n::int + 1 AS n;\n');
  const { code, out } = await query(
    '--file',
    file,
    '--param',
    "word=a'b",
    '--param',
    'n=41',
    '--format',
    'csv',
  );
  expect([code, out]).toEqual([0, "word,n\na'b,42\n"]);
  expect((await query('SELECT $1::text', '--param', 'x', '--format', 'csv')).out).toBe('text\nx\n');
  expect((await query('EXPLAIN SELECT 1', '--format', 'csv')).out).toMatch(/^QUERY PLAN\n/);
  expect((await query('SELECT count(*) FROM forms', '--plan')).out).toMatch(
    /^Aggregate .*\n {2}Seq Scan on forms/,
  );
});

it('writes every row into a file, in the format that its name ends in', async () => {
  const at = (name: string): string => join(folder, name);
  const book = await query('SELECT id, 1 AS n FROM forms', '--out', at('forms.xlsx'));
  expect([book.code, book.out]).toEqual([0, expect.stringMatching(/forms\.xlsx: 60 rows, \d+ kB\n$/)]);
  expect(readWorkbook(readFileSync(at('forms.xlsx'))).sheets[0]?.rows).toHaveLength(61);
  // Nothing moves where nobody looks.
  expect(book.err).not.toContain('\r');
  const lines = await query('SELECT $1::int AS n', '--param', '7', '--out', at('n.ndjson'), '--json');
  expect(JSON.parse(lines.out)).toEqual({
    ok: true,
    data: { path: at('n.ndjson'), rows: 1, bytes: 8, cut: 0 },
  });
  expect(readFileSync(at('n.ndjson'), 'utf8')).toBe('{"n":7}\n');
  await query('SELECT 1 AS a', '--out', at('plain'));
  expect(readFileSync(at('plain'), 'utf8')).toBe('a\n1\n');
  const cut = await query("SELECT repeat('x', 40000) AS long", '--out', at('long.xlsx'));
  expect([cut.code, cut.err]).toEqual([
    0,
    expect.stringContaining('1 texts were longer than a cell of Excel takes'),
  ]);
});

it('says why a file is not written, and leaves none that is not whole', async () => {
  const missing = await query('SELECT 1', '--out', join(folder, 'no', 'where.csv'));
  expect([missing.code, missing.err]).toEqual([
    3,
    expect.stringMatching(/no such folder[\s\S]*\(FILE_NOT_WRITTEN\)/),
  ]);
  const failed = await query(
    'SELECT 1 / (5000 - n) FROM generate_series(1, 9999) n',
    '--out',
    join(folder, 'failed.xlsx'),
  );
  expect([failed.code, existsSync(join(folder, 'failed.xlsx'))]).toEqual([3, false]);
  expect((await query('SELECT 1', '--format', 'xlsx')).code).toBe(2);
  expect((await query('SELECT 1', '--format', 'table', '--out', join(folder, 'x'))).code).toBe(2);
  expect((await query('SELECT 1', '--limit', '5', '--out', join(folder, 'x'))).code).toBe(2);
});

it('points to what is the matter, and says it by its exit code', async () => {
  const { code, err } = await query('SELECT id,\n  nam\nFROM forms');
  expect([code, err]).toEqual([3, expect.stringContaining('    nam\n    ^\n')]);
  const refused = await query('DELETE FROM forms');
  expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('(QUERY_REFUSED)')]);
  expect((await runHeadgate(folder, 'query', 'no such project', 'SELECT 1')).code).toBe(2);
  expect((await query('SELECT 1', '--format', 'xml')).code).toBe(2);
  expect((await query('SELECT 1', '--limit', '0')).code).toBe(2);
});

it('ends it after the time that is given', async () => {
  const late = await query('SELECT pg_sleep(30)', '--timeout', '1');
  expect([late.code, late.err]).toEqual([3, expect.stringContaining('not done within 1 seconds')]);
  expect((await query('SELECT 1', '--timeout', '0')).err).toContain('(INPUT_INVALID)');
});
