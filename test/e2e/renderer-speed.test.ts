import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/renderer-fixture/browser.ts';
import { builtRenderer } from '../support/renderer-fixture/build.ts';
import { type Served, serveRenderer } from '../support/renderer-fixture/serve.ts';
import { fixtureOf } from '../support/speed/fixture.ts';
import {
  calibrate,
  changeScreens,
  heldBy,
  history,
  type LargeWindow,
  measureScreens,
  openLarge,
  scrollByKeys,
  scrollFrames,
} from '../support/speed/measure.ts';
import { longGrid, screensOf } from '../support/speed/screens.ts';
import { large } from '../support/speed/world.ts';

/*
 * How quick the window is in a workspace as large as they get, as it is shipped. Computers differ and do other work besides:
 * what is asserted everywhere is the page's own time on the processor, beside that of a known piece of work in the same page.
 * With HEADGATE_SPEED=1, on a computer that does nothing else, the times of the issue are asserted too.
 */

const isStrict = process.env['HEADGATE_SPEED'] === '1';
const rounds = isStrict ? 7 : 3;
/**
 * Known pieces of work that a screen may cost at most. About half was measured on a busy computer (Home 1.2, Data 1.4,
 * Connections 1.1), a quarter on a quiet one; Runs took more than ten before answers were kept.
 */
const screenShare = 2;
const slowest: Readonly<Record<string, number>> = { data: 2.8, connections: 2.4 };
const [screenMs, dataMs, taskMs, frameMs] = [60, 120, 50, 20];

let browser: Browser;
let served: Served;
let opened: LargeWindow;
beforeAll(async () => {
  const folder = await builtRenderer(true);
  [browser, served] = await Promise.all([launchBrowser(), serveRenderer(folder)]);
  const fixture = await fixtureOf(fileURLToPath(new URL('../..', import.meta.url)));
  opened = await openLarge(browser, served.url, fixture);
}, 240_000);
afterAll(async () => {
  await opened?.[Symbol.asyncDispose]();
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);

describe('in a workspace as large as they get, the window', () => {
  it('changes to every screen at once', { timeout: 240_000 }, async () => {
    const unit = await calibrate(opened);
    const figures = await measureScreens(opened, screensOf(), rounds);
    say(
      `${large.connections} connections, ${large.datasets} datasets, ${history.entries} entries, ${history.runs} runs, ${large.columns} columns; a known piece of work takes ${unit} ms of the processor`,
    );
    for (const [name, { heading, content, work, longTasks }] of Object.entries(figures)) {
      say(
        `  ${name}: heading ${heading} ms, content ${content} ms, work ${work} ms (${(work / unit).toFixed(2)} of the known), tasks over 50 ms: ${longTasks.join(' ') || 'none'}`,
      );
    }
    for (const [name, { heading, content, work, longTasks }] of Object.entries(figures)) {
      expect(content, `${name} came to an end`).toBeGreaterThan(0);
      expect(work / unit, `work of ${name}`).toBeLessThanOrEqual(slowest[name] ?? screenShare);
      if (!isStrict) continue;
      expect(heading, `heading of ${name}`).toBeLessThanOrEqual(name === 'data' ? dataMs : screenMs);
      expect(Math.max(0, ...longTasks), `longest task of ${name}`).toBeLessThanOrEqual(taskMs);
    }
  });

  it('holds no more after five hundred changes of screen than after a hundred', {
    timeout: 240_000,
  }, async () => {
    const hashes = Object.values(screensOf());
    // A busy machine does a part of them: what leaks shows after a hundred more as after four hundred.
    const [first, more] = isStrict ? [100, 400] : [42, 84];
    await changeScreens(opened, hashes, first);
    const before = await heldBy(opened);
    await changeScreens(opened, hashes, more);
    const after = await heldBy(opened);
    const grown = (after.heap - before.heap) / before.heap;
    say(
      `after ${first} and ${first + more} changes: heap ${Math.round(before.heap / 1000)} and ${Math.round(after.heap / 1000)} kB, nodes ${before.nodes} and ${after.nodes}, listeners ${before.listeners} and ${after.listeners}`,
    );
    expect(grown).toBeLessThanOrEqual(0.05);
    expect(after.nodes - before.nodes).toBeLessThanOrEqual(200);
    expect(after.listeners - before.listeners).toBeLessThanOrEqual(100);
  });

  it('scrolls a million rows smoothly', { timeout: 120_000 }, async () => {
    const unit = await calibrate(opened);
    await opened.page.evaluate((to) => window.meter.change(to), longGrid.hash);
    await opened.page.locator(longGrid.selector).waitFor();
    const wheel = await scrollFrames(opened, longGrid.selector, isStrict ? 5000 : 2500, 900);
    const keys = await scrollByKeys(opened, longGrid.selector, isStrict ? 60 : 25);
    say(
      `ms between frames, by wheel ${JSON.stringify(wheel.frames)}, the page's own work of a frame ${wheel.work} ms; by keys ${JSON.stringify(keys.frames)}, ${keys.work} ms`,
    );
    for (const { frames, work } of [wheel, keys]) {
      expect(work / unit).toBeLessThanOrEqual(0.25);
      if (isStrict) expect(frames.p95).toBeLessThanOrEqual(frameMs);
    }
    expect(await opened.page.locator(`${longGrid.selector} [role="row"]`).count()).toBeLessThan(80);
  });
});
