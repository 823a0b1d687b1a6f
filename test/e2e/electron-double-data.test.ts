import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { copyRenderer } from '../support/renderer-fixture/build.ts';

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<Envelope<unknown>>>;
};

const forms = 620;
const key = 'k3y-of-ada-0123456789';
const problem = await whyNot();
const skipped = problem ? ` (skipped: ${problem})` : '';

/** The room of tables over the real preload script, main process, CommCare HQ's simulator and a PostgreSQL. */
describe.skipIf(problem !== undefined)(`rows in the window of the real core${skipped}`, () => {
  let build: ConsoleBuild;
  let db: TestDatabase;
  let sim: HqSimulator;
  let app: ElectronApplication;
  let page: Page;
  let data: { path: string; remove: () => void };
  let dataset = '';
  let link = '';
  const call = async <T>(name: string, input: unknown): Promise<T> => {
    const answer = await page.evaluate(
      async ([to, what]) => headgate.calls[to as string]?.(what, crypto.randomUUID()),
      [name, input] as const,
    );
    if (!answer?.ok) throw new Error(`${name}: ${JSON.stringify(answer)}`);
    return answer.data as T;
  };
  /** Reads it anew, to the end; a hook has no `expect.poll`. */
  const synced = async (): Promise<void> => {
    const { id } = await call<{ id: string }>('syncs.start', { linkId: link });
    for (;;) {
      const jobs = await call<{ id: string; status: string; finishedAt: string | null; error: unknown }[]>('syncs.list', {});
      const job = jobs.find((each) => each.id === id);
      if (job?.finishedAt != null) {
        expect({ status: job.status, error: job.error }).toEqual({ status: 'completed', error: null });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  beforeAll(async () => {
    data = temporaryFolder('data');
    [build, db, sim] = await Promise.all([
      buildConsole(),
      createDatabase(),
      createHqSimulator({
        domains: [{ name: 'rooms', forms, cases: 5, seed: 11 }],
        users: [{ username: 'ada@example.com', apiKey: key }],
      }),
    ]);
    await copyRenderer(join(build.path, 'dist/renderer'));
    app = await launch(build.path, {
      env: {
        HEADGATE_DATA: join(data.path, 'workspace'),
        HEADGATE_DOUBLE_KEYCHAIN: join(data.path, 'keys'),
      },
    });
    page = await firstPage(app, /^https:\/\/console\.app\.invalid\//);
    const { user, host, port, password } = db.postgres;
    const connection = await call<{ id: string }>('connections.create', {
      ...{ name: 'Warehouse', host, port, database: db.database, user, password, tlsMode: 'disable' },
    });
    const source = await call<{ id: string }>('sources.create', {
      ...{
        name: 'HQ',
        sourceType: 'commcare',
        baseUrl: sim.url,
        clientId: '',
        settings: { domain: 'rooms' },
      },
    });
    const project = await call<{ id: string }>('projects.create', {
      name: 'Rooms',
      connectionId: connection.id,
    });
    await call('credentials.signInByKey', {
      ...{ sourceId: source.id, projectId: project.id, user: 'ada@example.com', apiKey: key },
    });
    const made = await call<{ id: string; dataset: { id: string } }>('links.create', {
      ...{ projectId: project.id, sourceId: source.id, syncConfig: { datasets: ['forms'], guards: false } },
    });
    link = made.id;
    dataset = made.dataset.id;
    await synced();
  }, 240_000);
  afterAll(async () => {
    await app?.close().catch(() => {});
    await sim?.close();
    await db?.[Symbol.asyncDispose]();
    build?.remove();
    data?.remove();
  });

  test('are seen newest first, to the last one, put in order and narrowed', async () => {
    await page.evaluate((to) => {
      location.hash = to;
    }, `#/data/${dataset}/forms`);
    const grid = page.getByRole('grid');
    await grid.locator('[data-row="0"]').waitFor();
    await page.getByText(`of ${forms}`).waitFor();
    await page.getByText('newest first').waitFor();
    await grid.focus();
    await page.keyboard.press('Control+End');
    await grid.locator(`[data-row="${forms - 1}"]`).waitFor();
    await page.keyboard.press('Control+Home');
    await grid.locator('[data-row="0"]').waitFor();
    // Alone by keyboard: the other way round.
    const at = await grid.locator('[aria-sort="descending"]').getAttribute('data-head');
    for (let n = 0; n < Number(at); n++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByRole('menuitem', { name: /^Lowest or oldest first/ }).waitFor();
    await page.keyboard.type('Lowest');
    await page.keyboard.press('Enter');
    await grid.locator('[aria-sort="ascending"]').waitFor();
    const [oldest] = await db.query(
      `SELECT to_char(min(received_on) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS at FROM ${await schemaOf()}.forms`,
    );
    const zone = await page.evaluate((at) => {
      const date = new Date(`${at?.replace(' ', 'T')}Z`);
      const two = (n: number): string => String(n).padStart(2, '0');
      return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    }, oldest?.['at'] ?? null);
    await expect.poll(() => grid.locator(`[data-row="0"] [data-column="${at}"]`).textContent()).toBe(zone);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
  }, 90_000);

  const schemaOf = async (): Promise<string> =>
    (await call<{ schemaName: string }[]>('datasets.list', {}))[0]?.schemaName ?? '';

  interface Paged {
    readonly keys: string[][];
    readonly version: string;
    readonly outdated: boolean;
    readonly more: boolean;
    readonly total: number | null;
  }

  test('are gone through exactly once, whatever is published meanwhile, and nobody gets a page of another state', async () => {
    const domain = sim.domain('rooms');
    domain.edit('form', [1, 5, 9]);
    domain.add('form', 40);
    const refreshing = synced();
    let over = false;
    void refreshing.finally(() => {
      over = true;
    });
    const seen = new Map<string, Set<number>>();
    let begunAgain = 0;
    for (let round = 0; round < 400 && !(over && round > 2); round++) {
      let next = await call<Paged>('datasets.rows', { id: dataset, table: 'forms', limit: 90 });
      const keys: string[] = [];
      for (;;) {
        if (next.outdated) break;
        keys.push(...next.keys.map(([first = '']) => first));
        if (!next.more) break;
        next = await call<Paged>('datasets.rows', {
          ...{ id: dataset, table: 'forms', limit: 90 },
          from: { way: 'after', key: next.keys.at(-1), version: next.version },
        });
      }
      if (next.outdated) {
        begunAgain += 1;
        continue;
      }
      expect(new Set(keys).size).toBe(keys.length);
      seen.set(next.version, (seen.get(next.version) ?? new Set()).add(keys.length));
    }
    await refreshing;
    const last = await call<Paged>('datasets.rows', { id: dataset, table: 'forms', limit: 1 });
    expect(last.total).toBe(forms + 40);
    // Each state had one number of rows, before and after; none was mixed.
    for (const counts of seen.values()) expect(counts.size).toBe(1);
    expect(
      [...seen.values()].flatMap((counts) => [...counts]).every((n) => n === forms || n === forms + 40),
    ).toBe(true);
    process.stdout.write(`states seen whole: ${seen.size}, begun again: ${begunAgain}\n`);
  }, 180_000);

  test('what a column holds is counted, and a wrong condition is told at its field', async () => {
    const found = await call<{ rows: number; top: { value: string }[] }>('datasets.distribution', {
      ...{ id: dataset, table: 'forms', column: 'received_on' },
    });
    expect(found.rows).toBe(forms + 40);
    const wrong = await page.evaluate(
      async (id) =>
        headgate.calls['datasets.rows']?.(
          { id, table: 'forms', filters: [{ column: 'received_on', kind: 'range', from: 'soon', to: null }] },
          'wrong',
        ),
      dataset,
    );
    expect(wrong).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
  }, 60_000);
});
