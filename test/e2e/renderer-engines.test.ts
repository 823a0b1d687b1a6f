import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { listen, sent } from '../support/renderer-fixture/sent.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* Databases of other kinds than PostgreSQL: entered, found, looked into and asked by what each of them can do. */

const open = sharedStage();
const mysql = uuid(1, 41);

describe('a connection of another kind', () => {
  it('is made of its URL, and its form asks for what that kind has', async () => {
    await using window = await open('engines');
    const { page } = window;
    await listen(page, 'connections.create');
    await visit(page, '/connections?add');
    const dialog = openDialog(page);
    const box = dialog.getByLabel('Connection URL');
    await box.fill('mysql://reader:canary-7f31c0de@dhis.example.org/dhis?ssl-mode=VERIFY_CA');
    await box.press('Enter');
    await dialog.getByRole('status').getByText('MySQL / MariaDB').waitFor();
    const kind = dialog.getByLabel('Kind of database');
    expect(await kind.inputValue()).toBe('mysql');
    expect(await dialog.locator('[name="port"]').inputValue()).toBe('3306');
    const modes = await dialog
      .locator('[name="tlsMode"] option')
      .evaluateAll((all) => all.map((each) => (each as HTMLOptionElement).value));
    expect(modes).toEqual(['verify-full', 'verify-ca', 'require', 'disable']);
    expect(await dialog.locator('[name="tlsMode"]').inputValue()).toBe('verify-ca');
    // What only PostgreSQL has is asked of PostgreSQL only.
    expect(await dialog.getByLabel('How the server must sign in').count()).toBe(0);
    await dialog.getByText('data sources are landed in PostgreSQL only').waitFor();
    expect(await violations(page, 'light')).toEqual([]);
    await kind.selectOption('postgres');
    expect(await dialog.locator('[name="port"]').inputValue()).toBe('5432');
    await kind.selectOption('mysql');
    expect(await dialog.locator('[name="port"]').inputValue()).toBe('3306');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await sent(page)).toMatchObject({ engine: 'mysql', host: 'dhis.example.org', port: 3306 });
  });

  it('is made of a file of keys, which is never shown', async () => {
    await using window = await open('engines');
    const { page } = window;
    await listen(page, 'connections.create');
    await visit(page, '/connections?add');
    const dialog = openDialog(page);
    await dialog.getByLabel('Kind of database').selectOption('bigquery');
    expect(await dialog.locator('[name="host"]').count()).toBe(0);
    expect(await dialog.locator('[name="user"]').count()).toBe(0);
    await dialog.getByLabel('Name', { exact: true }).fill('Warehouse of the ministry');
    const file = dialog.getByRole('textbox', { name: 'Key file of the service account' });
    await file.fill('{ "type": "authorized_user" }');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText('This is not the key file of a service account.').waitFor();
    const canary = 'canary-0a7731cd';
    await file.fill(
      JSON.stringify({
        ...{ type: 'service_account', project_id: 'field-data', client_email: 'reader@example.org' },
        private_key: canary,
      }),
    );
    await dialog.getByText('The key of reader@example.org').waitFor();
    expect(await dialog.locator('[name="database"]').inputValue()).toBe('field-data');
    expect(await page.evaluate(() => document.body.innerText)).not.toContain(canary);
    await dialog.getByLabel(/^Location/).fill('africa-south1');
    expect(await violations(page, 'light')).toEqual([]);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await sent(page)).toMatchObject({
      ...{ engine: 'bigquery', host: 'bigquery.googleapis.com', port: 443, database: 'field-data' },
      ...{ user: 'reader@example.org', settings: { location: 'africa-south1' }, tlsMode: 'verify-full' },
    });
  });

  it('is made with a token that names nobody, or as a client whose id is named', async () => {
    await using window = await open('engines');
    const { page } = window;
    await listen(page, 'connections.create');
    await visit(page, '/connections?add');
    const dialog = openDialog(page);
    await dialog.getByLabel('Kind of database').selectOption('databricks');
    expect(await dialog.locator('[name="user"]').count()).toBe(0);
    await dialog.getByLabel('Sign in with').selectOption('client_secret');
    await dialog.getByLabel('Client id').fill('reader');
    await dialog.getByLabel('OAuth client secret').waitFor();
    await dialog.getByLabel('Sign in with').selectOption('token');
    await dialog.getByLabel('Client id').waitFor({ state: 'detached' });
    await dialog.getByLabel('Name', { exact: true }).fill('Warehouse of the ministry');
    await dialog.locator('[name="host"]').fill('dbc-1a2b.cloud.databricks.com');
    await dialog.getByLabel('Catalog').fill('field');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    // Neither the warehouse nor the token can be left out.
    await expect.poll(() => dialog.locator('[aria-invalid="true"]').count()).toBe(2);
    await dialog.getByLabel('SQL warehouse').fill('/sql/1.0/warehouses/wh-1');
    await dialog.getByLabel('Access token').fill('canary-52b1c0');
    expect(await dialog.getByLabel('Access token').getAttribute('type')).toBe('password');
    expect(await violations(page, 'light')).toEqual([]);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await sent(page)).toMatchObject({
      ...{ engine: 'databricks', host: 'dbc-1a2b.cloud.databricks.com', port: 443, database: 'field' },
      ...{ user: '-', settings: { signIn: 'token', warehouse: '/sql/1.0/warehouses/wh-1' } },
    });
  });

  it('is made with a private key and its passphrase, which are never shown', async () => {
    await using window = await open('engines');
    const { page } = window;
    await listen(page, 'connections.create');
    await visit(page, '/connections?add');
    const dialog = openDialog(page);
    await dialog.getByLabel('Kind of database').selectOption('snowflake');
    await dialog.getByLabel('Sign in with').selectOption('private_key');
    await dialog.getByLabel('Name', { exact: true }).fill('Programme data');
    await dialog.locator('[name="host"]').fill('myorg-clinic');
    await dialog.locator('[name="database"]').fill('FIELD');
    await dialog.getByLabel(/^Role/).fill('HEADGATE_READER');
    await dialog.locator('[name="user"]').fill('HEADGATE');
    const key = dialog.getByRole('textbox', { name: 'Private key' });
    await key.fill('canary-1f0e');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect.poll(() => dialog.locator('[aria-invalid="true"]').count()).toBe(1);
    await key.fill('-----BEGIN PRIVATE KEY-----\ncanary-1f0e\n-----END PRIVATE KEY-----');
    await key.waitFor({ state: 'detached' });
    await dialog.getByLabel(/^Passphrase of the key/).fill('canary-77');
    expect(await page.evaluate(() => document.body.innerText)).not.toContain('canary');
    expect(await violations(page, 'light')).toEqual([]);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await sent(page)).toMatchObject({
      ...{ engine: 'snowflake', user: 'HEADGATE', keyPassphrase: 'canary-77', database: 'FIELD' },
      host: 'myorg-clinic.snowflakecomputing.com',
      settings: { signIn: 'private_key', role: 'HEADGATE_READER' },
    });
  });

  it('is found by its kind, and says what it is', async () => {
    await using window = await open('engines');
    const { page } = window;
    await visit(page, '/connections');
    await page.getByLabel('Kind of database').selectOption('mysql');
    await page
      .getByRole('rowheader')
      .filter({ hasText: 'Health information system' })
      .getByText('MySQL / MariaDB')
      .waitFor();
    await expect.poll(() => page.locator('.connection-table tbody [data-label="Address"]').count()).toBe(1);
    expect(await scrollsSideways(page)).toBe(false);
  });

  it.each(['en-GB', 'hi-IN', 'fr-FR'])(
    'leaves what can be pressed in view at 900 px, by %s',
    async (locale) => {
      await using window = await open('engines', { width: 900, locale });
      const { page } = window;
      await visit(page, '/connections');
      await page.locator('.connection-table .cell-actions button').first().waitFor();
      const beyond = await page.locator('.connection-table .cell-actions button').evaluateAll(
        (all) =>
          all.filter((each) => {
            const within = each.closest('.table-wrap')?.getBoundingClientRect();
            return within === undefined || each.getBoundingClientRect().right > within.right;
          }).length,
      );
      expect(beyond).toBe(0);
    },
  );

  it('leads from its page to asking it, in its own SQL', async () => {
    await using window = await open('engines');
    const { page } = window;
    await listen(page, 'query.open');
    await visit(page, `/connections/${mysql}`);
    await page.getByRole('link', { name: 'Ask in SQL' }).click();
    await page.getByText('Asked in the SQL of MySQL / MariaDB').waitFor();
    expect(await page.getByLabel('Project or database').inputValue()).toBe(mysql);
    // What is drawn and laid out is PostgreSQL's.
    expect(await page.getByRole('button', { name: 'Explain' }).count()).toBe(0);
    await page.getByRole('textbox', { name: 'SQL statement' }).click();
    await page.keyboard.insertText('SELECT * FROM visit WHERE id = :id');
    await page.keyboard.press('Control+Enter');
    await page.locator('.result-grid').waitFor();
    const asked = await sent(page);
    expect(asked).toMatchObject({ connectionId: mysql, sql: 'SELECT * FROM visit WHERE id = :id' });
    expect(asked).not.toHaveProperty('projectId');
    expect(await violations(page, 'light')).toEqual([]);
  });
});
