import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../support/renderer-fixture/browser.ts';
import { serveRenderer } from '../support/renderer-fixture/serve.ts';
import { fixtureOf } from '../support/speed/fixture.ts';
import {
  calibrate,
  changeScreens,
  heldBy,
  type LargeWindow,
  measureTogether,
  openLarge,
  type ScreenFigures,
  scrollFrames,
} from '../support/speed/measure.ts';
import { longGrid, screensOf } from '../support/speed/screens.ts';

/*
 * The window of this checkout beside that of an earlier commit, in one browser on one computer, screen by screen in turns, so
 * that whatever else the computer does falls on both:
 *   npm run bench:window -- [--against commit] [--rounds 7] [--only runs,data]
 */

const { values } = parseArgs({
  options: {
    /** Before the console was built anew. */
    against: { type: 'string', default: 'a7bcac8' },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string', default: '' },
    /** Screen changes for the figures of memory. */
    changes: { type: 'string', default: '500' },
  },
});
const here = join(import.meta.dirname, '..', '..');
const room = mkdtempSync(join(tmpdir(), 'headgate-window-'));

/** The build of a checkout as the product ships it. */
function build(root: string, outDir: string): string {
  const vite = join(here, 'node_modules', '.bin', 'vite');
  execFileSync(vite, ['build', 'renderer', '--logLevel', 'warn', '--outDir', outDir, '--emptyOutDir'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return outDir;
}

function checkOut(commit: string): string {
  const root = join(room, 'before');
  mkdirSync(root);
  const packed = execFileSync('git', ['archive', commit], { cwd: here, maxBuffer: 1e9 });
  execFileSync('tar', ['-x', '-C', root], { input: packed });
  symlinkSync(join(here, 'node_modules'), join(root, 'node_modules'), 'dir');
  return root;
}

const one = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(1));
const ratio = (before: number, now: number): string => (before / now).toFixed(2);

try {
  const before = checkOut(values.against);
  const folders = [build(before, join(room, 'before-dist')), build(here, join(room, 'now-dist'))];
  const browser = await launchBrowser();
  const windows: LargeWindow[] = [];
  const fixtures = await Promise.all([before, here].map(fixtureOf));
  for (const [at, folder] of folders.entries()) {
    const served = await serveRenderer(folder);
    const fixture = fixtures[at];
    if (fixture) windows.push(await openLarge(browser, served.url, fixture));
  }
  const [old, now] = windows;
  if (!old || !now) throw new Error('two windows are compared');
  const only = values.only === '' ? null : values.only.split(',');
  const wanted = Object.entries(screensOf()).filter(([name]) => only === null || only.includes(name));
  const screens = wanted.map(([name, hash]) => ({
    name,
    hashes: [name === 'runs' ? '#/sync' : hash, hash],
  }));
  console.log(`a known piece of work takes ${one(await calibrate(now))} ms`);
  const figures = await measureTogether([old, now], screens, Number(values.rounds));
  const line = ([was, is]: readonly ScreenFigures[]) =>
    was && is
      ? {
          'heading ms': `${one(was.heading)} → ${one(is.heading)}`,
          'content ms': `${one(was.content)} → ${one(is.content)}`,
          'work ms': `${one(was.work)} → ${one(is.work)}`,
          'work ×': ratio(was.work, is.work),
          'content ×': ratio(was.content, is.content),
          'longest task': `${Math.max(0, ...was.longTasks)} → ${Math.max(0, ...is.longTasks)}`,
        }
      : {};
  console.table(Object.fromEntries(Object.entries(figures).map(([name, of]) => [name, line(of)])));
  const sum = (at: number, of: 'work' | 'content'): number =>
    Object.values(figures).reduce((all, each) => all + (each[at]?.[of] ?? 0), 0);
  console.log(
    `all screens: ${ratio(sum(0, 'work'), sum(1, 'work'))} × less work, there ${ratio(sum(0, 'content'), sum(1, 'content'))} × sooner`,
  );
  if (only === null) {
    for (const [name, window] of [['before', old] as const, ['now', now] as const]) {
      const hashes = screens.map(({ hashes: [first, second] }) => (name === 'now' ? second : first) ?? '#/');
      await changeScreens(window, hashes, 100);
      const start = await heldBy(window);
      await changeScreens(window, hashes, Number(values.changes) - 100);
      const end = await heldBy(window);
      const grown = (key: keyof typeof start): string => `${start[key]} → ${end[key]}`;
      console.log(
        `${name}: after 100 and ${values.changes} changes heap ${grown('heap')}, nodes ${grown('nodes')}, listeners ${grown('listeners')}`,
      );
    }
    await now.page.evaluate((to) => window.meter.change(to), longGrid.hash);
    console.log('a million rows, ms between frames:', await scrollFrames(now, longGrid.selector, 5000, 900));
  }
  await browser.close();
} finally {
  rmSync(room, { recursive: true, force: true });
}
process.exit(0);
