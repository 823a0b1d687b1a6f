import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { minutes, uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** The room of tables: tree, rows, and what is known of a column or a row. */

const open = sharedStage();
const table = `/data/${uuid(6, 1)}/form_household_visit`;
const grid = (page: Page) => page.getByRole('grid', { name: 'Rows of Household visit' });
const cell = (page: Page, row: number, column: number) =>
  grid(page).locator(`[data-row="${row}"] [data-column="${column}"]`);
const side = (page: Page) => page.locator('[data-pane="inspector"]');
const hash = (page: Page) => page.evaluate(() => location.hash);
/** Nothing that is pressed may leave the focus nowhere. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.tagName ?? 'BODY');
const press = async (page: Page, key: string): Promise<void> => {
  await page.keyboard.press(key);
  await expect.poll(() => focused(page)).not.toBe('BODY');
};
async function toRows(page: Page, where = table): Promise<void> {
  await visit(page, where);
  await grid(page).locator('[data-row="0"] [data-column]').first().waitFor();
}

describe('the tree', () => {
  it('calls tables as people do, and is one stop', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await toRows(page);
    const nav = page.getByRole('navigation', { name: 'Tables' });
    await nav.getByRole('link', { name: /Visite prénatale/ }).waitFor();
    expect(await nav.locator('ul a[tabindex="0"]').count()).toBe(1);
    await nav.getByRole('link', { name: /Household visit.*458/ }).focus();
    await press(page, 'ArrowDown');
    await press(page, 'Enter');
    await expect.poll(() => hash(page)).toContain('form_household_visit_members');
    await page.getByRole('heading', { level: 1, name: 'members' }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('finds a question in any table, accents or not, and leads to its column', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await toRows(page);
    await grid(page).focus();
    await page.keyboard.press('/');
    await page.keyboard.type('menage');
    const hit = page.getByRole('link', { name: /Combien de personnes/ });
    await hit.waitFor();
    await press(page, 'ArrowDown');
    await press(page, 'Enter');
    await expect.poll(() => hash(page)).toMatch(/\?column=household_size$/);
    await side(page)
      .getByRole('heading', { name: /Combien de personnes/ })
      .waitFor();
    const head = grid(page).locator('[data-head].result-active-column');
    await expect.poll(() => head.innerText()).toMatch(/^Combien de personnes/);
    const box = await head.boundingBox();
    const frame = await grid(page).boundingBox();
    expect(box && frame && box.x >= frame.x && box.x + box.width <= frame.x + frame.width + 1).toBe(true);
    expect(window.complaints).toEqual([]);
  });
});

describe('the rows', () => {
  it('are read page by page to the very last one, newest first, in the reader’s words', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await toRows(page);
    await page.getByText('Rows 1–').waitFor();
    await page.getByText('newest first').waitFor();
    // Never with microseconds or a zone.
    expect(await cell(page, 0, 1).textContent()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    await grid(page).focus();
    await press(page, 'Control+End');
    await cell(page, 457, 6).waitFor();
    expect(await grid(page).getAttribute('aria-rowcount')).toBe('459');
    await press(page, 'Control+Home');
    await cell(page, 0, 0).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('are put in order, narrowed, hidden and frozen by keyboard alone, and the table is so the next time', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await toRows(page);
    await grid(page).focus();
    for (let n = 0; n < 5; n++) await press(page, 'ArrowRight');
    await press(page, 'Alt+ArrowDown');
    await page.getByRole('menuitem', { name: /Highest or newest first/ }).waitFor();
    await page.keyboard.type('Highest');
    await press(page, 'Enter');
    const sorted = grid(page).getByRole('columnheader', { name: /Combien de personnes/ });
    await expect.poll(() => sorted.getAttribute('aria-sort')).toBe('descending');
    await expect.poll(() => cell(page, 0, 5).textContent()).toBe('9');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
    await press(page, 'Alt+ArrowDown');
    await page.getByRole('menuitem', { name: /^Hide/ }).waitFor();
    await page.keyboard.type('Hide');
    await press(page, 'Enter');
    await page.getByRole('button', { name: 'Show 1 hidden column' }).waitFor();
    await press(page, 'Control+ArrowLeft');
    await press(page, 'Alt+ArrowDown');
    await page.getByRole('menuitem', { name: /^Freeze up/ }).waitFor();
    await page.keyboard.type('Freeze up');
    await press(page, 'Enter');
    await grid(page).locator('.result-frozen [data-column="0"]').first().waitFor();
    await visit(page, '/');
    await toRows(page);
    await page.getByRole('button', { name: 'Show 1 hidden column' }).waitFor();
    await grid(page).locator('.result-frozen [data-column="0"]').first().waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('are narrowed by a condition in words, counted, and all there again without it', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await toRows(page);
    await page.getByRole('button', { name: 'Filter…' }).click();
    const dialog = openDialog(page);
    await dialog.getByLabel('Column').selectOption('water_source');
    await dialog.getByLabel('Condition').selectOption('equals');
    await dialog.getByLabel('Value').fill('rain');
    await dialog.getByRole('button', { name: 'Show these rows' }).click();
    await page.getByText('Rows 1–').getByText('of 45').waitFor();
    await page
      .getByRole('button', { name: 'Where does the water come from? is rain', exact: true })
      .waitFor();
    await page.getByRole('button', { name: 'Take away: Where does the water come from? is rain' }).click();
    await page.getByText('of 458').waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('are turned over to the names of their columns by Alt, and back', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await toRows(page);
    const head = grid(page).locator('[data-head="0"]');
    expect(await head.innerText()).toMatch(/^Date of visit/);
    await grid(page).focus();
    await press(page, 'Alt');
    await expect.poll(() => head.innerText()).toMatch(/^visit_day/);
    // With another key Alt is that key's.
    await press(page, 'Alt+ArrowRight');
    expect(await head.innerText()).toMatch(/^visit_day/);
    await page.getByRole('switch', { name: 'Names first' }).click();
    await expect.poll(() => head.innerText()).toMatch(/^Date of visit/);
    expect(window.complaints).toEqual([]);
  });

  it('say that the table was refreshed under somebody who scrolled down, and show the new on demand', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await toRows(page);
    await grid(page).focus();
    for (let n = 0; n < 4; n++) await press(page, 'PageDown');
    const published = (at: string) =>
      page.evaluate(
        ([to]) => (window as unknown as { fixturePublish(at: string): void }).fixturePublish(to ?? ''),
        [at],
      );
    await published(minutes(-1));
    await page.getByText('This table was refreshed while you were reading.').waitFor();
    await page.getByRole('button', { name: 'Show the new rows' }).click();
    await expect.poll(() => page.getByText('This table was refreshed').count()).toBe(0);
    await cell(page, 0, 0).waitFor();
    expect(window.complaints).toEqual([]);
  });
});

describe('beside the rows', () => {
  it('stands what is known of a column, and its answers when they are asked for', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await toRows(page, `${table}?column=water_source`);
    await side(page).getByText('form.water.source').waitFor();
    await side(page).getByRole('button', { name: 'Show the answers' }).click();
    await side(page)
      .getByRole('row', { name: /well.*40/ })
      .waitFor();
    await side(page).getByRole('button', { name: 'Query' }).click();
    await expect.poll(() => hash(page)).toMatch(/^#\/query\//);
    await page.getByText('-- complete up to').waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('stands a whole row on Space, with what is folded away in the grid', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await toRows(page);
    await grid(page).focus();
    await press(page, 'ArrowDown');
    await press(page, ' ');
    await side(page).getByRole('heading', { name: 'Row 2' }).waitFor();
    await side(page).getByText('build_id').waitFor();
    await press(page, 'ArrowDown');
    await side(page).getByRole('heading', { name: 'Row 3' }).waitFor();
    await press(page, 'F6');
    await expect
      .poll(() =>
        page.evaluate(() => document.activeElement?.closest('[data-pane]')?.getAttribute('data-pane')),
      )
      .toBe('inspector');
    await press(page, 'F6');
    await expect
      .poll(() =>
        page.evaluate(() => document.activeElement?.closest('[data-pane]')?.getAttribute('data-pane')),
      )
      .toBe('tree');
    expect(window.complaints).toEqual([]);
  });
});

describe('where there are no rows', () => {
  it.each([
    ['browsingGone', table, 'can not be reached'],
    ['browsing', `/data/${uuid(6, 3)}/forms`, 'These tables are not here'],
    ['browsing', `/data/${uuid(6, 1)}/gone`, 'has no such table any more'],
    ['browsing', `/data/${uuid(6, 9)}/forms`, 'belong to somebody else'],
    ['browsing', `/data/${uuid(6, 1)}/supervisor_visits`, 'This table is empty'],
    ['nothing', '/data', 'No tables yet'],
  ] as const)('%s %s says why, in the same frame', async (scenario, where, text) => {
    await using window = await open(scenario);
    const { page } = window;
    await visit(page, where);
    await page.getByText(text).first().waitFor();
    expect(await page.getByRole('grid').count()).toBe(0);
    expect(await scrollsSideways(page)).toBe(false);
    expect(await violations(page, 'light')).toEqual([]);
  });

  it('data that is late says so', async () => {
    await using window = await open('browsing');
    await visit(window.page, `/data/${uuid(6, 2)}/forms`);
    await window.page.getByText(/^late, up to/).waitFor();
  });
});

it.each(['light', 'dark'] as const)('axe finds nothing serious (%s)', async (theme) => {
  await using window = await open('browsing', { theme });
  const { page } = window;
  await toRows(page, `${table}?column=water_source`);
  await side(page).getByRole('button', { name: 'Show the answers' }).click();
  await page.locator('.data-shares').waitFor();
  expect(await violations(page, theme)).toEqual([]);
  await grid(page).focus();
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menu', { name: 'What can be done with Where does the water come from?' }).waitFor();
});

it('has one pane at a time where there is no room for three, with ways back', async () => {
  await using window = await open('browsing', { width: 640, height: 420 });
  const { page } = window;
  await toRows(page);
  expect(await page.locator('[data-pane="tree"]').isVisible()).toBe(false);
  await grid(page).focus();
  await press(page, ' ');
  await side(page).getByRole('heading', { name: 'Row 1' }).waitFor();
  expect(await grid(page).isVisible()).toBe(false);
  await side(page).getByRole('button', { name: 'Back to the rows' }).click();
  await grid(page).waitFor();
  await page.getByRole('button', { name: 'Back to the tables' }).click();
  await page.getByRole('link', { name: /Visite prénatale/ }).waitFor();
  expect(await scrollsSideways(page)).toBe(false);
  expect(window.complaints).toEqual([]);
});
