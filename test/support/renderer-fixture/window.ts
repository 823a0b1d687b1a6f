import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { installFake } from './fake-bridge.ts';
import { fakes } from './fakes.ts';
import { now, type Scenario } from './scenario.ts';

export interface WindowOptions {
  readonly url: string;
  readonly scenario: Scenario;
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  readonly scale?: number;
  /** Of the system, and with it of the window. */
  readonly locale?: string;
  /** Stops the clock of the page at the time of the scenarios, for pictures that stay the same. */
  readonly stopClock?: boolean;
}

export interface FixtureWindow extends AsyncDisposable {
  readonly page: Page;
  /** What the console and the policy complained about; has to stay empty. */
  readonly complaints: string[];
}

/** Opens the built renderer on a scenario, as a window of the application would. */
export async function openWindow(browser: Browser, options: WindowOptions): Promise<FixtureWindow> {
  const { theme = 'light', width = 1280, height = 820, scale = 1 } = options;
  const context: BrowserContextOptions = {
    viewport: { width, height },
    deviceScaleFactor: scale,
    colorScheme: theme,
    locale: options.locale ?? 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  };
  const opened = await browser.newContext(context);
  const page = await opened.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  if (options.stopClock !== false) await page.clock.setFixedTime(now);
  // One script: the order of several is not promised.
  await page.addInitScript({
    content: `(${installFake})(${JSON.stringify(options.scenario)}, [${fakes.join(', ')}])`,
  });
  await page.goto(options.url);
  return { page, complaints, [Symbol.asyncDispose]: () => opened.close() };
}

export async function visit(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  // A room with panes has a heading for each; one of them is in sight.
  await page.locator('h1:visible').first().waitFor();
  await page.waitForTimeout(60);
  // In the scenario whose answers never come there is nothing to wait for.
  await page
    .waitForFunction(() => !document.querySelector('[aria-busy="true"]'), undefined, {
      timeout: 300,
      polling: 30,
    })
    .catch(() => undefined);
}
