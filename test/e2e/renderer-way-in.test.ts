import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { focusedName, scrollsSideways, tabTo, violations } from '../support/renderer-fixture/checks.ts';
import { now, uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { paste } from '../support/renderer-fixture/way-in-shots.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* The ways in, in each of their states: nothing allowed, nothing kept, nothing that comes back. */

const open = sharedStage();
const inPasteBox = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.activeElement?.matches('textarea[data-first]') ?? false);
const url = 'postgres://etl:secret@warehouse.example.org:5432/bednets';

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious in the first page, the panel and the banner, and nothing scrolls sideways', async () => {
    {
      await using window = await open('firstRun', { theme, width: 640, height: 700 });
      const { page } = window;
      await visit(page, '/');
      await page.getByRole('heading', { name: 'What brings you here?' }).waitFor();
      expect(await violations(page, theme)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
      await page.getByRole('button', { name: 'Set up', exact: true }).click();
      await page.getByLabel('Connection URL').last().focus();
      await paste(page, 'postgres://etl:wrong@warehouse.example.org/bednets');
      await page.getByRole('button', { name: 'Use it' }).click();
      await page.getByText('Nothing was kept.').waitFor();
      expect(await violations(page, theme)).toEqual([]);
      expect(window.complaints).toEqual([]);
    }
    await using window = await open('sampleStopped', { theme, width: 640, height: 700 });
    await visit(window.page, '/');
    await window.page.getByRole('complementary', { name: 'Sample workspace' }).waitFor();
    expect(await violations(window.page, theme)).toEqual([]);
    expect(await scrollsSideways(window.page)).toBe(false);
  });
});

it('leads by keyboard alone from the first page to a running sync; the focus is never nowhere', async () => {
  await using window = await open('firstRun');
  const { page } = window;
  const somewhere = () =>
    expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
  await visit(page, '/');
  await tabTo(page, 'Set up');
  await page.keyboard.press('Enter');
  await expect.poll(() => inPasteBox(page)).toBe(true);
  await paste(page, url);
  await expect.poll(() => focusedName(page)).toBe('Use it');
  expect(await page.getByRole('dialog').textContent()).not.toContain('secret');
  await page.keyboard.press('Enter');
  await expect.poll(() => focusedName(page)).toBe('Address');
  await tabTo(page, 'OAuth client id');
  await page.keyboard.insertText('headgate-desktop');
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: 'Malaria Nigeria' }).waitFor();
  await somewhere();
  await tabTo(page, 'Malaria Nigeria');
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await page.getByLabel('Name of the project').waitFor();
  await expect.poll(() => focusedName(page)).toBe('Name of the project');
  await page.keyboard.press('Enter');
  await page.waitForURL(/#\/start\//);
  await page.getByRole('heading', { level: 1, name: 'Malaria Nigeria' }).waitFor();
  await somewhere();
  expect(window.complaints).toEqual([]);
});

it('keeps nothing of a connection that does not work, unless somebody wants it anyway', async () => {
  await using window = await open('firstRun');
  const { page } = window;
  await visit(page, '/');
  await page.getByRole('button', { name: 'Set up', exact: true }).click();
  const panel = page.getByRole('dialog');
  await panel.getByLabel('Connection URL').focus();
  await paste(page, 'postgres://etl:wrong@warehouse.example.org/bednets');
  await panel.getByRole('button', { name: 'Use it' }).click();
  await panel.getByText('Nothing was kept.').waitFor();
  // The broken rung has its way out as a button, which leads to the field.
  await panel.getByRole('alert').getByRole('button', { name: 'Enter the password again' }).first().click();
  await expect.poll(() => focusedName(page)).toBe('Password');
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await visit(page, '/connections');
  await page.getByText('No connections yet').waitFor();
  await visit(page, '/');
  await page.getByRole('button', { name: 'Set up', exact: true }).click();
  await panel.getByLabel('Connection URL').focus();
  await paste(page, 'postgres://etl:wrong@warehouse.example.org/bednets');
  await panel.getByRole('button', { name: 'Use it' }).click();
  await panel.getByRole('button', { name: 'Save anyway' }).click();
  await panel.getByLabel('Address').waitFor();
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await visit(page, '/connections');
  await page.getByRole('link', { name: 'bednets' }).first().waitFor();
});

it('a URL that is pasted anywhere on the first page opens the panel with it', async () => {
  await using window = await open('firstRun');
  const { page } = window;
  await visit(page, '/');
  await page.getByRole('heading', { name: 'What brings you here?' }).waitFor();
  await page.getByPlaceholder('…or paste its URL').focus();
  await paste(page, url);
  const panel = page.getByRole('dialog');
  await panel.getByText('warehouse.example.org:5432').waitFor();
  expect(await panel.textContent()).not.toContain('secret');
});

it('notices after twenty seconds that nothing comes back, and the client id is put right there', async () => {
  await using window = await open('silent');
  const { page } = window;
  await visit(page, '/');
  await page.getByRole('button', { name: 'Set up', exact: true }).click();
  const panel = page.getByRole('dialog');
  await panel.getByLabel('Connection URL').focus();
  await paste(page, url);
  await panel.getByRole('button', { name: 'Use it' }).click();
  await panel.getByLabel('OAuth client id').fill('mistyped');
  await panel.getByRole('button', { name: 'Sign in', exact: true }).click();
  await panel.getByText('Finish in your browser').waitFor();
  await page.clock.setFixedTime(now + 19_000);
  await expect.poll(() => panel.getByRole('timer').textContent()).toBe('2:41');
  expect(await panel.getByText('Nothing came back').count()).toBe(0);
  await page.clock.setFixedTime(now + 21_000);
  await panel.getByText('Nothing came back').waitFor();
  await panel.getByText(/invalid client.*mistyped/).waitFor();
  await panel.getByRole('button', { name: 'Check the client id' }).click();
  await panel.getByText('http://127.0.0.1/callback').waitFor();
  await expect.poll(() => focusedName(page)).toBe('OAuth client id');
  expect(await violations(page, 'light')).toEqual([]);
  await panel.getByLabel('OAuth client id').fill('headgate-desktop');
  await page.keyboard.press('Enter');
  // Saved, and begun anew at once.
  await expect.poll(() => panel.getByRole('timer').textContent()).toMatch(/^(3:00|2:5\d)$/);
  await panel.getByText('Nothing came back').waitFor({ state: 'detached' });
  expect(window.complaints).toEqual([]);
});

it('says in one sentence that a build has no sample, and the other ways stay open', async () => {
  await using window = await open('sampleMissing');
  const { page } = window;
  await visit(page, '/');
  await page.getByText('The sample workspace is not part of this build.').waitFor();
  expect(await page.getByRole('button', { name: 'Try it' }).getAttribute('aria-disabled')).toBe('true');
  await page.getByRole('button', { name: 'Set up', exact: true }).click();
  await page.getByRole('dialog').waitFor();
});

it('tells an analyst whom to ask', async () => {
  await using window = await open('analystFirst');
  const { page } = window;
  await visit(page, '/');
  await page.getByText('Nothing is set up in this workspace yet').waitFor();
  await page.getByText(/Ask Asha Rao and Chidi Okafor/).waitFor();
  expect(await page.getByRole('button', { name: /Set up|Try it/ }).count()).toBe(0);
});

it('begins with the vault where it keeps nothing, and goes on without a passphrase where somebody says so', async () => {
  await using window = await open('forgetful');
  const { page } = window;
  await visit(page, '/');
  await page.getByRole('button', { name: 'Set up', exact: true }).click();
  const panel = page.getByRole('dialog');
  await panel.getByText('This computer has no keychain that Headgate can use').waitFor();
  expect(await violations(page, 'light')).toEqual([]);
  await panel.getByRole('button', { name: 'Go on without' }).click();
  await expect.poll(() => inPasteBox(page)).toBe(true);
});

it('the making of a sample can be given up, and leaves the first page as it was', async () => {
  await using window = await open('sampleMaking');
  const { page } = window;
  await visit(page, '/');
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByRole('heading', { name: 'Making the sample workspace' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Try it' }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
});

it('a source form says what to enter at the server, to be copied piece by piece', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/sources?add');
  const form = page.getByRole('dialog');
  await form.getByText('Is Headgate not registered there yet?').click();
  await form.getByText('https://www.commcarehq.org/oauth/applications/register/').waitFor();
  await form.getByRole('button', { name: 'Copy: Redirect URI' }).waitFor();
  expect(await violations(page, 'light')).toEqual([]);
});

it('adds a source to a project that is there, without asking again for a server that is known', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, `/start/${uuid(4, 1)}?add`);
  const panel = page.getByRole('dialog', { name: /^Add a source to / });
  const steps = panel.getByRole('list', { name: 'Steps' }).getByRole('listitem');
  await expect.poll(() => steps.count()).toBe(2);
  expect(await panel.getByLabel('Where from').inputValue()).not.toBe('');
  expect(await panel.getByLabel('Address').count()).toBe(0);
  await panel.getByRole('button', { name: /^(Sign in|Go on)$/ }).click();
  await panel.getByRole('button', { name: 'Start first sync' }).waitFor();
  // The project has its name already.
  expect(await panel.getByLabel('Name of the project').count()).toBe(0);
  await panel.getByRole('button', { name: 'Start first sync' }).click();
  await page.waitForURL(/#\/start\/[^?]+$/);
  await panel.waitFor({ state: 'detached' });
  expect(window.complaints).toEqual([]);
});
