import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { bundleProgram } from '../support/bundle.ts';
import { type Changing, type Submission, startChanging } from '../support/changing.ts';
import { createDatabase, differences, leftBehind, type TestDatabase } from '../support/database.ts';
import { type KillPhase, killPhases, phaseNow } from '../support/kill-phase.ts';
import { seeded } from '../support/random.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* Killed over and over through a life of refreshes, the tables are what they would be without a single kill. */

const forms = 400;
/** `HEADGATE_KILLS=200` for the long run. */
const kills = Number(process.env['HEADGATE_KILLS'] ?? 20);
const years = 6;
/** So many forms the source gives at once, whatever it is asked for: a refresh reads several pages. */
const pageOfSource = 70;
/** How long a sync may take to come to a phase, or to end; it is never waited for that long. */
const patienceMs = 60_000;

let db: TestDatabase;
let sim: HqSimulator;
let changing: Changing;
let folder: string;
let program: Awaited<ReturnType<typeof bundleProgram>>;
/** How far the source is in its life. */
let year = 0;

/** What the source has of a submission this year; null when nothing any more. */
function thisYear(submission: Submission): Submission | null {
  const number = Number.parseInt(submission.id.replaceAll('-', '').slice(0, 6), 16);
  const form: Record<string, unknown> = { ...submission.form, answer: `answer ${year}` };
  // One kind of form goes away, with its tables, and comes back; of another some go.
  const isRegistration = /3c4d99e2/i.test(String(form['@xmlns']));
  const isAntenatal = /2b3c88d1/i.test(String(form['@xmlns']));
  if (year === 4 && (isRegistration || (isAntenatal && number % 2 === 0))) return null;
  // Each year another number becomes a text, by a few answers.
  for (let each = 1; each < years; each += 1)
    form[`turns_${each}`] = year >= each && number % 50 === each ? 'many' : String(number % 90);
  // Whole numbers get fractions.
  form['size'] = year >= 3 ? `${number % 7}.5` : String(number % 7);
  // A question comes, and goes.
  if (year === 1 || year === 2) form['asked_later'] = `${number}`;
  // What was one is many.
  form['member'] =
    year >= 3 && number % 3 === 0 ? [{ name: `a${number}` }, { name: 'b' }] : { name: `a${number}` };
  // What was in a group is in a repeat, and in the group again: the key of its table gets longer.
  const people = [{ name: `c${number}` }, { name: 'd' }];
  form['house'] = year === 3 && number % 4 === 0 ? [{ people }, { people }] : { people };
  // A repeat in a repeat comes, and goes.
  if (year === 4)
    form['sibling'] = [{ age: number % 9, visit: [{ on: '2026-01-01' }, { on: 'later' }] }, { age: 3 }];
  return { ...submission, marker: `answer ${year}`, form };
}

beforeAll(async () => {
  db = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'headgate-kill-life-'));
  program = await bundleProgram('kill-life');
  sim = await createHqSimulator({ domains: [{ name: 'life', forms, cases: 10, seed: 5 }], gzip: false });
  changing = await startChanging(sim.url, thisYear, pageOfSource);
});
afterAll(async () => {
  changing.close();
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  program.remove();
});

interface Ended {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly output: string;
}

/** `headgate sync` as a process of its own, killed as soon as `moment` resolves, unless it has ended before. */
async function syncProcess(project: string, moment: (over: AbortSignal) => Promise<boolean>): Promise<Ended> {
  const child = spawn(process.execPath, [program.file, 'sync', project, '--json', '--data', folder], {
    env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const over = new AbortController();
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const killing = moment(over.signal).then((come) => come && child.kill('SIGKILL'));
  const late = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const code = await ended;
  clearTimeout(late);
  over.abort();
  await killing;
  return { code, output };
}

const undisturbedly = async (): Promise<boolean> => false;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it(`${kills} kills over a life of changes leave what no kill leaves`, async () => {
  const random = seeded(7);
  const setup = {
    ...{ postgres: db.postgres, database: db.database, domain: 'life' },
    ...{ sourceUrl: changing.url, keepRaw: false, guards: false, datasets: ['forms'] },
  };
  await using calm = await openWorkspace();
  const undisturbed = await setUp(calm.api, setup);
  const ws = await openWorkspace({ folder });
  const disturbed = await setUp(ws.api, setup);
  const projects = await ws.api.projects.list();
  const project = projects.find(({ id }) => id === disturbed.projectId)?.name ?? '';
  await ws[Symbol.asyncDispose]();
  const [schema, beside] = [disturbed.dataset?.schemaName ?? '', undisturbed.dataset?.schemaName ?? ''];
  const source = sim.domain('life');

  const toEnd = async (): Promise<void> => {
    const { code, output } = await syncProcess(project, undisturbedly);
    expect(code, output).toBe(0);
  };
  const calmToEnd = async (): Promise<void> =>
    expect(await syncToEnd(calm, undisturbed)).toMatchObject({ status: 'completed' });
  await toEnd();
  await calmToEnd();

  // A reader of two tables in one statement: each state that it ever sees.
  const seen: string[] = [];
  let reading = true;
  const [reader, watcher] = [await db.connect(), await db.connect()];
  const polling = (async () => {
    while (reading) {
      const { rows } = await reader.query(
        `SELECT (SELECT string_agg(DISTINCT marker, ',') FROM "${schema}".forms) AS forms,
           (SELECT string_agg(DISTINCT answer, ',') || ' ' || bool_and(turns_1 IS NOT NULL AND turns_5 IS NOT NULL)
            FROM "${schema}".form_household_visit) AS visits`,
      );
      const state = JSON.stringify(rows[0]);
      if (seen.at(-1) !== state) seen.push(state);
      await pause(25);
    }
  })();
  polling.catch(() => {});

  const killed = new Map<KillPhase, number>(killPhases.map((phase) => [phase, 0]));
  const killedIn = (phase: KillPhase): number => killed.get(phase) ?? 0;
  let missed = 0;
  /** One sync, killed in a phase: at its beginning, or some looks later. Whether it was still at work then. */
  const kill = async (phase: KillPhase): Promise<boolean> => {
    const looks = Math.floor(random() * 4);
    const { code, output } = await syncProcess(project, async (over) => {
      for (let found = 0; !over.aborted; ) {
        const now = await phaseNow(watcher, schema);
        if (now === phase) found += 1;
        // It went on meanwhile: later in the phase is over.
        else if (found > 0) return true;
        if (found > looks) return true;
        // Until it is there at all there is time.
        await pause(now === 'away' ? 20 : 1);
      }
      return false;
    });
    if (code !== null) expect(code, output).toBe(0);
    return code === null;
  };

  const inYear: number[] = [];
  try {
    for (year = 1; year < years; year += 1) {
      const share = Math.ceil(kills / (years - 1));
      let inThisYear = 0;
      for (let round = 0; inThisYear < share; round += 1) {
        expect(round, 'rounds of one year').toBeLessThan(kills);
        // Each round is one refresh of a source that has changed again, killed in some of its phases.
        source.edit('form', [year * 7 + round, year * 11 + round, year * 13 + round]);
        if (round === 0) source.add('form', 30);
        if (round === 0) source.vanish('form', [source.id('form', year * 40)]);
        // Those that were killed in least come first. Types change only in the first refresh of a year: all the kills of
        // that phase meet that one, which has to do it again and again.
        const widenings = round === 0 ? Math.max(1, Math.floor(share / killPhases.length)) : 0;
        const chosen = killPhases
          .filter((phase) => phase !== 'widening')
          .map((phase) => ({ phase, order: killedIn(phase) + random() }))
          .sort((a, b) => a.order - b.order)
          .slice(0, Math.min(share - inThisYear - widenings, 3 + Math.floor(random() * 3)))
          .map(({ phase }) => phase);
        const plan = killPhases.flatMap((phase) =>
          phase === 'widening'
            ? Array.from({ length: widenings }, () => phase)
            : chosen.includes(phase)
              ? [phase]
              : [],
        );
        let isOver = false;
        for (const phase of plan) {
          isOver = !(await kill(phase));
          if (isOver) break;
          killed.set(phase, killedIn(phase) + 1);
          inThisYear += 1;
        }
        if (isOver) missed += 1;
        else await toEnd();
      }
      inYear.push(inThisYear);
      await calmToEnd();
      // What somebody reads just then is left by a refresh for a later one: columns and tables that are empty now, nothing else.
      let found = await differences(db, schema, beside);
      for (let later = 0; later < 8 && found.length > 0; later += 1) {
        for (const one of found)
          expect(one, `year ${year}`).toMatch(/^\w+ (has other columns: .* \/ \[\]|is only in .*)$/);
        await toEnd();
        found = await differences(db, schema, beside);
      }
      expect(found, `year ${year}`).toEqual([]);
    }
  } finally {
    reading = false;
    await polling;
    await reader.end();
    await watcher.end();
  }
  year = years - 1;
  if (kills > 20) console.info(JSON.stringify({ killed: Object.fromEntries(killed), inYear, missed }));
  expect(await db.query(leftBehind)).toEqual([]);
  // Each state whole, one after the other.
  const states = Array.from({ length: years }, (_, at) =>
    JSON.stringify({ forms: `answer ${at}`, visits: `answer ${at} true` }),
  );
  expect(seen).toEqual(states);
  // The kills met syncs at work, in every phase and every year.
  expect(missed).toBeLessThan(kills / 2);
  for (const phase of killPhases)
    expect(killedIn(phase), phase).toBeGreaterThanOrEqual(Math.floor(kills / killPhases.length / 2));
}, 3_600_000);
