import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { copyRenderer } from '../support/renderer-fixture/build.ts';

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<Envelope<unknown>>>;
};

interface Double {
  readonly __double: { readonly answers: { readonly savePaths: string[] } };
}

const problem = await whyNot();
const skipped = problem ? ` (skipped: ${problem})` : '';

/** The screen, the preload script, the main process and a PostgreSQL: nothing stands in for anything but Electron's binary. */
describe.skipIf(problem !== undefined)(`asking in the window of the real core${skipped}`, () => {
  let build: ConsoleBuild;
  let db: TestDatabase;
  let app: ElectronApplication;
  let page: Page;
  let data: { path: string; remove: () => void };
  beforeAll(async () => {
    data = temporaryFolder('data');
    [build, db] = await Promise.all([buildConsole(), createDatabase()]);
    await copyRenderer(join(build.path, 'dist/renderer'));
    const { user, host, port, password } = db.postgres;
    await db.query(`CREATE SCHEMA clinic AUTHORIZATION "${user}"`);
    await db.query('CREATE TABLE clinic.visits (id bigint PRIMARY KEY, village text, note text)');
    await db.query(`INSERT INTO clinic.visits
      SELECT n, 'village ' || n % 7, CASE WHEN n % 2 = 0 THEN '' END
      FROM generate_series(9007199254740993, 9007199254742192) AS n`);
    await db.query(`ALTER TABLE clinic.visits OWNER TO "${user}"`);
    app = await launch(build.path, {
      env: {
        HEADGATE_DATA: join(data.path, 'workspace'),
        HEADGATE_DOUBLE_KEYCHAIN: join(data.path, 'keys'),
      },
    });
    page = await firstPage(app, /^https:\/\/console\.app\.invalid\//);
    const connection = {
      ...{ name: 'Clinic', host, port, database: db.database, user, password, tlsMode: 'disable' },
    };
    const made = await page.evaluate(async (input) => {
      const created = await headgate.calls['connections.create']?.(input, 'connection');
      if (!created?.ok) return created;
      const { id } = created.data as { id: string };
      return headgate.calls['projects.create']?.(
        { name: 'Clinic', connectionId: id, dbSchema: 'clinic' },
        'project',
      );
    }, connection);
    expect(made).toMatchObject({ ok: true });
    await page.evaluate(() => {
      location.hash = '#/query';
    });
  }, 120_000);
  afterAll(async () => {
    await app?.close().catch(() => {});
    await db?.[Symbol.asyncDispose]();
    build?.remove();
    data?.remove();
  });

  const run = async (sql: string): Promise<void> => {
    await page.getByRole('textbox', { name: 'SQL statement' }).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(sql);
    await page.keyboard.press('Control+Enter');
  };

  test('rows of PostgreSQL are seen, exactly as they are, page after page', async () => {
    await run('SELECT * FROM clinic.visits ORDER BY id');
    const grid = page.getByRole('grid');
    await grid.getByText('9007199254740993', { exact: true }).waitFor();
    await grid.focus();
    await page.keyboard.press('Control+End');
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('1201');
    await page.keyboard.press('Control+End');
    await grid.getByText('9007199254742192', { exact: true }).waitFor();
    await page.getByText('1,200 rows', { exact: true }).waitFor();
  }, 60_000);

  test('what is wrong is marked where it is, and what was meant corrects it', async () => {
    await run('SELECT vilage FROM clinic.visits');
    await page.getByRole('alert').getByText('SQLSTATE 42703').waitFor();
    expect(await page.locator('.cm-problem').textContent()).toBe('vilage');
    await run('DELETE FROM clinic.visits');
    await page.getByText('Refused before it ran').waitFor();
    expect(await db.query('SELECT count(*) AS n FROM clinic.visits')).toEqual([{ n: '1200' }]);
  }, 60_000);

  test('Esc ends a statement at the server too', async () => {
    const sleeping = async (): Promise<number> =>
      (
        await db.query(
          "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'",
        )
      ).length;
    await run('SELECT pg_sleep(60)');
    await expect.poll(sleeping, { timeout: 20_000 }).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    await expect.poll(sleeping, { timeout: 5000 }).toBe(0);
  }, 60_000);

  test('the plan, and the history of all that, come from the core', async () => {
    await run('SELECT count(*) FROM clinic.visits');
    await page.getByRole('grid').getByText('1200', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Run and measure' }).click();
    await page.getByRole('region', { name: 'Plan' }).getByText(/Scan/).first().waitFor();
    await page.getByRole('button', { name: 'History' }).click();
    const panel = page.getByRole('complementary', { name: 'History' });
    await panel.getByText('Cancelled', { exact: true }).waitFor();
    await panel.getByText('Refused', { exact: true }).waitFor();
  }, 60_000);

  test('a chart goes through the save dialog, and the file has its bytes', async () => {
    const path = join(data.path, 'chart.png');
    // Longer than one piece of base64, and no multiple of three.
    const png = pictureOf(200_001);
    expect(png.length % 3).not.toBe(0);
    await app.evaluate((electron, to) => {
      (electron as unknown as Double).__double.answers.savePaths.push(to);
    }, path);
    const saved = await page.evaluate(
      async (content) => headgate.calls['query.saveChart']?.({ format: 'png', content }, 'chart'),
      png.toString('base64'),
    );
    expect(saved).toMatchObject({ ok: true, data: { savedTo: path } });
    expect(readFileSync(path).equals(png)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  }, 60_000);
});

/** A PNG of one row of grey pixels, `width` long, hardly compressed. */
function pictureOf(width: number): Buffer {
  const chunk = (kind: string, content: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(kind, 'latin1'), content]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(1, 4);
  header[8] = 8;
  const row = Uint8Array.from({ length: width + 1 }, (_, n) => (n === 0 ? 0 : (n * 73) % 251));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(row, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
