import { describe, expect, it } from 'vitest';
import { focusIsSomewhere } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* What no checker of rules sees, over all screens: where the focus is, how much one has to press Tab, how large things are. */

const open = sharedStage();
const screens = [
  ...['/', '/inbox', '/runs', '/data', '/query', '/dictionary', '/connections', '/sources', '/projects'],
  ...['/credentials', '/people', '/activity', '/settings', `/projects/${uuid(4, 1)}`],
  ...['tables', 'runs', 'changes', 'access', 'settings'].map((tab) => `/projects/${uuid(4, 1)}/${tab}`),
];

describe('on every screen', () => {
  it('the focus is somewhere after going there by keyboard', { timeout: 180_000 }, async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, '/');
    const links = page.locator('header.side nav a');
    const count = await links.count();
    expect(count).toBeGreaterThan(8);
    for (let at = 0; at < count; at += 1) {
      const link = links.nth(at);
      const to = await link.getAttribute('href');
      await link.focus();
      await page.keyboard.press('Enter');
      await page.locator('h1:visible').first().waitFor();
      expect(await focusIsSomewhere(page), `after ${to}`).toBe(true);
      // Back by the window's own key.
      await page.keyboard.press('Alt+ArrowLeft');
      await page.locator('h1:visible').first().waitFor();
      expect(await focusIsSomewhere(page), `back from ${to}`).toBe(true);
    }
    for (const hash of screens) {
      await visit(page, hash);
      expect(await focusIsSomewhere(page), hash).toBe(true);
    }
    expect(window.complaints).toEqual([]);
  });

  it('what is pressed has 24 px, or as much room around it, at any density', {
    timeout: 180_000,
  }, async () => {
    await using window = await open('review');
    const { page } = window;
    for (const density of ['normal', 'compact']) {
      await page.evaluate((chosen) => {
        localStorage.setItem('headgate.density', chosen);
      }, density);
      await page.reload();
      for (const hash of screens) {
        await visit(page, hash);
        const small = await page.evaluate(() => {
          const all = [
            ...document.querySelectorAll<HTMLElement>('button, [role="tab"], select, input, summary'),
          ]
            .filter((each) => each.checkVisibility() && !each.closest('svg'))
            .map((element) => ({ element, box: element.getBoundingClientRect() }))
            .filter(({ box }) => box.width > 1 && box.height > 1);
          const middle = ({ left, top, width, height }: DOMRect) =>
            [left + width / 2, top + height / 2] as const;
          return all
            .filter(({ element, box }) => {
              // A label belongs to its box.
              const target = element.closest('label')?.getBoundingClientRect() ?? box;
              if (target.width >= 24 && target.height >= 24) return false;
              // Smaller is as good where a circle of 24 px around its middle meets no other (2.5.8).
              const [x, y] = middle(box);
              return all.some(({ element: other, box: near }) => {
                if (other === element || element.closest('label')?.contains(other)) return false;
                const dx = Math.max(near.left - x, 0, x - near.right);
                const dy = Math.max(near.top - y, 0, y - near.bottom);
                return Math.hypot(dx, dy) < 12;
              });
            })
            .map(({ element }) => element.getAttribute('aria-label') ?? element.textContent ?? element.id);
        });
        expect(small, `${hash}, ${density}`).toEqual([]);
      }
    }
  });

  it('the tree of tables is one stop of the Tab key, however many datasets there are', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await visit(page, '/data');
    const stops = page.locator('.data-tree-list :is(a, button):not([tabindex="-1"])');
    await expect.poll(() => stops.count()).toBe(1);
    await stops.first().focus();
    await page.keyboard.press('ArrowUp');
    expect(await page.evaluate(() => document.activeElement?.closest('.data-tree') !== null)).toBe(true);
    await page.keyboard.press('End');
    expect(await focusIsSomewhere(page)).toBe(true);
  });

  it('nothing moves for those who asked for that', { timeout: 120_000 }, async () => {
    await using window = await open('review');
    const { page } = window;
    for (const hash of screens) {
      await visit(page, hash);
      const moving = await page.evaluate(() =>
        document
          .getAnimations()
          .filter(({ playState, effect }) => {
            const timing = effect?.getComputedTiming();
            return playState === 'running' && timing?.iterations === Number.POSITIVE_INFINITY;
          })
          .map((each) => (each instanceof CSSAnimation ? each.animationName : 'a transition')),
      );
      expect(moving, hash).toEqual([]);
    }
  });
});
