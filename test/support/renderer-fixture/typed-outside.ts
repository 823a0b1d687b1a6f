import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
};

/** Until so much of what the person types outside the page is left, and the button that had it asked for is back. */
export async function typedOutside(page: Page, button: Locator, left = 0): Promise<void> {
  const untyped = (): Promise<unknown> =>
    page.evaluate(() => headgate.calls['fixture.untyped']?.({}, 'of the test'));
  await expect.poll(untyped).toMatchObject({ data: left });
  await expect.poll(() => button.getAttribute('aria-busy')).toBe(null);
}
