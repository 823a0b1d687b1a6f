import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { insistPicture } from '../../main/query/export/pictures.ts';
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
  // Not by a click: a list of completions may lie over it.
  await editor(page).focus();
  await page.keyboard.press('Control+a');
  // Where a selection is typed over, Chromium puts a style of its own on what it writes, which the page's policy refuses.
  await page.keyboard.press('Delete');
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

describe('formatting', () => {
  it('sets lines and indents in one step that can be undone, and changes nothing that it can not read', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    const lines = () => page.locator('.cm-line').count();
    await write(page, 'select village, count(*) from forms where size > :size group by 1');
    await page.keyboard.press('Shift+Alt+f');
    await expect.poll(lines).toBeGreaterThan(4);
    expect(await editor(page).textContent()).toContain(':size');
    await page.keyboard.press('Control+z');
    await expect.poll(lines).toBe(1);
    await write(page, "SELECT 'open");
    await page.getByRole('button', { name: 'Format', exact: true }).click();
    await page.getByText('This can not be formatted as it stands.').first().waitFor();
    expect(await editor(page).textContent()).toBe("SELECT 'open");
    expect(window.complaints).toEqual([]);
  });
});

describe('where the policy keeps values out of what is written down', () => {
  it('texts are the window’s own: a reload has them, this computer does not', async () => {
    await using window = await open('busy', {}, (scenario) => {
      scenario.people.policy = { ...scenario.people.policy, queryLiterals: 'leave_out' };
    });
    const { page } = window;
    // What was kept under another policy goes too.
    await page.evaluate(() => localStorage.setItem('query-tabs someone else', 'Gidan Rumfa'));
    await visit(page, '/query');
    await page.getByText('these texts are gone when the window closes').waitFor();
    await write(page, "SELECT 'Kwanar 4711', :village");
    await page.getByLabel(':village', { exact: true }).fill('secret village');
    const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage }));
    expect(await kept()).not.toMatch(/4711|secret village|Gidan/);
    await page.reload();
    await visit(page, '/query');
    await expect.poll(() => editor(page).textContent()).toBe("SELECT 'Kwanar 4711', :village");
    expect(await kept()).not.toMatch(/4711|secret village/);
  });
});

describe('a chart', () => {
  it('is drawn by the types, gone through by keys, changed, and saved as a picture', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, 'SELECT monthly');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Chart', exact: true }).click();
    const figure = page.getByRole('figure', { name: 'rows by month' });
    await figure.locator('canvas').waitFor();
    expect(await figure.getByRole('button', { name: 'Line', exact: true }).getAttribute('aria-pressed')).toBe(
      'true',
    );
    await figure.getByText('Made of all 11 rows.').waitFor();
    await figure.locator('.query-drawing').focus();
    await page.keyboard.press('Home');
    await figure.getByText('2026-01-01 · rows: 400').waitFor();
    await page.keyboard.press('ArrowRight');
    await figure.getByText('2026-02-01 · rows: 537').waitFor();
    await figure.getByRole('button', { name: 'Bars', exact: true }).click();
    expect(await violations(page, 'light')).toEqual([]);
    const saved = () => page.evaluate(() => document.documentElement.dataset['picture'] ?? '');
    await figure.getByRole('button', { name: 'Save as SVG' }).click();
    await page.getByText('The chart is saved as /home/ada/chart.svg').waitFor();
    insistPicture('svg', await saved());
    expect(await saved()).toContain('rows by month');
    await figure.getByRole('button', { name: 'Save as PNG' }).click();
    await page.getByText('The chart is saved as /home/ada/chart.png').waitFor();
    insistPicture('png', await saved());
    // The policy of the page refuses styles of a tooltip or a drawing, which would be heard here.
    expect(window.complaints).toEqual([]);
  });

  it.each(['Pie', 'Scatter', 'Histogram', 'Line'])('is saved as a picture too: %s', async (kind) => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, 'SELECT * FROM forms');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Chart', exact: true }).click();
    await page.getByRole('button', { name: kind, exact: true }).click();
    if (kind === 'Line' || kind === 'Scatter') {
      await page.getByLabel('Parted by').selectOption({ label: 'consent' });
    }
    await page.locator('.query-chart canvas').waitFor();
    await page.getByRole('button', { name: 'Save as SVG' }).click();
    await page.getByText('The chart is saved as /home/ada/chart.svg').waitFor();
    insistPicture('svg', await page.evaluate(() => document.documentElement.dataset['picture'] ?? ''));
    expect(window.complaints).toEqual([]);
  });
});

describe('several statements', () => {
  it('run one after the other, each with a result, until one fails', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, 'SELECT 1 FROM forms');
    expect(await page.getByRole('button', { name: 'Run all' }).count()).toBe(0);
    await write(page, 'SELECT 1 FROM forms;\nSELECT 2 FROM empty;\nSELECT 3 FROM forms');
    await page.getByRole('button', { name: 'Run all' }).click();
    const results = page.getByRole('group', { name: 'Pinned results' });
    await results.getByRole('button', { name: /^Statement 2/ }).waitFor();
    await expect.poll(async () => (await asked(page))['sql']).toBe('SELECT 3 FROM forms');
    await grid(page).waitFor();
    await results.getByRole('button', { name: /^Statement 1/ }).click();
    // What was behind its first page is not there any more, and is not said to be.
    await page.getByRole('button', { name: 'Run again' }).first().waitFor();
    expect(await violations(page, 'light')).toEqual([]);
    // Again: those of the run before make room, and what fails ends it.
    await write(page, 'SELECT 1 FROM forms;\nSELECT wrong_column FROM forms;\nSELECT 3 FROM forms');
    await page.keyboard.press('Control+Shift+Enter');
    await page.getByText('Statement 2 of 3 was not done').waitFor();
    expect((await asked(page))['sql']).toBe('SELECT wrong_column FROM forms');
    expect(await results.getByRole('button', { name: /^Statement/ }).count()).toBe(1);
    // A place without a value is asked for before anything is run.
    await write(page, 'SELECT 4 FROM forms;\nSELECT :village FROM forms');
    await page.keyboard.press('Control+Shift+Enter');
    await page.getByText('Type a value, or mark it as NULL.').waitFor();
    expect((await asked(page))['sql']).toBe('SELECT wrong_column FROM forms');
    expect(window.complaints).toEqual([]);
  });

  it('end after the time that a person gave, which is kept for them', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    const time = page.getByLabel('Ends after');
    await write(page, 'SELECT 1 FROM forms');
    await page.keyboard.press('Control+Enter');
    await grid(page).waitFor();
    expect(await asked(page)).not.toHaveProperty('timeoutSeconds');
    await time.selectOption('60');
    await editor(page).click();
    await page.keyboard.press('Control+Enter');
    await expect.poll(async () => (await asked(page))['timeoutSeconds']).toBe(60);
    await page.reload();
    await visit(page, '/query');
    expect(await time.inputValue()).toBe('60');
    expect(window.complaints).toEqual([]);
  });
});
