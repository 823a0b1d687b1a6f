import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openDialog } from '../support/open-dialog.ts';
import { builtProduct } from '../support/renderer-fixture/build.ts';
import { focusedName, focusIsSomewhere } from '../support/renderer-fixture/checks.ts';

interface Bridge {
  readonly calls: Record<string, (input: unknown, callId: unknown) => Promise<Envelope<unknown>>>;
}
declare const headgate: Bridge;

const problem = await whyNot();
const root = join(import.meta.dirname, '..', '..');
const password = 'canary-rooms-19c2';
/** For the build, on a machine that has other things to do; in milliseconds. */
const slow = 180_000;
const key = 'k3y-of-the-rooms-0123456789';

describe.skipIf(problem !== undefined)(
  `connections, sources, settings and activity through the real main and preload${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    const data = temporaryFolder('rooms');
    let db: TestDatabase;
    let sim: HqSimulator;
    let app: ElectronApplication;
    let page: Page;
    let role = '';
    const call = async <T>(name: string, input: object = {}): Promise<T> => {
      const answer = await page.evaluate(
        ([asked, given]) => headgate.calls[asked]?.(given, `${Math.random()}`) as Promise<Envelope<unknown>>,
        [name, input] as const,
      );
      if (!answer.ok) throw new Error(`${name}: ${answer.error.code} ${answer.error.message}`);
      return answer.data as T;
    };
    beforeAll(async () => {
      db = await createDatabase();
      role = `rooms_${db.database}`;
      await db.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
      await db.query(`GRANT CREATE ON DATABASE ${db.database} TO ${role}`);
      sim = await createHqSimulator({
        domains: [{ name: 'vaccines', projectName: 'Vaccines 2026', forms: 20, cases: 5, seed: 7 }],
        users: [{ username: 'ada@example.com', apiKey: key }],
      });
      await builtProduct();
      app = await launch(join(root, 'dist/main/electron.js'), {
        env: { HEADGATE_DATA: join(data.path, 'workspace'), HEADGATE_KEY_FILE: join(data.path, 'key') },
      });
      page = await firstPage(app, /^https:\/\/console\.app\.invalid\/$/);
      await page.setViewportSize({ width: 1280, height: 820 });
    }, slow);
    afterAll(async () => {
      await app?.close();
      await sim?.close();
      await db?.[Symbol.asyncDispose]();
      data.remove();
    });
    const visit = async (hash: string, heading: string): Promise<void> => {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      // What is open over the page hides it from whoever hears it, and it is there all the same.
      await page.locator('h1:visible', { hasText: heading }).waitFor();
    };
    const paste = (text: string): Promise<void> =>
      page.evaluate((pasted) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text', pasted);
        const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
        document.activeElement?.dispatchEvent(event);
      }, text);

    test('a pasted URL with a wrong password is told where it broke, put right there, and then works', async () => {
      await visit('#/connections?add', 'Connections');
      await expect.poll(() => focusedName(page)).toBe('Connection URL');
      const { host, port } = db.postgres;
      await paste(`postgres://${role}:wrong-one@${host}:${port}/${db.database}?sslmode=disable`);
      const dialog = openDialog(page);
      await dialog.getByText('Taken over, not shown').waitFor();
      await dialog.getByRole('button', { name: 'Save and test' }).click();
      await dialog.getByRole('button', { name: 'Enter the password again' }).click();
      await expect.poll(() => focusedName(page)).toBe('Password');
      await page.keyboard.insertText(password);
      await dialog.getByRole('button', { name: 'Save and test' }).click();
      await dialog.getByText('The connection works').waitFor();
      await dialog.getByRole('button', { name: 'Done' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect(await focusIsSomewhere(page)).toBe(true);
      expect((await call<{ total: number }>('connections.list')).total).toBe(1);
    });

    test('the list shows the latest checks as they were, and one that is kept out where it broke', async () => {
      const { items } = await call<{ items: { id: string; name: string }[] }>('connections.list');
      const id = items[0]?.id ?? '';
      for (let n = 0; n < 3; n += 1) await call('connections.test', { id });
      const [recent] = await call<{ checks: unknown[]; rungs: { state: string }[] }[]>('connections.recent', {
        ids: [id],
      });
      expect(recent?.checks.length).toBeGreaterThanOrEqual(4);
      expect(recent?.rungs).toHaveLength(8);
      await visit('#/connections', 'Connections');
      await page.getByRole('img', { name: /^The last \d+ checks: answered in / }).waitFor();
      await db.query(`ALTER ROLE ${role} PASSWORD 'another-one'`);
      await call('connections.test', { id });
      await page.getByRole('img', { name: 'The test stopped at: Sign-in' }).waitFor();
      await page.getByRole('button', { name: `Fix ${items[0]?.name}` }).click();
      await expect.poll(() => focusedName(page)).toBe('Password');
      await page.keyboard.press('Escape');
      await openDialog(page).waitFor({ state: 'detached' });
      await db.query(`ALTER ROLE ${role} PASSWORD '${password}'`);
      await call('connections.test', { id });
    });

    test('a source stands under its server, with the sign-in that was made', async () => {
      const source = await call<{ id: string }>('sources.create', {
        name: 'Vaccines',
        sourceType: 'commcare',
        baseUrl: sim.url,
        settings: { domain: 'vaccines' },
      });
      await call('credentials.signInWith', {
        ...{ sourceId: source.id, kind: 'api_key' },
        fields: { user: 'ada@example.com', apiKey: key },
      });
      expect(await call('sources.pace')).toEqual([{ sourceId: source.id, limits: [], waitsUntil: null }]);
      await visit('#/sources', 'Sources');
      const server = page.getByRole('region', { name: `CommCare HQ at ${new URL(sim.url).host}` });
      await server.getByText('Nothing read yet').waitFor();
      await server.getByText('Not registered: people sign in with an API key').waitFor();
      await server
        .getByRole('row', { name: /^Vaccines/ })
        .getByText('Signed in as ada@example.com')
        .waitFor();
      await server
        .getByRole('table', { name: /^Sign-ins at/ })
        .getByText('ada@example.com')
        .waitFor();
      expect(await page.evaluate(() => document.body.innerText)).not.toContain(key);
    });

    test('a section of the settings has its address, and the log is narrowed by what is pressed', async () => {
      await visit('#/settings/retention', 'Settings');
      await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('settings-retention');
      await visit('#/activity', 'Activity');
      const entries = page.locator('tr[data-entry]');
      await entries.first().waitFor();
      await page.getByRole('heading', { level: 2, name: /^Today, / }).waitFor();
      const all = await entries.count();
      await page.getByRole('button', { name: 'Tested a connection', exact: true }).first().click();
      await expect.poll(() => entries.count()).toBeLessThan(all);
      await expect.poll(() => focusedName(page)).toBe('Show all');
      const text = await page.getByRole('main').innerText();
      expect(text).not.toContain(password);
      expect(text).not.toContain(key);
    });
  },
);
