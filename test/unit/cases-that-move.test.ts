import { expect, it } from 'vitest';
import { readCases } from '../../main/connectors/commcare/cases.ts';
import { commcare } from '../../main/connectors/commcare/index.ts';
import { createHttp } from '../../main/connectors/http.ts';
import type { Json } from '../../main/connectors/json.ts';
import type { Exchange } from '../../main/net/exchange.ts';
import { keptLog } from '../support/parts.ts';
import { seeded } from '../support/random.ts';

/*
 * A list of cases that changes between any two requests, with the rules of CommCare HQ's: in the order of the time of
 * indexing to the millisecond, then of the id; a cursor is the place behind a row. Its reading is cut off and taken up
 * hours later. What comes out of it is what the source had.
 */

interface Case {
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly ms: number;
}
/** A state of a case, and between which moments the list showed it. */
interface Shown {
  readonly version: number;
  readonly from: number;
  to: number;
}

const types = ['a', 'b', 'c'] as const;

function createSource(random: () => number, count: number) {
  const below = (n: number): number => Math.floor(random() * n);
  const list = new Map<string, Case>();
  const shown = new Map<string, Shown[]>();
  let clock = Date.parse('2025-03-01T08:00:00Z');
  let moment = 0;
  const end = (id: string): void => {
    const last = shown.get(id)?.at(-1);
    if (last && last.to === Number.POSITIVE_INFINITY) last.to = moment;
  };
  const show = (one: Case): void => {
    moment += 1;
    end(one.id);
    shown.set(one.id, [
      ...(shown.get(one.id) ?? []),
      { version: one.version, from: moment, to: Number.POSITIVE_INFINITY },
    ]);
    list.set(one.id, one);
  };
  const add = (): void =>
    show({ id: `case-${shown.size}`, version: 1, type: types[below(3)] as string, ms: clock });
  /** Adds, edits or closes (which is an edit), gives another type, or deletes; often within one millisecond. */
  const move = (): void => {
    clock += below(3) === 0 ? 0 : below(5000);
    const all = [...list.values()];
    const one = all[below(all.length)];
    const kind = below(10);
    if (!one || kind < 2) add();
    else if (kind < 7) show({ ...one, version: one.version + 1, ms: clock });
    else if (kind < 9) show({ ...one, version: one.version + 1, type: types[below(3)] as string, ms: clock });
    else {
      moment += 1;
      end(one.id);
      list.delete(one.id);
    }
  };
  for (let n = 0; n < count; n += 1) {
    clock += below(3) === 0 ? below(20_000) : 0;
    add();
  }
  const answer = (url: URL): string => {
    const cursor = url.searchParams.get('cursor');
    const query = new URLSearchParams(
      cursor === null ? url.search : Buffer.from(cursor, 'base64').toString('utf8'),
    );
    const [limit, type, gt] = ['limit', 'case_type', 'indexed_on.gt'].map((name) => query.get(name));
    const place = [Number(query.get('indexed_on.gte')), query.get('last_case_id') ?? ''] as const;
    const rows = [...list.values()]
      .filter((one) => type == null || one.type === type)
      .filter((one) => gt == null || one.ms > Date.parse(gt))
      .filter(({ ms, id }) => cursor === null || ms > place[0] || (ms === place[0] && id > place[1]))
      .sort((x, y) => x.ms - y.ms || (x.id < y.id ? -1 : 1));
    const page = rows.slice(0, Number(limit));
    const last = page.at(-1);
    for (const name of ['indexed_on.gte', 'last_case_id', 'cursor']) query.delete(name);
    if (last) {
      query.set('indexed_on.gte', String(last.ms));
      query.set('last_case_id', last.id);
    }
    const next = `http://hq.test/?cursor=${encodeURIComponent(Buffer.from(String(query)).toString('base64'))}`;
    return JSON.stringify({
      matching_records: rows.length,
      cases: page.map(({ id, version, type: case_type, ms }) => ({
        case_id: id,
        version,
        case_type,
        indexed_on: new Date(ms).toISOString().replace('Z', `${100 + (version % 9)}Z`),
      })),
      ...(page.length === Number(limit) ? { next } : {}),
    });
  };
  return {
    ...{ move, answer, shown },
    pause(): void {
      clock += 3_600_000 + below(3_600_000);
    },
    moment: (): number => moment,
  };
}

async function readMoving(seed: number, chosen: readonly string[], changes: number) {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const source = createSource(random, below(90));
  let moves = changes;
  let spoils = below(8);
  const exchange: Exchange = async ({ url }) => {
    const reply = (status: number, text: string) => ({
      ...{ status, contentType: 'application/json', retryAfter: null },
      body: Buffer.from(text),
    });
    for (; moves > 0 && below(3) > 0; moves -= 1) source.move();
    spoils -= 1;
    return spoils > 0 && below(2) === 0 ? reply(504, '') : reply(200, source.answer(new URL(url)));
  };
  const http = createHttp({
    ...{ baseUrl: 'http://hq.test', connector: commcare, exchange, random: () => 0.5 },
    tokens: { current: async () => 'token', renew: async () => 'token' },
    clock: { now: () => 0, sleep: async () => {} },
    log: keptLog().log,
  });
  const begun = source.moment();
  const kept: { copies: (readonly [string, number])[]; cursor: Json }[] = [];
  const { signal } = new AbortController();
  for (let cuts = below(4); ; cuts -= 1) {
    const cursor = kept.at(-1)?.cursor ?? null;
    const context = { http, settings: {}, options: { case_type: chosen }, cursor, signal };
    const paging = { largestPage: 4 + below(12), smallestPage: 3 };
    let left = cuts > 0 ? below(8) : Number.POSITIVE_INFINITY;
    for await (const page of readCases('/a/demo/api', context, paging)) {
      const copies = page.records.map(
        (one) => [one.get('case_id')?.text() ?? '', Number(one.get('version')?.text())] as const,
      );
      kept.push({ copies, cursor: JSON.parse(JSON.stringify(page.cursor)) as Json });
      left -= 1;
      if (left <= 0) break;
    }
    if (left > 0) break;
    // What was read since the last commit is undone.
    kept.length -= below(kept.length + 1);
    source.pause();
  }
  return { source, begun, copies: kept.flatMap((page) => page.copies) };
}

const seeds = Array.from({ length: 150 }, (_, n) => n + 1);

it.each([
  ['all of them', []],
  ['by their types', types],
])(
  'gives of each case a state that it had since reading began, and misses none that was there: %s',
  async (_, chosen) => {
    for (const seed of seeds) {
      const { source, begun, copies } = await readMoving(seed, chosen, 60);
      const read = new Map(copies);
      for (const [id, states] of source.shown) {
        const since = states.filter(({ to }) => to > begun);
        const first = since[0];
        const stayed =
          first !== undefined &&
          first.from <= begun &&
          since.every(({ to }, at) => to === (since[at + 1]?.from ?? Number.POSITIVE_INFINITY));
        if (stayed || read.has(id))
          expect([seed, id, since.map(({ version }) => version)]).toEqual([
            seed,
            id,
            expect.arrayContaining([read.get(id)]),
          ]);
      }
    }
  },
);

it('reads nothing twice where nothing moves', async () => {
  for (const seed of seeds.slice(0, 40)) {
    const { source, copies } = await readMoving(seed, types, 0);
    expect([seed, copies.map(([id]) => id).sort()]).toEqual([seed, [...source.shown.keys()].sort()]);
  }
});
