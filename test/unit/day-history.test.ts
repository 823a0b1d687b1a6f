import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { historyOf, lastDays } from '../../main/services/projects/day-history.ts';
import { recordCount } from '../../preload/contract/records.ts';
import { instant, rawDb, storedConnection, storeIn, temporaryFolder } from '../support/parts.ts';

/* What became of the refreshes of a dataset, day by day in a place on earth. */

type Ended = 'completed' | 'failed' | 'held' | 'cancelled';

function world() {
  const folder = temporaryFolder();
  const store = storeIn(folder.path);
  store.people.create('ada', 'Ada', ['dba'], instant);
  store.connections.create(storedConnection({ id: 'c' }), 'ada', instant);
  const source = { id: 's', name: 'HQ', sourceType: 'commcare', baseUrl: 'https://hq', clientId: 'x' };
  store.sources.create({ ...source, settings: {}, tlsCa: null }, 'ada', instant);
  const db = rawDb(join(folder.path, 'headgate.db'));
  db.exec(`INSERT INTO projects (id, name, connection_id, created_at, updated_at) VALUES ('p', 'P', 'c', '', '');
    INSERT INTO project_data_sources (id, project_id, data_source_id, credential_mode, sync_config,
      created_at, updated_at) VALUES ('l', 'p', 's', 'project', '{}', '', '')`);
  store.datasets.create({ id: 'd', linkId: 'l', personId: null, schemaName: 'data_d' }, instant);
  const insert =
    db.prepare(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, mode, owner, row_counts,
      queued_at, finished_at) VALUES (?, 'd', ?, 'done', 'schedule', 'anew', '{"id":"o"}', ?, ?, ?)`);
  return {
    store,
    ended: (status: Ended, at: string, rows: Record<string, number> = {}): void =>
      void insert.run(randomUUID(), status, JSON.stringify(rows), at, at),
    [Symbol.dispose]: () => {
      db.close();
      store.close();
      folder[Symbol.dispose]();
    },
  };
}

it('tells for each day of the reader how the last run ended, and that it came late', async () => {
  using all = world();
  const zone = 'Africa/Nairobi';
  // In Nairobi, three hours ahead, that is the 22nd already.
  all.ended('completed', '2026-11-21T21:30:00.000Z', { forms: 100, form_visit: 60, form_visit_members: 200 });
  all.ended('failed', '2026-11-23T06:00:00.000Z');
  all.ended('completed', '2026-11-23T09:00:00.000Z', { forms: 130, form_visit: 80, cases: 7 });
  all.ended('completed', '2026-11-24T03:00:00.000Z', { forms: 131 });
  all.ended('held', '2026-11-24T09:00:00.000Z');
  all.ended('cancelled', '2026-11-25T05:00:00.000Z');
  all.ended('completed', '2026-11-26T05:00:00.000Z', { forms: 140 });
  const now = Date.parse('2026-11-26T20:00:00.000Z');
  const [history] = await historyOf(all.store, ['d'], { days: 6, zone, now });
  expect(history?.days).toEqual([
    { day: '2026-11-21', outcome: 'none', runs: 0, records: null },
    { day: '2026-11-22', outcome: 'complete', runs: 1, records: 100 },
    { day: '2026-11-23', outcome: 'afterTrouble', runs: 2, records: 137 },
    { day: '2026-11-24', outcome: 'held', runs: 2, records: 131 },
    // Whoever stopped it knows; the day has no outcome.
    { day: '2026-11-25', outcome: 'none', runs: 0, records: null },
    { day: '2026-11-26', outcome: 'complete', runs: 1, records: 140 },
  ]);
  // What was there when today began was published two days before.
  expect(history?.before).toEqual({ forms: 131 });
  const [inUtc] = await historyOf(all.store, ['d'], { days: 6, zone: 'UTC', now });
  expect(inUtc?.days[0]).toMatchObject({ day: '2026-11-21', outcome: 'complete' });
  const [short] = await historyOf(all.store, ['d'], { days: 1, zone, now });
  expect(short?.before).toBeNull();
});

it('has days of 23 and of 25 hours where clocks change', () => {
  const hours = (day: { from: string; to: string } | undefined): number =>
    day ? (Date.parse(day.to) - Date.parse(day.from)) / 3_600_000 : 0;
  const autumn = lastDays(3, 'Europe/Paris', Date.parse('2026-10-26T12:00:00Z'));
  expect(autumn.map(({ day }) => day)).toEqual(['2026-10-24', '2026-10-25', '2026-10-26']);
  expect(autumn.map(hours)).toEqual([24, 25, 24]);
  expect(hours(lastDays(1, 'Europe/Paris', Date.parse('2026-03-29T12:00:00Z'))[0])).toBe(23);
});

it('counts a record of the source once, whatever tables it is in', () => {
  expect(recordCount({ forms: 10, form_visit: 6, form_visit_members: 30, cases: 4, case_child: 4 })).toBe(14);
  // A child of a table that is not one of the source's own counts with it.
  expect(recordCount({ user: 3, user_groups: 9, users_of_all: 2 })).toBe(5);
  expect(recordCount({})).toBe(0);
});
