import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executable, firstPage, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { openDialog } from '../support/open-dialog.ts';
import { launchBrowser } from '../support/renderer-fixture/browser.ts';
import { builtProduct } from '../support/renderer-fixture/build.ts';

/*
 * The whole job through the window: first run, connection, source, consent page in a browser, link, sync now,
 * progress, rows, and a look into PostgreSQL. Runs on real Electron where `ELECTRON_OVERRIDE_DIST_PATH` names one,
 * else on the double; the title says which.
 */

const root = join(import.meta.dirname, '..', '..');
const real = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '/nonexistent', 'electron');
const isReal = existsSync(real);
const problem = isReal ? undefined : await whyNot();
const on = isReal ? 'real Electron' : problem ? `skipped: ${problem}` : 'the Electron double';
const shots = join(root, 'test-output', 'main-job');
/** Searched for in everything that leaves the core. */
const canary = `canary-${'pw'}-7f3a91c2`;
const keyCanary = `canary-${'key'}-7f3a91c2`;

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
  on(name: string, listener: (payload: unknown) => void): () => void;
};

describe.skipIf(problem !== undefined)(`the main job through the window (${on})`, () => {
  let db: TestDatabase;
  let sim: HqSimulator;
  let app: ElectronApplication;
  let page: Page;
  const data = temporaryFolder('e2e');
  const printed: string[] = [];

  const start = (): Promise<ElectronApplication> => {
    const env: Record<string, string> = {
      HEADGATE_DATA: join(data.path, 'workspace'),
      // The double's keychain outlives a relaunch, as a real one does.
      HEADGATE_DOUBLE_KEYCHAIN: join(data.path, 'keychain'),
    };
    for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] ??= value;
    return _electron.launch({
      executablePath: isReal ? real : executable,
      args: [join(root, 'dist/main/electron.js')],
      env,
      colorScheme: null,
    });
  };

  beforeAll(async () => {
    await builtProduct();
    mkdirSync(shots, { recursive: true });
    db = await createDatabase();
    await db.query(`CREATE ROLE e2e_${db.database} LOGIN PASSWORD '${canary}'`);
    await db.query(`GRANT CREATE ON DATABASE ${db.database} TO e2e_${db.database}`);
    sim = await createHqSimulator({
      domains: [{ name: 'vaccines', projectName: 'Vaccines 2026', forms: 3200, cases: 900, seed: 7 }],
      users: [{ username: 'john@example.com' }, { username: 'ada@example.com', apiKey: keyCanary }],
    });
    app = await start();
    page = await firstPage(app, /^(app:\/\/console|https:\/\/console\.app\.invalid)\//);
    await page.setViewportSize({ width: 1280, height: 820 });
    page.on('console', (message) => printed.push(message.text()));
  });
  afterAll(async () => {
    await app?.close();
    await sim?.close();
    await db?.[Symbol.asyncDispose]();
    data.remove();
  });

  const shot = (name: string): Promise<unknown> => page.screenshot({ path: join(shots, `${name}.png`) });
  const rail = (): ReturnType<Page['getByRole']> => page.getByRole('navigation', { name: 'Main' });
  /** Opens a screen as people do: by the rail, or by the screen that leads to it. */
  const open = async (name: string): Promise<void> => {
    if (name === 'Dictionary') await open('Data');
    const place = name === 'Dictionary' ? page.getByRole('main') : rail();
    await place.getByRole('link', { name, exact: true }).first().click();
  };

  it('greets a first run with the way to the first table', async () => {
    await page.getByRole('heading', { name: 'Welcome to Headgate' }).waitFor();
    await shot('1-first-run');
  });

  it('adds and tests a connection', async () => {
    await open('Connections');
    await page.getByRole('button', { name: 'Add connection' }).first().click();
    const dialog = openDialog(page);
    await dialog.getByLabel('Name', { exact: true }).fill('Warehouse');
    await dialog.getByLabel('Host', { exact: true }).fill(db.postgres.host);
    await dialog.getByLabel('Port', { exact: true }).fill(String(db.postgres.port));
    await dialog.getByLabel('Database', { exact: true }).fill(db.database);
    await dialog.getByLabel('User', { exact: true }).fill(`e2e_${db.database}`);
    await dialog.getByLabel('Password', { exact: true }).fill(canary);
    await dialog.getByLabel('Encryption (TLS)').selectOption('disable');
    await shot('2-connection');
    await dialog.getByRole('button', { name: 'Save and test' }).click();
    await dialog.getByText('The connection works').waitFor();
    await shot('3-tested');
    await dialog.getByRole('button', { name: 'Done' }).click();
  });

  it('shows every step of the test, rotates the password at the server, and goes back', async () => {
    await page
      .getByRole('row', { name: /Warehouse/ })
      .getByRole('link', { name: 'Warehouse' })
      .click();
    await page.getByRole('heading', { level: 1, name: 'Warehouse' }).waitFor();
    const rungs = page.getByRole('list', { name: 'Steps of the test' }).getByRole('listitem');
    await expect.poll(() => rungs.count()).toBe(8);
    await expect.poll(() => rungs.nth(7).textContent()).toMatch(/^WritingFine/);
    await page.getByRole('button', { name: 'Rotate password…' }).click();
    const wizard = page.getByRole('dialog', { name: 'Rotate the password of Warehouse' });
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByRole('button', { name: 'Test and switch' }).click();
    await wizard.getByText('The new password works and is in use').waitFor();
    await wizard.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    const question = page.getByRole('alertdialog', { name: 'Go back to the old password?' });
    await question.getByRole('button', { name: 'Undo' }).click();
    await question.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Test again' }).click();
    await expect.poll(() => page.locator('.connection-head').textContent()).toContain('Works');
    await shot('3-connection-page');
  });

  it('adds a source and signs in through the consent page in a browser', async () => {
    await open('Sources');
    await page.evaluate(() => {
      headgate.on('signIn.opened', (payload) => {
        document.documentElement.dataset['opened'] = (payload as { url: string }).url;
      });
    });
    await page.getByRole('button', { name: 'Add source' }).first().click();
    const dialog = openDialog(page);
    await dialog.getByLabel('Name', { exact: true }).fill('Vaccines');
    await dialog.getByLabel('Address', { exact: true }).fill(sim.url);
    await dialog.getByLabel('OAuth client id', { exact: true }).fill('headgate-desktop');
    await dialog.getByRole('button', { name: 'Save and sign in' }).click();
    await page.getByText('Finish in your browser').waitFor();
    await shot('4-sign-in');
    const url = await page
      .waitForFunction(() => document.documentElement.dataset['opened'])
      .then((handle) => handle.jsonValue());
    // The person's own browser, which knows nothing of Headgate.
    const browser = await launchBrowser();
    try {
      const consent = await browser.newPage();
      await consent.goto(String(url));
      await consent.screenshot({ path: join(shots, '5-consent.png') });
      await consent.getByRole('button', { name: 'Allow' }).click();
      await consent.getByRole('heading', { name: 'Connected' }).waitFor();
      await consent.screenshot({ path: join(shots, '6-connected.png') });
    } finally {
      await browser.close();
    }
    await page.getByRole('radio', { name: /Vaccines 2026/ }).check();
    await shot('7-project-space');
    await page.getByRole('button', { name: 'Read this' }).click();
    await page.getByText('Signed in as john@example.com').first().waitFor();
    await shot('8-sources');
  });

  it('creates a project, links the source and syncs now with live progress', async () => {
    sim.faults.add({ match: 'form', kind: 'slow', ms: 600, times: 'always' });
    await open('All projects');
    await page.getByRole('button', { name: 'Create project' }).first().click();
    await openDialog(page).getByLabel('Name', { exact: true }).fill('Outreach');
    await openDialog(page).getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('button', { name: 'Link a source' }).first().click();
    // The sign-in is the person's own: one for the project would be asked for anew.
    await page.getByRole('radio', { name: 'Each person’s account' }).check();
    await page.getByRole('button', { name: 'Link source', exact: true }).click();
    await page.getByRole('button', { name: 'Sync now: Outreach · Vaccines' }).first().click();
    await open('Runs');
    const progress = page.getByRole('progressbar', { name: /forms/i }).first();
    await expect
      .poll(async () => Number(await progress.getAttribute('aria-valuenow')), { timeout: 20_000 })
      .toBeGreaterThan(0);
    await shot('9-progress');
    sim.faults.clear();
    await page
      .getByRole('row', { name: /Completed/ })
      .first()
      .waitFor({ timeout: 30_000 });
    await shot('10-completed');
  });

  it('shows the rows, and PostgreSQL has them', async () => {
    await open('Data');
    await page
      .getByRole('navigation', { name: 'Tables' })
      .getByRole('link', { name: /^Household visit/ })
      .first()
      .click();
    const grid = page.getByRole('grid', { name: 'Rows of Household visit' });
    await grid.locator('[data-row="0"] [data-column]').first().waitFor();
    await grid.focus();
    // To the very last row, and each row there is read by its key.
    await page.keyboard.press('Control+End');
    await expect
      .poll(async () => {
        const rows = await grid
          .locator('[data-row]')
          .evaluateAll((all) => all.map((row) => Number(row.getAttribute('data-row'))));
        return Math.max(...rows) + 2 === Number(await grid.getAttribute('aria-rowcount'));
      })
      .toBe(true);
    await shot('11-rows');
    await open('Home');
    await page
      .getByRole('row', { name: /Outreach/ })
      .getByText('Up to date')
      .waitFor();
    await shot('12-home');
    const [schema] = await db.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'data\\_%'");
    const name = schema?.['nspname'] as string;
    expect(
      await db.query(
        `SELECT (SELECT count(*) FROM "${name}".forms) AS forms, (SELECT count(*) FROM "${name}".cases) AS cases`,
      ),
    ).toEqual([{ forms: '3200', cases: '900' }]);
    expect((await columnsOf(db, name)).get('form_household_visit')?.get('visit_date')).toBe('date');
  });

  it('describes every question in the dictionary', async () => {
    await open('Dictionary');
    await page.getByLabel('Find a table or a column').fill('where does the water come from');
    const row = page.getByRole('row', { name: /Where does the water come from\?/ }).first();
    await row.getByRole('cell', { name: 'water_source' }).waitFor();
    await shot('13-dictionary-search');
    await row.getByRole('link').click();
    await page.getByRole('button', { name: 'Copy SELECT' }).waitFor();
    const described = page.getByRole('row', { name: /Where does the water come from\?/ });
    await expect.poll(() => described.textContent()).toContain('water.source');
    await shot('14-dictionary');
  });

  it('pauses a sync and goes on with it', async () => {
    // The forms come and the cases never do, so the sync stands there until it is paused.
    sim.faults.add({ match: 'case', kind: 'hang', times: 'always' });
    await open('Runs');
    await page.getByRole('button', { name: 'Sync now: Outreach · Vaccines' }).click();
    const job = page.getByRole('region', { name: 'Sync of Outreach · Vaccines' });
    const progress = job.getByRole('progressbar', { name: 'forms', exact: true });
    await expect
      .poll(() => progress.getAttribute('aria-valuetext'), { timeout: 20_000 })
      .toMatch(/^3.200 records$/);
    await job.getByRole('button', { name: /^Pause sync/ }).click();
    await page.getByText('Paused by a person.').first().waitFor();
    await shot('15-paused');
    sim.faults.clear();
    await job.getByRole('button', { name: /^Resume sync/ }).click();
    await expect
      .poll(() => page.getByRole('row', { name: /Completed/ }).count(), { timeout: 30_000 })
      .toBe(2);
  });

  it('opens one run: how it went, what it made of each table, and what it said', async () => {
    await page
      .getByRole('row', { name: /Completed/ })
      .first()
      .click();
    const drawer = openDialog(page);
    await drawer.getByRole('heading', { name: 'How it went' }).waitFor();
    const steps = drawer.getByRole('list').first().getByRole('listitem');
    await expect.poll(() => steps.allTextContents()).toContainEqual(expect.stringMatching(/^Published/));
    await drawer.getByRole('row', { name: /^forms\s*3,200\s*3,200\s*0$/ }).waitFor();
    const log = drawer.getByRole('list', { name: 'Log' });
    await log.getByText('Paused by somebody after its last commit.').waitFor();
    await log.getByText('It goes on from its last commit.').waitFor();
    await drawer.getByLabel('Find in the log').fill('IS READ: 3,200');
    await expect.poll(() => log.getByRole('listitem').count()).toBe(1);
    await shot('15-run');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
  });

  it('holds back a refresh that lost most of its records, and publishes it when a person says so', async () => {
    const domain = sim.domain('vaccines');
    domain.vanish(
      'form',
      Array.from({ length: 2000 }, (_, at) => domain.id('form', at)),
    );
    const forms = async () => {
      const [schema] = await db.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'data\\_%'");
      const [row] = await db.query(`SELECT count(*) AS n FROM "${schema?.['nspname'] as string}".forms`);
      return Number(row?.['n']);
    };
    await page.getByRole('button', { name: 'Sync now: Outreach · Vaccines' }).click();
    await open('Home');
    const attention = page.getByRole('region', { name: 'Needs attention' });
    await attention.getByRole('link', { name: /^Review the refresh/ }).click({ timeout: 30_000 });
    await page
      .getByText(/3,200.*1,200/)
      .first()
      .waitFor();
    // The source is asked again before anybody decides: it counts what came.
    await page.getByRole('button', { name: 'Ask the source what it counts now' }).click();
    await page.getByText(/The source counts what is held/).waitFor({ timeout: 30_000 });
    await shot('16-held');
    expect(await forms()).toBe(3200);
    await page.getByRole('button', { name: 'Publish…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Publish it' }).click();
    await page.getByRole('row', { name: /Held, published/ }).waitFor({ timeout: 30_000 });
    await expect.poll(forms, { timeout: 30_000 }).toBe(1200);
    await open('Home');
    await attention.waitFor({ state: 'detached' });
  });

  it('signs in with an API key in the place of the browser, and syncs with it', async () => {
    await open('Sources');
    await page.getByRole('button', { name: 'More actions for Vaccines' }).click();
    await page.getByRole('menuitem', { name: /another account/ }).click();
    await page.getByRole('button', { name: 'Use an API key' }).click();
    const dialog = openDialog(page);
    await dialog.getByLabel('User name at CommCare HQ').fill('ada@example.com');
    await dialog.getByLabel('API key', { exact: true }).fill('not-the-key');
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await dialog.getByText(/does not accept this user name with this API key/).waitFor();
    await shot('17-key-refused');
    await dialog.getByLabel('API key', { exact: true }).fill(keyCanary);
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Signed in as ada@example.com').first().waitFor();
    await shot('17-key');
    const before = sim.stats.requests.token;
    await open('Runs');
    const completed = page.getByRole('row', { name: /Completed/ });
    const earlier = await completed.count();
    await page.getByRole('button', { name: 'Sync now: Outreach · Vaccines' }).click();
    await expect.poll(() => completed.count(), { timeout: 30_000 }).toBe(earlier + 1);
    expect(sim.stats.requests.token).toBe(before);
  });

  it('keeps a theme that was chosen in the page', async () => {
    /** The theme that the menu of the person has a mark at. */
    const chosen = async (): Promise<string | null> => {
      await page.locator('.person').click();
      const text = await page.getByRole('menuitemradio', { checked: true }).textContent();
      await page.keyboard.press('Escape');
      return text;
    };
    await page.locator('.person').click();
    await page.getByRole('menuitemradio', { name: 'Theme: Dark' }).click();
    await page.keyboard.press('Escape');
    await expect
      .poll(() =>
        app.evaluate(({ Menu, nativeTheme }) => [
          nativeTheme.themeSource,
          Menu.getApplicationMenu()?.getMenuItemById('theme-dark')?.checked,
        ]),
      )
      .toEqual(['dark', true]);
    await shot('17-home-dark');
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('theme-light')?.click());
    await expect.poll(chosen).toBe('Theme: Light');
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('theme-dark')?.click());
    // What the window does by keys stands in the menu of the application too.
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('deed-sheet')?.click());
    await openDialog(page).getByRole('button', { name: 'Close' }).click();
    await openDialog(page).waitFor({ state: 'hidden' });
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('deed-screen.runs')?.click());
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    await app.close();
    app = await start();
    page = await firstPage(app, /^(app:\/\/console|https:\/\/console\.app\.invalid)\//);
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('color-scheme'));
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(true);
    await expect.poll(chosen).toBe('Theme: Dark');
    expect(await ground()).toBe('dark');
  });

  it('showed no secret to the page, whatever it asks for', async () => {
    const asked = await page.evaluate(async () => {
      const { calls } = headgate;
      const found: string[] = [];
      for (const name of Object.keys(calls).filter((call) => call.endsWith('.list') || call === 'app.info')) {
        const input = name === 'links.list' ? { projectId: '00000000-0000-4000-8000-000000000000' } : {};
        found.push(JSON.stringify(await calls[name]?.(input, `secret-${name}`)));
      }
      return [...found, document.documentElement.outerHTML, JSON.stringify({ ...localStorage })];
    });
    expect(asked.length).toBeGreaterThan(8);
    for (const place of [...asked, ...printed])
      for (const secret of [canary, keyCanary]) expect(place.includes(secret)).toBe(false);
  });

  it('unlinks, and drops the tables because the person says so', async () => {
    await open('All projects');
    await page.getByRole('link', { name: 'Outreach' }).first().click();
    await page.getByRole('button', { name: 'More actions for Vaccines' }).click();
    await page.getByRole('menuitem', { name: 'Unlink…' }).click();
    const dialog = openDialog(page);
    await dialog.getByLabel('Also drop the tables it brought').check();
    await shot('18-unlink-dark');
    await dialog.getByRole('button', { name: 'Unlink', exact: true }).click();
    await page.getByText('Vaccines is unlinked').waitFor();
    expect(await db.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'data\\_%'")).toEqual([]);
  });
});
