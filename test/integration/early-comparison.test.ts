import { expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { documentOf } from '../../main/connectors/document.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import { localTarget } from '../../main/engines/engine.ts';
import { createTunnels } from '../../main/engines/ssh/tunnels.ts';
import { openDestination } from '../../main/sync/destination/postgres/destination.ts';
import { holderOf } from '../../main/sync/destination/postgres/lease.ts';
import { type Names, noNames } from '../../main/sync/shape/names.ts';
import { createShape } from '../../main/sync/shape/shape.ts';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { thingsSpec as spec } from '../support/land.ts';
import { keptLog } from '../support/parts.ts';
import { seeded } from '../support/random.ts';

/* Rows are compared with the published ones while they are read; what comes out is what the source has, whatever happens. */

type Thing = JsonObject & { readonly id: string };
type Page = readonly Thing[];

const thing = (n: number, more: JsonObject = {}): Thing => ({
  id: `t${n}`,
  text: n % 5 === 0 ? 'a "quoted" \\ text\n'.repeat(n % 200) : `text ${n}`,
  number: n,
  amount: `${n}.50`,
  at: `2026-01-0${1 + (n % 9)}T00:00:00.000000Z`,
  tags: [n, 'x'],
  visits: Array.from({ length: n % 4 }, (_, v) => ({ on: '2026-01-01', note: `visit ${v} of ${n}` })),
  ...more,
});
const things = (count: number, of: (n: number) => Thing | null = thing): Thing[] =>
  Array.from({ length: count }, (_, n) => of(n)).filter((one) => one !== null);

const pagesOf = (all: readonly Thing[], size = 100): Page[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));

interface Compared {
  readonly tables: number;
  readonly differ: number;
  readonly early: number;
}

/** Datasets of one database, refreshed the way a sync does it, without a source. */
function refreshing(db: TestDatabase, schema: string, earlyRows: number) {
  const dataset = crypto.randomUUID();
  let names: Names = noNames;
  return async (
    pages: readonly Page[],
    options: {
      keepRaw?: boolean;
      afterPage?: (at: number) => Promise<void>;
      beforePublish?: () => Promise<void>;
    } = {},
  ): Promise<Compared | null> => {
    const job = crypto.randomUUID();
    const { log, lines } = keptLog();
    const tunnels = createTunnels();
    const place = { schema, dataset, workspace: dataset, job, readerRoles: [] };
    const destination = await openDestination(
      {
        ...{ ...place, target: localTarget(db.postgres, db.database), fingerprint: 'x', siblings: [] },
        ...{
          keepRaw: options.keepRaw ?? true,
          names,
          refreshViews: false,
          secondColumn: false,
          published: [],
        },
        earlyRows,
      },
      { schema, holder: holderOf(job, job, 1) },
      { clock: systemClock, random: Math.random, log, tunnels, signal: new AbortController().signal },
    );
    try {
      await destination.open('anew');
      const shape = createShape(spec.shape, spec.name, null, destination.published);
      let commits = 0;
      const writer = destination.writer({ spec, shape }, () => (commits += 1));
      const state = (done: boolean) => ({
        state: { dataset: spec.name, cursor: null, seq: shape.seq, fetched: shape.seq, total: null, done },
        changes: shape.changes,
      });
      for (const [at, page] of pages.entries()) {
        for (const record of documentOf([...page]).items()) shape.add(record);
        for (const _ of writer.write(shape, spec.name));
        const before = commits;
        await writer.pageEnd(state(false), () => false);
        while (commits === before) {
          // A page without rows; it throws what became of the ones before, if they failed.
          await writer.part(state(false));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        await options.afterPage?.(at);
      }
      for (const _ of writer.write(shape, spec.name));
      await writer.finish(state(true));
      const finished = await destination.finish({
        datasets: [{ spec, shape, state: state(true).state }],
        ...{ descriptions: new Map(), notes: [], sourceLabel: 'test' },
      });
      await options.beforePublish?.();
      await destination.publish(finished, {
        ...{ ...place, source: 'test', dataAsOf: '2026-01-01T00:00:00.000Z' },
        ...{ tables: [], before: [], drift: [] },
      });
      ({ names } = finished);
      await destination.close();
      const told = lines.map((line) => JSON.parse(line) as Compared & { event: string });
      return told.find(({ event }) => event === 'sync.compared') ?? null;
    } catch (error) {
      throw await destination.close(error);
    } finally {
      tunnels.close();
    }
  };
}

/** Both refreshed through the same life: one compared early, the other as a whole at the end. */
async function both(db: TestDatabase) {
  return { early: refreshing(db, 'early', 60), whole: refreshing(db, 'whole', Number.POSITIVE_INFINITY) };
}

const rowVersions = (db: TestDatabase): Promise<Record<string, string | null>[]> =>
  db.query('SELECT xmin::text AS x, ctid::text AS c FROM early.things ORDER BY id');

it('writes nothing where nothing changed, and only what differs otherwise', async () => {
  await using db = await createDatabase();
  const { early, whole } = await both(db);
  const first = things(900);
  await early(pagesOf(first));
  const before = await rowVersions(db);
  expect(await early(pagesOf(first))).toMatchObject({ tables: 2, differ: 0 });
  expect(await rowVersions(db)).toEqual(before);
  const second = things(950, (n) => {
    if (n % 90 === 7) return null;
    return n % 100 === 3 ? thing(n, { text: `other ${n}` }) : thing(n);
  });
  // In another order, as a source tells them whose records moved.
  expect(await early(pagesOf([...second].reverse()))).toMatchObject({ tables: 2, differ: 2, early: 2 });
  await whole(pagesOf(second));
  expect(await differences(db, 'early', 'whole')).toEqual([]);
  const after = new Map((await rowVersions(db)).map(({ x, c }) => [`${x} ${c}`, true]));
  expect(before.filter(({ x, c }) => after.has(`${x} ${c}`)).length).toBeGreaterThan(850);
});

it('takes columns that come and go, types that widen, and numbers that only look equal', async () => {
  await using db = await createDatabase();
  const { early, whole } = await both(db);
  const lives: Thing[][] = [
    things(600),
    // A question comes late in the reading, another is gone, 1.50 is 1.5 now.
    things(600, (n) =>
      thing(n, { ...(n > 500 ? { later: `l${n}` } : {}), ...(n % 3 === 0 ? { amount: `${n}.5` } : {}) }),
    ),
    things(600, (n) => thing(n, { later: null, tags: null })),
    // One odd number at the very end makes a text of a column.
    things(600, (n) => thing(n, { number: n === 599 ? 'many' : n })),
    things(600, (n) => thing(n, { visits: n % 50 === 0 ? { on: '2026-02-02', note: 'a lone one' } : [] })),
    things(600),
  ];
  for (const life of lives) {
    await early(pagesOf(life));
    await whole(pagesOf(life));
    expect(await differences(db, 'early', 'whole')).toEqual([]);
  }
});

/** What a column that is new in a refresh may go through while it is read. */
const newColumns: readonly (readonly [what: string, value: (n: number) => JsonObject])[] = [
  // What is staged is written anew then: rows that were compared are at other places.
  ['widens', (n) => ({ asked: n < 700 ? 1_000_000_000 + n : `word ${n}` })],
  ['becomes a document', (n) => ({ asked: n < 700 ? `one ${n}` : [n, n] })],
  ['widens before it has a row', (n) => ({ asked: n < 700 ? null : n === 700 ? 1.5 : 'word' })],
  ['comes at the end', (n) => (n > 650 ? { asked: n } : {})],
  ['was blank before', (n) => ({ asked: n < 500 ? '' : `answer ${n}` })],
  ['has one value', (n) => (n === 333 ? { asked: 'once' } : {})],
];

it.each(newColumns)('takes each row of a column that is new and %s', async (_, value) => {
  await using db = await createDatabase();
  const { early, whole } = await both(db);
  const first = things(600);
  // New records first, so that one whose place is not what it was would be another new one.
  const second = [
    ...Array.from({ length: 120 }, (_unused, n) => thing(2000 + n, value(n))),
    ...things(760, (n) => thing(n, { ...value(n), ...(n % 40 === 1 ? { text: `other ${n}` } : {}) })),
  ];
  const compared: (Compared | null)[] = [];
  for (const life of [first, second, second]) {
    compared.push(await early(pagesOf(life), { keepRaw: false }));
    await whole(pagesOf(life), { keepRaw: false });
    expect(await differences(db, 'early', 'whole')).toEqual([]);
  }
  expect(compared.at(-1)).toMatchObject({ differ: 0 });
});

it('counts a record that came twice once, the later one', async () => {
  await using db = await createDatabase();
  const { early, whole } = await both(db);
  const first = things(500);
  await early(pagesOf(first));
  const pages = [
    ...pagesOf(first),
    // Edited and new ones that come again; one of them is back to what is published.
    [thing(3, { text: 'edited' }), thing(499), thing(700, { text: 'new' })],
    [
      thing(3, { text: 'edited twice', visits: [] }),
      thing(700, { text: 'newer' }),
      thing(10, { number: 11 }),
    ],
    [thing(10)],
  ];
  expect(await early(pages)).toMatchObject({ early: 2 });
  await whole(pages);
  expect(await differences(db, 'early', 'whole')).toEqual([]);
  expect(await db.query("SELECT text FROM early.things WHERE id IN ('t3', 't700') ORDER BY 1")).toEqual([
    { text: 'edited twice' },
    { text: 'newer' },
  ]);
});

const meddling: Readonly<Record<string, string>> = {
  'changes rows': "UPDATE early.things SET text = 'mine' WHERE number % 40 = 1",
  'deletes rows': 'DELETE FROM early.things WHERE number % 40 = 2',
  'adds rows': "INSERT INTO early.things (id, text) SELECT 'x' || n, 'mine' FROM generate_series(1, 9) n",
  'changes rows and puts them back':
    "UPDATE early.things SET text = text || '!' WHERE number < 50; UPDATE early.things SET text = left(text, -1) WHERE number < 50",
  'deletes rows and adds others in their place':
    "DELETE FROM early.things WHERE number < 30; INSERT INTO early.things (id, text) SELECT 'x' || n, 'mine' FROM generate_series(1, 30) n",
  'writes the table anew': 'VACUUM FULL early.things',
  'adds an index and a column':
    'CREATE INDEX ON early.things (text); ALTER TABLE early.things ADD COLUMN IF NOT EXISTS note text',
  'empties a table': 'DELETE FROM early.things_visits',
};

it.each(Object.entries(meddling))(
  'leaves what the source has where somebody %s meanwhile',
  async (_, sql) => {
    await using db = await createDatabase();
    const { early, whole } = await both(db);
    await early(pagesOf(things(500)));
    const next = things(500, (n) => (n % 60 === 4 ? thing(n, { text: 'edited' }) : thing(n)));
    const meddle = async (): Promise<void> => {
      for (const statement of sql.split('; ')) await db.query(statement);
    };
    await early(pagesOf(next), { afterPage: async (at) => (at === 2 ? meddle() : undefined) });
    await early(pagesOf(next), { beforePublish: meddle });
    await db.query('ALTER TABLE early.things DROP COLUMN IF EXISTS note');
    await whole(pagesOf(next));
    expect(await differences(db, 'early', 'whole')).toEqual([]);
  },
);

it('reads nothing that somebody put in the place of a table', async () => {
  await using db = await createDatabase();
  const { early } = await both(db);
  await early(pagesOf(things(300)));
  await db.query('CREATE TABLE public.seen (who text)');
  await db.query('GRANT ALL ON public.seen TO PUBLIC');
  await db.query(
    `CREATE FUNCTION public.look(t text) RETURNS text LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.seen VALUES (current_user); RETURN t; END'`,
  );
  const replace = async (at: number): Promise<void> => {
    if (at !== 0) return;
    await db.query('ALTER TABLE early.things RENAME TO things_before');
    await db.query(
      'CREATE VIEW early.things AS SELECT id, public.look(text) AS text FROM early.things_before',
    );
    await db.query('GRANT SELECT ON early.things TO PUBLIC');
  };
  await expect(early(pagesOf(things(300)), { afterPage: replace })).rejects.toMatchObject({
    code: 'PUBLISH_HELD',
  });
  expect(await db.query('SELECT * FROM public.seen')).toEqual([]);
});

it('is done without where its session is ended while it waits for one who changes a table', async () => {
  await using db = await createDatabase();
  const { early, whole } = await both(db);
  await early(pagesOf(things(500)));
  const next = things(520);
  const other = await db.connect();
  let ended: Promise<void> | null = null;
  const endWhoWaits = async (): Promise<void> => {
    await expect
      .poll(async () => {
        const rows = await db.query(
          `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'early.things'::regclass AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        );
        return rows.length;
      })
      .toBeGreaterThan(0);
    await other.query('COMMIT');
  };
  const compared = await early(pagesOf(next), {
    afterPage: async (at) => {
      if (at !== 1) return;
      await other.query('BEGIN; LOCK TABLE early.things IN ACCESS EXCLUSIVE MODE');
      ended = endWhoWaits();
    },
  });
  await ended;
  await other.end();
  expect(compared).toMatchObject({ differ: 2, early: 1 });
  await whole(pagesOf(next));
  expect(await differences(db, 'early', 'whole')).toEqual([]);
});

it('a path that was a repeat stays one, also where no record has two entries any more', async () => {
  await using db = await createDatabase();
  const { early } = await both(db);
  await early(pagesOf(things(100)));
  await early(pagesOf(things(100, (n) => thing(n, { visits: n % 10 === 0 ? { on: '2026-02-02' } : '' }))));
  // An entry that was left blank is a row too.
  const entries =
    'SELECT count(*) AS n, count(on_) AS filled, max("position") AS last FROM early.things_visits';
  expect(await db.query(entries)).toEqual([{ n: '100', filled: '10', last: '1' }]);
  const columns = await db.query(
    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'early'",
  );
  expect(columns.map(({ column_name }) => column_name)).not.toContain('visits_on');
});

it('comes out like a comparison of everything, for lives at random', async () => {
  await using db = await createDatabase();
  const random = seeded(11);
  const chance = (share: number): boolean => random() < share;
  const { early, whole } = await both(db);
  let all = new Map(things(300).map((one) => [one.id, one]));
  let taken = 0;
  for (let life = 0; life < 10; life += 1) {
    const next = new Map<string, Thing>();
    for (const [id, one] of all) {
      if (chance(0.02)) continue;
      next.set(
        id,
        chance(0.03) ? { ...one, text: `life ${life}`, number: chance(0.01) ? 'many' : life } : one,
      );
    }
    for (let n = 0; n < 20; n += 1) {
      const added = thing(1000 * (life + 1) + n, chance(0.1) ? { [`asked_${life}`]: n } : {});
      next.set(added.id, added);
    }
    all = next;
    const records = [...all.values()].sort(() => random() - 0.5);
    const again = records.filter(() => chance(0.01)).map((one) => ({ ...one, text: 'again' }));
    const pages = [...pagesOf(records, 40), again];
    const meddler = Math.floor(random() * 20);
    const compared = await early(pages, {
      afterPage: async (at) => {
        if (at === meddler)
          await db.query(`UPDATE early.things SET text = 'mine' WHERE ctid = '(0,${life + 1})'`);
      },
    });
    taken += compared?.early ?? 0;
    await whole(pages);
    expect({ life, found: await differences(db, 'early', 'whole') }).toEqual({ life, found: [] });
  }
  expect(taken).toBeGreaterThan(6);
});
