import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/renderer-fixture/browser.ts';
import { buildCatalogue, builtRenderer } from '../support/renderer-fixture/build.ts';
import { focusIsSomewhere, violations } from '../support/renderer-fixture/checks.ts';
import { scenarios } from '../support/renderer-fixture/more-scenarios.ts';
import { type Served, serveRenderer } from '../support/renderer-fixture/serve.ts';
import { type FixtureWindow, openWindow } from '../support/renderer-fixture/window.ts';

/* Each component in each of its states, and how close together they may stand. */

let folder: string;
let browser: Browser;
let served: Served;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-catalogue-'));
  await buildCatalogue(folder);
  [browser, served] = await Promise.all([launchBrowser(), serveRenderer(folder)]);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function open(theme: 'light' | 'dark'): Promise<FixtureWindow> {
  const window = await openWindow(browser, { url: served.url, scenario: scenarios.busy(), theme });
  await window.page.getByRole('heading', { name: 'Catalogue of the components' }).waitFor();
  return window;
}

const title = 'Catalogue of the components';

describe('the catalogue', () => {
  it.each(['light', 'dark'] as const)(
    'keeps nobody out in %s, at any density',
    { timeout: 240_000 },
    async (theme) => {
      await using window = await open(theme);
      const { page } = window;
      for (const density of ['Comfortable', 'Compact', 'Normal']) {
        await page.getByRole('radio', { name: density }).check();
        expect(await violations(page, theme), density).toEqual([]);
        const small = await page.evaluate(() =>
          [...document.querySelectorAll('button, a.button, input.input, select, [role="tab"]')]
            .map((each) => ({
              name: each.textContent || each.getAttribute('aria-label'),
              box: each.getBoundingClientRect(),
            }))
            .filter(({ box }) => box.height > 0 && (box.height < 24 || box.width < 24))
            .map(({ name }) => name),
        );
        // A strip stands alone in its cell, with more than 24 px around it.
        expect(
          small.filter((name) => !name?.includes('·')),
          density,
        ).toEqual([]);
      }
      expect(window.complaints).toEqual([]);
    },
  );

  it('has lower rows where that was chosen, at once and after the page comes again', async () => {
    await using window = await open('light');
    const { page } = window;
    const heightOf = (selector: string): Promise<number> =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => element.getBoundingClientRect().height);
    const heights = async (density: string) => {
      await page.getByRole('radio', { name: density }).check();
      return [
        await heightOf('[role="grid"] [data-row]'),
        await heightOf('.table tbody tr'),
        await heightOf('.button'),
      ];
    };
    const [airy, normal, close] = [
      await heights('Comfortable'),
      await heights('Normal'),
      await heights('Compact'),
    ];
    for (const [at, height] of normal.entries()) {
      expect(airy[at]).toBeGreaterThan(height);
      expect(close[at]).toBeLessThan(height);
      expect(close[at]).toBeGreaterThanOrEqual(24);
    }
    await page.reload();
    expect(await page.getByRole('radio', { name: 'Compact' }).isChecked()).toBe(true);
    await expect.poll(() => heightOf('[role="grid"] [data-row]')).toBe(close[0]);
  });

  it('shows one hint, by keyboard and by pointer, and Escape closes it', async () => {
    await using window = await open('light');
    const { page } = window;
    const hint = page.locator('.tooltip');
    await page.getByRole('button', { name: 'Blocked' }).first().hover();
    await expect.poll(() => hint.textContent()).toBe('Only a DBA may do this.');
    // The pointer may go to it.
    await hint.hover();
    expect(await hint.isVisible()).toBe(true);
    await page.mouse.move(5, 5);
    await expect.poll(() => hint.count()).toBe(0);
    await page.getByRole('button', { name: 'Blocked' }).last().focus();
    await page.keyboard.press('Tab');
    await expect.poll(() => hint.textContent()).toBe('Copy the name');
    await page.keyboard.press('Escape');
    await expect.poll(() => hint.count()).toBe(0);
  });

  it('opens and closes a menu by keyboard and by pointer, and gives the focus back', async () => {
    await using window = await open('light');
    const { page } = window;
    const button = page.getByRole('button', { name: 'More actions' });
    const menu = page.getByRole('menu');
    await button.focus();
    for (const key of ['Enter', 'ArrowDown']) {
      await page.keyboard.press(key);
      await menu.waitFor();
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('Edit…');
      await page.keyboard.press('Escape');
      await menu.waitFor({ state: 'detached' });
      await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
    }
    await button.click();
    await menu.waitFor();
    await button.click();
    await menu.waitFor({ state: 'detached' });
    expect(await focusIsSomewhere(page)).toBe(true);
    await button.click();
    await page.getByRole('menuitem', { name: 'Edit…' }).click();
    await menu.waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  });

  it('is in no build of the window', async () => {
    const shipped = await builtRenderer(true);
    const files = await readdir(shipped, { recursive: true });
    expect(files.some((name) => name.endsWith('.js'))).toBe(true);
    for (const name of files) {
      if (!/\.(?:js|html|css)$/.test(name)) continue;
      expect(await readFile(join(shipped, name), 'utf8'), name).not.toContain(title);
    }
    // The same looked for where it is: so that it would be found.
    const own = (await readdir(folder, { recursive: true })).filter((name) => /\.(?:js|html)$/.test(name));
    const texts = await Promise.all(own.map((name) => readFile(join(folder, name), 'utf8')));
    expect(texts.some((text) => text.includes(title))).toBe(true);
  });
});
