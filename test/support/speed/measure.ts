import type { Browser, CDPSession, Page } from 'playwright';
import type { Fake } from '../renderer-fixture/fake-tools.ts';
import { type Change, type Frames, installLarge, installMeter, type Meter } from './in-page.ts';
import { asOfNow, large, largeWorld, type WorldParts } from './world.ts';

/** Runs and entries of the activity log that the page can be told of. */
export const history = { runs: 100_000, entries: 100_000 };

/** The fixture of a checkout, as it is loaded from its folder. */
export interface Fixture extends WorldParts {
  readonly installFake: unknown;
  readonly fakes: readonly Fake[];
}

export interface LargeWindow extends AsyncDisposable {
  readonly page: Page;
  readonly session: CDPSession;
}

declare global {
  interface Window {
    readonly meter: Meter;
  }
}

/** A window on a workspace that is as large as they get, with what measures in it. */
export async function openLarge(browser: Browser, url: string, fixture: Fixture): Promise<LargeWindow> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 820 },
    ...{ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' },
  });
  const page = await context.newPage();
  const world = asOfNow(largeWorld(fixture, large), fixture.tools.now, Date.now());
  // One script: the order of several is not promised.
  await page.addInitScript({
    content: [
      `(${String(fixture.installFake)})(${world}, [${fixture.fakes.join(', ')}]);`,
      `(${installLarge})(${JSON.stringify(history)});`,
      `(${installMeter})();`,
    ].join('\n'),
  });
  await page.goto(url);
  await page.locator('h1').first().waitFor();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return { page, session, [Symbol.asyncDispose]: () => context.close() };
}

async function metrics(session: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics: all } = await session.send('Performance.getMetrics');
  return new Map(all.map(({ name, value }) => [name, value]));
}

export interface ScreenFigures {
  /** Medians, in milliseconds since the press. */
  readonly heading: number;
  readonly content: number;
  /** The page's own time on the processor for one change, which other programs have no part in. */
  readonly work: number;
  /** Of all changes to it. */
  readonly longTasks: readonly number[];
}

const middle = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) * 10) / 10;
};

async function measureOne({ page, session }: LargeWindow, hash: string): Promise<Measured> {
  const before = (await metrics(session)).get('TaskDuration') ?? 0;
  const change = await page.evaluate((to) => window.meter.change(to), hash);
  const work = ((await metrics(session)).get('TaskDuration') ?? 0) - before;
  return { ...change, work: work * 1000 };
}

type Measured = Change & { readonly work: number };

const figuresOf = (changes: readonly Measured[]): ScreenFigures => ({
  heading: middle(changes.map(({ heading }) => heading)),
  content: middle(changes.map(({ content }) => content)),
  work: middle(changes.map(({ work }) => work)),
  longTasks: changes.flatMap(({ longTasks }) => longTasks),
});

interface Compared {
  readonly name: string;
  /** Its address in each of the windows. */
  readonly hashes: readonly string[];
}

/** Goes through the screens so many times in all windows in turns, after one round in which their files are fetched. */
export async function measureTogether(
  windows: readonly LargeWindow[],
  screens: readonly Compared[],
  rounds: number,
): Promise<Record<string, ScreenFigures[]>> {
  const found = screens.map(({ name }) => ({ name, changes: windows.map((): Measured[] => []) }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [at, { hashes }] of screens.entries()) {
      for (const [which, each] of windows.entries()) {
        await each.page.bringToFront();
        const measured = await measureOne(each, hashes[which] ?? '#/');
        if (round > 0) found[at]?.changes[which]?.push(measured);
      }
    }
  }
  return Object.fromEntries(found.map(({ name, changes }) => [name, changes.map(figuresOf)]));
}

/** The same in one window. */
export async function measureScreens(
  window: LargeWindow,
  screens: Readonly<Record<string, string>>,
  rounds: number,
): Promise<Record<string, ScreenFigures>> {
  const list = Object.entries(screens).map(([name, hash]) => ({ name, hashes: [hash] }));
  const found = await measureTogether([window], list, rounds);
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, [figures]]) => (figures ? [[name, figures]] : [])),
  );
}

/** The page's own time on the processor for a known piece of work now, in milliseconds: the median of some. */
export async function calibrate({ page, session }: LargeWindow): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < 9; n += 1) {
    const before = (await metrics(session)).get('TaskDuration') ?? 0;
    await page.evaluate(() => window.meter.calibrate());
    times.push((((await metrics(session)).get('TaskDuration') ?? 0) - before) * 1000);
  }
  return middle(times);
}

export interface Held {
  /** In bytes, after what can be thrown away was. */
  readonly heap: number;
  readonly nodes: number;
  readonly listeners: number;
}

export async function heldBy({ session }: LargeWindow): Promise<Held> {
  // Twice: what the first round lets go of may hold other things.
  for (let n = 0; n < 2; n += 1) await session.send('HeapProfiler.collectGarbage');
  const all = await metrics(session);
  return {
    heap: all.get('JSHeapUsedSize') ?? Number.NaN,
    nodes: all.get('Nodes') ?? Number.NaN,
    listeners: all.get('JSEventListeners') ?? Number.NaN,
  };
}

/** Changes the screen so many times, without waiting for more than the next frame. */
export async function changeScreens(
  { page }: LargeWindow,
  hashes: readonly string[],
  times: number,
): Promise<void> {
  await page.evaluate(
    async ([all, count]) => {
      for (let n = 0; n < count; n += 1) await window.meter.go(all[n % all.length] ?? '#/');
      // What is held is looked at on one and the same screen.
      await window.meter.change('#/inbox');
    },
    [hashes, times] as const,
  );
}

export interface Scrolled {
  readonly frames: Frames;
  /** The page's own time on the processor for a frame, in milliseconds. */
  readonly work: number;
}

async function scrolled({ session }: LargeWindow, act: () => Promise<Frames>): Promise<Scrolled> {
  const before = (await metrics(session)).get('TaskDuration') ?? 0;
  const frames = await act();
  const spent = ((await metrics(session)).get('TaskDuration') ?? 0) - before;
  return { frames, work: Math.round((spent * 10_000) / frames.count) / 10 };
}

/** Scrolls for so long, so far a frame, to and fro. */
export function scrollFrames(
  window: LargeWindow,
  selector: string,
  ms: number,
  perFrame: number,
): Promise<Scrolled> {
  return scrolled(window, () =>
    window.page.evaluate(([what, time, step]) => globalThis.window.meter.scroll(what, time, step), [
      selector,
      ms,
      perFrame,
    ] as const),
  );
}

/** Goes down by Page Down so many times, then to the end and back, with the times between the frames meanwhile. */
export function scrollByKeys(window: LargeWindow, selector: string, times: number): Promise<Scrolled> {
  return scrolled(window, async () => {
    const { page } = window;
    await page.locator(selector).focus();
    const frames = page.evaluate(() => globalThis.window.meter.frames());
    for (let n = 0; n < times; n += 1) await page.keyboard.press('PageDown');
    for (const key of ['Control+End', 'PageUp', 'Control+Home']) await page.keyboard.press(key);
    await page.evaluate(() => globalThis.window.meter.stop());
    return frames;
  });
}
