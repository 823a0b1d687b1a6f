import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commcare } from '../../main/connectors/commcare/index.ts';
import { isoMicros, parseV1Date } from '../simulators/commcare-hq/time.ts';
import { historyHq, minute, second } from '../support/history-hq.ts';
import { seeded } from '../support/random.ts';
import { contextFor } from './commcare-hq-reading.ts';
import { type FormPage, ids, type Row, type Running, start } from './commcare-hq-simulator-support.ts';

/*
 * What a refresh by changes relies on at CommCare HQ's list of forms, at both places that stand for it in the tests: slices
 * by when a form was received include both their ends and compare whole milliseconds, and together they hold each form once;
 * a change moves `indexed_on` and nothing else; archived forms are there only when they are asked for.
 */

const AT = '/a/demo/api/form/v1/';

interface Standing {
  readonly list: (query: string) => Promise<FormPage>;
  readonly status: (query: string) => Promise<number>;
  readonly edit: (id: string) => void;
  readonly archive: (id: string) => void;
  readonly remove: (id: string) => void;
}

let running: Running;
beforeAll(async () => {
  running = await start({
    domains: [{ name: 'demo', forms: 300, cases: 0, seed: 7, largestPage: 40 }],
  });
});
afterAll(() => running.sim.close());

function simulator(): Standing {
  const place = running.sim.domain('demo');
  const at = (id: string): number =>
    Array.from({ length: place.count('form') }, (_, index) => place.id('form', index)).indexOf(id);
  return {
    list: (query) => running.json<FormPage>(`${AT}${query}`),
    status: async (query) => (await running.get(`${AT}${query}`)).status,
    edit: (id) => place.edit('form', at(id)),
    archive: (id) => place.archive([id]),
    remove: (id) => place.vanish('form', [id]),
  };
}

function history(): Standing {
  const hq = historyHq(seeded(3));
  hq.page = 40;
  const random = seeded(4);
  for (let at = 0; at < 300; at += 1) {
    hq.now += Math.floor(random() * 90 * minute);
    const id = `f${at}`;
    hq.forms.set(id, {
      ...{ id, received: hq.now, indexed: hq.now + 2 * second, state: 'live', xmlns: 'http://forms/visit' },
      ...{ answers: { name: 'Asha' }, editedOn: null },
    });
  }
  const form = (id: string) => hq.forms.get(id) ?? expect.fail(`no form ${id}`);
  const indexed = (id: string): void => {
    hq.now += minute;
    form(id).indexed = hq.now;
  };
  const ask = (query: string) =>
    hq.exchange({ url: `http://hq.test${AT}${query}`, accept: '*/*' }, new AbortController().signal);
  return {
    list: async (query) => JSON.parse((await ask(query)).body.toString()) as FormPage,
    status: async (query) => (await ask(query)).status,
    edit(id) {
      form(id).answers = { name: 'Mina' };
      indexed(id);
    },
    archive(id) {
      form(id).state = 'archived';
      indexed(id);
    },
    remove: (id) => void hq.forms.delete(id),
  };
}

/** A time as the list takes it: without a zone. */
const bare = (text: unknown): string => String(text).replace(/Z$/, '');
const micros = (row: Row | undefined, field = 'received_on'): number =>
  parseV1Date(bare(row?.[field])) ?? expect.fail(`no time in ${field}`);
const stamp = (at: number): string => bare(isoMicros(at));
const millisecond = (at: number): number => Math.floor(at / 1000) * 1000;

describe.each([
  ['the simulator', simulator],
  ['the place with a history', history],
])('slices of %s', (_, standing) => {
  let hq: Standing;
  beforeAll(() => {
    hq = standing();
  });

  /** All forms that a query leaves, page by page, as the pages say there are more. */
  const all = async (query: string): Promise<Row[]> => {
    const found: Row[] = [];
    for (let offset = 0; ; ) {
      const page = await hq.list(`?limit=1000&offset=${offset}${query}`);
      found.push(...page.objects);
      offset += page.objects.length;
      expect(page.meta.next === null).toBe(offset >= page.meta.total_count);
      if (page.meta.next === null) return found;
    }
  };
  const slice = (from: string, until: string): string =>
    `&order_by=received_on&received_on_start=${from}&received_on_end=${until}`;

  it('gives pages no larger than its own, in the order asked for, and says how many there are', async () => {
    const first = await hq.list('?limit=1000&order_by=received_on');
    expect(first.objects).toHaveLength(40);
    expect(first.meta).toMatchObject({ offset: 0, total_count: 300 });
    for (const field of ['received_on', 'indexed_on']) {
      const rows = await all(`&order_by=${field}`);
      expect(new Set(ids(rows)).size).toBe(300);
      const times = rows.map((row) => millisecond(micros(row, field)));
      expect(times).toEqual([...times].sort((a, b) => a - b));
      const [newest] = (await hq.list(`?limit=1&order_by=-${field}`)).objects;
      expect(millisecond(micros(newest, field))).toBe(times.at(-1));
    }
    // Only counted: a page of one says the number of all.
    expect((await hq.list('?limit=1&order_by=received_on')).meta.total_count).toBe(300);
  });

  it('includes both ends, and compares whole milliseconds', async () => {
    const rows = await all('&order_by=received_on');
    const [from, until] = [micros(rows[50]), micros(rows[60])];
    const between = rows.filter((row) => {
      const at = millisecond(micros(row));
      return at >= millisecond(from) && at <= millisecond(until);
    });
    const counted = async (start: number, end: number): Promise<number> =>
      (await hq.list(`?limit=1${slice(stamp(start), stamp(end))}`)).meta.total_count;
    expect(between.length).toBeGreaterThanOrEqual(11);
    expect(await counted(from, until)).toBe(between.length);
    // Anywhere within the milliseconds of its ends it is the same slice.
    expect(await counted(millisecond(from) + 999, millisecond(until))).toBe(between.length);
    const ends = (at: number): number =>
      rows.filter((row) => millisecond(micros(row)) === millisecond(at)).length;
    expect(await counted(from + 1000, until)).toBe(between.length - ends(from));
    expect(await counted(from, until - 1000)).toBe(between.length - ends(until));
    expect(await counted(from, from)).toBe(ends(from));
  });

  it('holds each form in one of the slices that share no millisecond', async () => {
    const rows = await all('&order_by=received_on');
    const cuts = [45, 120, 121, 250].map((at) => millisecond(micros(rows[at])));
    const found: string[] = [];
    const bounds = [0, ...cuts, Date.UTC(2100, 0, 1) * 1000];
    for (let at = 1; at < bounds.length; at += 1) {
      const query = slice(stamp(bounds[at - 1] as number), stamp((bounds[at] as number) - 1));
      const some = await all(query);
      expect((await hq.list(`?limit=1${query}`)).meta.total_count).toBe(some.length);
      found.push(...ids(some));
    }
    expect(found.sort()).toEqual(ids(rows).sort());
  });

  it('takes no zone, and shows nothing to a parameter that it does not know', async () => {
    const [row] = (await hq.list('?limit=1&order_by=received_on')).objects;
    expect(String(row?.['received_on'])).toMatch(/Z$/);
    expect(await hq.status(`?received_on_start=${String(row?.['received_on'])}`)).toBe(400);
    expect(await hq.status(`?received_on_start=${bare(row?.['received_on'])}`)).toBe(200);
    expect(await hq.status('?order_by=form.name')).toBe(400);
    expect((await hq.list('?received_on_stat=2020-01-01')).meta.total_count).toBe(0);
    const twice = '?limit=1&received_on_start=2099-01-01&received_on_start=2000-01-01';
    expect((await hq.list(twice)).meta.total_count).toBe(300);
  });

  it('moves the time of indexing with each change, and nothing else that is counted by', async () => {
    const rows = await all('&order_by=received_on');
    const [edited, archived, removed] = [rows[10], rows[20], rows[30]] as [Row, Row, Row];
    const { meta, objects } = await hq.list('?limit=1&order_by=-indexed_on');
    const newest = stamp(micros(objects[0], 'indexed_on') + 1000);
    expect(meta.total_count).toBe(300);
    const id = (row: Row): string => String(row['id']);
    hq.edit(id(edited));
    hq.archive(id(archived));
    hq.remove(id(removed));
    const since = (more: string) => all(`&order_by=indexed_on&indexed_on_start=${newest}${more}`);
    const changed = await since('');
    expect(ids(changed)).toEqual([id(edited)]);
    expect(changed[0]?.['received_on']).toBe(edited['received_on']);
    // Whatever is said of it, asked for is asked for.
    for (const value of ['true', 'false', '']) {
      const both = await since(`&include_archived=${value}`);
      expect(ids(both).sort()).toEqual([id(edited), id(archived)].sort());
      const there = both.find((row) => row['id'] === archived['id']);
      expect(there).toMatchObject({ archived: true, received_on: archived['received_on'] });
    }
    const counted = async (more = ''): Promise<number> =>
      (await hq.list(`?limit=1&order_by=received_on${more}`)).meta.total_count;
    expect(await counted()).toBe(298);
    expect(await counted('&include_archived=true')).toBe(299);
    // What was deleted is missing in its slice, and nowhere else.
    const [before, at, behind] = [rows[29], removed, rows[31]].map((row) => millisecond(micros(row))) as [
      number,
      number,
      number,
    ];
    expect([before < at, at < behind]).toEqual([true, true]);
    expect(await counted(`&received_on_start=${stamp(at)}&received_on_end=${stamp(at)}`)).toBe(0);
    expect(await counted(`&received_on_start=${stamp(before)}&received_on_end=${stamp(behind)}`)).toBe(2);
  });
});

it('is cut by the connector so that each form is in one slice, within the days of a link too', async () => {
  const place = running.sim.domain('demo');
  for (const options of [{}, { received_from: '2024-02-01', received_to: '2024-06-30' }]) {
    const context = contextFor(running.sim, 'demo', { options });
    const delta = commcare.delta?.('forms', context) ?? expect.fail('forms have no changes');
    const everything = { from: null, until: null };
    const total = await delta.count(context, everything);
    const instants = Array.from({ length: place.count('form') }, (_, at) =>
      bare(place.row('form', at)['received_on']).slice(0, 23),
    ).sort();
    const cuts = Array.from({ length: 11 }, (_, at) => instants[(at + 1) * 25] as string);
    const bounds = [null, ...cuts, null];
    const found: string[] = [];
    let counted = 0;
    for (let at = 1; at < bounds.length; at += 1) {
      const slice = { from: bounds[at - 1] ?? null, until: bounds[at] ?? null };
      const { records, whole } = await delta.slice(context, slice);
      expect(whole).toBe(true);
      expect(await delta.count(context, slice)).toBe(records.length);
      counted += records.length;
      found.push(...records.map((record) => record.get('id')?.text() ?? ''));
    }
    expect(counted).toBe(total);
    expect(new Set(found).size).toBe(counted);
    // A slice that does not fit a page says so.
    expect((await delta.slice(context, everything)).whole).toBe(false);
  }
});
