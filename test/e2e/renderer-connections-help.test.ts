import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, focusIsSomewhere, tabTo, violations } from '../support/renderer-fixture/checks.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** What helps with connections: the paste box, small pictures of how they were, fixes as buttons, questions before closing. */

const open = sharedStage();
const canary = 'canary-51c0de7a';

/** Pastes a text where the focus is, as a person does. */
const paste = (page: Page, text: string): Promise<void> =>
  page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text', pasted);
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  }, text);
const fieldValue = (page: Page, name: string): Promise<string> =>
  openDialog(page).locator(`[name="${name}"]`).inputValue();

describe('the paste box', () => {
  it('has the focus, fills the form, tells what it recognised and never repeats the password', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections?add');
    await expect.poll(() => focusedName(page)).toBe('Connection URL');
    await paste(page, `postgres://etl:${canary}@db.example.org:6543/warehouse?sslmode=require`);
    const told = openDialog(page).getByRole('status').filter({ hasText: 'Recognised' });
    await told.waitFor();
    await told.getByText('Taken over, not shown').waitFor();
    await told.getByText('db.example.org', { exact: true }).waitFor();
    expect(await fieldValue(page, 'host')).toBe('db.example.org');
    expect(await fieldValue(page, 'port')).toBe('6543');
    expect(await fieldValue(page, 'password')).toBe(canary);
    expect(await fieldValue(page, 'tlsMode')).toBe('require');
    expect(await page.evaluate(() => document.body.innerText)).not.toContain(canary);
    expect(await openDialog(page).getByLabel('Connection URL').inputValue()).toBe('');
    expect(await violations(page, 'light')).toEqual([]);
  });

  it('takes a line of .pgpass, names what it lacks, and says what it can not take', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections?add');
    await expect.poll(() => focusedName(page)).toBe('Connection URL');
    await paste(page, `db.example.org:5432:*:etl:${canary}`);
    await openDialog(page).getByText('Still to be entered: Database.').waitFor();
    await page.keyboard.insertText('hello there');
    await page.keyboard.press('Enter');
    await openDialog(page)
      .getByText(/^This is no address of a PostgreSQL database/)
      .waitFor();
    expect(await fieldValue(page, 'host')).toBe('db.example.org');
  });
});

describe('closing the form', () => {
  it('asks before it drops what was typed, and goes back to where one was', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections?add');
    await openDialog(page).locator('[name="host"]').fill('db.example.org');
    await openDialog(page).getByRole('button', { name: 'Cancel' }).click();
    await openDialog(page).getByRole('alert').filter({ hasText: 'Discard what you typed?' }).waitFor();
    expect(await focusedName(page)).toBe('Keep editing');
    await page.keyboard.press('Enter');
    // Back in the field, although the button that was pressed before the question is another by now.
    await expect.poll(() => focusedName(page)).toBe('Host');
    expect(await fieldValue(page, 'host')).toBe('db.example.org');
    await page.keyboard.press('Escape');
    await openDialog(page).getByRole('button', { name: 'Discard' }).click();
    await openDialog(page).waitFor({ state: 'detached' });
  });

  it('asks whether one that was just made and does not work stays, and removes it', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections?add');
    await expect.poll(() => focusedName(page)).toBe('Connection URL');
    await paste(page, `postgres://etl:${canary}@refuses.example.org/newcomer`);
    const dialog = openDialog(page);
    await dialog.getByRole('button', { name: 'Save and test' }).click();
    // The way out stands where the trouble is, and leads to the field.
    await dialog.getByRole('button', { name: 'Enter the password again' }).click();
    await expect.poll(() => focusedName(page)).toBe('Password');
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.getByText('newcomer is saved, but its test failed. Keep it?').waitFor();
    expect(await focusedName(page)).toBe('Keep editing');
    await dialog.getByRole('button', { name: 'Remove it' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.getByRole('link', { name: 'newcomer' }).count()).toBe(0);
    expect(await focusIsSomewhere(page)).toBe(true);
  });
});

describe('the list', () => {
  it('shows how each answered lately, where the test of a failing one stopped, and leads to the fix', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, '/connections');
    await page
      .getByRole('img', { name: /^The last 24 checks: answered in .* to .*\.$/ })
      .first()
      .waitFor();
    await page
      .getByRole('img', { name: /12 failed\.$/ })
      .first()
      .waitFor();
    const glyph = page.getByRole('img', { name: /^The test stopped at: / });
    expect(await glyph.count()).toBeGreaterThan(0);
    // Told by form too: where it broke there is a cross and no bar.
    expect(await glyph.first().locator('.glyph-failed path').count()).toBe(1);
    expect(await glyph.first().locator('.glyph-failed rect').count()).toBe(0);
    const fix = page.getByRole('button', { name: /^Fix / }).first();
    await fix.click();
    await openDialog(page).waitFor();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('name') ?? ''))
      .toMatch(/^(host|password|database|tlsMode)$/);
  });
});

describe('what was changed at once', () => {
  it('is taken back by keyboard from where it is said', async () => {
    await using window = await open('connections', { stopClock: false });
    const { page } = window;
    await visit(page, '/connections');
    const reports = page.getByRole('row', { name: /Reports/ });
    await page.getByRole('checkbox', { name: 'Select Reports' }).check();
    await page.getByRole('button', { name: 'State…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set the state of 1 connection' });
    await dialog.getByRole('radio', { name: 'Turned off' }).check();
    await dialog.getByRole('button', { name: 'Apply to 1 connection' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => reports.textContent()).toContain('Turned off');
    await page.getByText('Undo does not bring back logins that were lent through them.').first().waitFor();
    await page.keyboard.press('F6');
    await tabTo(page, 'Undo');
    await page.keyboard.press('Enter');
    await expect.poll(() => reports.textContent()).not.toContain('Turned off');
    await page.getByText('It is as it was before').first().waitFor();
    expect(await focusIsSomewhere(page)).toBe(true);
    expect(window.complaints).toEqual([]);
  });
});
