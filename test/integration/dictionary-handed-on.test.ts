import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { runHeadgate } from '../support/processes.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* The dictionary at the command line, run for real: what is described, found and handed on. */

let db: TestDatabase;
let sim: HqSimulator;
let folder: string;
let project = '';
let schema = '';
const said = 'Water: "from where?"\n- {{ ref("x") }} {% raw %}\n# पानी का स्रोत';

beforeAll(async () => {
  db = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'headgate-dictionary-'));
  sim = await createHqSimulator({ domains: [{ name: 'told', forms: 60, cases: 20, seed: 4 }] });
  const ws: Workspace = await openWorkspace({ folder });
  const link = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'told' },
  });
  await syncToEnd(ws, link);
  const id = link.dataset?.id ?? '';
  schema = link.dataset?.schemaName ?? '';
  project = (await ws.api.projects.list())[0]?.name ?? '';
  const { tables } = await ws.api.datasets.dictionary({ id });
  const visit = tables.find(({ name }) => name === 'form_household_visit');
  await ws.api.dictionary.describe({
    ...{ id, table: visit?.id ?? '', column: 'water_distance_km' },
    ...{ description: said, sensitivity: ['location'] },
  });
  await ws[Symbol.asyncDispose]();
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const headgate = (...args: string[]) => runHeadgate(folder, 'dictionary', ...args);

interface DbtColumn {
  readonly name: string;
  readonly description: string;
  readonly config?: { readonly tags?: string[]; readonly meta?: Record<string, string> };
}
interface Dbt {
  readonly version: number;
  readonly sources: {
    name: string;
    schema: string;
    tables: { name: string; description: string; columns: DbtColumn[] }[];
  }[];
}

describe('headgate dictionary', () => {
  it('says how much of each table is described', async () => {
    const { code, out } = await headgate(project, '--json');
    expect(code).toBe(0);
    const rows = (JSON.parse(out) as { data: { table: string; byPeople: number }[] }).data;
    expect(rows.find(({ table }) => table === 'form_household_visit')).toMatchObject({ byPeople: 1 });
    expect((await headgate(project)).out).toContain(`${schema}.form_household_visit`);
  });

  it('finds what people said, and by the beginning of a word', async () => {
    const { code, out } = await headgate(project, '--search', 'wat पानी');
    expect(code).toBe(0);
    expect(out).toContain(`${schema}.form_household_visit.water_distance_km`);
    expect((await headgate(project, '--search', 'nothingofthekind')).out).toContain(
      'Nothing has all of these words',
    );
  });

  it('writes a sources.yml for dbt into a file of this user’s alone', async () => {
    const file = join(folder, 'sources.yml');
    expect(await headgate(project, '--export', 'dbt', '--out', file)).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const dbt = parse(readFileSync(file, 'utf8')) as Dbt;
    expect(dbt.sources.map(({ schema: of }) => of)).toEqual([schema]);
    const column = dbt.sources[0]?.tables
      .find(({ name }) => name === 'form_household_visit')
      ?.columns.find(({ name }) => name === 'water_distance_km');
    expect(
      column?.description.startsWith(`Water: "from where?"\n- {{ '{{' }} ref("x") }} {{ '{%' }} raw %}\n`),
    ).toBe(true);
    expect(column?.config?.tags).toEqual(['location']);
    expect(column?.config?.meta?.['source_path']).toBe('water.distance_km');
  });

  it('writes Markdown and JSON to its output', async () => {
    const json = await headgate(project, '--export', 'json');
    const { datasets } = JSON.parse(json.out) as { datasets: { schemaName: string; tables: unknown[] }[] };
    expect(datasets.map(({ schemaName }) => schemaName)).toEqual([schema]);
    expect(json.out).toContain(JSON.stringify(said));
    const markdown = await headgate(project, '--export', 'markdown');
    expect(markdown.code).toBe(0);
    expect(markdown.out).toContain('### `form_household_visit`');
    expect(markdown.out).toContain(
      '| `water_distance_km` | numeric | Water: "from where?"<br>'.replace('Water:', 'Water\\:'),
    );
  });

  it('refuses what it can not do, in words', async () => {
    expect(await headgate('no such project')).toMatchObject({ code: 2 });
    expect(await headgate(project, '--export', 'pdf')).toMatchObject({ code: 2 });
    expect(await headgate(project, '--out', 'x')).toMatchObject({ code: 2 });
    const nowhere = await headgate(project, '--export', 'json', '--out', join(folder, 'no', 'where'));
    expect(nowhere).toMatchObject({ code: 3, err: expect.stringContaining('no such folder') });
  });
});
