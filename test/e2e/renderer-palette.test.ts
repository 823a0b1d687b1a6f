import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* Everything is one field away: what is asked in the forms, where things are, and what can be done. */

const open = sharedStage();
const field = (page: Page) => page.getByRole('combobox', { name: 'Search or jump' });
const options = (page: Page) => page.getByRole('option');
const hash = (page: Page) => page.evaluate(() => location.hash);

async function openPalette(page: Page): Promise<void> {
  await page.locator('main h1').waitFor();
  await page.keyboard.press('Control+k');
  await expect.poll(() => focusedName(page)).toBe('Search or jump');
}

describe('the palette', () => {
  it('finds a column by its question: type, and Enter', async () => {
    await using window = await open('review');
    const { page } = window;
    await openPalette(page);
    await page.keyboard.type('perimetre brachial');
    await options(page).filter({ hasText: 'Périmètre brachial' }).first().waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => hash(page)).toMatch(/^#\/data\/[^?]+\?column=muac_mm$/);
    await field(page).waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  });

  it('opens the dictionary at a column with Ctrl and Enter', async () => {
    await using window = await open('review', { width: 900 });
    const { page } = window;
    await openPalette(page);
    await page.keyboard.type('perimetre brachial');
    await options(page).filter({ hasText: 'Périmètre brachial' }).first().waitFor();
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => hash(page)).toMatch(/^#\/dictionary\/[^?]+\?column=muac_mm$/);
    await page.locator('main h1').waitFor();
    expect(window.complaints).toEqual([]);
  });

  it.each([
    ['staging ware', 'Staging warehouse', /^#\/connections\/./],
    ['nutrition', 'Nutrition screening', /^#\/projects\/./],
    ['malaria prog', 'Malaria programme', /^#\/sources\?show=/],
    ['activ', 'Activity', /^#\/activity$/],
    ['add conn', 'Add connection', /^#\/connections/],
  ])('leads by “%s” to %s', async (typed, name, address) => {
    await using window = await open('busy');
    const { page } = window;
    await openPalette(page);
    await page.keyboard.type(typed);
    const wanted = options(page).filter({ has: page.getByText(name, { exact: true }) });
    await wanted.first().waitFor();
    // By the arrows, as somebody without a mouse does.
    for (let presses = 0; presses < 30; presses++) {
      if ((await wanted.first().getAttribute('data-highlighted')) !== null) break;
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
    await expect.poll(() => hash(page)).toMatch(address);
    expect(window.complaints).toEqual([]);
  });

  it('starts a sync from anywhere, and says so', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/activity');
    await openPalette(page);
    await page.keyboard.type('sync now malaria');
    const sync = options(page).filter({ hasText: 'Sync now: Bednets 2026 – Malaria programme' }).first();
    await sync.waitFor();
    await sync.click();
    await page.getByText('A sync of Bednets 2026 – Malaria programme started').waitFor();
    expect(await hash(page)).toBe('#/activity');
  });

  it('offers what a person may do, and nothing else', async () => {
    await using window = await open('busy', {}, (scenario) => {
      scenario.info.person.roles = ['viewer'];
    });
    const { page } = window;
    await visit(page, '/home');
    await openPalette(page);
    for (const typed of ['sync now', 'add', 'query']) {
      await field(page).fill(typed);
      await expect
        .poll(() =>
          options(page)
            .filter({ hasText: /Sync now|Add |^Query/ })
            .count(),
        )
        .toBe(0);
    }
    await field(page).fill('theme');
    await options(page).filter({ hasText: 'Theme: Dark' }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
  });

  it('knows where one was, until the session ends', async () => {
    await using window = await open('busy');
    const { page } = window;
    await openPalette(page);
    await field(page).fill('nutrition');
    await options(page).filter({ hasText: 'Nutrition screening' }).first().click();
    await expect.poll(() => hash(page)).toContain('#/projects/');
    await openPalette(page);
    await page.getByText('Where you were').waitFor();
    await expect.poll(() => options(page).first().textContent()).toContain('Nutrition screening');
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('Nutrition');
  });

  it('says when nothing fits, closes with Escape, and gives the focus back', async () => {
    await using window = await open('busy');
    const { page } = window;
    const button = page.getByRole('button', { name: 'Search or jump to…', exact: true });
    await button.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => focusedName(page)).toBe('Search or jump');
    await page.keyboard.type('no such thing');
    await page.getByText('Nothing fits “no such thing”.').waitFor();
    await page.keyboard.press('Escape');
    await openDialog(page).waitFor({ state: 'detached' });
    await expect.poll(() => button.evaluate((each) => each === document.activeElement)).toBe(true);
  });

  it('never opens over a form that somebody fills in', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/connections?add');
    await openDialog(page).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Control+,');
    expect(await field(page).count()).toBe(0);
    expect(await hash(page)).toContain('/connections');
  });

  it.each(['light', 'dark'] as const)(
    'axe finds nothing, and nothing scrolls sideways (%s)',
    async (theme) => {
      await using window = await open('review', { theme, width: 640, height: 410 });
      const { page } = window;
      await openPalette(page);
      expect(await violations(page, theme)).toEqual([]);
      await page.keyboard.type('peri');
      await options(page).first().waitFor();
      expect(await violations(page, theme)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
    },
  );
});

describe('the shortcuts', () => {
  it('lead to the screens, and not while somebody types', async () => {
    await using window = await open('busy');
    const { page } = window;
    await page.locator('main h1').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await expect.poll(() => hash(page)).toBe('#/connections');
    const search = page.locator('main input[type="search"]').first();
    await search.waitFor();
    await page.keyboard.press('/');
    await expect.poll(() => search.evaluate((each) => each === document.activeElement)).toBe(true);
    await page.keyboard.type('g?/');
    expect(await search.inputValue()).toBe('g?/');
    expect(await openDialog(page).count()).toBe(0);
  });

  it('are in a list, in which those of a single key are switched off', async () => {
    await using window = await open('busy');
    const { page } = window;
    await page.locator('main h1').waitFor();
    await page.keyboard.press('?');
    const sheet = openDialog(page);
    await sheet.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    expect(await violations(page, 'light')).toEqual([]);
    await sheet.getByLabel('Shortcuts of a single key').uncheck();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    // What comes after it has come after them.
    await openPalette(page);
    expect(await hash(page)).not.toContain('connections');
    expect(await page.getByRole('heading', { name: 'Keyboard shortcuts' }).count()).toBe(0);
    await field(page).fill('keyboard');
    await options(page).filter({ hasText: 'Keyboard shortcuts' }).click();
    await expect.poll(() => sheet.getByLabel('Shortcuts of a single key').isChecked()).toBe(false);
  });
});
