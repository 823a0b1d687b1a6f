import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { listen, sent } from '../support/renderer-fixture/sent.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* What is beside the usual way of a connection: deleted, without its secret, not looked at by the clock, run by a service. */

const open = sharedStage();
const [secretless, lakehouse] = [uuid(1, 51), uuid(1, 52)];

describe('a deleted connection', () => {
  it('says what is destroyed at once, and is brought back from where its end is told', async () => {
    await using window = await open('asideConnections');
    const { page } = window;
    await visit(page, '/connections');
    await page.getByRole('button', { name: 'More actions for Survey archive' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    const question = page.getByRole('alertdialog');
    await question.getByText('destroyed in the vault at once').waitFor();
    await question.getByText('can be restored for 30 days').waitFor();
    await question.getByRole('button', { name: 'Delete connection' }).click();
    await page.getByRole('link', { name: 'Survey archive' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: '4 recently deleted connections' }).waitFor();
    await page.getByText('brings it back without its secrets').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'Survey archive' }).waitFor();
    await page.getByRole('row').filter({ hasText: 'Survey archive' }).getByText('Needs a key file').waitFor();
  });

  it('is restored from the list, under another name where its own is taken, and asks for its secret', async () => {
    await using window = await open('asideConnections');
    const { page } = window;
    await listen(page, 'connections.update');
    await visit(page, '/connections');
    await page.getByRole('button', { name: 'More for all connections' }).click();
    await page.getByRole('menuitem', { name: 'Recently deleted…' }).click();
    await page.getByRole('heading', { name: 'Recently deleted' }).waitFor();
    await page.getByText('within a day').waitFor();
    expect(await violations(page, 'light')).toEqual([]);
    await page.getByRole('button', { name: 'Restore Warehouse' }).click();
    const dialog = openDialog(page);
    const name = dialog.getByLabel('Name');
    expect(await name.inputValue()).toBe('Warehouse (restored)');
    await name.fill('Staging warehouse');
    await name.fill('Warehouse');
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await expect.poll(() => dialog.locator('[aria-invalid="true"]').count()).toBe(1);
    await name.fill('Warehouse of old');
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('heading', { name: 'Warehouse of old', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Enter it' }).click();
    const form = openDialog(page);
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('user');
    await form.getByRole('button', { name: 'Save', exact: true }).click();
    await expect.poll(() => form.locator('[aria-invalid="true"]').count()).toBe(1);
    await form.locator('[name="user"]').fill('etl');
    await form.locator('[name="password"]').fill('canary-21ab');
    await form.getByRole('button', { name: 'Save', exact: true }).click();
    await form.waitFor({ state: 'detached' });
    expect(await sent(page)).toMatchObject({ user: 'etl', password: 'canary-21ab' });
    await page.getByText('Needs a password').first().waitFor({ state: 'detached' });
  });

  it.each(['en-GB', 'fr-FR', 'hi-IN'])(
    'leaves what can be pressed in view at 900 px, by %s',
    async (locale) => {
      await using window = await open('asideConnections', { width: 900, locale });
      const { page } = window;
      for (const hash of ['/connections/deleted', '/connections', `/connections/${lakehouse}`]) {
        await visit(page, hash);
        await page.locator('h1').waitFor();
        expect(await scrollsSideways(page)).toBe(false);
      }
    },
  );
});

it('a first test that is not over is told, and found by it', async () => {
  await using window = await open('asideConnections');
  const { page } = window;
  await visit(page, '/connections');
  await page
    .getByRole('row')
    .filter({ hasText: 'Clinics of the north' })
    .getByText('First test: not started')
    .waitFor();
  await page.getByLabel('First test').selectOption('failed');
  await expect.poll(() => page.locator('.connection-table tbody [data-label="Address"]').count()).toBe(1);
  await page.getByRole('link', { name: 'Survey archive' }).waitFor();
  await visit(page, `/connections/${secretless}`);
  await page.locator('.facts').getByText('not started').waitFor();
  expect(await violations(page, 'light')).toEqual([]);
});

it('what is not looked at in the background says why, and is tested by a press', async () => {
  await using window = await open('asideConnections');
  const { page } = window;
  await visit(page, '/connections');
  const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name });
  await rowOf('Ministry lakehouse').getByText('a query would start the warehouse').waitFor();
  await rowOf('Survey archive').getByText('a query would be billed').waitFor();
  expect(await rowOf('Health information system').getByText('Not checked in the background').count()).toBe(0);
  await visit(page, `/connections/${lakehouse}`);
  await page.getByText('Not checked in the background').first().waitFor();
  await page.getByRole('button', { name: 'Test now' }).waitFor();
});

it('another way of signing in asks for its own secret before it is saved', async () => {
  await using window = await open('asideConnections');
  const { page } = window;
  await listen(page, 'connections.update');
  await visit(page, `/connections/${lakehouse}`);
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const form = openDialog(page);
  await form.getByLabel('Access token').waitFor();
  await form.getByLabel('Access token').fill('canary-token-9f');
  await form.getByLabel('Sign in with').selectOption('client_secret');
  await form.getByText('the stored one is destroyed when you save').waitFor();
  // A token that was typed is no secret of a client.
  expect(await form.getByLabel('OAuth client secret').inputValue()).toBe('');
  expect(await form.getByLabel('OAuth client secret').getAttribute('placeholder')).toBeNull();
  expect(await violations(page, 'light')).toEqual([]);
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await expect.poll(() => form.locator('[aria-invalid="true"]').count()).toBe(2);
  expect(await sent(page)).toEqual({});
  await form.getByLabel('Client id').fill('reader');
  await form.getByLabel('OAuth client secret').fill('canary-secret-71');
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await form.waitFor({ state: 'detached' });
  expect(await sent(page)).toMatchObject({
    ...{ user: 'reader', password: 'canary-secret-71' },
    settings: { signIn: 'client_secret' },
  });
});

describe('a service that runs PostgreSQL', () => {
  it('fills in what it can, tells where the rest is found, and what to watch for', async () => {
    await using window = await open('asideConnections');
    const { page } = window;
    await visit(page, '/connections?add');
    const form = openDialog(page);
    const service = form.locator('[name="hosted"]');
    await service.selectOption({ label: 'Supabase, transaction pooler' });
    expect(await form.locator('[name="port"]').inputValue()).toBe('6543');
    expect(await form.locator('[name="database"]').inputValue()).toBe('postgres');
    expect(await form.locator('[name="host"]').getAttribute('placeholder')).toContain('pooler.supabase.com');
    await form.getByText('Leased logins can not sign in through this pooler').waitFor();
    await form.getByText('take the direct way or a session pooler').waitFor();
    await form.locator('[name="user"]').fill('postgres');
    await form.locator('strong').getByText('postgres.PROJECT').waitFor();
    await form.locator('[name="user"]').fill('postgres.abcdef');
    await form.locator('strong').getByText('postgres.PROJECT').waitFor({ state: 'detached' });
    expect(await violations(page, 'light')).toEqual([]);
    await service.selectOption({ label: 'Google Cloud SQL' });
    expect(await form.locator('[name="tlsMode"]').inputValue()).toBe('verify-ca');
    await form.getByLabel('Kind of database').selectOption('mysql');
    await service.waitFor({ state: 'detached' });
  });

  it('is recognised in a URL, with what the server must ask for', async () => {
    await using window = await open('asideConnections');
    const { page } = window;
    await listen(page, 'connections.create');
    await visit(page, '/connections?add');
    const form = openDialog(page);
    const box = form.getByLabel('Connection URL');
    await box.fill(
      'postgresql://me:canary-neon-5@ep-cool-1a2b-pooler.us-east-2.aws.neon.tech/clinics?sslmode=require&channel_binding=require',
    );
    await box.press('Enter');
    await expect.poll(() => form.locator('[name="hosted"]').inputValue()).toBe('neon-pooled');
    expect(await page.evaluate(() => document.body.innerText)).not.toContain('canary-neon-5');
    await form.getByRole('button', { name: 'Verify more: verify-full' }).click();
    await form.getByRole('button', { name: 'Save', exact: true }).click();
    await form.waitFor({ state: 'detached' });
    expect(await sent(page)).toMatchObject({
      ...{ host: 'ep-cool-1a2b-pooler.us-east-2.aws.neon.tech', database: 'clinics', user: 'me' },
      ...{ tlsMode: 'verify-full', signIn: 'channel_binding' },
    });
    expect(await sent(page)).not.toHaveProperty('hosted');
  });
});
