import type { Locator, Page } from 'playwright';

/** The dialog that is open. A toast has the role of a dialog too and comes and goes by itself, so it does not count. */
export const openDialog = (page: Page): Locator =>
  page.locator('[role=dialog]:not(.toast), [role=alertdialog]:not(.toast)');
