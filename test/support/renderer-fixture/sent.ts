import type { Page } from 'playwright';
import type { CallName } from '../../../preload/contract/channels.ts';

/** Writes down what one call of the window is sent from now on. */
export const listen = (page: Page, name: CallName): Promise<void> =>
  page.evaluate((called) => {
    const { calls } = (
      globalThis as unknown as {
        headgate: { calls: Record<string, (input: unknown, id: string) => unknown> };
      }
    ).headgate;
    const call = calls[called];
    calls[called] = (input, id) => {
      document.documentElement.dataset['sent'] = JSON.stringify(input);
      return call?.(input, id);
    };
  }, name);

/** What it was sent last; nothing yet is an empty object. */
export const sent = async (page: Page): Promise<object> =>
  JSON.parse((await page.evaluate(() => document.documentElement.dataset['sent'])) ?? '{}');
