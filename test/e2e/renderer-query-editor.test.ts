import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { violations } from '../support/renderer-fixture/checks.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** What the editor of the Query screen does with a statement beside running it, over a fake core. */

const open = sharedStage();

const editor = (page: Page) => page.getByRole('textbox', { name: 'SQL statement' });
const grid = (page: Page) => page.getByRole('grid', { name: 'Rows of the result' });
const asked = (page: Page): Promise<Record<string, unknown>> =>
  page.evaluate(() => JSON.parse(document.documentElement.dataset['asked'] ?? '{}'));

async function write(page: Page, sql: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(sql);
}

describe('values of a statement', () => {
  it('have a field for each place, are asked for, sent beside it and kept with the tab', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, "SELECT ':no'::text FROM forms WHERE village = :village AND size > :size");
    const fields = page.getByRole('region', { name: 'Values of the statement' });
    await expect.poll(() => fields.getByRole('textbox').count()).toBe(2);
    await page.keyboard.press('Control+Enter');
    await fields.getByText('Type a value, or mark it as NULL.').first().waitFor();
    // The first that is missing has the focus: one types on.
    await page.keyboard.type("x'; DROP");
    await fields.getByRole('checkbox', { name: ':size is NULL' }).check();
    expect(await violations(page, 'light')).toEqual([]);
    await fields.getByLabel(':village', { exact: true }).press('Enter');
    await grid(page).waitFor();
    expect(await asked(page)).toMatchObject({ parameters: { village: "x'; DROP", size: null } });
    expect((await asked(page))['sql']).not.toContain('DROP');
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    await page.getByRole('region', { name: 'Plan' }).waitFor();
    expect(await asked(page)).toMatchObject({ parameters: { size: null } });
    expect(window.complaints).toEqual([]);
    await page.getByRole('button', { name: 'Export…' }).click();
    await openDialog(page).getByRole('button', { name: 'Choose file and export' }).click();
    await page.getByText('30,000 rows written to /home/ada/query.csv').waitFor();
    const sent = await page.evaluate(() => JSON.parse(document.documentElement.dataset['exported'] ?? '{}'));
    expect(sent).toMatchObject({ parameters: { size: null } });
    // Another statement of the tab has fields of its own, and so has another tab.
    await write(page, 'SELECT $2');
    await expect.poll(() => fields.getByRole('textbox').count()).toBe(2);
    expect(await fields.getByLabel('$1', { exact: true }).inputValue()).toBe('');
    await page.getByRole('button', { name: 'New query' }).click();
    await expect.poll(() => fields.count()).toBe(0);
    await page.reload();
    await visit(page, '/query');
    await page.getByRole('tab', { name: 'Query 1' }).click();
    await write(page, 'SELECT :village');
    await expect.poll(() => fields.getByLabel(':village', { exact: true }).inputValue()).toBe("x'; DROP");
  });
});
