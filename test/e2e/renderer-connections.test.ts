import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** The list of connections, the form, and the choice of one for a project. */

const one = (n: number) => `/connections/${uuid(1, n)}`;
const canary = 'canary-4c1e0a9be5f1';

const open = sharedStage();

const names = (page: Page) => page.locator('.connection-table th.cell-name a').allTextContents();
const dialogNamed = (page: Page, name: string) => page.getByRole('dialog', { name });

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious on the list, its dialogs and the form', async () => {
    await using window = await open('connections', { theme });
    const { page } = window;
    const found: string[] = [];
    const look = async (at: string) =>
      found.push(...(await violations(page, theme)).map((text) => `${at} ${text}`));
    await visit(page, '/connections');
    await page.getByRole('checkbox', { name: 'Select Reports' }).check();
    await look('list');
    await page.getByRole('button', { name: 'Tag…' }).click();
    await dialogNamed(page, 'Tag 1 connection').waitFor();
    await look('bulk');
    await page.keyboard.press('Escape');
    await visit(page, one(14));
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await dialogNamed(page, 'Edit Behind the bastion').waitFor();
    for (const section of ['Encryption', 'Sessions', 'Folder, tags']) {
      await page.getByRole('button', { name: new RegExp(`^${section}`) }).click();
    }
    await look('form');
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it.each([900, 640])('never scrolls sideways at %d px, with long names', async (width) => {
  await using window = await open('longConnections', { width, height: 700 });
  const { page } = window;
  const wide: string[] = [];
  const look = async (at: string) => {
    if (await scrollsSideways(page)) wide.push(at);
  };
  await visit(page, '/connections');
  await look('list');
  await page.locator('.connection-table tbody').getByRole('checkbox').first().check();
  await look('selected');
  await visit(page, '/connections?add');
  const dialog = openDialog(page);
  await dialog.getByRole('button', { name: /^Jump hosts/ }).click();
  await dialog.getByRole('button', { name: 'Add jump host' }).click();
  expect(await dialog.locator('.panel-body').evaluate((body) => body.scrollWidth <= body.clientWidth)).toBe(
    true,
  );
  expect(wide).toEqual([]);
  expect(window.complaints).toEqual([]);
});

describe('the list', () => {
  it('shows what wants somebody first, then the others by name', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections');
    await expect
      .poll(() => names(page))
      .toEqual([
        'Archive',
        'Behind the bastion',
        'Changed bastion',
        'Reports',
        'Field office',
        'Laptop',
        'Old warehouse',
        'Staging warehouse',
        'Warehouse',
      ]);
    const row = page.getByRole('row', { name: /Behind the bastion/ });
    await expect
      .poll(() => row.textContent())
      .toContain('via bastion.example.org → inner-bastion.example.org');
    await expect.poll(() => row.textContent()).toMatch(/Production.*Fails.*since 05:45 today/);
    await expect
      .poll(() => page.getByRole('row', { name: /Old warehouse/ }).textContent())
      .toContain('Turned off');
    await expect
      .poll(() =>
        page
          .getByRole('link', { name: /Connections: 5 failing/ })
          .or(page.locator('.nav-mark'))
          .count(),
      )
      .toBeGreaterThan(0);
    expect(window.complaints).toEqual([]);
  });

  it('is searched and filtered by the core, and says when nothing fits', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections');
    const find = page.getByRole('searchbox', { name: 'Find' });
    await find.fill('regional nightly');
    await expect.poll(() => names(page)).toEqual(['Reports']);
    await find.fill('');
    await page.getByRole('button', { name: 'Not reachable: 1' }).click();
    await expect.poll(() => names(page)).toEqual(['Field office']);
    // The other counts stay: they are what one can turn to.
    await page.getByRole('button', { name: 'Fails: 4' }).click();
    await expect.poll(async () => (await names(page)).length).toBe(4);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('State', { exact: true }).selectOption('archived');
    await expect.poll(() => names(page)).toEqual(['Retired']);
    await page.getByLabel('State', { exact: true }).selectOption('');
    await page.getByLabel('Folder', { exact: true }).selectOption('Regional office');
    await page.getByLabel('Tag', { exact: true }).selectOption('archive');
    await page.getByText('No connection fits these filters.').waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('stays quick and short with many, and shows more when asked', async () => {
    await using window = await open('manyConnections');
    const { page } = window;
    await visit(page, '/connections');
    await expect.poll(async () => (await names(page)).length).toBeLessThanOrEqual(105);
    await page.getByText('1 to 100 of 629').waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('1 to 200 of 629').waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('1 to 300 of 629').waitFor();
    await page.getByRole('button', { name: 'Next 300' }).click();
    await page.getByText('301 to 600 of 629').waitFor();
    await expect.poll(async () => (await names(page)).length).toBeLessThanOrEqual(300);
    await page.getByRole('searchbox', { name: 'Find' }).fill('tenant-619');
    await expect.poll(() => names(page)).toEqual(['Tenant 0619']);
  });

  it('tests all, tells how far it is, and names those that do not work', async () => {
    await using window = await open('connections', { stopClock: false }, (scenario) => {
      for (const each of scenario.connections) if (each.name === 'Reports') each.host = 'refuses.example.org';
    });
    const { page } = window;
    await visit(page, '/connections');
    await page.getByRole('button', { name: 'Test all' }).click();
    const bar = page.getByRole('region', { name: 'Test of many connections' });
    await expect.poll(() => bar.textContent()).toContain('6 of 8 work · 2 do not work');
    await expect
      .poll(() => bar.getByRole('link').allTextContents())
      .toEqual(['Behind the bastion', 'Reports']);
    await bar.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => bar.count()).toBe(0);
    expect(window.complaints).toEqual([]);
  });

  it('cancels a test of many, and keeps what was found', async () => {
    await using window = await open('connections', { stopClock: false }, (scenario) => {
      // The first four are one step; the fifth never answers.
      for (const each of scenario.connections) if (each.name === 'Laptop') each.host = 'slow.example.org';
    });
    const { page } = window;
    await visit(page, '/connections');
    await page.getByRole('button', { name: 'Test all' }).click();
    const bar = page.getByRole('region', { name: 'Test of many connections' });
    await bar.getByText('Tested 4 of 8').waitFor();
    await bar.getByRole('button', { name: 'Cancel' }).click();
    await bar.getByText(/Cancelled\. What was tested is recorded: 3 of 4 work/).waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });

  it('changes many at once: tags, folder, state', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections');
    await page.getByRole('checkbox', { name: 'Select Reports' }).check();
    await page.getByRole('checkbox', { name: 'Select Field office' }).check();
    const bar = page.getByRole('region', { name: '2 selected' });
    await bar.getByRole('button', { name: 'Tag…' }).click();
    let dialog = dialogNamed(page, 'Tag 2 connections');
    await dialog.getByLabel('Add tags').fill('monthly, audited');
    await dialog.getByLabel('Remove tags').fill('nightly');
    await dialog.getByRole('button', { name: 'Apply to 2 connections' }).click();
    await dialog.waitFor({ state: 'detached' });
    const reports = page.getByRole('row', { name: /Reports/ });
    await expect.poll(() => reports.textContent()).toContain('reporting, monthly and audited');
    await bar.getByRole('button', { name: 'State…' }).click();
    dialog = dialogNamed(page, 'Set the state of 2 connections');
    await dialog.getByRole('radio', { name: 'Turned off' }).check();
    await dialog.getByRole('button', { name: 'Apply to 2 connections' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => reports.textContent()).toContain('Turned off');
    await bar.getByRole('button', { name: 'Clear selection' }).click();
    await expect.poll(() => bar.count()).toBe(0);
    expect(window.complaints).toEqual([]);
  });

  it('selects everything that fits, beyond what is drawn', async () => {
    await using window = await open('manyConnections');
    const { page } = window;
    await visit(page, '/connections');
    await page.getByRole('checkbox', { name: 'Select Reports' }).check();
    await page.getByRole('button', { name: 'Select all 629' }).click();
    await page.getByRole('region', { name: '629 selected' }).waitFor();
  });

  it('duplicates and deletes, and keeps one that is used', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections');
    await page.getByRole('button', { name: 'More actions for Reports' }).click();
    await page.getByRole('menuitem', { name: 'Duplicate…' }).click();
    let dialog = dialogNamed(page, 'Duplicate Reports');
    await dialog.getByLabel('Name of the copy').fill('Reports');
    await dialog.getByRole('button', { name: 'Duplicate' }).click();
    await dialog.getByText('There is already a connection named “Reports”').waitFor();
    await dialog.getByLabel('Environment').selectOption('staging');
    await dialog.getByRole('button', { name: 'Duplicate' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.getByRole('row', { name: /Reports Staging/ }).count()).toBe(1);

    await page.getByRole('button', { name: 'More actions for Field office' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    dialog = page.getByRole('alertdialog', { name: 'Delete Field office?' });
    await dialog.getByRole('button', { name: 'Delete connection' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => names(page)).not.toContain('Field office');

    await page.getByRole('button', { name: 'More actions for Warehouse' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    // What would be refused is not offered: the way to the projects is.
    dialog = dialogNamed(page, 'Warehouse is in use');
    await dialog.getByRole('link', { name: 'Bednets 2026' }).waitFor();
    expect(await dialog.getByRole('button').allTextContents()).toEqual(['Close']);
    await dialog.getByRole('link', { name: 'Nutrition screening' }).click();
    await page.getByRole('heading', { level: 1, name: 'Nutrition screening' }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('lets those look who may not change anything, and says why', async () => {
    await using window = await open('connections', {}, (scenario) => {
      scenario.info.person.roles = ['viewer'];
      for (const each of scenario.connections) each.may = 'see';
    });
    const { page } = window;
    await visit(page, one(11));
    for (const name of ['Edit', 'Rotate password…', 'Test again']) {
      const button = page.getByRole('button', { name, exact: true });
      await expect.poll(() => button.getAttribute('aria-disabled')).toBe('true');
      await expect.poll(() => button.getAttribute('aria-description')).not.toBeNull();
    }
    expect(window.complaints).toEqual([]);
  });
});

describe('the form', () => {
  it('keeps what is stored, sends what is typed, and opens the section with the mistake', async () => {
    await using window = await open('connections');
    const { page } = window;
    await page.evaluate(() => {
      const bridge = (
        globalThis as unknown as {
          headgate: { calls: Record<string, (input: unknown, id: string) => unknown> };
        }
      ).headgate;
      const update = bridge.calls['connections.update'];
      bridge.calls['connections.update'] = (input, id) => {
        document.documentElement.dataset['sent'] = JSON.stringify(input);
        return update?.(input, id);
      };
    });
    await visit(page, one(14));
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const dialog = dialogNamed(page, 'Edit Behind the bastion');
    await expect
      .poll(() => dialog.getByLabel('Password', { exact: true }).getAttribute('placeholder'))
      .toBe('Stored – leave empty to keep');
    const sessions = dialog.getByRole('button', { name: /^Sessions/ });
    await sessions.click();
    await dialog.getByLabel('Sessions at once').fill('900');
    await sessions.click();
    await expect.poll(() => dialog.getByLabel('Sessions at once').isVisible()).toBe(false);
    await dialog.getByRole('button', { name: 'Move jump host 2 up' }).click();
    await dialog.getByRole('button', { name: 'Remove jump host 2' }).click();
    await dialog.getByLabel('Signs in with').selectOption('password');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText('A whole number from 1 to 20.').waitFor();
    await expect
      .poll(() => dialog.getByText('Cannot be empty.').or(dialog.locator('.field-error')).count())
      .toBe(2);
    await dialog.getByLabel('Sessions at once').fill('9');
    await dialog.getByLabel('Password on the jump host').fill(canary);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const sent = JSON.parse((await page.evaluate(() => document.documentElement.dataset['sent'])) ?? '{}');
    expect(sent).not.toHaveProperty('user');
    expect(sent).not.toHaveProperty('password');
    expect(sent.pool.size).toBe(9);
    expect(sent.ssh).toEqual([
      {
        id: uuid(11, 2),
        host: 'inner-bastion.example.org',
        port: 22,
        user: 'deploy',
        auth: 'password',
        keyFile: null,
        password: canary,
      },
    ]);
    expect(window.complaints).toEqual([]);
  });

  it('takes keys and certificates from files, and never shows a key again', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections?add');
    const dialog = dialogNamed(page, 'Add a connection');
    await dialog.getByLabel('Sign in with a client certificate').check();
    const choose = async (label: string, text: string) => {
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        dialog.getByRole('button', { name: `Choose file… (${label})` }).click(),
      ]);
      await chooser.setFiles({ name: 'file.pem', mimeType: 'text/plain', buffer: Buffer.from(text) });
    };
    const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    await choose('Client certificate', certificate);
    await expect
      .poll(() => dialog.getByRole('textbox', { name: 'Client certificate', exact: true }).inputValue())
      .toBe(certificate);
    await choose('Private key of the client certificate', `-----BEGIN PRIVATE KEY-----\n${canary}\n`);
    await dialog.getByText('A private key is ready to be sealed in the vault.').waitFor();
    expect(await page.content()).not.toContain(canary);
    await choose('CA certificate', 'x'.repeat(300 * 1024));
    await dialog.getByText('This file is too large for a certificate or a key.').waitFor();
  });

  it('explains each of the six modes of encryption', async () => {
    await using window = await open('nothing');
    const { page } = window;
    await visit(page, '/connections?add');
    const mode = page.getByLabel('Encryption (TLS)');
    await expect.poll(() => mode.locator('option').count()).toBe(6);
    const said = new Set<string>();
    for (const value of ['verify-full', 'verify-ca', 'require', 'prefer', 'allow', 'disable']) {
      await mode.selectOption(value);
      const id = (await mode.getAttribute('aria-describedby')) ?? '';
      said.add((await page.locator(`[id="${id}"]`).textContent()) ?? '');
    }
    expect(said.size).toBe(6);
  });

  it('shows the ladder of a test that failed, and tests again without a second connection', async () => {
    await using window = await open('nothing', { stopClock: false });
    const { page } = window;
    await visit(page, '/connections?add');
    const dialog = dialogNamed(page, 'Add a connection');
    await dialog.getByLabel('Connection URL').fill(`postgres://etl:${canary}@refuses.example.org/warehouse`);
    await dialog.getByLabel('Name', { exact: true }).click();
    await expect
      .poll(() => dialog.getByLabel('Host', { exact: true }).inputValue())
      .toBe('refuses.example.org');
    await dialog.getByRole('button', { name: 'Save and test' }).click();
    const rungs = dialog.getByRole('list', { name: 'Steps of the test' }).getByRole('listitem');
    await expect.poll(() => rungs.count()).toBe(8);
    await expect.poll(() => rungs.nth(4).textContent()).toContain('Failed');
    await expect.poll(() => rungs.nth(5).textContent()).toContain('Not reached');
    await expect.poll(() => dialog.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    await dialog.getByLabel('Host', { exact: true }).fill('db.example.org');
    await dialog.getByRole('button', { name: 'Save and test' }).click();
    await dialog.getByText('The connection works').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect.poll(() => names(page)).toEqual(['warehouse']);
    expect(await page.content()).not.toContain(canary);
  });
});

it('offers a choice by typing where a project could use one of many connections', async () => {
  await using window = await open('manyConnections');
  const { page } = window;
  await visit(page, '/projects?add');
  const dialog = dialogNamed(page, 'Create a project');
  await dialog.getByLabel('Name', { exact: true }).fill('Nets');
  const choice = dialog.getByRole('combobox', { name: 'Connection' });
  await choice.fill('tenant 0042');
  await page.getByRole('option', { name: 'Tenant 0042 (Development)' }).waitFor();
  // The first of what was found is what Enter takes.
  await expect.poll(() => page.getByRole('option').first().getAttribute('data-highlighted')).toBe('');
  await page.keyboard.press('Enter');
  await expect.poll(() => choice.inputValue()).toBe('Tenant 0042 (Development)');
  await choice.fill('tenant 004');
  await expect.poll(() => page.getByRole('option').count()).toBe(11);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => choice.inputValue()).toBe('Tenant 0040 (Staging)');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Tenant 0040' }).waitFor();
  expect(window.complaints).toEqual([]);
});

describe('a superuser', () => {
  it.each(['light', 'dark'] as const)(
    'is used only with a reason, which stays to be seen and taken back, in %s',
    async (theme) => {
      await using window = await open('superusers', { theme });
      const { page } = window;
      await visit(page, one(31));
      await page.getByText('CREATE ROLE "headgate_sync" LOGIN').last().waitFor();
      await page.getByRole('button', { name: 'Use it all the same…' }).click();
      const dialog = dialogNamed(page, 'Let syncs write as a superuser?');
      await dialog.getByLabel('Why a superuser is used').fill('because');
      await dialog.getByRole('button', { name: 'Use the superuser' }).click();
      await dialog.getByText('Say why, in at least 10 characters.').waitFor();
      expect(await violations(page, theme)).toEqual([]);
      await dialog.getByLabel('Why a superuser is used').fill('The vendor gives no other login.');
      await dialog.getByRole('button', { name: 'Use the superuser' }).click();
      await dialog.waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      const form = dialogNamed(page, 'Edit Field server');
      await form.getByRole('button', { name: /^Folder, tags/ }).click();
      expect(await form.getByLabel('Why a superuser is used').inputValue()).toBe(
        'The vendor gives no other login.',
      );
      expect(window.complaints).toEqual([]);
    },
  );

  it('is not spoken of where none is used', async () => {
    await using window = await open('superusers');
    const { page } = window;
    await visit(page, one(11));
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const form = dialogNamed(page, 'Edit Reports');
    await form.getByRole('button', { name: /^Folder, tags/ }).click();
    await form.getByLabel('Read only').waitFor();
    expect(await form.getByLabel('Why a superuser is used').count()).toBe(0);
  });
});
