import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { typedOutside } from '../support/renderer-fixture/typed-outside.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** Connections coming and going, and what is beside one: import, export, seal; structure, people, leased logins. */

const importing = '/connections/import';
const page1 = `/connections/${uuid(1, 1)}`;

const open = sharedStage();

const toReview = async (page: Page, kind = 'url'): Promise<void> => {
  await visit(page, importing);
  await page.getByLabel('What it is').selectOption(kind);
  await page.getByLabel('Or paste what is in it').fill('postgres://u:p@h/d');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('heading', { level: 1, name: /^Review: / }).waitFor();
};
const toTab = async (page: Page, name: string): Promise<void> => {
  await visit(page, page1);
  const parts = page.getByRole('navigation', { name: 'Parts of this connection' });
  await parts.getByRole('link', { name }).click();
};

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious', async () => {
    await using window = await open('busy', { theme });
    const { page } = window;
    const found: string[] = [];
    const look = async (at: string) =>
      found.push(...(await violations(page, theme)).map((text) => `${at} ${text}`));
    await visit(page, importing);
    await look('from');
    await toReview(page, 'legacy');
    await look('review');
    await page.getByRole('button', { name: /^Import \d/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Imported' }).waitFor();
    await look('done');
    for (const name of ['Structure', 'People', 'Leased logins']) {
      await toTab(page, name);
      await page.getByRole('region', { name: name === 'People' ? 'Who may use it' : name }).waitFor();
      await look(name);
    }
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it.each([900, 640])('never scrolls sideways at %d px', async (width) => {
  await using window = await open('busy', { width, height: 700 });
  const { page } = window;
  const wide: string[] = [];
  const look = async (at: string) => {
    if (await scrollsSideways(page)) wide.push(at);
  };
  await visit(page, importing);
  await look('from');
  await toReview(page, 'ssh_config');
  await look('review');
  for (const name of ['Structure', 'People', 'Leased logins']) {
    await toTab(page, name);
    await look(name);
  }
  expect(wide).toEqual([]);
});

describe('importing', () => {
  it('takes nothing before somebody says so, and drops what is left', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, importing);
    await expect.poll(() => page.getByText('Services (pg_service.conf): 6 entries').count()).toBe(1);
    await page.getByRole('button', { name: 'Preview' }).click();
    await expect.poll(() => page.getByText('Choose a file, or paste its text.').count()).toBe(1);
    await page.getByLabel('Or paste what is in it').fill('broken');
    await page.getByRole('button', { name: 'Preview' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('This is not JSON');
    await page.getByRole('button', { name: 'Review Services (pg_service.conf)' }).click();
    await page.getByRole('heading', { level: 1, name: 'Review: Services (pg_service.conf)' }).waitFor();
    await expect.poll(() => page.getByText('Nothing has been changed.').count()).toBe(1);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset['discarded'])).toBe('1');
  });

  it('sees what a file is, and goes by what somebody says who knows better', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, importing);
    const kind = page.getByLabel('What it is');
    const file = page.getByLabel('File', { exact: false });
    const profiles = 'shop:\n  outputs:\n    dev:\n      type: postgres\n      host: h\n';
    await file.first().setInputFiles({ name: 'x', mimeType: 'text/plain', buffer: Buffer.from(profiles) });
    await expect.poll(() => kind.inputValue()).toBe('dbt');
    await page.getByText('Recognised: dbt (profiles.yml).').waitFor();
    expect(await file.first().evaluate((input: HTMLInputElement) => input.files?.length)).toBe(1);
    await kind.selectOption('url');
    expect(await page.getByText(/^Recognised/).count()).toBe(0);
    expect(await file.first().evaluate((input: HTMLInputElement) => input.files?.length)).toBe(1);
    // What is pasted is seen too; the second file of DataGrip is asked for.
    await page
      .getByLabel('Or paste what is in it')
      .fill('#DataSourceSettings#\n#LocalDataSource: n\n#BEGIN#');
    await expect.poll(() => kind.inputValue()).toBe('datagrip');
    await expect.poll(() => page.getByLabel(/dataSources\.local\.xml/).count()).toBe(1);
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('heading', { level: 1, name: 'Review: DataGrip' }).waitFor();
  });

  it('of a sealed bundle has its passphrase asked for outside, and is quietly back when that is closed', async () => {
    await using window = await open('busy', {}, (scenario) => {
      scenario.people.typed = [null];
    });
    const { page } = window;
    await visit(page, importing);
    await page.getByLabel('What it is').selectOption('sealed');
    await page.getByText('Where a passphrase opens it, that is asked for in a small window').waitFor();
    expect(await page.locator('input[type=password]').count()).toBe(0);
    await page.getByLabel('Or paste what is in it').fill('-----BEGIN AGE ENCRYPTED FILE-----');
    const look = page.getByRole('button', { name: 'Preview' });
    await look.click();
    await typedOutside(page, look);
    expect(await page.getByRole('alert').count()).toBe(0);
    await look.click();
    await page.getByRole('heading', { level: 1, name: /^Review: / }).waitFor();
  });

  it('lets each be named, left out or put in the place of another', async () => {
    await using window = await open('busy');
    const { page } = window;
    await toReview(page);
    const submit = page.getByRole('button', { name: /^Import / });
    await expect.poll(() => submit.textContent()).toBe('Import 2 connections');
    // A name that is taken waits for another one.
    await page.getByLabel('What to do with Warehouse').selectOption('create');
    await expect.poll(() => page.getByText('Give it another name').count()).toBe(1);
    await expect.poll(() => submit.getAttribute('aria-disabled')).toBe('true');
    await page.getByLabel('Name of Warehouse').fill('Warehouse, old');
    await page.getByLabel('What to do with Archive').selectOption('replace');
    await expect.poll(() => submit.textContent()).toBe('Import 4 connections');
    await page.getByLabel('What to do with Reports').selectOption('skip');
    await submit.click();
    await page.getByRole('heading', { level: 1, name: 'Imported' }).waitFor();
    await expect.poll(() => page.locator('main').textContent()).toContain('2 connections were added.');
    await expect.poll(() => page.locator('main').textContent()).toContain('1 connection was replaced.');
  });

  it('a host of SSH can be put in front of any connection, however many there are', async () => {
    await using window = await open('manyConnections');
    const { page } = window;
    await toReview(page, 'ssh_config');
    await page.getByRole('button', { name: /^Connections through db-inner/ }).click();
    await page
      .getByLabel('Find one: Connections through db-inner')
      .or(page.getByPlaceholder(/Find/))
      .last()
      .fill('tenant 0619');
    await page.getByRole('checkbox', { name: 'Tenant 0619 (Staging)' }).check();
    await page.getByRole('button', { name: 'Import 3 connections' }).waitFor();
  });

  it('shows what becomes of legacy projects, and the file without credentials', async () => {
    await using window = await open('busy');
    const { page } = window;
    await toReview(page, 'legacy');
    await expect.poll(() => page.getByText('Will be made').count()).toBe(1);
    await page.getByLabel('Malaria').uncheck();
    await page.getByRole('button', { name: /^Import \d/ }).click();
    await expect.poll(() => page.getByText('1 project was made or changed.').count()).toBe(1);
    await expect.poll(() => page.getByRole('button', { name: 'Copy the file' }).count()).toBe(1);
  });
});

describe('beside a connection', () => {
  it('its structure is searched, read again and compared', async () => {
    await using window = await open('busy');
    const { page } = window;
    await toTab(page, 'Structure');
    await expect.poll(() => page.getByRole('region', { name: 'public.site' }).count()).toBe(1);
    await page.getByRole('button', { name: 'public.visit' }).click();
    await expect.poll(() => page.getByText('site → public.site (id)').count()).toBe(1);
    await page.getByLabel('Find a table or column').fill('HOUSEHOLD_head');
    await expect.poll(() => page.getByText('3 tables').count()).toBeGreaterThan(0);
    await page.getByLabel('Find a table or column').fill('nowhere');
    await expect.poll(() => page.getByText('No table').count()).toBe(1);
    await page.getByLabel('Find a table or column').fill('');
    await page.getByRole('button', { name: 'Read again' }).click();
    await page.getByRole('button', { name: 'Read again' }).waitFor();
    await page.getByRole('button', { name: 'Read again' }).click();
    await page.getByText(/^1 change since/).click();
    await expect.poll(() => page.getByText('public.site: column code is new (integer)').count()).toBe(1);
  });

  it('5,000 tables are quick to search', async () => {
    await using window = await open('busy', {}, (scenario) => {
      const [first] = scenario.connections;
      if (first) first.host = 'many.example.org';
    });
    const { page } = window;
    await toTab(page, 'Structure');
    await expect.poll(() => page.getByText('5,001 tables').count()).toBeGreaterThan(0);
    const started = Date.now();
    await page.getByLabel('Find a table or column').fill('table_4999');
    await expect.poll(() => page.getByRole('region', { name: 'public.table_4999' }).count()).toBe(1);
    expect(Date.now() - started).toBeLessThan(3000);
  });

  it('one that can not be read now shows what is remembered', async () => {
    await using window = await open('busy', {}, (scenario) => {
      const [first] = scenario.connections;
      if (first) first.host = 'away.example.org';
    });
    await toTab(window.page, 'Structure');
    await expect
      .poll(() =>
        window.page.getByText('The database could not be read now; this is what was read last.').count(),
      )
      .toBe(1);
  });

  it('a login is leased past the page, and taken back', async () => {
    await using window = await open('busy');
    const { page } = window;
    await toTab(page, 'Leased logins');
    await page.getByRole('button', { name: 'Turn on…' }).click();
    const panel = openDialog(page);
    await panel.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => panel.getByText('Fill this in').count()).toBeGreaterThanOrEqual(0);
    await panel.getByLabel('Reader role').fill('bi_readers');
    await panel.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Get a login' }).click();
    await openDialog(page).getByRole('button', { name: 'Copy its address' }).click();
    const end = page.getByRole('button', { name: /^End headgate_/ });
    await end.click();
    await expect.poll(() => page.getByText('Ended', { exact: true }).count()).toBe(1);
    await expect.poll(() => end.count()).toBe(0);
  });

  it('people are given what they may do, with the truth about it', async () => {
    await using window = await open('busy', {}, (scenario) => {
      scenario.people.others.push({
        id: uuid(8, 2),
        name: 'Bénédicte Ouédraogo',
        roles: ['analyst'],
        hasPassphrase: true,
        createdAt: '2026-11-01T00:00:00.000Z',
      });
    });
    const { page } = window;
    await toTab(page, 'People');
    await page.getByLabel('Only the people named below').check();
    const level = page.getByLabel('What Bénédicte Ouédraogo may do');
    await level.selectOption('use');
    await expect.poll(() => level.inputValue()).toBe('use');
    await expect.poll(() => page.getByText(/could read the password out of its memory/).count()).toBe(1);
  });
});

it('an export and a sealed bundle are made from the page of a connection', async () => {
  await using window = await open('busy', {}, (scenario) => {
    scenario.people.passphrases[scenario.info.person.id] = 'my own passphrase';
    scenario.people.typed = [null];
  });
  const { page } = window;
  await visit(page, page1);
  const choose = async (name: string) => {
    await page.getByRole('button', { name: /^More actions/ }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  await choose('Export…');
  await openDialog(page).getByRole('button', { name: 'Show it here' }).click();
  await expect.poll(() => page.getByLabel('The export').inputValue()).toContain('headgate-connections');
  await openDialog(page).getByRole('button', { name: 'Close' }).click();
  await choose('Export with passwords, sealed…');
  const panel = openDialog(page);
  const seal = panel.getByRole('button', { name: 'Seal and save…' });
  await seal.click();
  await expect.poll(() => panel.getByText('Say why, in a few words.').count()).toBe(1);
  // Both passphrases are typed outside the page.
  expect(await panel.locator('input[type=password]').count()).toBe(0);
  await expect.poll(() => panel.textContent()).toContain('then that of the bundle, never on this page');
  await panel.getByLabel('Why').fill('moving to another computer');
  await seal.click();
  await typedOutside(page, seal);
  expect(await panel.getByRole('alert').count()).toBe(0);
  await seal.click();
  // The page gets no text that opens to secrets, only where it was saved.
  await page.getByText('/home/asha/headgate.json').first().waitFor();
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
});
