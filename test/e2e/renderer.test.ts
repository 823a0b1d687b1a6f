import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, scrollsSideways, tabTo, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
};

const screens = [
  '/',
  '/sync',
  '/data',
  '/dictionary',
  '/connections',
  '/sources',
  '/projects',
  `/projects/${uuid(4, 1)}`,
  '/credentials',
  '/activity',
  '/settings',
];

const open = sharedStage();

it('would notice what axe is there for', async () => {
  await using window = await open('busy');
  // Before the screen is drawn there is nothing to append to, and nothing to find.
  await window.page.locator('main h1').waitFor();
  await window.page.evaluate(() => {
    const pale = document.createElement('p');
    pale.textContent = 'Too pale to read';
    pale.style.color = '#ddd';
    document.querySelector('main')?.append(pale, document.createElement('input'));
  });
  const found = (await violations(window.page, 'light')).join();
  expect(found).toContain('color-contrast');
  expect(found).toContain('label');
});

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it.each(['busy', 'troubled'] as const)('axe finds nothing serious on any screen (%s)', async (name) => {
    await using window = await open(name, { theme });
    const found: string[] = [];
    for (const hash of screens) {
      await visit(window.page, hash);
      found.push(...(await violations(window.page, theme)).map((text) => `${hash} ${text}`));
    }
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });

  it('axe finds nothing serious in forms and dialogs', async () => {
    await using window = await open('busy', { theme }, (scenario) => {
      scenario.signInWaits = true;
    });
    const found: string[] = [];
    for (const hash of [
      '/connections?add',
      '/sources?add',
      `/projects/${uuid(4, 2)}?link`,
      '/projects?add',
      `/sources?signIn=${uuid(2, 1)}`,
    ]) {
      await visit(window.page, hash);
      await openDialog(window.page).waitFor();
      found.push(...(await violations(window.page, theme)).map((text) => `${hash} ${text}`));
      await window.page.keyboard.press('Escape');
    }
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it('adds and tests a connection by keyboard alone', async () => {
  await using window = await open('nothing', { stopClock: false });
  const { page } = window;
  const focused = (name: string) => expect.poll(() => focusedName(page), { timeout: 3000 }).toContain(name);
  await visit(page, '/connections');
  await tabTo(page, 'Add connection');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Add a connection' }).waitFor();
  // What is at hand is pasted first; who has nothing to paste goes on by Tab.
  await focused('Connection URL');
  await tabTo(page, 'Name');
  await page.keyboard.type('Warehouse');
  await tabTo(page, 'Environment');
  await page.keyboard.type('Prod');
  await tabTo(page, 'Host');
  await page.keyboard.type('db.example.org');
  await tabTo(page, 'Database');
  await page.keyboard.type('warehouse');
  await tabTo(page, 'User');
  await page.keyboard.type('etl');
  await tabTo(page, 'Password');
  await page.keyboard.type('not-a-real-one');
  await page.keyboard.press('Enter');
  await page.getByText('The connection works').waitFor();
  await tabTo(page, 'Done');
  await page.keyboard.press('Enter');
  await openDialog(page).waitFor({ state: 'detached' });
  const row = page.getByRole('row', { name: /Warehouse/ });
  await expect.poll(() => row.textContent()).toContain('Works');
  await expect.poll(() => row.textContent()).toContain('Production');
  expect(await page.content()).not.toContain('not-a-real-one');
  expect(window.complaints).toEqual([]);
});

it('leads from nothing to the first rows', async () => {
  await using window = await open('firstRun', { stopClock: false });
  const { page } = window;
  await page.getByRole('link', { name: 'Connections' }).click();
  await page.getByRole('button', { name: 'Add connection' }).first().click();
  await page.getByLabel('Connection URL').fill('postgres://etl:not-a-real-one@db.example.org:6543/warehouse');
  await page.getByLabel('Name', { exact: true }).fill('Warehouse');
  await expect.poll(() => page.getByLabel('Port').inputValue()).toBe('6543');
  await page.getByRole('button', { name: 'Save and test' }).click();
  await page.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('link', { name: 'Sources' }).click();
  await page.getByRole('button', { name: 'Add source' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Malaria programme');
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await page.getByText('Finish in your browser').waitFor();
  await page.getByRole('radio', { name: 'Malaria Nigeria' }).check();
  await page.getByRole('button', { name: 'Read this' }).click();
  await page.getByText('Signed in as asha.rao@example.org').first().waitFor();

  await page.getByRole('link', { name: 'All projects' }).click();
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Bednets');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('button', { name: 'Link a source' }).click();
  await page.getByLabel('Source', { exact: true }).selectOption({ label: 'Malaria programme' });
  await page.getByRole('button', { name: 'Link source' }).click();
  // Looked for from before the click on: the sync is over in less than a second.
  const progress = page.getByRole('progressbar', { name: 'forms' }).waitFor();
  await page.getByRole('button', { name: 'Sync now: Bednets · Malaria programme' }).click();
  await progress;
  await page.getByRole('link', { name: 'Look at the rows' }).click();
  await page.getByRole('heading', { level: 1, name: 'forms' }).waitFor();
  await page.getByRole('gridcell', { name: '5f0c9a52-0000-4000-8000-000000000001', exact: true }).waitFor();

  await page.getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('row', { name: /Completed/ }).waitFor();
  expect(window.complaints).toEqual([]);
});

it('asks before Escape throws away what was typed', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/connections?add');
  await page.getByLabel('Host', { exact: true }).fill('db.example.org');
  await page.keyboard.press('Escape');
  await page.getByText('Discard what you typed?').waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.getByLabel('Host', { exact: true }).inputValue()).toBe('db.example.org');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Discard' }).click();
  await openDialog(page).waitFor({ state: 'detached' });
});

it('cancels a test and a sign-in', async () => {
  await using window = await open('busy', { stopClock: false }, (scenario) => {
    scenario.signInWaits = true;
    const first = scenario.connections[0];
    if (first) first.host = 'slow.example.org';
  });
  const { page } = window;
  await visit(page, '/connections');
  await page.getByRole('button', { name: 'Test Warehouse' }).click();
  await page.getByRole('button', { name: 'Cancel the test of Warehouse' }).click();
  await page.getByRole('button', { name: 'Test Warehouse' }).waitFor();
  await visit(page, `/sources?signIn=${uuid(2, 1)}`);
  await page.getByRole('button', { name: 'Copy link' }).waitFor();
  await page.getByRole('button', { name: 'Cancel sign-in' }).click();
  await openDialog(page).waitFor({ state: 'detached' });
  await expect.poll(() => page.getByRole('alert').count()).toBe(0);
});

it('shows why somebody may not do something, and hides what is not theirs', async () => {
  await using window = await open('troubled');
  const { page } = window;
  await visit(page, '/connections');
  await expect.poll(() => page.getByRole('link', { name: 'Activity' }).count()).toBe(0);
  const add = page.getByRole('button', { name: 'Add connection' });
  await expect.poll(() => add.getAttribute('aria-disabled')).toBe('true');
  await expect.poll(() => add.getAttribute('aria-description')).toBe('Needs the role DBA.');
  await add.click({ force: true });
  await expect.poll(() => openDialog(page).count()).toBe(0);
});

it('remembers the chosen theme', async () => {
  await using window = await open('busy', { theme: 'light' });
  const { page } = window;
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await visit(page, '/settings');
  await page.getByRole('main').getByRole('radio', { name: 'Dark' }).check();
  const dark = await ground();
  expect(dark).not.toBe(light);
  expect(await page.evaluate(() => ({ ...localStorage }))).toEqual({});
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await expect.poll(ground).toBe(dark);
});

it('follows a theme that was chosen elsewhere, and takes back one that could not be kept', async () => {
  await using window = await open('busy', { theme: 'light' });
  const { page } = window;
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await visit(page, '/settings');
  const dark = page.getByRole('main').getByRole('radio', { name: 'Dark' });
  await page.evaluate(() => headgate.calls['app.setTheme']?.({ theme: 'dark' }, 'from the menu'));
  await expect.poll(ground).not.toBe(light);
  await expect.poll(() => dark.isChecked()).toBe(true);
  await page.evaluate(() => {
    headgate.calls['app.setTheme'] = () =>
      Promise.resolve({ ok: false, error: { code: 'INTERNAL', kind: 'system', message: 'No.', advice: '' } });
  });
  await page.getByRole('main').getByRole('radio', { name: 'Light' }).click();
  await page.getByText('No.').first().waitFor();
  expect(await ground()).not.toBe(light);
  await expect.poll(() => dark.isChecked()).toBe(true);
});

it('says what was refused at the field it is about, and the rest above the form', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/projects?add');
  await page.getByLabel('Name', { exact: true }).fill('Nets');
  await page.getByLabel('Connection', { exact: true }).selectOption({ index: 1 });
  const schema = page.getByLabel('Project schema');
  await schema.fill('pg_nets');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByText('Is reserved by PostgreSQL.').waitFor();
  await expect.poll(() => schema.getAttribute('aria-invalid')).toBe('true');
  await expect.poll(() => focusedName(page)).toBe('Project schema');
  const above = await page.getByRole('alert').textContent();
  expect(above).toContain('moon: must be full');
  expect(above).not.toContain('reserved');
  await schema.fill('nets');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await openDialog(page).waitFor({ state: 'detached' });
});

it('leads from what needs attention to the very thing', async () => {
  await using window = await open('troubled');
  const { page } = window;
  const attention = page.getByRole('region', { name: 'Needs attention' });
  await attention.getByRole('link', { name: 'Open connection: Warehouse' }).click();
  await page.getByRole('heading', { level: 1, name: 'Warehouse' }).waitFor();
  await expect.poll(() => focusedName(page)).toBe('Warehouse');
  await expect
    .poll(() => page.getByRole('region', { name: 'Test', exact: true }).textContent())
    .toContain('Enter the user and password again');
  expect(await violations(page, 'light')).toEqual([]);
});

it('offers to sync again where a sync failed and none has succeeded since', async () => {
  await using window = await open('busy', {}, (scenario) => {
    scenario.jobs = scenario.jobs.filter((job) => job.status === 'failed');
  });
  const { page } = window;
  await visit(page, '/sync');
  await page.getByRole('row', { name: /Failed/ }).click();
  const run = openDialog(page);
  await expect.poll(() => run.textContent()).toContain('Check the network and the address of the source');
  await run.getByRole('button', { name: 'Sync again: Bednets 2026 · Malaria programme' }).click();
  await page.locator('.flow-runs, .jobs [role="progressbar"]').first().waitFor();
});

it.each([900, 640])('never scrolls sideways at %d px, with long names', async (width) => {
  await using window = await open('longNames', { width, height: 700 });
  const wide: string[] = [];
  for (const hash of screens) {
    await visit(window.page, hash);
    if (await scrollsSideways(window.page)) wide.push(hash);
  }
  expect(wide).toEqual([]);
  expect(window.complaints).toEqual([]);
});

it('runs under the policy of the window', async () => {
  await using window = await open('busy');
  const refused = await window.page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'body { outline: 9px solid red }';
    document.head.append(style);
    return getComputedStyle(document.body).outlineWidth !== '9px';
  });
  expect(refused).toBe(true);
  expect(window.complaints.join()).toContain('Content Security Policy');
});
