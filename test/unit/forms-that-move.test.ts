import { expect, it } from 'vitest';
import { attachmentsShape, readAttachments } from '../../main/connectors/commcare/attachments.ts';
import { type FormPaging, readForms } from '../../main/connectors/commcare/form-reading.ts';
import { commcare } from '../../main/connectors/commcare/index.ts';
import type { Page, ReadContext } from '../../main/connectors/connector.ts';
import { createHttp } from '../../main/connectors/http.ts';
import type { Json } from '../../main/connectors/json.ts';
import { createMovingForms } from '../support/moving-forms.ts';
import { keptLog } from '../support/parts.ts';
import { seeded } from '../support/random.ts';

/*
 * A source that changes between any two requests, whose answers come in any order, late, not at all or from before, and
 * whose reading is cut off and taken up hours later: what comes out of it is what the source had.
 */

type Reader = (base: string, context: ReadContext, paging: FormPaging) => AsyncGenerator<Page, void>;

/** A page as it was handed over. */
interface Kept {
  readonly copies: readonly { readonly id: string; readonly version: number; readonly name: string }[];
  readonly cursor: Json;
}

interface World {
  readonly seed: number;
  readonly lagMs: number;
  readonly changes: number;
  /** Whether pages that were sent before come again. */
  readonly stale: boolean;
  readonly read: Reader;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function readMoving({ seed, lagMs, changes, stale, read }: World) {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const source = createMovingForms({ random, lagMs, forms: below(90), untimed: below(3) });
  const largestPage = 6 + below(10);
  const paging: FormPaging = { largestPage, smallestPage: 6, dividedFrom: (2 + below(3)) * largestPage };
  const kept: Kept[] = [];
  let committed = 0;
  let moves = changes;
  let pauses = below(3);
  let spoils = below(6);
  let atEnd: ReadonlyMap<string, number> = new Map();
  const begun = source.moment();

  /** Reads on until the end or until it is cut off. */
  const part = async (): Promise<boolean> => {
    const stop = new AbortController();
    const http = createHttp({
      baseUrl: 'http://hq.test',
      connector: commcare,
      tokens: { current: async () => 'token', renew: async () => 'token' },
      exchange: source.exchange,
      clock: { now: () => 0, sleep: async () => {} },
      random: () => 0.5,
      log: keptLog().log,
    });
    const cursor = kept.at(-1)?.cursor ?? null;
    const pages = read(
      '/a/demo/api',
      { http, settings: {}, options: {}, cursor, signal: stop.signal },
      paging,
    );
    let outcome: 'reading' | 'done' | 'failed' = 'reading';
    let failure: unknown;
    const slow = new Set<object>();
    /** The last answer that was followed by more. */
    let middle: string | null = null;
    const run = async (): Promise<void> => {
      for await (const { records, cursor: after } of pages) {
        const copies = records.map((record) => ({
          id: record.get('form_id')?.text() ?? record.get('id')?.text() ?? '',
          version: Number(record.get('version')?.text() ?? 0),
          name: record.get('name')?.text() ?? '',
        }));
        kept.push({ copies, cursor: JSON.parse(JSON.stringify(after)) as Json });
      }
      outcome = 'done';
    };
    const running = run().catch((error: unknown) => {
      outcome = 'failed';
      failure = error;
    });
    for (;;) {
      await settle();
      if ((outcome as string) === 'failed') throw failure;
      if ((outcome as string) === 'done') return true;
      // A slow answer waits until nothing else is left to be answered.
      const quick = source.pending.filter((each) => !slow.has(each));
      const waiting = quick.length > 0 ? quick : source.pending;
      const request = waiting[below(waiting.length)];
      const kind = below(12);
      if (kind < 4 && moves > 0) {
        moves -= 1;
        if (below(3) === 0) source.reveal();
        source.move();
      } else if (kind === 4 && pauses > 0 && below(4) === 0) {
        pauses -= 1;
        stop.abort();
        await running;
        // What was read since the last commit is undone.
        committed += below(kept.length - committed + 1);
        kept.length = committed;
        source.pause();
        return false;
      } else if (!request) continue;
      else if (request.body === null) {
        source.compute(request);
        if (below(4) === 0) slow.add(request);
      } else if (kind === 5 && spoils > 0) {
        spoils -= 1;
        // The page before, from the middle of the list, once more; or none.
        const isPage = request.url.searchParams.has('indexed_on_start') && request.url.searchParams.size < 5;
        if (stale && isPage && middle !== null && below(2) === 0) source.deliverInstead(request, middle);
        else source.fail(request);
      } else {
        atEnd = request.snapshot;
        if (request.more) middle = request.body;
        source.deliver(request);
      }
    }
  };
  while (!(await part()));
  return { source, kept, begun, atEnd };
}

/** What is left of the copies when the later one of each form stays. */
const latest = (kept: readonly Kept[]): Map<string, number> =>
  new Map(kept.flatMap(({ copies }) => copies.map(({ id, version }) => [id, version])));

const sorted = (versions: ReadonlyMap<string, number>): [string, number][] =>
  [...versions].sort(([a], [b]) => (a < b ? -1 : 1));

const seeds = Array.from({ length: 120 }, (_, n) => n + 1);

it('gives each form that is there in the end as it is then, and of others a state that they had', async () => {
  for (const seed of seeds) {
    const { source, kept, begun, atEnd } = await readMoving({
      seed,
      lagMs: 0,
      changes: 40,
      stale: true,
      read: readForms,
    });
    const read = latest(kept);
    const there = new Map([...read].filter(([id]) => atEnd.has(id)));
    expect([seed, sorted(there)]).toEqual([seed, sorted(atEnd)]);
    for (const [id, version] of read) {
      const had = source.shownOf(id).some((state) => state.version === version && state.to > begun);
      expect([seed, id, had]).toEqual([seed, id, true]);
    }
  }
});

it('misses no form that was there all the time, also where the list shows changes late', async () => {
  for (const seed of seeds) {
    const { source, kept, begun } = await readMoving({
      seed,
      lagMs: 60_000,
      changes: 40,
      stale: true,
      read: readForms,
    });
    const read = latest(kept);
    for (const id of source.ids()) {
      const states = source.shownOf(id).filter(({ to }) => to > begun);
      const always = states[0] !== undefined && states[0].from <= begun && covers(states);
      const version = read.get(id);
      if (always || version !== undefined)
        expect([seed, id, states.map((state) => state.version)]).toEqual([
          seed,
          id,
          expect.arrayContaining([version]),
        ]);
    }
  }
});

/** Whether one state follows the other to this day. */
const covers = (states: readonly { readonly from: number; readonly to: number }[]): boolean =>
  states.every(({ to }, at) => to === (states[at + 1]?.from ?? Number.POSITIVE_INFINITY));

it('reads nothing twice where nothing moves', async () => {
  for (const seed of seeds.slice(0, 40)) {
    const { kept, atEnd } = await readMoving({ seed, lagMs: 0, changes: 0, stale: false, read: readForms });
    const ids = kept.flatMap(({ copies }) => copies.map(({ id }) => id)).sort();
    expect([seed, ids]).toEqual([seed, [...atEnd.keys()].sort()]);
  }
});

it('gives the attachments of each form together, as its last reading has them', async () => {
  expect(attachmentsShape.within).toBe('form_id');
  for (const seed of seeds.slice(0, 40)) {
    const { kept, atEnd } = await readMoving({
      seed,
      lagMs: 0,
      changes: 40,
      stale: true,
      read: readAttachments,
    });
    const read = new Map<string, string[]>();
    for (const { copies } of kept)
      for (const [id, found] of Map.groupBy(copies, (copy) => copy.id)) {
        const at = copies.findIndex((copy) => copy.id === id);
        expect([seed, copies.slice(at, at + found.length)]).toEqual([seed, found]);
        read.set(
          id,
          found.map(({ name }) => name),
        );
      }
    for (const [id, version] of atEnd)
      expect([seed, id, read.get(id)]).toEqual([seed, id, ['form.xml', `photo-${version}.jpg`]]);
  }
});
