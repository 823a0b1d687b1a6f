import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Connector } from '../../main/connectors/connector.ts';
import { localTarget } from '../../main/engines/engine.ts';
import { directly } from '../../main/net/proxy.ts';
import { runSync } from '../../main/sync/run/run.ts';
import type { RunDeps, RunEnd } from '../../main/sync/run-spec.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import { slug } from '../../main/sync/shape/naming.ts';
import { english } from '../../preload/messages/said.ts';
import { columnsOf, createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { byFetch } from '../support/exchanges.ts';
import { keptLog } from '../support/parts.ts';
import { fixtures } from './connectors/all.ts';
import type { Site } from './connectors/fixture.ts';
import {
  expectedOf,
  liveTokens,
  type Meddling,
  meddlingFetch,
  skippingClock,
  specsFor,
} from './connectors/harness.ts';

/* Every connector with the sync engine and a real PostgreSQL: what the source has is what the tables say. */

// The examples are no part of the product; here they are, as its one line in the registry would put it there.
vi.mock('../../main/connectors/registry.ts', async (original) => {
  const { example } = await import('./connectors/example/connector.ts');
  const { openExample } = await import('./connectors/open_example/fixture.ts');
  const registry = await original<typeof import('../../main/connectors/registry.ts')>();
  return {
    ...registry,
    connectorFor: (type: string): Connector =>
      [example, openExample].find((each) => each.type === type) ?? registry.connectorFor(type),
  };
});

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

/** A JSON text with the keys in order: jsonb does not keep theirs. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, ordered(item)]));
}
const sortedTexts = (values: readonly unknown[]): string[] =>
  values.map((value) => JSON.stringify(ordered(value))).sort();

describe.each(fixtures)('%s', (name, fixture) => {
  let site: Site;
  beforeAll(async () => {
    site = await fixture.middle.start();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  const run = (
    dataset: { schema: string; id: string },
    meddling: Meddling = {},
    change: Partial<RunDeps> = {},
    source: { from: Site; datasets: readonly string[] } = {
      from: site,
      datasets: fixture.datasets.map((each) => each.name),
    },
  ): Promise<RunEnd> => {
    const { postgres, database } = db;
    return runSync(
      {
        route: { ways: directly, ca: null },
        datasetId: dataset.id,
        jobId: randomUUID(),
        claim: 1,
        workspaceId: '00000000-0000-4000-8000-000000000001',
        schema: dataset.schema,
        target: localTarget(postgres, database),
        source: {
          type: name,
          baseUrl: source.from.url,
          settings: fixture.settings,
          signIn: fixture.connector.signIn[0]?.kind ?? 'oauth',
        },
        datasets: source.datasets,
        options: fixture.options,
        keepRaw: true,
        readerRoles: [],
        refreshViews: false,
        secondColumn: false,
        names: noNames,
        mode: 'continue',
        guards: { on: true, shrinkPercent: 30 },
        published: { rowCounts: {}, tables: [] },
        intent: null,
        siblings: [],
      },
      {
        tokens: liveTokens(fixture.connector, source.from),
        gate: { enter: () => Promise.resolve(0), refused: () => {}, closed: () => {} },
        exchange: byFetch(meddlingFetch(fixture, meddling)),
        clock: skippingClock(),
        random: () => 0.5,
        log: keptLog().log,
        onProgress: () => {},
        intend: () => Promise.resolve(),
        signal: AbortSignal.timeout(30_000),
        ...change,
      },
    );
  };

  it('lands every record of every dataset, with its source', async () => {
    const dataset = { schema: `data_${name}_whole`, id: randomUUID() };
    const end = await run(dataset);
    if (end.kind !== 'published') expect.unreachable(JSON.stringify(end));
    const { tables: names } = end.result.names;
    for (const covered of fixture.datasets) {
      const table = names[covered.name] ?? covered.name;
      const rows = await db.query(`SELECT raw::text AS raw FROM "${dataset.schema}"."${table}"`);
      const landed = rows.map((row) => JSON.parse(row['raw'] ?? 'null') as unknown);
      const expected = (await expectedOf(site, covered.name)).map((text) => JSON.parse(text) as unknown);
      expect(sortedTexts(landed), covered.name).toEqual(sortedTexts(expected));
    }
  });

  it('lands an empty source as empty tables, one for every dataset there is', async () => {
    await using empty = await fixture.empty.start();
    const dataset = { schema: `data_${name}_empty`, id: randomUUID() };
    const specs = await specsFor(
      fixture,
      empty,
      [...fixture.connector.datasets, ...fixture.datasets].map(({ name: each }) => each),
    );
    const datasets = specs.map((each) => each.name);
    const end = await run(dataset, {}, {}, { from: empty, datasets });
    // Whatever the source calls the place where it looked: it is named.
    expect(end.kind).toBe('published');
    if (end.kind !== 'published') return;
    expect(end.result.notice && english(end.result.notice)).toMatch(/^(?!.*“”).* holds no /);
    const { names } = end.result;
    const tables = await columnsOf(db, dataset.schema);
    for (const { name: each, shape } of specs) {
      const columns = tables.get(names.tables[each] ?? each);
      expect(columns, `the table of “${each}” is not there when the source has no record`).toBeDefined();
      // The key's column is called as the source calls the key.
      for (const column of [shape.key, ...shape.columns.map(({ path }) => slug(path))])
        expect([...(columns?.keys() ?? [])], `“${each}” declares the column “${column}”`).toContain(column);
      for (const { path, type } of shape.fields ?? [])
        if (path.length === 1 && type !== 'repeat')
          expect(columns?.get(slug(path[0] as string)), `“${each}” has the type of “${path}”`).toMatch(
            new RegExp(`^${type === 'json' ? 'jsonb' : type.replace('timestamptz', 'timestamp')}`),
          );
    }
    for (const { name: each } of fixture.datasets) {
      const [row] = await db.query(
        `SELECT count(*) AS n FROM "${dataset.schema}"."${names.tables[each] ?? each}"`,
      );
      expect(row?.['n'], each).toBe('0');
    }
  });

  it('lands the same when it is cut off again and again, and reads in other pages', async () => {
    const [whole, pieces] = [`data_${name}_again`, `data_${name}_pieces`];
    await run({ schema: whole, id: randomUUID() });
    const dataset = { schema: pieces, id: randomUUID() };
    let cuts = 0;
    for (;;) {
      const stop = new AbortController();
      let requests = 0;
      const counting = meddlingFetch(fixture, { pageSize: 8 + cuts });
      const end = await run(
        dataset,
        {},
        {
          signal: stop.signal,
          exchange: byFetch((input, init) => {
            requests += 1;
            // Further each time, so that it comes to an end.
            if (requests > 5 + 6 * cuts) stop.abort();
            return counting(input, init);
          }),
        },
      ).catch((error: { code?: string }) => error.code);
      if (typeof end === 'object') break;
      expect(end).toBe('CANCELLED');
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(0);
    expect(await differences(db, whole, pieces)).toEqual([]);
  });

  it('lands texts with NULs in them without the NULs', async () => {
    const dataset = { schema: `data_${name}_nul`, id: randomUUID() };
    const body = (text: Buffer): Buffer =>
      Buffer.from(text.toString('utf8').replaceAll(fixture.beforeText, `${fixture.beforeText}x\\u0000`));
    const end = await run(dataset, { body });
    if (end.kind !== 'published') expect.unreachable(JSON.stringify(end));
    const { name: first } = fixture.datasets[0];
    const table = end.result.names.tables[first] ?? first;
    const [row] = await db.query(`SELECT count(*) AS n FROM "${dataset.schema}"."${table}"`);
    expect(row?.['n']).toBe(String((await expectedOf(site, fixture.datasets[0].name)).length));
  });
});
