import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import type { Dictionary } from '../../preload/contract/models.ts';
import { openDialog } from '../support/open-dialog.ts';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** The Query screen over a fake core: editor, tabs, rows, plan, export, history. */

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
};

const open = sharedStage();

const editor = (page: Page) => page.getByRole('textbox', { name: 'SQL statement' });
const grid = (page: Page) => page.getByRole('grid', { name: 'Rows of the result' });

async function write(page: Page, sql: string): Promise<void> {
  await editor(page).focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(sql);
}

async function run(page: Page, sql: string): Promise<void> {
  await write(page, sql);
  await page.keyboard.press('Control+Enter');
}

const activeCell = (page: Page): Promise<string | null> => grid(page).getAttribute('aria-activedescendant');

describe('a query', () => {
  it('runs by Ctrl+Enter, and its rows say how they came about', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await run(page, 'SELECT * FROM forms');
    await grid(page).waitFor();
    const result = page.getByRole('region', { name: 'Result' });
    await result.getByText('500 rows so far').waitFor();
    await result.getByText('as headgate_reader').waitFor();
    await result.getByText(/^Malaria programme · data as of/).waitFor();
    // NULL looks like nothing else, and an empty text is empty.
    expect(await grid(page).getByText('NULL', { exact: true }).count()).toBeGreaterThan(0);
    const cell = grid(page).locator('[data-row="0"] [data-column="0"]');
    expect(await cell.evaluate((each) => getComputedStyle(each).textAlign)).toBe('end');
    expect(window.complaints).toEqual([]);
  });

  it('runs the statement at the cursor, or what is selected', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, "SELECT 'a;b' empty;\nSELECT monthly;\nSELECT 3");
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Control+Enter');
    await grid(page).getByRole('columnheader', { name: 'month' }).waitFor();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'No rows' }).waitFor();
  });

  it('is cancelled by Esc at the core, and can be run again', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await run(page, 'SELECT pg_sleep(60)');
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset['cancelled'])).toBe(
      'SELECT pg_sleep(60)',
    );
    // The focus is where it was: one types on.
    await page.keyboard.type(' -- more');
    expect(await editor(page).textContent()).toContain('pg_sleep(60) -- more');
  });

  it('marks what is wrong, and corrects it with what was meant', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await run(page, "SELECT '😀', wrong_column FROM forms");
    const problem = page.getByRole('alert');
    await problem.getByText('column "wrong_column" does not exist').waitFor();
    await problem.getByText('SQLSTATE 42703').waitFor();
    expect(await page.locator('.cm-problem').textContent()).toBe('wrong_column');
    expect(await violations(page, 'light')).toEqual([]);
    await problem.getByRole('button', { name: 'Use village' }).click();
    await expect.poll(() => editor(page).textContent()).toBe("SELECT '😀', village FROM forms");
    await page.keyboard.press('Control+Enter');
    await grid(page).waitFor();
  });

  it('that is refused says so, and a superuser is told loudly', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await run(page, 'DELETE FROM forms');
    await page.getByRole('alert').getByText('Refused before it ran').waitFor();
    await run(page, 'SELECT superuser');
    await page.getByText('Ran as superuser postgres').waitFor();
    await run(page, 'SELECT down');
    await page.getByText('db.example.org did not answer.').waitFor();
    await page.getByRole('button', { name: 'Run again' }).waitFor();
  });

  it('has its completions from the dictionary: a word of a question offers its column', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, '/query');
    const labelled = await page.evaluate(async () => {
      const ask = async (name: string, input: unknown): Promise<unknown> =>
        ((await headgate.calls[name]?.(input, name)) as { data: unknown } | undefined)?.data;
      const [first] = (await ask('datasets.list', {})) as { id: string }[];
      const { tables } = (await ask('datasets.dictionary', { id: first?.id })) as Dictionary;
      return tables
        .flatMap(({ columns }) => columns)
        .find(
          ({ name, label }) =>
            label !== null &&
            /^\p{L}{5,} /u.test(label) &&
            !name.includes((label.split(' ')[0] ?? '').toLowerCase()),
        );
    });
    if (!labelled?.label)
      throw new Error('the scenario has no question that is called otherwise than its column');
    await editor(page).click();
    await page.keyboard.type(`SELECT ${labelled.label.split(' ')[0]?.toLowerCase()}`);
    const option = page.locator('.cm-tooltip-autocomplete li').filter({ hasText: labelled.label }).first();
    await option.waitFor();
    await option.click();
    await expect
      .poll(() => editor(page).textContent())
      .not.toBe(`SELECT ${labelled.label.split(' ')[0]?.toLowerCase()}`);
    expect(window.complaints).toEqual([]);
  });
});

describe('the rows', () => {
  it('are gone through by keyboard, fetched as one goes, copied and looked into', async () => {
    await using window = await open('busy');
    const { page } = window;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await visit(page, '/query');
    await run(page, 'SELECT * FROM forms');
    await grid(page).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await activeCell(page)).toBe('cell-1-1');
    await page.keyboard.press('Control+c');
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('Kwanar Ɗangora');
    // Keys that come at once: nothing but what is promised runs between the two.
    await grid(page).evaluate(async (element) => {
      const press = (key: string, ctrlKey = false) =>
        element.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true }));
      press('ArrowUp');
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      press('c', true);
    });
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('Gidan Rumfa');
    await page.keyboard.press('Control+End');
    await expect
      .poll(async () => Number(await grid(page).getAttribute('aria-rowcount')))
      .toBeGreaterThan(5000);
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('End');
    expect(await activeCell(page)).toBe('cell-0-7');
    await page.keyboard.press('Enter');
    const dialog = openDialog(page);
    // No number is rounded on the way.
    await dialog.getByText('"n": 9007199254740993,').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('button', { name: 'INSERT', exact: true }).click();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe(`INSERT INTO "table" ("id", "village") VALUES\n  (1, 'Gidan Rumfa'),\n  (2, 'Kwanar Ɗangora');`);
  });

  it('stop at the limit, which is raised at the press of a button', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await run(page, 'SELECT * FROM forms');
    await page.getByRole('button', { name: 'Fetch the rest' }).click();
    await page.getByText('There are more than 10,000 rows.').waitFor();
    await page.getByRole('button', { name: 'Show up to 100,000' }).click();
    await page.getByRole('button', { name: 'Fetch the rest' }).click();
    await page.getByText('30,000 rows', { exact: true }).waitFor();
  });

  it('that can not be had any more offer to run it again', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await run(page, 'SELECT gone FROM forms');
    await grid(page).focus();
    await page.keyboard.press('Control+End');
    await page.getByText('What comes after 500 rows is closed by now.').waitFor();
    await page.getByRole('button', { name: 'Run again' }).waitFor();
  });
});

describe('tabs', () => {
  it('keep their unsaved text after a crash, their names and what they were asked', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, 'SELECT 1 -- first');
    await page.getByRole('button', { name: 'New query' }).click();
    await page.getByRole('tab', { name: 'Query 2' }).waitFor();
    await write(page, 'SELECT 2 -- second');
    await page.getByRole('tab', { name: 'Query 2' }).press('F2');
    await openDialog(page).getByLabel('Name').fill('Weekly');
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Weekly' }).waitFor();
    await page.reload();
    await visit(page, '/query');
    await expect.poll(() => editor(page).textContent()).toBe('SELECT 2 -- second');
    await page.getByRole('tab', { name: 'Weekly' }).press('ArrowLeft');
    await expect.poll(() => editor(page).textContent()).toBe('SELECT 1 -- first');
    await page.getByRole('tab', { name: 'Query 1' }).press('Delete');
    await openDialog(page).getByRole('button', { name: 'Close' }).click();
    await page.getByRole('tab', { name: 'Query 1' }).waitFor({ state: 'detached' });
    await expect.poll(() => editor(page).textContent()).toBe('SELECT 2 -- second');
  });

  it('pin a result while the next one is asked', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await run(page, 'SELECT monthly');
    await page.getByRole('button', { name: 'Pin result' }).click();
    await run(page, 'SELECT empty');
    await page.getByRole('heading', { name: 'No rows' }).waitFor();
    await page.getByRole('button', { name: /^Query 1, / }).click();
    await grid(page).getByRole('columnheader', { name: 'month' }).waitFor();
    await page.getByRole('button', { name: 'Unpin' }).click();
    await page.getByRole('heading', { name: 'No rows' }).waitFor();
  });
});

describe('beside the rows', () => {
  it('there is the plan, whose costliest step is named', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, 'SELECT * FROM forms');
    await page.getByRole('button', { name: 'Run and measure' }).click();
    const plan = page.getByRole('region', { name: 'Plan' });
    await plan.getByText('Costliest step').waitFor();
    expect(await plan.locator('.plan-costliest').textContent()).toContain('Seq Scan');
    expect(await violations(page, 'light')).toEqual([]);
    await plan.getByRole('button', { name: 'As a table' }).click();
    expect(await plan.getByRole('row', { name: /Costliest step/ }).textContent()).toContain('Seq Scan');
  });

  it('there is the export, with what a spreadsheet needs', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, 'SELECT * FROM forms');
    await page.getByRole('button', { name: 'Export…' }).click();
    const dialog = openDialog(page);
    await dialog.getByLabel('Fields are parted by').selectOption({ label: 'Semicolon' });
    await dialog.getByLabel('Mark as UTF-8 (BOM)').check();
    await dialog.getByLabel('Keep texts from being run as formulas').check();
    await dialog.getByRole('button', { name: 'Choose file and export' }).click();
    await page.getByText('30,000 rows written to /home/ada/query.csv').waitFor();
    const sent = await page.evaluate(() => JSON.parse(document.documentElement.dataset['exported'] ?? '{}'));
    expect(sent).toMatchObject({
      sql: 'SELECT * FROM forms',
      format: 'csv',
      delimiter: ';',
      bom: true,
      escapeFormulas: true,
    });
  });

  it('there is the export of a workbook, which says what a cell had no room for', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, 'SELECT long_texts FROM forms');
    await page.getByRole('button', { name: 'Export…' }).click();
    const dialog = openDialog(page);
    await dialog.getByLabel('Excel workbook (.xlsx)').check();
    await dialog.getByText('More than 1,048,575 rows go on in further sheets').waitFor();
    await dialog.getByRole('button', { name: 'Choose file and export' }).click();
    await dialog.getByText('3 texts were longer than a cell of Excel takes').waitFor();
    expect(await violations(page, 'light')).toEqual([]);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('an export says how far it is; Escape stops it, and only then closes', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await write(page, 'SELECT pg_sleep(1)');
    await page.getByRole('button', { name: 'Export…' }).click();
    const dialog = openDialog(page);
    await dialog.getByRole('button', { name: 'Choose file and export' }).click();
    await dialog.getByText('1,204,500 rows · 268.4 MB so far').waitFor();
    expect(await violations(page, 'light')).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.getByText('so far').waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Choose file and export' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('there is the history: found, pinned, named, opened and run again', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await run(page, 'SELECT monthly');
    await grid(page).waitFor();
    await page.getByRole('button', { name: 'History' }).click();
    const panel = page.getByRole('complementary', { name: 'History' });
    await panel.getByRole('button', { name: 'Actions for SELECT monthly' }).click();
    await page.getByRole('menuitem', { name: 'Pin' }).click();
    await panel.getByLabel('Show', { exact: true }).selectOption({ label: 'Pinned' });
    await panel.getByRole('button', { name: 'SELECT monthly', exact: true }).waitFor();
    await panel.getByLabel('Find in the history').fill('per village');
    await panel.getByRole('button', { name: 'Actions for Forms per village' }).click();
    await page.getByRole('menuitem', { name: 'Run it' }).click();
    await page.getByRole('tab', { name: 'Forms per village', selected: true }).waitFor();
    await grid(page).getByRole('columnheader', { name: 'village' }).waitFor();
    await panel.getByRole('button', { name: 'Statistics' }).click();
    await panel.getByRole('region', { name: 'Most used tables' }).waitFor();
    expect(await violations(page, 'light')).toEqual([]);
  });

  it('there are starters that run as they are, and a chart with its table', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/query');
    await page
      .getByRole('button', { name: /^Count per month/ })
      .first()
      .click();
    await expect.poll(() => editor(page).textContent()).toContain("date_trunc('month', received_on)");
    await run(page, 'SELECT monthly');
    await page.getByRole('button', { name: 'Chart', exact: true }).click();
    await page.getByRole('figure', { name: 'rows by month' }).waitFor();
    await page.getByText('As a table').click();
    await page.getByRole('row', { name: '2026-01-01 400' }).waitFor();
    expect(await violations(page, 'light')).toEqual([]);
  });
});

describe('without anything to ask', () => {
  it('leads on: no project, nothing synced, no right', async () => {
    await using empty = await open('nothing');
    await visit(empty.page, '/query');
    await empty.page.getByRole('heading', { name: 'No project to ask in' }).waitFor();
    await using unsynced = await open('busy', {}, (scenario) => {
      scenario.datasets = scenario.datasets.map((each) => ({ ...each, dataAsOf: null }));
      scenario.dictionaries = {};
    });
    await visit(unsynced.page, '/query');
    await unsynced.page.getByText('Nothing of this project is synced yet.').waitFor();
    await unsynced.page.getByText('Write a statement above and run it').waitFor();
    await using viewer = await open('busy', {}, (scenario) => {
      scenario.info.person = { ...scenario.info.person, roles: ['viewer'] };
    });
    await visit(viewer.page, '/query');
    await viewer.page.getByText(/Analyst/).waitFor();
    expect(await editor(viewer.page).count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)(
    'axe finds nothing serious (%s), also in a small window',
    async (theme) => {
      await using window = await open('longNames', { theme, width: 900 });
      const { page } = window;
      await visit(page, '/query');
      await run(page, 'SELECT long_texts');
      await grid(page).waitFor();
      expect(await violations(page, theme)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
      expect(window.complaints).toEqual([]);
    },
  );
});
