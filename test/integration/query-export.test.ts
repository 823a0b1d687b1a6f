import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { createHeadlessDesk } from '../../main/headless/terminal/desk.ts';
import { CallError } from '../../preload/contract/client.ts';
import type { Events } from '../../preload/contract/events.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { keptLog, temporaryFolder } from '../support/parts.ts';
import { createRole, type TestRole } from '../support/roles.ts';
import { deskThatSaves } from '../support/saving-desk.ts';
import { englishWords } from '../support/words.ts';
import { readWorkbook } from '../support/workbook.ts';
import { clientOf, openWorkspace, type Workspace } from '../support/workspace.ts';

/* Exports from a real server: a workbook value for value, how far they are, and their end when somebody has enough. */

let db: TestDatabase;
let ws: Workspace;
let role: TestRole;
let projectId = '';
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  db = await createDatabase();
  role = await createRole(db);
  folder = temporaryFolder();
  const desk = deskThatSaves(() => join(folder.path, 'saved'));
  ws = await openWorkspace({ desk });
  const { id } = await ws.api.connections.create({
    ...{ name: 'exported', host: db.postgres.host, port: db.postgres.port, database: db.database },
    ...{ user: role.name, password: role.password, tlsMode: 'disable' as const },
  });
  projectId = (await ws.api.projects.create({ name: 'Exported', connectionId: id })).id;
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

type Asked = Parameters<Workspace['api']['query']['export']>[0];
const exported = (sql: string, more: Partial<Asked> = {}, signal?: AbortSignal) =>
  ws.api.query.export({ projectId, sql, format: 'csv', ...more }, signal && { signal });
const active = async (): Promise<number> =>
  Number(
    (
      await db.query(
        `SELECT count(*) AS n FROM pg_stat_activity WHERE usename = '${role.name}' AND state <> 'idle'`,
      )
    )[0]?.['n'],
  );

describe('a workbook', () => {
  it('has every value as the server has it, of whatever type', async () => {
    const answer = await exported(
      `SELECT n, n * 1.5 AS half, 9007199254740993 + n AS big, n % 2 = 0 AS even, date '2026-01-01' + n AS day,
         timestamptz '2026-01-01 10:00:00.25+02' AS at, '=1+' || n AS text, CASE WHEN n > 2 THEN NULL ELSE '' END AS none,
         jsonb_build_object('k', n) AS doc, ARRAY[n, n] AS list, 'NaN'::float8 AS nan, interval '1 day' AS wait
       FROM generate_series(1, 12000) n`,
      { format: 'xlsx' },
    );
    expect(answer).toMatchObject({ rows: 12_000, cut: 0 });
    const bytes = readFileSync(answer.savedTo ?? '');
    expect(answer.bytes).toBe(bytes.byteLength);
    const { rows } = readWorkbook(bytes).sheets[0] ?? { rows: [] };
    expect(rows).toHaveLength(12_001);
    expect(rows[0]?.map((cell) => cell?.[1])).toEqual([
      ...['n', 'half', 'big', 'even', 'day', 'at', 'text', 'none', 'doc', 'list', 'nan', 'wait'],
    ]);
    for (const n of [1, 2, 3, 11_999, 12_000]) {
      const values = (rows[n] ?? []).map((cell) => cell?.slice(0, 2) ?? null);
      expect(values).toEqual([
        ['n', String(n)],
        ['n', String(n * 1.5)],
        ['inlineStr', String(9007199254740993n + BigInt(n))],
        ['b', n % 2 === 0 ? '1' : '0'],
        ['n', String(46_023 + n)],
        ['n', expect.any(String)],
        ['inlineStr', `=1+${n}`],
        n > 2 ? null : ['inlineStr', ''],
        ['inlineStr', `{"k": ${n}}`],
        ['inlineStr', `{${n},${n}}`],
        ['inlineStr', 'NaN'],
        ['inlineStr', '1 day'],
      ]);
      expect(Number(values[5]?.[1])).toBeCloseTo(46_023 + 8 / 24 + 0.25 / 86_400, 9);
    }
  });

  it('says how many texts a cell had no room for', async () => {
    const answer = await exported("SELECT repeat('x', 40000) AS long FROM generate_series(1, 3)", {
      format: 'xlsx',
    });
    expect(answer).toMatchObject({ rows: 3, cut: 3 });
  });
});

describe('how far it is', () => {
  it('is told to whoever asked and to nobody else, seldom enough to be read, for every format', async () => {
    const elsewhere = ws.app.openPlace(
      'terminal',
      createHeadlessDesk({
        ...{ screen: process.stderr, input: process.stdin, clock: systemClock, log: keptLog().log },
        words: englishWords,
      }),
    );
    const overheard: string[] = [];
    elsewhere.onEvent((name) => overheard.push(name));
    const other = clientOf(elsewhere);
    const passphrase = 'a phrase of one’s own';
    const personId = (await ws.api.session.state()).person?.id ?? '';
    await ws.api.people.setPassphrase({ id: personId, next: passphrase });
    for (const api of [ws.api, other]) await api.session.signIn({ personId, passphrase });
    for (const format of ['csv', 'ndjson', 'xlsx'] as const) {
      const progressId = crypto.randomUUID();
      const began = performance.now();
      const at = ws.events.length;
      const answer = await exported('SELECT n, md5(n::text) FROM generate_series(1, 60000) n', {
        format,
        progressId,
      });
      const told = ws.events
        .slice(at)
        .filter(({ name }) => name === 'query.exportProgressed')
        .map(({ payload }) => payload as Events['query.exportProgressed']);
      expect(told.length).toBeGreaterThan(0);
      expect(told.length).toBeLessThanOrEqual((performance.now() - began) / 200 + 1);
      expect(new Set(told.map((each) => each.progressId))).toEqual(new Set([progressId]));
      expect(told.map(({ bytes }) => bytes)).toEqual(
        told.map(({ bytes }) => bytes).toSorted((a, b) => a - b),
      );
      expect(told.at(-1)?.bytes).toBeLessThanOrEqual(answer.bytes);
      expect(told.at(-1)?.rows).toBeLessThanOrEqual(60_001);
    }
    expect(overheard).not.toContain('query.exportProgressed');
    // What is told to everybody it does hear.
    await ws.api.projects.update({ id: projectId, name: 'Exported elsewhere' });
    expect(overheard).toContain('store.changed');
    elsewhere.leave();
    const at = ws.events.length;
    await exported('SELECT 1');
    expect(ws.events.slice(at).map(({ name }) => name)).not.toContain('query.exportProgressed');
  });
});

describe('an export of a million rows that is cancelled', () => {
  it.each(['csv', 'json', 'xlsx'] as const)(
    'is over at the server within 300 ms, and leaves no file: %s',
    async (format) => {
      const took: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        const stop = new AbortController();
        const progressId = crypto.randomUUID();
        const running = exported(
          "SELECT n, md5(n::text) AS a, repeat('x', 200) AS b FROM generate_series(1, 1000000) n",
          { format, progressId },
          stop.signal,
        ).then(
          () => null,
          (error: unknown) => error,
        );
        // It is in the middle of its rows.
        await expect
          .poll(
            () =>
              ws.events.some(({ payload }) => (payload as { progressId?: string }).progressId === progressId),
            { interval: 5 },
          )
          .toBe(true);
        expect(readdirSync(folder.path).filter((name) => name.endsWith('.unfinished'))).toHaveLength(1);
        const began = performance.now();
        stop.abort();
        await expect.poll(active, { interval: 5 }).toBe(0);
        took.push(Math.round(performance.now() - began));
        const error = await running;
        expect(error).toBeInstanceOf(CallError);
        expect(error).toMatchObject({ code: 'CANCELLED' });
        expect(readdirSync(folder.path).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
      }
      console.info(`${format}: over at the server ${took.join(', ')} ms after the cancel`);
      // The fastest: other work on this computer only makes it later.
      expect(Math.min(...took)).toBeLessThan(300);
    },
  );
});
