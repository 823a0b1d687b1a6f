import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { launchBrowser } from '../support/renderer-fixture/browser.ts';
import { builtProduct } from '../support/renderer-fixture/build.ts';
import { paste } from '../support/renderer-fixture/way-in-shots.ts';

/*
 * The ways in, through the real main process and preload: how many presses it takes from nothing to an answer. Presses of
 * the pointer are counted by the page itself; what is typed or pasted is none.
 */

const root = join(import.meta.dirname, '..', '..');
const problem = await whyNot();
const shots = join(root, 'test-output', 'way-in');
const slow = 180_000;

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<{ data: unknown }>>;
  on(name: string, listener: (payload: unknown) => void): () => void;
};

/** A fresh Headgate, whose page counts the presses. */
async function openFresh(name: string) {
  const data = temporaryFolder(name);
  const app: ElectronApplication = await launch(join(root, 'dist/main/electron.js'), {
    env: {
      HEADGATE_DATA: join(data.path, 'workspace'),
      HEADGATE_DOUBLE_KEYCHAIN: join(data.path, 'keychain'),
    },
  });
  const page: Page = await firstPage(app, /^https:\/\/console\.app\.invalid\//);
  await page.setViewportSize({ width: 1280, height: 820 });
  await page.evaluate(() => {
    const { dataset } = document.documentElement;
    dataset['presses'] = '0';
    document.addEventListener(
      'pointerdown',
      (event) => {
        if (event.isTrusted) dataset['presses'] = String(Number(dataset['presses']) + 1);
      },
      true,
    );
    headgate.on('signIn.opened', (payload) => {
      dataset['opened'] = (payload as { url: string }).url;
    });
  });
  const call = (channel: string, input: unknown = {}): Promise<unknown> =>
    page.evaluate(
      async ([to, what]) => (await headgate.calls[to as string]?.(what, crypto.randomUUID()))?.data,
      [channel, input] as const,
    );
  return {
    ...{ app, page, call },
    presses: async (): Promise<number> =>
      Number(await page.evaluate(() => document.documentElement.dataset['presses'])),
    /** Where the focus is, after a step: never nowhere. */
    focused: (): Promise<string> => page.evaluate(() => document.activeElement?.tagName ?? 'none'),
    async close() {
      await app.close();
      data.remove();
    },
  };
}
type Fresh = Awaited<ReturnType<typeof openFresh>>;

describe.skipIf(problem !== undefined)(`the way in${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let fresh: Fresh;
  beforeAll(async () => {
    await builtProduct();
    mkdirSync(shots, { recursive: true });
  }, slow);
  const shot = (name: string): Promise<unknown> =>
    fresh.page.screenshot({ path: join(shots, `${name}.png`) });

  describe('a sample workspace', () => {
    beforeAll(async () => {
      fresh = await openFresh('way-in-sample');
    }, slow);
    afterAll(() => fresh?.close());

    it(
      'is one press from the first page, shows its numbers come in, and lands on its data',
      async () => {
        const { page, focused } = fresh;
        await page.getByRole('heading', { name: 'What brings you here?' }).waitFor();
        await shot('sample-1-first');
        await page.getByRole('button', { name: 'Try it' }).click();
        await page.getByRole('list', { name: 'What is being made' }).waitFor();
        await expect.poll(focused).not.toBe('BODY');
        await shot('sample-2-making');
        // What moves is what is read: the count of a page that is not the last.
        const forms = page.getByRole('progressbar', { name: /forms/i }).first();
        await expect
          .poll(async () => Number(await forms.getAttribute('aria-valuenow').catch(() => 0)), {
            timeout: 90_000,
          })
          .toBeGreaterThan(0);
        await shot('sample-3-coming');
        await page.waitForURL(/#\/data\/[0-9a-f-]{36}\/\w+/, { timeout: 90_000 });
        await page.getByRole('complementary', { name: 'Sample workspace' }).waitFor();
        await expect.poll(() => page.locator('table, [role="grid"]').first().isVisible()).toBe(true);
        await expect.poll(focused).not.toBe('BODY');
        await shot('sample-4-data');
      },
      slow,
    );

    it(
      'answers a query within eight presses of the first page',
      async () => {
        const { page, presses } = fresh;
        await page.getByRole('link', { name: 'Query', exact: true }).first().click();
        const editor = page.getByRole('textbox', { name: 'SQL statement' });
        await editor.waitFor();
        await editor.focus();
        await page.keyboard.insertText('SELECT count(*) AS submissions FROM forms');
        await page.keyboard.press('Control+Enter');
        await page.getByRole('grid').getByText('2400', { exact: true }).waitFor({ timeout: 60_000 });
        const count = await presses();
        console.log(`sample workspace → a query’s answer: ${count} presses`);
        expect(count).toBeLessThanOrEqual(8);
        await shot('sample-5-query');
      },
      slow,
    );

    it(
      'is said on every screen, and left from there without a trace',
      async () => {
        const { page, call, focused } = fresh;
        for (const hash of ['#/', '#/connections', '#/settings']) {
          await page.evaluate((to) => location.assign(to), hash);
          await page.getByRole('complementary', { name: 'Sample workspace' }).waitFor();
        }
        await page.getByRole('button', { name: 'Leave the sample' }).click();
        await page.getByRole('alertdialog').getByRole('button', { name: 'Leave the sample' }).click();
        await page.getByRole('heading', { name: 'What brings you here?' }).waitFor({ timeout: 60_000 });
        await page.getByRole('complementary', { name: 'Sample workspace' }).waitFor({ state: 'detached' });
        await expect.poll(focused).not.toBe('BODY');
        expect(await call('projects.list')).toEqual([]);
        expect(await call('sources.list')).toEqual([]);
        expect(await call('connections.list')).toMatchObject({ total: 0 });
        expect(await call('demo.state')).toMatchObject({ phase: 'none' });
      },
      slow,
    );
  });

  describe('a database and a source of one’s own', () => {
    let db: TestDatabase;
    let sim: HqSimulator;
    const canary = `canary-${'way'}-51be`;
    beforeAll(async () => {
      db = await createDatabase();
      await db.query(`CREATE ROLE way_${db.database} LOGIN PASSWORD '${canary}'`);
      await db.query(`GRANT CREATE ON DATABASE ${db.database} TO way_${db.database}`);
      sim = await createHqSimulator({
        domains: [{ name: 'vaccines', projectName: 'Vaccines 2026', forms: 400, cases: 120, seed: 7 }],
      });
      fresh = await openFresh('way-in-own');
    }, slow);
    afterAll(async () => {
      await fresh?.close();
      await sim?.close();
      await db?.[Symbol.asyncDispose]();
    });

    it(
      'has its first connection after two presses: what is pasted is tried, then kept',
      async () => {
        const { page, presses, call, focused } = fresh;
        await page.getByRole('heading', { name: 'What brings you here?' }).waitFor();
        await page.getByRole('button', { name: 'Set up', exact: true }).click();
        const panel = page.getByRole('dialog', { name: 'Set up a database and a source' });
        const box = panel.getByLabel('Connection URL');
        await expect.poll(() => box.evaluate((field) => field === document.activeElement)).toBe(true);
        const { host, port } = db.postgres;
        await paste(page, `postgres://way_${db.database}:${canary}@${host}:${port}/${db.database}`);
        await shot('own-1-pasted');
        expect(await panel.textContent()).not.toContain(canary);
        await panel.getByRole('button', { name: 'Use it' }).click();
        await panel
          .getByRole('listitem')
          .filter({ hasText: 'Source' })
          .and(page.locator('[aria-current]'))
          .waitFor();
        const count = await presses();
        console.log(`first connection from a URL: ${count} presses`);
        expect(count).toBeLessThanOrEqual(2);
        expect(await call('connections.list')).toMatchObject({ total: 1 });
        await expect.poll(focused).not.toBe('BODY');
      },
      slow,
    );

    it(
      'goes on to tables within seven presses and an Allow',
      async () => {
        const { page, presses, focused, call } = fresh;
        const panel = page.getByRole('dialog', { name: 'Set up a database and a source' });
        await panel.getByLabel('Address', { exact: true }).fill(sim.url);
        await panel.getByLabel('OAuth client id').fill('headgate-desktop');
        await shot('own-2-source');
        await page.keyboard.press('Enter');
        await panel.getByText('Finish in your browser').waitFor();
        await expect.poll(focused).not.toBe('BODY');
        await shot('own-3-sign-in');
        const url = await page
          .waitForFunction(() => document.documentElement.dataset['opened'])
          .then((handle) => handle.jsonValue());
        const browser = await launchBrowser();
        try {
          const consent = await browser.newPage();
          await consent.goto(String(url));
          await consent.getByRole('button', { name: 'Allow' }).click();
          await consent.getByRole('heading', { name: 'Connected' }).waitFor();
        } finally {
          await browser.close();
        }
        // The only project space is taken as it is.
        await panel.getByRole('button', { name: 'Start first sync' }).waitFor();
        expect(await panel.getByLabel('Name of the project').inputValue()).toBe('Vaccines 2026');
        await expect.poll(focused).not.toBe('BODY');
        await shot('own-4-start');
        await panel.getByRole('button', { name: 'Start first sync' }).click();
        await page.getByText(/\d+ tables are there, with/).waitFor({ timeout: 90_000 });
        await expect.poll(focused).not.toBe('BODY');
        await shot('own-5-there');
        const count = await presses();
        console.log(`nothing → tables: ${count} presses + Allow`);
        expect(count).toBeLessThanOrEqual(7);
        await page.getByRole('link', { name: /^Look at / }).click();
        await page.waitForURL(/#\/data\/[0-9a-f-]{36}\/\w+/);
        await expect.poll(() => page.locator('table, [role="grid"]').first().isVisible()).toBe(true);
        expect(await call('projects.list')).toMatchObject([{ name: 'Vaccines 2026', links: 1 }]);
      },
      slow,
    );
  });
});
