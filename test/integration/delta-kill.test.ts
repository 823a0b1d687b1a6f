import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleProgram } from '../support/bundle.ts';
import { createDatabase, differences, leftBehind, type TestDatabase } from '../support/database.ts';
import { begin, happen } from '../support/delta-history.ts';
import { deltaLink } from '../support/delta-link.ts';
import { type HistoryForm, historyHq, minute } from '../support/history-hq.ts';
import { type AskedFor, type HistoryServer, startHistory } from '../support/history-server.ts';
import { temporaryFolder } from '../support/parts.ts';
import { seeded } from '../support/random.ts';
import { type SyncProcess, startSync } from '../support/sync-process.ts';
import { openWorkspace, setUp } from '../support/workspace.ts';

/*
 * A refresh by changes that is killed anywhere and gone on with by another process gives the tables that reading everything
 * does, also where the source changes in between.
 */

/** `HEADGATE_KILLS=300` for the long run. */
const kills = Number(process.env['HEADGATE_KILLS'] ?? 24);

/** So many forms there are, in pages of so few that most of them are in none that is read again. */
const forms = 400;
const fewest = 200;

/** Where a refresh is killed: at a request of a kind, before its answer or with it, or held up in the database. */
const moments = [
  ...(['head', 'changes', 'count', 'slice'] as const).flatMap((asked) =>
    (['before', 'after'] as const).map((when) => ({ asked, when })),
  ),
  // Finds out what was deleted and waits for what is published.
  { held: 'proving' },
  // Has compared, and is not let write by somebody who does.
  { held: 'publishing' },
  // In the transaction that publishes, at a row that somebody else changes.
  { held: 'writing' },
  // Has published, and can't drop what was staged.
  { held: 'tidying' },
] as const;
type Moment = (typeof moments)[number];
const nameOf = (moment: Moment): string =>
  'held' in moment ? moment.held : `${moment.when} ${moment.asked}`;

let db: TestDatabase;
let program: Awaited<ReturnType<typeof bundleProgram>>;
const random = seeded(5);
const hq = historyHq(seeded(6));
let source: HistoryServer;
const folder = temporaryFolder();

beforeAll(async () => {
  db = await createDatabase();
  program = await bundleProgram('delta-kill');
  hq.page = 12;
  begin(hq, random, forms);
  source = await startHistory(hq);
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  program.remove();
});

const start = (project: string): SyncProcess => startSync(program.file, folder.path, project);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a question has an answer, or the process is over. */
async function until(running: SyncProcess, question: () => Promise<boolean>): Promise<boolean> {
  while (!running.over.aborted) {
    if (await question()) return true;
    await pause(5);
  }
  return false;
}

/** Whether a sync waits for a lock that somebody holds, or for their transaction to end because a column changes its type. */
async function waits(watcher: pg.Client, schema: string): Promise<boolean> {
  const { rows } = await watcher.query<{ waits: string }>(
    `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE NOT l.granted AND a.datname = current_database() AND a.application_name LIKE 'headgate sync%')
       OR EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND a.attname LIKE '\\_headgate\\_%' AND NOT a.attisdropped) AS waits`,
    [schema],
  );
  return rows[0]?.waits === 't';
}

/** Runs a sync and kills it at a moment. False where it came to its end without it. */
async function kill(project: string, schema: string, moment: Moment): Promise<boolean> {
  if ('asked' in moment) {
    // Where it stands is asked once; the others several times.
    let left = moment.asked === 'head' ? 1 : 1 + Math.floor(random() * 2);
    const reached = Promise.withResolvers<void>();
    source.watch = async (asked: AskedFor, when) => {
      if (asked !== moment.asked || when !== moment.when) return;
      left -= 1;
      if (left !== 0) return;
      reached.resolve();
      // Before it is answered it is killed for sure; with the answer, at whatever it makes of it.
      if (when === 'before') await running.ended;
    };
    const running = start(project);
    void reached.promise.then(async () => {
      if (moment.when === 'after') await pause(random() * 60);
      running.child.kill('SIGKILL');
    });
    const { code, output } = await running.ended;
    source.watch = null;
    if (code !== null) expect(code, output).toBe(0);
    return code === null;
  }
  const [holder, watcher] = [await db.connect(), await db.connect()];
  try {
    await holder.query('BEGIN');
    const lock = (table: string, mode: string): Promise<unknown> =>
      holder.query(`LOCK TABLE ${table} IN ${mode} MODE`);
    const live = `"${schema}".forms`;
    if (moment.held === 'publishing') await lock(live, 'SHARE ROW EXCLUSIVE');
    if (moment.held === 'writing') await holder.query(`SELECT FROM ${live} FOR UPDATE`);
    // These only once there is something staged.
    source.watch = async (asked, when) => {
      if (asked !== 'changes' || when !== 'before') return;
      source.watch = null;
      if (moment.held === 'proving') await lock(live, 'ACCESS EXCLUSIVE');
      if (moment.held === 'tidying') await lock(`"${schema}__staging"._headgate_state`, 'ACCESS SHARE');
    };
    const running = start(project);
    if (await until(running, () => waits(watcher, schema))) running.child.kill('SIGKILL');
    const { code, output } = await running.ended;
    if (code !== null) expect(code, output).toBe(0);
    return code === null;
  } finally {
    source.watch = null;
    // What the killed process left at the server goes on from here, unless the next one ends it first.
    await holder.query('ROLLBACK');
    await holder.end();
    await watcher.end();
  }
}

it(`${kills} kills anywhere in refreshes by changes leave what reading everything gives`, async () => {
  const setup = {
    ...{ postgres: db.postgres, database: db.database, domain: 'demo', sourceUrl: source.url },
    ...{ keepRaw: false, guards: false, datasets: ['forms'] },
  };
  const open = () => openWorkspace({ folder: folder.path });
  const ws = await open();
  const made = await setUp(ws.api, setup);
  const refresh = { how: 'delta' as const, wholeEveryDays: 7 };
  await ws.api.links.update({ id: made.id, syncConfig: { ...made.syncConfig, refresh } });
  const project = (await ws.api.projects.list()).find(({ id }) => id === made.projectId)?.name ?? '';
  await ws[Symbol.asyncDispose]();
  const schema = made.dataset?.schemaName ?? '';
  const full = deltaLink(db, 'killed_whole', source.sim, {
    mode: 'full',
    spec: { guards: { on: false, shrinkPercent: 100 } },
    deps: { exchange: hq.exchange },
  });

  const toEnd = async (): Promise<void> => {
    const { code, output } = await start(project).ended;
    expect(code, output).toBe(0);
  };
  /** Something changes in any case, so that there is something to write; and something goes that only counting finds. */
  const change = (): void => {
    happen(hq, random, false);
    // Now and then everything of a kind is deleted.
    if (hq.forms.size < fewest) begin(hq, random, forms - hq.forms.size);
    const all = [...hq.forms.values()];
    const from = Math.floor(random() * (all.length - 8));
    for (const { id } of all.slice(from, from + 1 + Math.floor(random() * 5))) hq.forms.delete(id);
    for (let edits = 0; edits < 5; edits += 1) {
      const form = all[Math.floor(random() * all.length)] as HistoryForm;
      form.answers = { ...form.answers, name: `name ${Math.floor(random() * 1e6)}` };
      form.editedOn = hq.now;
      form.indexed = hq.now;
    }
    // What is newest came so much later that asking once more from before it does not bring the rest by chance.
    hq.now += 20 * minute;
    begin(hq, random, random() < 0.3 ? 20 : 1);
  };

  await toEnd();
  const killed = new Map<string, number>(moments.map((moment) => [nameOf(moment), 0]));
  const killedAt = (moment: Moment): number => killed.get(nameOf(moment)) ?? 0;
  let [count, rounds] = [0, 0];
  while (count < kills) {
    rounds += 1;
    expect(rounds, 'rounds').toBeLessThan(kills * 2);
    change();
    // One refresh, killed some times; those where it was killed least come first.
    const chosen = moments
      .map((moment) => ({ moment, order: killedAt(moment) + random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, Math.min(kills - count, 1 + Math.floor(random() * 3)))
      .sort((a, b) => moments.indexOf(a.moment) - moments.indexOf(b.moment))
      .map(({ moment }) => moment);
    const told: string[] = [];
    let goesOn = false;
    for (const moment of chosen) {
      const isKilled = await kill(project, schema, moment);
      told.push(`${nameOf(moment)}: ${isKilled ? 'killed' : 'came to its end'}`);
      if (!isKilled) break;
      killed.set(nameOf(moment), killedAt(moment) + 1);
      count += 1;
      // The source goes on, now and then.
      if (random() < 0.4) {
        change();
        goesOn = true;
      }
    }
    await toEnd();
    // What was read before a kill is published as it was then; the next refresh brings what came since.
    if (goesOn) await toEnd();
    await full.publish();
    expect(await differences(db, full.schema, schema), `round ${rounds}: ${told.join(', ')}`).toEqual([]);
  }
  expect(await db.query(leftBehind)).toEqual([]);
  const after = await open();
  const jobs = await after.api.syncs.list({ limit: 500 });
  expect(jobs.filter(({ status }) => status !== 'completed')).toEqual([]);
  const byChanges = [];
  for (const { id } of jobs)
    if ((await after.api.syncs.get({ id })).facts?.deltas?.length) byChanges.push(id);
  await after[Symbol.asyncDispose]();
  if (kills > 24) console.info(JSON.stringify({ killed: Object.fromEntries(killed), rounds }));
  // The kills met refreshes by changes, at every moment.
  expect(byChanges.length).toBeGreaterThan(jobs.length / 2);
  for (const moment of moments)
    expect(killedAt(moment), nameOf(moment)).toBeGreaterThanOrEqual(Math.floor(kills / moments.length / 2));
}, 3_600_000);
