import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { english } from '../../preload/messages/said.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { answersOf, begin, happen } from '../support/delta-history.ts';
import { deltaLink } from '../support/delta-link.ts';
import { day, historyHq } from '../support/history-hq.ts';
import { askedFor } from '../support/history-server.ts';
import { seeded } from '../support/random.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* A refresh that asks only for what may have changed gives the tables that reading everything does. */

/** Waits for nothing. */
const hurried = { ...systemClock, sleep: async () => {} };

// Dozens of refreshes each.
vi.setConfig({ testTimeout: 300_000 });

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    domains: [
      { name: 'demo', forms: 400, cases: 300, seed: 7, largestPage: 20 },
      { name: 'app', forms: 300, cases: 0, seed: 8 },
      { name: 'large', forms: 10_000, cases: 0, seed: 9, largestPage: 50 },
    ],
  });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

it('asks for what changed, and finds what was archived and deleted', async () => {
  const hq = sim.domain('demo');
  const [delta, full] = [deltaLink(db, 'by_changes', sim), deltaLink(db, 'whole', sim, { mode: 'full' })];
  const compare = async (): Promise<void> => expect(await differences(db, 'whole', 'by_changes')).toEqual([]);
  await delta.publish();
  await full.publish();
  expect(delta.delta()).toBeNull();
  await compare();
  hq.add('form', 12);
  hq.edit('form', [3, 7, 100]);
  hq.archive([hq.id('form', 20), hq.id('form', 21)]);
  hq.vanish('form', [hq.id('form', 55)]);
  await full.publish();
  await delta.publish();
  expect(delta.fellBack()).toBeNull();
  expect(delta.delta()).toMatchObject({ total: 409, gone: 1 });
  await compare();
});

const offline = { url: 'http://hq.test', oauth: { issueTokens: () => ({ accessToken: 'token' }) } };

/** A project space with a history, and two links to it: one refreshed by changes, one whole. */
async function place(
  name: string,
  count = 60,
  change: { page?: number; seed?: number; guards?: boolean } = {},
) {
  const seed = change.seed ?? 11;
  const random = seeded(seed);
  // Of its own, so that what happens is the same however requests come.
  const hq = historyHq(seeded(seed + 1000));
  hq.page = change.page ?? 10;
  begin(hq, random, count);
  const guards = { on: change.guards ?? false, shrinkPercent: 30 };
  const how = { deps: { exchange: hq.exchange }, spec: { guards } };
  const delta = deltaLink(db, `${name}_by_changes`, offline as never, how);
  const full = deltaLink(db, `${name}_whole`, offline as never, { ...how, mode: 'full' });
  await delta.publish();
  await full.publish();
  return {
    ...{ hq, random, delta, full },
    async compare(): Promise<void> {
      await full.publish();
      expect(await differences(db, full.schema, delta.schema)).toEqual([]);
    },
  };
}

it('costs two requests where nothing changed', async () => {
  const { hq, delta, compare } = await place('same', 100);
  hq.now += day;
  hq.forget();
  await delta.publish();
  expect(hq.requests).toBe(2);
  // And one that finds out what repeats.
  expect(delta.delta()).toMatchObject({ total: 100, requests: 3, counted: 0, reread: 0, gone: 0 });
  await compare();
});

it('finds members that changed places behind equal counts when their turn comes, and says nothing before', async () => {
  const { hq, random, delta, full, compare } = await place('swapped', 60);
  // One is gone, and one came so late to the index that the changes do not tell of it.
  const [doomed] = [...hq.forms.values()].slice(20);
  hq.forms.delete(doomed?.id ?? '');
  const late = { ...(doomed as NonNullable<typeof doomed>), id: 'late', answers: answersOf(random, false) };
  hq.forms.set(late.id, late);
  hq.now += day;
  await delta.publish();
  await full.publish();
  expect(await differences(db, full.schema, delta.schema)).not.toEqual([]);
  // Within the days after which everything is read, each page has its turn.
  const later = (days: number) => ({ ...systemClock, now: () => Date.now() + days * 86_400_000 });
  for (let turn = 1; turn <= 20; turn += 1) {
    await delta.publish({}, { clock: later(turn / 2) });
    expect(delta.fellBack()).toBeNull();
  }
  await compare();
});

it('reads everything, and says why, where counting does not come to an end', async () => {
  const { hq, delta, compare } = await place('never', 60);
  const { exchange } = hq;
  // A server that always counts one more than it shows.
  const wrong: typeof exchange = async (request, signal) => {
    const answer = await exchange(request, signal);
    const told = JSON.parse(answer.body.toString()) as { meta?: { total_count?: number } };
    if (told.meta?.total_count !== undefined && /limit=1&|limit=1$/.test(request.url))
      told.meta.total_count += 1;
    return { ...answer, body: Buffer.from(JSON.stringify(told)) };
  };
  hq.now += day;
  await delta.publish({}, { exchange: wrong });
  expect(delta.delta()).toBeNull();
  expect(delta.fellBack()).toMatch(/agree|found with|moment/);
  await compare();
});

it('reads everything where somebody changed what is published', async () => {
  const { delta, compare } = await place('touched', 40);
  await db.query(
    `DELETE FROM "${delta.schema}".form_visit WHERE form_id IN (SELECT form_id FROM "${delta.schema}".form_visit LIMIT 1)`,
  );
  await delta.publish();
  expect(delta.fellBack()).toContain('is not as it was published');
  await compare();
});

it('reads everything where the options are others, and keeps to them by changes', async () => {
  const { hq, delta, full } = await place('options', 60);
  const options = { xmlns: ['http://forms/visit'], received_from: '2026-01-02' };
  for (let round = 0; round < 3; round += 1) {
    happen(hq, seeded(round + 5), false);
    const [first] = [...hq.forms.values()];
    hq.forms.delete(first?.id ?? '');
    const change = { options, guards: { on: false, shrinkPercent: 100 } };
    await delta.publish(change);
    await full.publish(change);
    expect(await differences(db, full.schema, delta.schema)).toEqual([]);
    if (round === 0) expect(delta.delta()).toBeNull();
  }
  expect(delta.delta()).not.toBeNull();
});

it('holds what looks wrong as it does when everything is read', async () => {
  const { hq, delta, full } = await place('guards', 80, { guards: true });
  hq.now += day;
  for (const form of [...hq.forms.values()].slice(0, 50)) {
    form.state = 'archived';
    form.indexed = hq.now;
  }
  const [by, whole] = [await delta.refresh(), await full.refresh()];
  expect(delta.fellBack()).toBeNull();
  const codes = (end: typeof by): unknown =>
    end.kind === 'held' && end.reasons.map(({ code, table, before, after }) => [code, table, before, after]);
  expect(codes(by)).toEqual(codes(whole));
  expect(by.kind).toBe('held');
  expect(delta.last()?.result.rowCounts['forms']).toBe(80);
});

it('comes through refusals, cut answers and failing servers at any request', async () => {
  const { hq, random, delta, compare } = await place('faults', 60);
  for (const asked of ['head', 'changes', 'count', 'slice'] as const)
    for (const fault of [429, 502, 'cut'] as const) {
      const where = `${fault} at ${asked}`;
      // Tame, so that nothing but counting is at stake; the last that is deleted is found by counting alone.
      begin(hq, random, 2, true);
      const doomed = [...hq.forms.values()][Math.floor(random() * 40)];
      hq.forms.delete(doomed?.id ?? '');
      let met = 0;
      // Every other request of the kind.
      hq.fault = (url) => {
        if (askedFor(url.searchParams) !== asked) return null;
        met += 1;
        return met % 2 === 1 ? fault : null;
      };
      await delta.publish({}, { clock: hurried });
      hq.fault = null;
      expect(met, where).toBeGreaterThan(1);
      expect(delta.fellBack(), where).toBeNull();
      await compare();
    }
});

it('goes on from its last commit wherever it was cut off', async () => {
  const { hq, random, delta, compare } = await place('cut', 60);
  for (let at = 1; at <= 9; at += 1) {
    happen(hq, random, false);
    for (const { id } of [...hq.forms.values()].slice(3 * at, 3 * at + 2)) hq.forms.delete(id);
    const stop = new AbortController();
    let asked = 0;
    hq.fault = () => {
      asked += 1;
      if (asked === at) stop.abort();
      return null;
    };
    const jobId = crypto.randomUUID();
    const cut = await delta.refresh({ jobId }, { signal: stop.signal }).then(
      () => null,
      (error: unknown) => error,
    );
    hq.fault = null;
    // Meanwhile the source goes on, every other time.
    const goesOn = at % 2 === 0;
    if (goesOn) happen(hq, random, false);
    if (cut !== null) await delta.publish({ jobId, claim: 2 });
    // What was read to its end before the cut is published as it was then; the next refresh brings the rest.
    if (goesOn) await delta.publish();
    await compare();
  }
});

it('is what a link of the application does that wants it, and says so', async () => {
  await using ws = await openWorkspace();
  const made = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'app' },
    datasets: ['forms'],
  });
  const refresh = { how: 'delta' as const, wholeEveryDays: 3 };
  await ws.api.links.update({ id: made.id, syncConfig: { ...made.syncConfig, refresh } });
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed', records: 300 });
  sim.domain('app').add('form', 5);
  sim.domain('app').vanish('form', [sim.domain('app').id('form', 9)]);
  const second = await syncToEnd(ws, made);
  expect(second).toMatchObject({ status: 'completed', records: 304 });
  const { facts } = await ws.api.syncs.get({ id: second.id });
  expect(facts?.deltas).toEqual([expect.objectContaining({ dataset: 'forms', total: 304, gone: 1 })]);
  const said = (await ws.api.syncs.log({ id: second.id })).entries.map((entry) => english(entry.said));
  expect(said.some((text) => /asked for \d+ of 304 records/.test(text))).toBe(true);
  const [dataset] = await ws.api.datasets.list();
  const days = (Date.parse(dataset?.nextWholeAt ?? '') - Date.parse(dataset?.dataAsOf ?? '')) / 86_400_000;
  expect(days).toBeGreaterThan(2.9);
  expect(days).toBeLessThanOrEqual(3);
  const { id } = await ws.api.syncs.start({ linkId: made.id, whole: true });
  await ws.app.jobEnded(id);
  expect((await ws.api.syncs.get({ id })).facts?.deltas).toBeUndefined();
  // It left what the next one needs.
  const fourth = await syncToEnd(ws, made);
  expect((await ws.api.syncs.get({ id: fourth.id })).facts?.deltas).toHaveLength(1);
  await ws.api.links.update({
    id: made.id,
    syncConfig: { ...made.syncConfig, refresh: { how: 'full', wholeEveryDays: 7 } },
  });
  const last = await syncToEnd(ws, made);
  expect((await ws.api.syncs.get({ id: last.id })).facts?.deltas).toBeUndefined();
});

it('asks for a small part of what reading everything does', { timeout: 900_000 }, async () => {
  const hq = sim.domain('large');
  const pages = hq.count('form') / 50;
  const spec = {
    source: { type: 'commcare', baseUrl: sim.url, settings: { domain: 'large' }, signIn: 'oauth' as const },
  };
  const delta = deltaLink(db, 'large_by_changes', sim, { spec });
  const requests = (): number => delta.facts().requests;
  await delta.publish();
  const whole = requests();
  expect(whole).toBeGreaterThanOrEqual(pages);
  await delta.publish();
  const same = requests();
  // One in a hundred changed, and two in a thousand went: most of them archived, the others deleted together.
  const count = hq.count('form');
  hq.edit(
    'form',
    Array.from({ length: count / 100 }, (_, at) => at * 100),
  );
  const archived = Array.from({ length: (count * 1.4) / 1000 }, (_, at) => hq.id('form', at * 700 + 1));
  hq.archive(archived);
  const deleted = Array.from({ length: (count * 0.6) / 1000 }, (_, at) => hq.id('form', 3003 + at));
  hq.vanish('form', deleted);
  await delta.publish();
  const some = requests();
  expect(delta.fellBack()).toBeNull();
  expect(delta.delta()).toMatchObject({ total: count - archived.length - deleted.length });
  const [row] = await db.query('SELECT count(*) AS n FROM large_by_changes.forms');
  expect(Number(row?.['n'])).toBe(count - archived.length - deleted.length);
  console.info(
    `of ${whole} requests: ${same} where nothing changed (1/${Math.round(whole / same)}), ${some} where 1 % changed and 0.2 % went (1/${Math.round(whole / some)}): ${JSON.stringify(delta.delta())}`,
  );
  expect(same).toBeLessThanOrEqual(whole / 40);
  expect(some).toBeLessThanOrEqual(whole / 10);
});
