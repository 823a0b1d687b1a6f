import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { focusedName, scrollsSideways, tabTo, violations } from '../support/renderer-fixture/checks.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** The settings with their index. */

const open = sharedStage();
const index = (page: Page) => page.getByRole('navigation', { name: 'Sections of the settings' });
const focusedId = (page: Page) => page.evaluate(() => document.activeElement?.id ?? '');
const current = (page: Page) => index(page).locator('[aria-current]').allTextContents();

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious', async () => {
    await using window = await open('busy', { theme });
    await visit(window.page, '/settings/policy');
    await expect.poll(() => focusedId(window.page)).toBe('settings-policy');
    expect(await violations(window.page, theme)).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it.each([900, 640])('stands above its sections at %d px, and nothing scrolls sideways', async (width) => {
  await using window = await open('longNames', { width, height: 700, locale: 'fr-FR' });
  const { page } = window;
  await visit(page, '/settings');
  const list = await page.locator('.settings-index nav').boundingBox();
  const first = await page.locator('.settings-section').first().boundingBox();
  expect((list?.y ?? 0) + (list?.height ?? 0)).toBeLessThanOrEqual(first?.y ?? 0);
  expect(await scrollsSideways(page)).toBe(false);
});

it('is one tab stop that the arrow keys walk; Enter leads to the section and marks it', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/settings');
  await index(page).waitFor();
  await expect.poll(() => current(page)).toEqual(['Appearance']);
  expect(await index(page).locator('a[tabindex="0"]').count()).toBe(1);
  await tabTo(page, 'Appearance');
  for (let steps = 0; steps < 3; steps += 1) await page.keyboard.press('ArrowDown');
  const name = await focusedName(page);
  await page.keyboard.press('Enter');
  await expect.poll(() => current(page)).toEqual([name]);
  expect(await focusedId(page)).toMatch(/^settings-/);
  expect(await page.evaluate(() => location.hash)).toMatch(/^#\/settings\/\w+$/);
  // At the end of the page the last one is what is read.
  await expect
    .poll(async () => {
      // What comes late makes the page longer: its end is another then.
      await page.evaluate(() => globalThis.scrollTo({ top: 100_000 }));
      return current(page);
    })
    .toEqual(['About']);
});

it('has an address for each section, also that of before, and every section has a heading', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/settings/about');
  await expect.poll(() => focusedId(page)).toBe('settings-about');
  await visit(page, '/settings?show=proxy');
  await expect.poll(() => focusedId(page)).toBe('settings-proxy');
  const titles = await index(page).getByRole('link').allTextContents();
  for (const title of titles)
    await page.getByRole('heading', { level: 2, name: title, exact: true }).first().waitFor();
});

it('finds a section by a word of what stands in it, and says when nothing does', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/settings');
  await index(page).waitFor();
  await page.getByRole('heading', { level: 2, name: 'Proxy' }).waitFor();
  await page.getByLabel('Find a setting').fill('proxy');
  await expect.poll(async () => (await index(page).getByRole('link').count()) < 6).toBe(true);
  await index(page).getByRole('link', { name: 'Proxy' }).waitFor();
  await expect.poll(() => page.getByRole('heading', { level: 2, name: 'Appearance' }).count()).toBe(0);
  await page.getByLabel('Find a setting').fill('nothing like it');
  await page.getByText('Nothing here says “nothing like it”.').waitFor();
  await page.getByLabel('Find a setting').fill('');
  await page.getByRole('heading', { level: 2, name: 'Appearance' }).waitFor();
  expect(await focusedName(page)).toBe('Find a setting');
});
