import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dataset, Link } from '../../preload/contract/models.ts';
import { causesOf } from '../../renderer/watch/causes.ts';
import {
  dataStates,
  doings,
  isFresh,
  stateOf,
  urgency,
  type Watched,
  watch,
} from '../../renderer/watch/dataset-state.ts';
import { summarise, type World } from '../../renderer/watch/summary.ts';
import { dataset, jobOf, linkOf, outlook } from '../support/renderer-fixture/builders.ts';
import { minutes, now, uuid } from '../support/renderer-fixture/scenario.ts';

const base = dataset(1);
const error = { kind: 'config', code: 'PUBLISH_HELD', message: 'Held.', advice: '' } as const;
const away = {
  kind: 'transient',
  code: 'SOURCE_UNREACHABLE',
  message: 'hq did not answer.',
  advice: '',
} as const;
const held = { at: minutes(-9), jobId: uuid(7, 1), reasons: [] };
const well: World = { vault: 'keeps', offline: false };
const job = (over: Parameters<typeof jobOf>[2]) => jobOf(1, base, { finishedAt: null, ...over });
const of = (over: Partial<Dataset>) => stateOf(dataset(1, over), now);

describe('the two axes of a dataset', () => {
  it.each([
    ['upToDate', 'idle', null, {}],
    ['upToDate', 'idle', null, { outlook: outlook(minutes(-59)) }],
    ['late', 'idle', null, { outlook: outlook(minutes(-61)) }],
    ['none', 'idle', null, { dataAsOf: null, freshUntil: null, status: 'pending' }],
    ['gone', 'idle', null, { dataAsOf: null, freshUntil: null, status: 'expired' }],
    // What is being done leaves how good the data is alone.
    ['upToDate', 'running', null, { job: job({ status: 'running' }) }],
    ['upToDate', 'waiting', null, { job: job({ status: 'queued' }) }],
    ['upToDate', 'waiting', null, { job: job({ status: 'running', waitingUntil: minutes(2) }) }],
    ['upToDate', 'waiting', null, { job: job({ status: 'paused', pausedBy: 'source' }) }],
    ['upToDate', 'paused', null, { job: job({ status: 'paused', pausedBy: 'person' }) }],
    ['upToDate', 'held', 'review', { held }],
    ['upToDate', 'failed', null, { status: 'error', error: away }],
    ['upToDate', 'failed', 'fix', { status: 'error', error }],
    ['upToDate', 'waiting', 'reconnect', { signIn: 'expired' }],
    ['upToDate', 'idle', 'database', { targetFails: true }],
    ['upToDate', 'paused', null, { outlook: outlook(minutes(9), { wait: 'link_off' }) }],
    ['late', 'paused', null, { outlook: outlook(minutes(-90), { wait: 'source_off' }) }],
    ['late', 'waiting', null, { outlook: outlook(minutes(-90), { wait: 'vault_locked' }) }],
    ['none', 'running', null, { dataAsOf: null, freshUntil: null, job: job({ status: 'running' }) }],
    ['none', 'waiting', 'signIn', { dataAsOf: null, freshUntil: null, signIn: 'missing' }],
  ] as const)('is %s and %s, and wants %s', (data, doing, need, over) => {
    expect(of(over as Partial<Dataset>)).toEqual({ data, doing, need });
  });

  it('is late where a refresh failed, although the next attempt is still to come', () => {
    const over = { status: 'error', error: away, freshUntil: minutes(-90) } as const;
    expect(
      of({ ...over, outlook: outlook(minutes(20), { wait: 'retry' }), freshUntil: minutes(-90) }).data,
    ).toBe('late');
  });

  it('is as fresh after a mere reconnect as it was before', () => {
    const expired = { ...error, code: 'SIGN_IN_EXPIRED' };
    expect(of({ status: 'error', error: expired as Dataset['error'] })).toEqual({
      ...{ data: 'upToDate', doing: 'idle', need: null },
    });
  });

  it('is late however long a refresh takes that never ends', () => {
    const running = { job: job({ status: 'running' }) };
    expect(of({ ...running, freshUntil: minutes(-120) }).data).toBe('upToDate');
    expect(of({ ...running, freshUntil: minutes(-60 * 7) }).data).toBe('late');
  });
});

const facts: fc.Arbitrary<Dataset> = fc
  .record({
    status: fc.constantFrom('pending', 'syncing', 'ready', 'error', 'expired'),
    dataAsOf: fc.option(fc.integer({ min: -5000, max: -1 }).map(minutes), { nil: null }),
    freshUntil: fc.option(fc.integer({ min: -5000, max: 5000 }).map(minutes), { nil: null }),
    targetFails: fc.boolean(),
    outlook: fc.record({
      at: fc.option(fc.integer({ min: -5000, max: 5000 }).map(minutes), { nil: null }),
      wait: fc.constantFrom(
        'not_yet',
        'retry',
        'needs_you',
        'link_off',
        'source_off',
        'vault_locked',
        'quiet_hours',
      ),
      until: fc.constant(null),
      failures: fc.nat(5),
    }),
    error: fc.constantFrom(null, error, away),
    held: fc.constantFrom(null, held),
    signIn: fc.constantFrom('valid', 'expired', 'missing'),
    job: fc.constantFrom(
      null,
      job({ status: 'running' }),
      job({ status: 'queued' }),
      job({ status: 'running', waitingUntil: minutes(4) }),
      job({ status: 'paused', pausedBy: 'person' }),
      job({ status: 'paused', pausedBy: 'quit' }),
    ),
  })
  .map((over) => dataset(1, over as Partial<Dataset>));

/** Mostly fresh ones, so that workspaces where every one is are among them. */
const some: fc.Arbitrary<Dataset> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(base) },
  { weight: 1, arbitrary: facts },
);
const links = fc.array(
  fc.tuple(some, fc.integer({ min: 1, max: 9 }), fc.boolean(), fc.boolean()).map(
    ([each, n, without, shared]): Link => ({
      ...linkOf({ ...each, linkId: uuid(5, n) }),
      ...(without
        ? {
            dataset: null,
            others: shared ? { datasets: 1, dataAsOf: each.dataAsOf, freshUntil: each.freshUntil } : null,
          }
        : {}),
    }),
  ),
  { maxLength: 6 },
);
const worlds: fc.Arbitrary<World> = fc.record({
  vault: fc.constantFrom('keeps', 'keeps', 'keeps', 'forgets', 'locked'),
  offline: fc.constantFrom(false, false, true),
});

/** Said by hand, from the facts alone: nothing that the code under test decides is asked of it. */
function isFreshByHand({ dataset: own, others }: Link, reads: boolean): boolean {
  const inTime = (until: string | null, hours: number) =>
    until === null || Date.parse(until) >= now - hours * 3_600_000;
  if (!own) return !reads && others !== null && others.dataAsOf !== null && inTime(others.freshUntil, 1);
  if (own.status === 'expired' || own.dataAsOf === null || own.targetFails) return false;
  if (own.job) return own.job.pausedBy !== 'person' && inTime(own.freshUntil, 6);
  if (own.signIn !== 'valid' || own.held || own.error || own.status === 'error') return false;
  if (own.outlook.wait === 'link_off' || own.outlook.wait === 'source_off') return false;
  return inTime(own.freshUntil, 1);
}

describe('the sentence of the workspace', () => {
  const summaryOf = (watched: readonly Watched[], world: World) =>
    summarise(watched, world, causesOf([...watched]).length);

  it('is green exactly when every dataset is fresh and nothing keeps it from staying so', () => {
    const seen = { green: 0, other: 0 };
    fc.assert(
      fc.property(links, worlds, fc.boolean(), (all, world, reads) => {
        const watched = all.map((link) => watch(link, reads, now));
        const { tone, parts } = summaryOf(watched, world);
        const expected =
          all.length > 0 &&
          all.every((link) => isFreshByHand(link, reads)) &&
          world.vault === 'keeps' &&
          !world.offline;
        seen[expected ? 'green' : 'other'] += 1;
        expect(tone === 'ok').toBe(expected);
        expect(parts.length === 1 && parts[0]?.part === 'all').toBe(expected);
      }),
      { numRuns: 2000 },
    );
    // Both sides were tried.
    expect(seen.green).toBeGreaterThan(100);
    expect(seen.other).toBeGreaterThan(100);
  });

  it('never says that nothing is linked where something is, whoever reads it', () => {
    fc.assert(
      fc.property(links, worlds, fc.boolean(), (all, world, reads) => {
        const { parts } = summaryOf(
          all.map((link) => watch(link, reads, now)),
          world,
        );
        expect(parts.some(({ part }) => part === 'nothing')).toBe(all.length === 0);
        expect(parts.length).toBeGreaterThan(0);
      }),
    );
  });

  it('counts each dataset that is not stopped once', () => {
    fc.assert(
      fc.property(links, (drawn) => {
        const all = drawn.map((link, n) => ({ ...link, id: uuid(5, n) }));
        const watched = all.map((link) => watch(link, true, now));
        const { parts } = summaryOf(watched, well);
        const counted = parts
          .filter(({ part }) => part !== 'attention' && part !== 'nothing')
          .reduce((sum, { count }) => sum + count, 0);
        const stopped = new Set(causesOf(watched).flatMap(({ stops }) => stops.map(({ link }) => link.id)));
        expect(counted + watched.filter(({ link }) => stopped.has(link.id)).length).toBe(all.length);
      }),
    );
  });

  it.each([
    [[], 'all', {}],
    [['none'], undefined, { status: 'pending', dataAsOf: null, freshUntil: null }],
    [['paused'], undefined, { job: job({ status: 'paused', pausedBy: 'person' }) }],
    [['attention'], undefined, { targetFails: true }],
    [['attention'], undefined, { signIn: 'missing', dataAsOf: null, freshUntil: null }],
    [['gone'], undefined, { status: 'expired', dataAsOf: null, freshUntil: null }],
  ] as const)('says %j of one', (said, all, over) => {
    const { parts } = summaryOf([watch(linkOf(dataset(1, over as Partial<Dataset>)), true, now)], well);
    expect(parts.map(({ part }) => part)).toEqual(all ? [all] : said);
  });

  it('puts the worst first', () => {
    const watched = [
      watch(linkOf(base), true, now),
      watch(linkOf(dataset(2, { outlook: outlook(minutes(-90)) })), true, now),
      watch(linkOf(dataset(3, { signIn: 'expired' })), true, now),
    ];
    const { parts, tone } = summaryOf(watched, { vault: 'locked', offline: true });
    expect(parts.map(({ part }) => part)).toEqual(['attention', 'locked', 'offline', 'late', 'rest']);
    expect(tone).toBe('bad');
  });
});

describe('a link that its reader has no tables of', () => {
  const link = { ...linkOf(dataset(1)), dataset: null };
  const others = { datasets: 2, dataAsOf: minutes(-20), freshUntil: minutes(90) };

  it('asks an analyst to sign in, or to begin', () => {
    expect(watch({ ...link, signIn: 'missing', others }, true, now).state.need).toBe('signIn');
    expect(watch({ ...link, signIn: 'expired', others }, true, now).state.need).toBe('reconnect');
    expect(watch({ ...link, signIn: 'valid', others }, true, now).state.need).toBe('start');
  });

  it('tells a viewer how fresh what the others have is', () => {
    expect(watch({ ...link, others }, false, now)).toMatchObject({
      ...{ asOf: minutes(-20), state: { data: 'upToDate', need: null } },
    });
    const late = { ...others, freshUntil: minutes(-90) };
    expect(watch({ ...link, others: late }, false, now).state.data).toBe('late');
    const none = { datasets: 0, dataAsOf: null, freshUntil: null };
    expect(watch({ ...link, others: none }, false, now).state.data).toBe('none');
  });
});

describe('causes', () => {
  const watched = (n: number, over: Partial<Dataset>) => watch(linkOf(dataset(n, over)), true, now);

  it('are one for a database, however much it stops', () => {
    const refused = {
      kind: 'config',
      code: 'DB_LOGIN_REFUSED',
      message: 'etl was refused.',
      advice: '',
    } as const;
    const failing = { id: uuid(1, 1), name: 'Warehouse', usedBy: [{ id: 'p', name: 'P' }] };
    const health = {
      state: 'fails',
      since: null,
      checkedAt: null,
      latencyMs: null,
      message: 'refused',
    } as const;
    const causes = causesOf(
      [
        watched(1, { targetFails: true }),
        watched(2, { status: 'error', error: refused as Dataset['error'] }),
      ],
      [{ ...failing, health }],
    );
    expect(causes).toMatchObject([{ cause: { kind: 'database', message: 'refused' }, stops: [{}, {}] }]);
  });

  it('are two where an account has ended at a database that fails', () => {
    const causes = causesOf([watched(1, { targetFails: true, signIn: 'expired' })]);
    expect(causes.map(({ cause }) => cause.kind)).toEqual(['database', 'signIn']);
  });

  it('leave out what nobody uses', () => {
    const health = {
      state: 'fails',
      since: null,
      checkedAt: null,
      latencyMs: null,
      message: 'refused',
    } as const;
    expect(causesOf([], [{ id: 'c', name: 'Old', usedBy: [], health }])).toEqual([]);
  });

  it('are one for an account, and one for a server that does not answer', () => {
    const mine = { sourceId: uuid(2, 1), signIn: 'expired' } as const;
    const failed = { status: 'error', error: away } as const;
    const causes = causesOf([watched(1, mine), watched(2, mine), watched(3, failed), watched(4, failed)]);
    expect(causes.map(({ cause, stops }) => [cause.kind, stops.length])).toEqual([
      ['signIn', 2],
      ['error', 2],
    ]);
  });

  it('are two for the accounts of two projects', () => {
    const theirs = { sourceId: uuid(2, 1), signIn: 'expired', personId: null } as const;
    expect(causesOf([watched(1, theirs), watched(2, theirs)])).toHaveLength(2);
  });
});

it('orders every state, worst first', () => {
  const all = dataStates.flatMap((data) => doings.map((doing) => ({ data, doing, need: null })));
  const sorted = [...all].sort((a, b) => urgency(a) - urgency(b));
  expect(new Set(all.map(urgency)).size).toBe(all.length);
  expect(sorted[0]?.doing).toBe('failed');
  expect(sorted.at(-1)).toEqual({ data: 'upToDate', doing: 'idle', need: null });
  expect(isFresh(sorted.at(-1) ?? { data: 'none', doing: 'idle', need: null })).toBe(true);
});
