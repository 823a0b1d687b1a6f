import { expect, it } from 'vitest';
import type { AskContext, Delta, Slice, SlicePage } from '../../main/connectors/connector.ts';
import type { LocalSet } from '../../main/sync/destination/postgres/delta/local.ts';
import { createVerifier, type Proof } from '../../main/sync/read/verify.ts';
import { seeded } from '../support/random.ts';

/* What proving by counts costs, and that it finds what differs, whatever it is. */

/** When a record was received, in milliseconds from the beginning; by its key. */
type Records = Map<string, number>;

const start = Date.UTC(2026, 0, 1);
const told = (at: number): string => new Date(start + at).toISOString().slice(0, -1);
const place = (told: string): number => Date.parse(`${told}Z`) - start;
const within =
  ({ from, until }: Slice) =>
  ([, at]: readonly [string, number]): boolean =>
    (from === null || at >= place(from)) && (until === null || at < place(until));

function verifierOf(known: Records, there: Records, page: number) {
  const asked = { counts: 0, slices: 0, atOnce: 0, most: 0 };
  const waiting = async (): Promise<void> => {
    asked.atOnce += 1;
    asked.most = Math.max(asked.most, asked.atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    asked.atOnce -= 1;
  };
  const of = (records: Records, slice: Slice): [string, number][] =>
    [...records].filter(within(slice)).sort(([, a], [, b]) => a - b);
  const delta: Pick<Delta, 'count' | 'slice'> = {
    async count(_, slice) {
      asked.counts += 1;
      await waiting();
      return of(there, slice).length;
    },
    async slice(_, slice) {
      asked.slices += 1;
      await waiting();
      const found = of(there, slice);
      return { records: found.slice(0, page) as never, whole: found.length <= page };
    },
  };
  const staged: [string, number][][] = [];
  const local: LocalSet = {
    count: async (slice) => of(known, slice).length,
    async divide(slice, parts) {
      const times = of(known, slice).map(([, at]) => at);
      const cuts = Array.from(
        { length: parts - 1 },
        (_, at) => times[Math.floor((times.length * (at + 1)) / parts)],
      );
      return [...new Set(cuts)]
        .filter((at) => at !== undefined && at > (times[0] ?? 0))
        .map((at) => told(at as number));
    },
    behind: async (slice, records) => {
      const at = of(known, slice)[records]?.[1];
      return at === undefined ? null : told(at);
    },
    last: async () => told(Math.max(...known.values())),
    async replace(slice, before) {
      const found = staged[before] ?? [];
      const gone = of(known, slice).filter(([key]) => !found.some(([other]) => other === key));
      for (const [key] of gone) known.delete(key);
      for (const [key, at] of found) known.set(key, at);
      return gone.length;
    },
  };
  const proof: Proof = { counted: 0, reread: 0, gone: 0 };
  const stage = async ({ records }: SlicePage) => {
    staged.push(records as never);
    return { before: staged.length - 1, after: staged.length };
  };
  const verifier = createVerifier({
    ...{ delta: delta as Delta, context: {} as AskContext, local, page, counted: null, stage, proof },
  });
  return { verifier, asked, proof };
}

const apart = 60_000;
/** So many records, one a minute. */
const records = (count: number): Records =>
  new Map(Array.from({ length: count }, (_, at) => [`r${at}`, at * apart]));
const keys = (records: Records): string[] => [...records.keys()].sort();

it('finds what was deleted together in some few requests, however much it is', async () => {
  for (const gone of [1, 60, 90, 300]) {
    const [known, there] = [records(10_000), records(10_000)];
    for (let at = 0; at < gone; at += 1) there.delete(`r${6_543 + at}`);
    const { verifier, asked, proof } = verifierOf(known, there, 100);
    expect(await verifier.prove()).toBe(10_000 - gone);
    expect(keys(known)).toEqual(keys(there));
    expect(proof.gone).toBe(gone);
    // A hundred pages are seven halvings; counted once before and once after.
    expect(asked.counts + asked.slices, `${gone} gone`).toBeLessThanOrEqual(12 + 2 * Math.ceil(gone / 100));
  }
});

it('finds what was deleted at several places', async () => {
  const [known, there] = [records(10_000), records(10_000)];
  for (const from of [77, 4_100, 8_950]) for (let at = 0; at < 80; at += 1) there.delete(`r${from + at}`);
  const { verifier, asked } = verifierOf(known, there, 100);
  await verifier.prove();
  expect(keys(known)).toEqual(keys(there));
  expect(asked.counts + asked.slices).toBeLessThanOrEqual(32);
});

it('gives up early where so much differs everywhere that reading everything is cheaper', async () => {
  for (const every of [20, 500]) {
    const [known, there] = [records(20_000), records(20_000)];
    for (let at = 0; at < 20_000; at += every) there.delete(`r${at}`);
    const { verifier, asked } = verifierOf(known, there, 100);
    await expect(verifier.prove()).rejects.toMatchObject({ said: { id: 'runs.delta.tooManyRequests' } });
    expect(asked.slices).toBe(0);
    // Of the hundred that it may take.
    expect(asked.counts, `one in ${every}`).toBeLessThanOrEqual(40);
  }
});

it('asks for two things at once where there are several, and never for more', async () => {
  const [known, there] = [records(10_000), records(10_000)];
  for (const at of [77, 4_100, 8_950]) there.delete(`r${at}`);
  const { verifier, asked } = verifierOf(known, there, 100);
  await verifier.prove();
  expect(asked.most).toBe(2);
});

it('comes to what the source has, or gives up, whatever differs', async () => {
  let proven = 0;
  for (let seed = 1; seed <= 150; seed += 1) {
    const random = seeded(seed);
    const whole = (below: number): number => Math.floor(random() * below);
    const count = 50 + whole(3_000);
    const page = 10 + whole(90);
    const [known, there] = [records(count), records(count)];
    for (let places = whole(5); places > 0; places -= 1) {
      const [from, length] = [whole(count), 1 + whole(page * 2)];
      const [some, text] = [random() < 0.6 ? there : known, random()];
      // Gone at the source, or not known yet; sometimes of one moment.
      for (let at = from; at < from + length; at += 1) some.delete(`r${at}`);
      if (text < 0.2)
        for (let at = 0; at < length; at += 1)
          there.set(`new${from}-${at}`, from * apart + (text < 0.1 ? 1 : at));
    }
    const { verifier, asked } = verifierOf(known, there, page);
    const total = await verifier.prove().catch((error: { said?: { id: string } }) => {
      expect(error.said?.id, `seed ${seed}`).toMatch(/^runs\.delta\./);
      return null;
    });
    const budget = Math.max(24, Math.ceil(Math.ceil(count / (page * 0.9)) * 0.5)) + 1;
    expect(asked.counts + asked.slices, `seed ${seed}`).toBeLessThanOrEqual(budget);
    if (total === null) continue;
    proven += 1;
    expect(total, `seed ${seed}`).toBe(there.size);
  }
  expect(proven).toBeGreaterThan(75);
});
