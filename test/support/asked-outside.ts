import type { ElectronApplication, Page } from 'playwright';
import { expect } from 'vitest';

/** The windows of the app that ask for something; they have an origin of their own. */
export const askWindows = (app: ElectronApplication): Page[] =>
  app.windows().filter((each) => !each.isClosed() && each.url() === 'https://ask.app.invalid/');

/** The one window that asks under this heading, and for what went wrong last where that is given. */
export async function askedOutside(
  app: ElectronApplication,
  title: string | RegExp,
  problem?: string | RegExp,
): Promise<Page> {
  let found: Page | undefined;
  await expect
    .poll(async () => {
      const [window, second] = askWindows(app);
      found = window;
      if (!window || second) return false;
      const heading = window.getByRole('heading', { name: title });
      const said = problem === undefined ? heading : window.getByRole('alert').getByText(problem);
      // It may go while it is looked at.
      return Promise.all([heading.count(), said.count()]).then(
        ([headings, alerts]) => headings === 1 && alerts === 1,
        () => false,
      );
    })
    .toBe(true);
  return found as Page;
}

/** Fills what such a window has: one field, or two where it is typed twice. */
export async function fillOutside(window: Page, typed: string, again = typed): Promise<void> {
  await window.locator('#typed:visible, #key:visible').fill(typed);
  const second = window.locator('#again');
  if (await second.isVisible()) await second.fill(again);
}

/** Presses its button; the window may be gone, as it should, before the press is told of. */
export async function goOnOutside(window: Page): Promise<void> {
  try {
    // In whatever language it asks.
    await window.locator('button[type="submit"]').click();
  } catch (error) {
    if (!window.isClosed()) throw error;
  }
}

/** Types it there, and waits until that window is gone; another one may have come by then. */
export async function typeOutside(
  app: ElectronApplication,
  title: string | RegExp,
  typed: string,
  problem?: string | RegExp,
): Promise<void> {
  const window = await askedOutside(app, title, problem);
  await fillOutside(window, typed);
  await goOnOutside(window);
  await expect.poll(() => window.isClosed()).toBe(true);
}
