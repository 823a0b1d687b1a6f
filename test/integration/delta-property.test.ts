import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { begin, happen } from '../support/delta-history.ts';
import { type DeltaLink, deltaLink } from '../support/delta-link.ts';
import { type HistoryHq, historyHq } from '../support/history-hq.ts';
import { seeded } from '../support/random.ts';

/*
 * Whatever happens at the source between two refreshes: one that reads only what changed gives the tables that reading
 * everything does, types and columns included. HEADGATE_DELTA_STEPS runs more refreshes than the suite has time for,
 * HEADGATE_DELTA_SEED one history again.
 */

const steps = Number(process.env['HEADGATE_DELTA_STEPS'] ?? 400);
/** HEADGATE_DELTA_MINUTES ends a long run when so much time is over. */
const minutes = Number(process.env['HEADGATE_DELTA_MINUTES'] ?? Number.POSITIVE_INFINITY);
const isOver = (done: number): boolean => done >= steps || performance.now() > minutes * 60_000;
const onlySeed = process.env['HEADGATE_DELTA_SEED'];
/** HEADGATE_DELTA_FROM lives other histories than those of the suite. */
const firstSeed = Number(onlySeed ?? process.env['HEADGATE_DELTA_FROM'] ?? 1);
const stepsOfHistory = 10;
/** Histories that are lived at once: a refresh mostly waits for the database. */
const sideBySide = 4;

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(async () => {
  await db[Symbol.asyncDispose]();
});

const sim = { url: 'http://hq.test', oauth: { issueTokens: () => ({ accessToken: 'token' }) } };

function linksOf(name: string, hq: HistoryHq): { delta: DeltaLink; full: DeltaLink } {
  const change = {
    spec: {
      guards: { on: false, shrinkPercent: 100 },
      source: { type: 'commcare', baseUrl: sim.url, settings: { domain: 'demo' }, signIn: 'oauth' as const },
    },
    deps: { exchange: hq.exchange },
  };
  return {
    delta: deltaLink(db, `d_${name}`, sim as never, change),
    full: deltaLink(db, `f_${name}`, sim as never, { ...change, mode: 'full' }),
  };
}

/** What all histories came to. */
interface Tally {
  done: number;
  byChanges: number;
  asked: number;
  total: number;
  /** Why everything was read instead, and how often. */
  readonly why: Map<string, number>;
}

/** One history, refresh by refresh, as long as there are some to do. */
async function live(seed: number, tally: Tally): Promise<void> {
  const random = seeded(seed);
  // Of its own, so that a history is the same however the requests of its two links come.
  const hq = historyHq(seeded(seed + 1_000_000));
  hq.page = 5 + Math.floor(random() * 30);
  begin(hq, random, 20 + Math.floor(random() * 60));
  const { delta, full } = linksOf(`s${seed}`, hq);
  // Others compare at the same time.
  const session = await db.connect();
  const own = { query: async (sql: string, of: unknown[] = []) => (await session.query(sql, of)).rows };
  await Promise.all([delta.publish(), full.publish()]);
  const told: string[] = [];
  for (let step = 0; step < stepsOfHistory && !isOver(tally.done); step += 1) {
    tally.done += 1;
    told.push(`step ${step}: ${happen(hq, random).join(', ')}`);
    const where = `HEADGATE_DELTA_SEED=${seed}\n${told.join('\n')}`;
    await Promise.all([delta.publish(), full.publish()]).catch((error: unknown) => {
      throw new Error(`${where}\n${String(error)}`, { cause: error });
    });
    expect(await differences(own, full.schema, delta.schema), where).toEqual([]);
    const found = delta.delta();
    const reason = delta.fellBack();
    if (reason !== null) tally.why.set(reason, (tally.why.get(reason) ?? 0) + 1);
    if (found === null) continue;
    tally.byChanges += 1;
    tally.asked += found.asked;
    tally.total += found.total;
  }
  await session.query(`DROP SCHEMA "${full.schema}" CASCADE; DROP SCHEMA "${delta.schema}" CASCADE`);
  await session.end();
}

it(`gives what reading everything does, over random histories`, {
  timeout: 3 * 3_600_000,
}, async () => {
  const tally: Tally = { done: 0, byChanges: 0, asked: 0, total: 0, why: new Map() };
  let seed = firstSeed;
  const next = async (): Promise<void> => {
    while (!isOver(tally.done)) {
      const own = seed;
      seed += 1;
      await live(own, tally);
      if (onlySeed !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: onlySeed === undefined ? sideBySide : 1 }, next));
  const fell = [...tally.why.values()].reduce((sum, times) => sum + times, 0);
  console.info(
    `${tally.done} refreshes: ${tally.byChanges} by changes, asking for ${tally.asked} of ${tally.total} records; ${fell} fell back: ${JSON.stringify([...tally.why])}`,
  );
  expect(tally.byChanges).toBeGreaterThan(tally.done / 3);
});
