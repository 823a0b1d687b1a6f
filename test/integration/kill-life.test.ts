import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { seeded } from '../support/random.ts';
import { openWorkspace, setUp } from '../support/workspace.ts';

/* Killed over and over through a life of refreshes, the tables are what they would be without a single kill. */

const forms = 1200;
/** `HEADGATE_KILLS=200` for the long run. */
const kills = Number(process.env['HEADGATE_KILLS'] ?? 20);
const years = 6;

let db: TestDatabase;
let sim: HqSimulator;
let changing: Server;
let folder: string;
/** How far the source is in its life. */
let year = 0;

interface Submission {
  id: string;
  marker?: string;
  form: Record<string, unknown>;
}

/** What the source has of a submission this year; null when nothing any more. */
function thisYear(submission: Submission): Submission | null {
  const number = Number.parseInt(submission.id.replaceAll('-', '').slice(0, 6), 16);
  const form: Record<string, unknown> = { ...submission.form, answer: `answer ${year}` };
  const xmlns = String(form['@xmlns']);
  const isVisit = /visit/.test(xmlns);
  // A form goes away, and comes back.
  if (year === 4 && !isVisit && number % 2 === 0 && /child|birth/.test(xmlns)) return null;
  // A number becomes a text, one answer at first.
  form['score'] = year >= 2 && number % 50 === 0 ? 'many' : String(number % 90);
  if (year >= 3) form['size'] = `${number % 7}.5`;
  else form['size'] = String(number % 7);
  // A question comes, and goes.
  if (year === 1 || year === 2) form['asked_later'] = `${number}`;
  // What was one is many.
  form['member'] =
    year >= 3 && number % 3 === 0 ? [{ name: `a${number}` }, { name: 'b' }] : { name: `a${number}` };
  if (year >= 4)
    form['sibling'] = [{ age: number % 9, visit: [{ on: '2026-01-01' }, { on: 'later' }] }, { age: 3 }];
  return { ...submission, marker: `answer ${year}`, form };
}

/** Everything as the simulator says it, but for the submissions, which are of this year. */
function startChanging(url: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, 'accept-encoding': __, connection: ___, ...headers } = request.headers;
    const answer = await fetch(`${url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    let body = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 200 && /\/api\/(?:form\/v1|v0\.5\/form)\//.test(request.url ?? '')) {
      const page = JSON.parse(body.toString()) as { objects: Submission[] };
      body = Buffer.from(
        JSON.stringify({ ...page, objects: page.objects.flatMap((one) => thisYear(one) ?? []) }),
      );
    }
    const told = Object.fromEntries(answer.headers);
    for (const name of [
      'content-length',
      'content-encoding',
      'transfer-encoding',
      'connection',
      'keep-alive',
    ])
      delete told[name];
    response.writeHead(answer.status, { ...told, 'content-length': body.length }).end(body);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

beforeAll(async () => {
  db = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'headgate-kill-life-'));
  sim = await createHqSimulator({ domains: [{ name: 'life', forms, cases: 10, seed: 5 }], gzip: false });
  changing = await startChanging(sim.url);
});
afterAll(async () => {
  changing.closeAllConnections();
  changing.close();
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** `headgate sync` as a process of its own, killed when `moment` comes; resolves with its exit code, or null. */
async function syncProcess(
  project: string,
  moment: (signal: AbortSignal) => Promise<void> = (signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
): Promise<{ code: number | null; output: string }> {
  const child = spawn(
    process.execPath,
    ['main/headless/index.ts', 'sync', project, '--json', '--data', folder],
    {
      env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const over = new AbortController();
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const killing = moment(over.signal).then(() => over.signal.aborted || child.kill('SIGKILL'));
  const code = await ended;
  over.abort();
  await killing;
  return { code, output };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Phases that are over in no time, and how they are known from outside. `$1` is the schema, `$2` the job of its mark. */
const moments: Readonly<Record<string, string>> = {
  comparing: `EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace($1 || '__staging') AND relname LIKE '\\_difference\\_%')`,
  applying: `EXISTS (SELECT 1 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relnamespace = to_regnamespace($1)
    AND l.mode = 'RowExclusiveLock' AND l.granted)`,
  widening: `EXISTS (SELECT 1 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = to_regnamespace($1)
    AND a.attname LIKE '\\_headgate\\_%')`,
  tidying: `to_regnamespace($1 || '__staging') IS NOT NULL AND obj_description(to_regnamespace($1), 'pg_namespace') NOT LIKE '%' || $2 || '%'`,
  finishing: `EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'headgate sync%' AND datname = current_database()
    AND query LIKE '%SET finished%')`,
};

it(`${kills} kills over a life of changes leave what no kill leaves`, async () => {
  const random = seeded(7);
  const { port } = changing.address() as AddressInfo;
  const setup = {
    ...{
      postgres: db.postgres,
      database: db.database,
      sourceUrl: `http://127.0.0.1:${port}`,
      domain: 'life',
    },
    ...{ keepRaw: false, guards: false, datasets: ['forms'] },
  };
  const ws = await openWorkspace({ folder });
  const nameOf = async ({ projectId }: Link): Promise<string> =>
    (await ws.api.projects.list()).find(({ id }) => id === projectId)?.name ?? '';
  const disturbed = await setUp(ws.api, setup);
  const undisturbed = await setUp(ws.api, setup);
  const schema = disturbed.dataset?.schemaName ?? '';
  const [project, calm] = [await nameOf(disturbed), await nameOf(undisturbed)];
  await ws[Symbol.asyncDispose]();

  for (const first of [project, calm]) {
    const { code, output } = await syncProcess(first);
    expect(code, output).toBe(0);
  }
  const seen: string[] = [];
  let reading = true;
  const reader = await db.connect();
  const watcher = await db.connect();
  const polling = (async () => {
    while (reading) {
      const { rows } = await reader.query(
        `SELECT (SELECT string_agg(DISTINCT marker, ',') FROM "${schema}".forms) AS forms,
           (SELECT string_agg(DISTINCT answer, ',') || ' ' || bool_and(score IS NOT NULL) FROM "${schema}".form_household_visit) AS visits`,
      );
      const state = JSON.stringify(rows[0]);
      if (seen.at(-1) !== state) seen.push(state);
      await pause(15);
    }
  })();
  polling.catch(() => {});
  const markedJob = async (): Promise<string> => {
    const { rows } = await watcher.query(
      'SELECT substring(obj_description(to_regnamespace($1), \'pg_namespace\') FROM \'"job":"([^"]+)"\') AS job',
      [schema],
    );
    return (rows[0]?.['job'] as string | null) ?? 'none';
  };
  const momentOf = (kind: string, job: string) => async (signal: AbortSignal) => {
    if (kind === 'anything') {
      await Promise.race([
        pause(250 + random() * 2500),
        new Promise((resolve) => signal.addEventListener('abort', resolve)),
      ]);
      return;
    }
    const until = performance.now() + 20_000;
    while (!signal.aborted && performance.now() < until) {
      const { rows } = await watcher.query(
        `SELECT ${moments[kind]} AS come FROM (SELECT $1::text, $2::text) x`,
        [schema, job],
      );
      if (rows[0]?.['come'] === 't') return;
      await pause(1);
    }
  };

  const kinds = ['anything', ...Object.keys(moments)];
  try {
    let killed = 0;
    for (year = 1; year < years; year += 1) {
      sim.domain('life').edit('form', [year, year + 10, year + 20]);
      sim.domain('life').add('form', 30);
      sim.domain('life').vanish('form', [sim.domain('life').id('form', year * 40)]);
      const wanted = Math.ceil((kills * year) / (years - 1));
      for (let attempt = 0; killed < wanted; attempt += 1) {
        const kind = kinds[(killed + attempt) % kinds.length] as string;
        const { code, output } = await syncProcess(project, momentOf(kind, await markedJob()));
        if (code === null) killed += 1;
        else expect(code, output).toBe(0);
        expect(attempt).toBeLessThan(kills * 5);
      }
      for (const each of [project, calm]) {
        const { code, output } = await syncProcess(each);
        expect(code, output).toBe(0);
      }
      expect(await differences(db, schema, undisturbed.dataset?.schemaName ?? '')).toEqual([]);
    }
  } finally {
    reading = false;
    await polling;
    await reader.end();
    await watcher.end();
  }
  year = years - 1;
  const last = await syncProcess(project);
  expect(last.code, last.output).toBe(0);
  expect(await differences(db, schema, undisturbed.dataset?.schemaName ?? '')).toEqual([]);
  expect(
    await db.query(
      `SELECT nspname AS left FROM pg_namespace WHERE nspname LIKE '%\\_\\_staging'
       UNION ALL SELECT relname FROM pg_class WHERE relname LIKE '\\_difference\\_%' OR relname LIKE '\\_headgate\\_%'
       UNION ALL SELECT attname FROM pg_attribute WHERE attname LIKE '\\_headgate\\_%' AND NOT attisdropped
       UNION ALL SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'headgate%'`,
    ),
  ).toEqual([]);
  // Each state whole, one after the other.
  const states = Array.from({ length: years }, (_, at) =>
    JSON.stringify({ forms: `answer ${at}`, visits: `answer ${at} true` }),
  );
  expect(seen).toEqual(states);
}, 1_800_000);
