import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../electron-double/launch.ts';
import { createOdkSimulator, type OdkSimulator } from '../simulators/odk-central/index.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { openDialog } from '../support/open-dialog.ts';
import {
  callOf,
  consoleOf,
  launchProduct,
  noWindow,
  picturesFolder,
  windowKind,
} from '../support/product-window.ts';
import { builtProduct } from '../support/renderer-fixture/build.ts';
import { paste } from '../support/renderer-fixture/way-in-shots.ts';

/*
 * A source whose kind signs in with a password and discovers its datasets, through the window: every form follows from what
 * the connector declares, and nothing of the window knows that it is ODK Central's.
 */

const shots = picturesFolder('odk-central');
const email = 'ada@example.org';
/** Searched for in everything that the page shows or prints. */
const canary = `canary-${'odk'}-7f3a91c2`;

describe.skipIf(noWindow !== undefined)(`a form server through the window (${windowKind})`, () => {
  let db: TestDatabase;
  let sim: OdkSimulator;
  let app: ElectronApplication;
  let page: Page;
  const data = temporaryFolder('e2e-odk');
  const printed: string[] = [];

  beforeAll(async () => {
    await builtProduct();
    db = await createDatabase();
    sim = await createOdkSimulator({
      projects: [
        {
          ...{ id: 7, name: 'Sahel 2026' },
          forms: [
            { xmlFormId: 'household', name: 'Household visit', submissions: 120 },
            { xmlFormId: 'wells', name: 'Wells', submissions: 0 },
          ],
        },
        { id: 8, name: 'Another one', forms: [] },
      ],
      users: [{ email, password: canary }],
    });
    app = await launchProduct(data.path);
    page = await consoleOf(app);
    page.on('console', (message) => printed.push(message.text()));
    const { host, port, user, password } = db.postgres;
    const made = await callOf<{ id: string }>(page, 'connections.create', {
      ...{ name: 'Warehouse', host, port, database: db.database, tlsMode: 'disable', user, password },
    });
    await callOf(page, 'projects.create', { name: 'Outreach', connectionId: made.id });
  });
  afterAll(async () => {
    await app?.close();
    await sim?.close();
    await db?.[Symbol.asyncDispose]();
    data.remove();
  });

  const shot = (name: string): Promise<unknown> => page.screenshot({ path: join(shots, `${name}.png`) });
  const open = (name: string): Promise<void> =>
    page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).first().click();

  it('asks for an address and a project, and for no client of OAuth', async () => {
    await open('Sources');
    await page.getByRole('button', { name: 'Add source' }).first().click();
    const dialog = openDialog(page);
    await dialog.getByLabel('Name', { exact: true }).fill('Field forms');
    await dialog.getByLabel('Kind of source').selectOption({ label: 'ODK Central (OData)' });
    await dialog.getByLabel('Project').waitFor();
    expect(await dialog.getByLabel('OAuth client id').count()).toBe(0);
    await dialog.getByLabel('Address', { exact: true }).fill(sim.url);
    await shot('1-source');
    await dialog.getByRole('button', { name: 'Save and sign in' }).click();
  });

  it('signs in with an e-mail address and a password, and names one that is refused', async () => {
    const dialog = page.getByRole('dialog', { name: 'Sign in to Field forms' });
    await dialog.getByLabel('E-mail address at ODK Central').fill(email);
    await dialog.getByRole('textbox', { name: 'Password' }).fill('not the one');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.getByText('does not accept this account with this password').waitFor();
    await shot('2-refused');
    await dialog.getByRole('textbox', { name: 'Password' }).fill(canary);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('radio', { name: /Sahel 2026/ }).check();
    await shot('3-project');
    await page.getByRole('button', { name: 'Read this' }).click();
    await page.getByText(`Signed in as ${email}`).first().waitFor();
    await shot('4-sources');
  });

  it('offers the forms of the project with how much is in them, and lands them', async () => {
    await page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: /^Outreach/ })
      .click();
    await page.getByRole('button', { name: 'Link a source' }).first().click();
    await page.getByRole('radio', { name: 'Each person’s account' }).check();
    const form = page.getByRole('checkbox', { name: 'Household visit' });
    await form.waitFor();
    expect(await form.isChecked()).toBe(true);
    await page.getByText('120 records').first().waitFor();
    await shot('5-link');
    await page.getByRole('button', { name: 'Link source', exact: true }).click();
    await page.getByRole('button', { name: 'Sync now: Outreach · Field forms' }).first().click();
    await open('Runs');
    await page
      .getByRole('row', { name: /Completed/ })
      .first()
      .waitFor({ timeout: 60_000 });
    await open('Data');
    await page
      .getByRole('navigation', { name: 'Tables' })
      .getByRole('link', { name: /^Household visit/i })
      .first()
      .click();
    await page.getByRole('grid').first().waitFor();
    await shot('6-rows');
    const [schema] = await db.query(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'data\\_%\\_odk\\_central'`,
    );
    const tables = await columnsOf(db, schema?.['name'] ?? '');
    expect(tables.get('household_visit')?.get('household_size')).toBe('bigint');
    expect(tables.get('wells')?.get('visited_on')).toBe('date');
    const [rows] = await db.query(`SELECT count(*) AS n FROM "${schema?.['name']}".household_visit`);
    expect(rows?.['n']).toBe('120');
  });

  it('goes from nothing to tables in the panel that sets up', async () => {
    const fresh = temporaryFolder('e2e-odk-fresh');
    const own = await launchProduct(fresh.path);
    try {
      const first = await consoleOf(own);
      await first.getByRole('button', { name: 'Set up', exact: true }).click();
      const panel = first.getByRole('dialog', { name: 'Set up a database and a source' });
      // A superuser's connection would want a reason first.
      const role = `forms_${db.database}`;
      await db.query(`CREATE ROLE ${role} LOGIN PASSWORD '${canary}'`);
      await db.query(`GRANT CREATE ON DATABASE ${db.database} TO ${role}`);
      const { host, port } = db.postgres;
      const box = panel.getByLabel('Connection URL');
      await expect.poll(() => box.evaluate((field) => field === document.activeElement)).toBe(true);
      await paste(first, `postgres://${role}:${canary}@${host}:${port}/${db.database}`);
      await panel.getByRole('button', { name: 'Use it' }).click();
      await panel.getByLabel('Kind of source').selectOption({ label: 'ODK Central (OData)' });
      expect(await panel.getByLabel('OAuth client id').count()).toBe(0);
      await panel.getByLabel('Address', { exact: true }).fill(sim.url);
      await panel.getByRole('button', { name: 'Sign in' }).click();
      const dialog = first.getByRole('dialog', { name: /^Sign in to / });
      await dialog.getByLabel('E-mail address at ODK Central').fill(email);
      await dialog.getByRole('textbox', { name: 'Password' }).fill(canary);
      await dialog.getByRole('button', { name: 'Sign in' }).click();
      await panel.getByRole('radio', { name: /Sahel 2026/ }).check();
      await panel.getByRole('button', { name: 'Read this' }).click();
      await panel.getByText('Household visit and Wells').waitFor();
      await first.screenshot({ path: join(shots, '7-set-up.png') });
      await panel.getByRole('button', { name: 'Start first sync' }).click();
      await first.getByText(/\d+ tables are there, with/).waitFor({ timeout: 90_000 });
      expect(await first.content()).not.toContain(canary);
    } finally {
      await own.close();
      fresh.remove();
    }
  }, 180_000);

  it('has shown and printed the password nowhere', async () => {
    expect(printed.join('\n')).not.toContain(canary);
    expect(await page.content()).not.toContain(canary);
  });
});
