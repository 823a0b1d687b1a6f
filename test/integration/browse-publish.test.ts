import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Pages of a dataset's rows while refreshes of it are published, with the real core and PostgreSQL. */

const forms = 320;
let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
let link: Link;
let id = '';
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createHqSimulator({ domains: [{ name: 'rooms', forms, cases: 5, seed: 11 }] });
  link = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'rooms', guards: false },
  });
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  id = link.dataset?.id ?? '';
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

it('goes through every row exactly once, and never on in another state than it began in', async () => {
  const domain = sim.domain('rooms');
  domain.edit('form', [1, 5, 9]);
  domain.add('form', 40);
  let over = false;
  const refreshing = syncToEnd(ws, link).finally(() => {
    over = true;
  });
  const seen = new Map<string, Set<number>>();
  const asked = { id, table: 'forms', limit: 45 };
  const first = await ws.api.datasets.rows(asked);
  expect(first).toMatchObject({ order: { column: 'received_on', direction: 'down' }, total: forms });
  const whole = async (): Promise<void> => {
    const keys: string[] = [];
    let next = await ws.api.datasets.rows(asked);
    for (;;) {
      if (next.outdated) return;
      keys.push(...next.keys.map((key) => key.join(' ')));
      if (!next.more) break;
      const from = { way: 'after' as const, key: next.keys.at(-1) ?? [], version: next.version };
      next = await ws.api.datasets.rows({ ...asked, from });
    }
    expect(new Set(keys).size).toBe(keys.length);
    seen.set(next.version, (seen.get(next.version) ?? new Set()).add(keys.length));
  };
  while (!over) await whole();
  expect(await refreshing).toMatchObject({ status: 'completed' });
  await whole();
  // Each state had one number of rows; none was mixed with the other.
  expect([...seen.values()].map((counts) => [...counts])).toEqual([[forms], [forms + 40]]);
  // Who holds a place in the state of before is told.
  const from = { way: 'after' as const, key: first.keys.at(-1) ?? [], version: first.version };
  expect(await ws.api.datasets.rows({ ...asked, from })).toMatchObject({ outdated: true, rows: [] });
  expect(await ws.api.datasets.rows(asked)).toMatchObject({ total: forms + 40 });
});

it('calls the tables of forms by their titles, without asking the database', async () => {
  const [told] = await ws.api.datasets.titles({});
  expect(told?.datasetId).toBe(id);
  const titled = told?.tables.filter(({ name }) => name.startsWith('form_')) ?? [];
  expect(titled.length).toBeGreaterThan(0);
  for (const { title, name, parent } of titled) {
    expect(title, name).toBeTruthy();
    if (parent !== null) expect(name.startsWith(parent)).toBe(true);
  }
});
