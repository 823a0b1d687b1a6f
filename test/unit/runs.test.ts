import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Services } from '../../main/services/context.ts';
import { runService } from '../../main/services/projects/runs.ts';
import { mostEntries, noFacts } from '../../main/store/data/runs.ts';
import { addFacts, followJob } from '../../main/sync/job/follow.ts';
import { paceProgress } from '../../main/sync/job/pace.ts';
import type { HeldReason, Job, Recount, RunEntry } from '../../preload/contract/models.ts';
import { barsOf, rangeMs } from '../../renderer/components/data/lane-bars.ts';
import { adviceFor, findingsOf } from '../../renderer/screens/runs/findings.ts';
import { paceOf } from '../../renderer/watch/use-pace.ts';
import { oneJob } from '../support/one-job.ts';
import { instant, keptLog, rawDb } from '../support/parts.ts';

/* What a run keeps of itself, how it is told, and what the window makes of it. */

const entry = (n: number): RunEntry => ({
  ...{ at: instant, level: 'info' },
  said: { id: 'runs.reads', params: { dataset: `d${n}` } },
});
const entries = (from: number, count: number): RunEntry[] =>
  Array.from({ length: count }, (_, n) => entry(from + n));

describe('the log of a run', () => {
  it('keeps its beginning and the newest, with the numbers that they had, and goes with its job', () => {
    using one = oneJob();
    const { runs, jobs } = one.store;
    for (let n = 0; n < 100; n += 1) runs.say('b', entries(n * 10, 10));
    const log = runs.log('b');
    expect(log.length).toBeLessThanOrEqual(mostEntries);
    expect(log.length).toBeGreaterThan(mostEntries - 20);
    expect(log[0]).toEqual({ seq: 1, entry: entry(0) });
    expect(log.at(-1)).toEqual({ seq: 1000, entry: entry(999) });
    for (const { seq, entry: kept } of log) expect(kept).toEqual(entry(seq - 1));
    // A burst counts, but only its newest are kept.
    runs.say('b', entries(1000, 900));
    expect(runs.log('b').at(-1)?.seq).toBe(1900);
    expect(runs.log('b').length).toBeLessThanOrEqual(mostEntries);
    runs.putFacts('b', noFacts);
    jobs.finish('b', { status: 'failed' }, instant);
    jobs.shed('d');
    expect(runs.log('b')).toEqual([]);
    expect(runs.find('b')).toBeNull();
  });

  it('has no secret in it, whoever said it, and nothing once the job is somebody else’s', () => {
    using one = oneJob();
    const { store, owner } = one;
    store.jobs.start('b', owner.id, instant);
    const follow = (as: string) =>
      followJob(
        {
          ...{ store, owner: as, now: () => Date.parse(instant) + 5000, log: keptLog().log },
          hide: (text) => text.replaceAll('s3cret', '••••'),
          onProgress: () => {},
        },
        'b',
      );
    const said = { id: 'runs.again', params: { why: { id: 'plain', params: { text: 'no s3cret here' } } } };
    const progress = {
      phase: 'reading',
      tables: [],
      waitingUntil: null,
      committed: 0,
      facts: noFacts,
    } as const;
    const own = follow(owner.id);
    own.take(progress, [{ at: instant, level: 'warn', said }]);
    own.save();
    expect(JSON.stringify(store.runs.log('b'))).not.toContain('s3cret');
    expect(JSON.stringify(store.runs.log('b'))).toContain('no •••• here');
    const other = follow('somebody else');
    other.take(progress, [entry(1)]);
    other.save();
    expect(store.runs.log('b')).toHaveLength(1);
  });

  it('and how it went are for whose dataset it is', async () => {
    using one = oneJob();
    const services = { store: one.store } as unknown as Services;
    const calls = runService(services);
    const asking = (personId: string) => ({ person: { id: personId } }) as never;
    const input = { id: 'b', after: 0, limit: 10 } as never;
    for (const call of ['syncs.get', 'syncs.log'] as const)
      expect(() => calls[call](input, asking('somebody else'))).toThrow(
        expect.objectContaining({ code: 'PERMISSION_DENIED' }),
      );
    expect(calls['syncs.list']({ limit: 10 } as never, asking('somebody else'))).toEqual([]);
  });

  it('costs little to be written: a second’s worth takes a fraction of a millisecond more than the progress alone', () => {
    using one = oneJob();
    const { store, owner } = one;
    store.jobs.start('b', owner.id, instant);
    const rounds = 300;
    const timed = (work: () => void): number => {
      const begun = performance.now();
      for (let n = 0; n < rounds; n += 1) store.transaction(work);
      return (performance.now() - begun) / rounds;
    };
    const progress = (): boolean => store.jobs.progress('b', owner.id, 'reading', null, []);
    timed(progress);
    const alone = timed(progress);
    const whole = timed(() => {
      progress();
      store.runs.putFacts('b', noFacts);
      store.runs.say('b', entries(0, 3));
    });
    console.log(`progress ${alone.toFixed(3)} ms, with facts and log ${whole.toFixed(3)} ms, once a second`);
    // Once a second: even on the slowest computer of the tests less than three in a hundred.
    expect(whole).toBeLessThan(30);
  });
});

it('a run that goes on adds to what was known of it', () => {
  const read = { dataset: 'forms', startedAt: instant, ms: 100, pages: 2 };
  const known = { ...noFacts, reads: [read], requests: 3, waits: 1, waitedMs: 50 };
  expect(addFacts(known, { ...known, retries: 2 })).toEqual({
    ...{ phases: [], requests: 6, retries: 2, waits: 2, waitedMs: 100 },
    reads: [{ ...read, ms: 200, pages: 4 }],
  });
});

it('progress reaches the windows ten times a second at most, of all jobs, and an end at once', () => {
  const clock = { now: 0, timers: [] as { at: number; act: () => void }[] };
  const told: [number, string][] = [];
  const tell = paceProgress((job) => told.push([clock.now, `${job.id} ${job.status}`]), {
    now: () => clock.now,
    later: (act, ms) => void clock.timers.push({ at: clock.now + ms, act }),
  });
  const job = (id: string, status: Job['status'] = 'running', finishedAt: string | null = null): Job =>
    ({ id, status, finishedAt }) as Job;
  for (; clock.now < 2000; clock.now += 10) {
    for (const timer of clock.timers.splice(0)) {
      if (timer.at <= clock.now) timer.act();
      else clock.timers.push(timer);
    }
    for (const id of ['a', 'b', 'c', 'd']) tell(job(id));
  }
  // The first of each is that it runs.
  expect(told.length).toBeLessThanOrEqual(4 + 20);
  for (const id of ['a', 'b', 'c', 'd'])
    expect(told.filter(([, what]) => what === `${id} running`).length).toBeGreaterThanOrEqual(4);
  tell(job('a', 'completed', instant));
  expect(told.at(-1)).toEqual([2000, 'a completed']);
  for (const { act } of clock.timers.splice(0)) act();
  expect(told.at(-1)?.[1]).not.toBe('a running');
});

describe('what a held refresh looks like', () => {
  const reason = (code: HeldReason['code'], table: string, over: Partial<HeldReason> = {}): HeldReason => ({
    ...{ code, table, column: null, before: 100, after: 0, message: code },
    ...over,
  });
  const table = (name: string, before: number, after: number | null) => ({ name, before, after });
  const adviceOf = (
    reasons: HeldReason[],
    tables: { name: string; before: number; after: number | null }[],
    recount?: Recount,
  ) => adviceFor(findingsOf(reasons, tables), recount);

  it('is told from its reasons', () => {
    const three = [table('a', 10, 0), table('b', 10, null), table('c', 10, 0), table('d', 10, 10)];
    expect(adviceOf([reason('zero_rows', 'a'), reason('table_gone', 'b')], three)).toEqual({
      ...{ kind: 'allAtOnce', lost: 3, of: 4 },
    });
    expect(adviceOf([reason('count_mismatch', 'a')], [table('a', 10, 8)])).toEqual({ kind: 'cutShort' });
    expect(adviceOf([reason('column_gone', 'a', { column: 'x' })], [table('a', 10, 10)])).toEqual({
      kind: 'formChanged',
    });
    expect(adviceOf([reason('shrunk', 'a')], [table('a', 100, 40), table('b', 9, 9)])).toEqual({
      ...{ kind: 'oneTable', table: 'a' },
    });
    const both = [reason('shrunk', 'a'), reason('shrunk', 'b')];
    expect(adviceOf(both, [table('a', 100, 40), table('b', 90, 30)])).toEqual({ kind: 'lessSeen' });
    expect(adviceOf([], [table('a', 10, 10)])).toEqual({ kind: 'unclear' });
  });

  it('is told by what the source counts, where that decides it', () => {
    const counted = (count: number | null, rough = false): Recount => ({
      at: instant,
      counts: [
        {
          ...{ dataset: 'a', table: 'a', published: 1000, held: 400, error: null },
          ...{ counted: count, rough },
        },
      ],
    });
    const of = (recount: Recount) => adviceOf([reason('shrunk', 'a')], [table('a', 1000, 400)], recount).kind;
    expect(of(counted(403))).toBe('countsAsHeld');
    expect(of(counted(1004))).toBe('countsAsPublished');
    for (const other of [counted(700), counted(null), counted(400, true)]) expect(of(other)).toBe('oneTable');
  });

  it('has the tables first with which most is wrong', () => {
    const found = findingsOf(
      [reason('column_gone', 'z', { column: 'x' }), reason('shrunk', 'm')],
      [table('a', 5, 5), table('m', 100, 20), table('z', 7, 7)],
    );
    expect(found.map(({ name }) => name)).toEqual(['m', 'z', 'a']);
    expect(found[1]?.columnsGone).toEqual(['x']);
  });
});

it('the pace of a run is that of its last seconds, and unknown before there is one', () => {
  expect(paceOf([{ at: 0, fetched: 0 }], 100)).toEqual({ perSecond: null, leftMs: null });
  const samples = [
    { at: 0, fetched: 1000 },
    { at: 2000, fetched: 2224 },
  ];
  expect(paceOf(samples, 6120)).toEqual({ perSecond: 612, leftMs: 10_000 });
  expect(paceOf(samples, null)).toEqual({ perSecond: 612, leftMs: null });
});

it('a lane draws one bar for each place, of several runs the one that matters', () => {
  const now = Date.parse(instant);
  const run = (minutesAgo: number, status: Job['status']): Job =>
    ({
      ...{ id: `${minutesAgo}`, status, decided: null },
      queuedAt: new Date(now - minutesAgo * 60_000).toISOString(),
      startedAt: new Date(now - minutesAgo * 60_000).toISOString(),
      finishedAt: new Date(now - minutesAgo * 60_000 + 1000).toISOString(),
    }) as Job;
  const jobs = Array.from({ length: 5000 }, (_, n) => run(n * 8 + 1, n === 7 ? 'failed' : 'completed'));
  const bars = barsOf(jobs, now - rangeMs.month, now);
  expect(bars.length).toBeLessThanOrEqual(97);
  expect(bars.reduce((sum, bar) => sum + bar.runs.length, 0)).toBe(5000);
  expect(bars.at(-1)?.job.status).toBe('failed');
  expect(bars.map(({ from }) => from)).toEqual(bars.map(({ from }) => from).toSorted((a, b) => a - b));
});

it('a page of a history of 100,000 runs is found without looking through it', () => {
  using one = oneJob();
  const { store } = one;
  store.jobs.finish('b', { status: 'completed' }, instant);
  const begun = Date.parse(instant);
  const at = (n: number): string => new Date(begun + n * 60_000).toISOString();
  {
    using db = rawDb(join(one.folder, 'headgate.db'));
    const insert =
      db.prepare(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, queued_at, finished_at)
      VALUES (?, 'd', 'completed', 'done', 'schedule', ?, ?)`);
    db.transaction(() => {
      for (let n = 0; n < 100_000; n += 1) insert.run(`j${n}`, at(n), at(n));
    })();
  }
  const timed = (wanted: Parameters<typeof store.jobs.list>[1]): { ids: string[]; ms: number } => {
    const start = performance.now();
    const ids = store.jobs.list('p', wanted).map(({ id }) => id);
    return { ids, ms: performance.now() - start };
  };
  timed({ limit: 50, before: 'j99999' });
  const first = timed({ limit: 50 });
  const deep = timed({ limit: 50, before: 'j50000' });
  const day = timed({ limit: 500, datasetIds: ['d'], since: at(99_000) });
  console.log(
    `of 100,000 runs: newest page ${first.ms.toFixed(1)} ms, one in the middle ${deep.ms.toFixed(1)} ms, 500 of a day ${day.ms.toFixed(1)} ms`,
  );
  expect(first.ids[0]).toBe('j99999');
  expect(deep.ids[0]).toBe('j49999');
  expect(day.ids).toHaveLength(500);
  for (const { ms } of [first, deep, day]) expect(ms).toBeLessThan(400);
}, 120_000);
