import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright';

/** The violations that keep people out, as short lines. The dark theme differs in its colours only. */
export async function violations(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  // One frame, so the mode without a helper page per analysis; it saves half of the time.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  if (theme === 'dark') axe.withRules(['color-contrast']);
  else axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
  const { violations: found } = await axe.analyze();
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** Presses Tab until something with that label has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if ((await focusedName(page)).startsWith(name)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${name}`);
}

export function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element) return '';
    const label =
      element instanceof HTMLInputElement ||
      element instanceof HTMLSelectElement ||
      element instanceof HTMLTextAreaElement
        ? element.labels?.[0]
        : null;
    return (element.getAttribute('aria-label') ?? (label ?? element).textContent ?? '').trim();
  });
}

/**
 * Whether something has the focus: a person who can't see the page is else nowhere in it. What the focus goes to may be
 * drawn, or given it, a few frames after the press: nobody notices those, but whoever stays nowhere is lost.
 */
export const focusIsSomewhere = (page: Page): Promise<boolean> =>
  page
    .waitForFunction(
      () => document.activeElement !== null && document.activeElement !== document.body,
      undefined,
      { timeout: 3_000 },
    )
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && error.name === 'TimeoutError') return false;
        throw error;
      },
    );

/** Whether the page scrolls sideways: a line of text or a table that does not fit pushes everything aside. */
export const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
