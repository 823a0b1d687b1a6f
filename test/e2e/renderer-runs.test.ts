import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import {
  focusedName,
  focusIsSomewhere,
  scrollsSideways,
  tabTo,
  violations,
} from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** The runs: their lanes, their list, and one of them with its log. */

const open = sharedStage();
const failed = uuid(7, 900);
const held = uuid(7, 903);
const running = uuid(7, 904);
const places = ['/runs', `/runs/${failed}`, `/runs/${running}`, `/runs/${held}/review`];

/** What is open over the page hides it from whoever hears it. */
async function arrive(page: Page, hash: string): Promise<void> {
  await visit(page, hash);
  if (hash.split('/').length === 3) await openDialog(page).getByRole('list', { name: 'Log' }).waitFor();
  else await page.getByRole('heading', { level: 1 }).waitFor();
}

const focusedRun = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('data-run') ?? null);

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious, on the page and in a run', async () => {
    await using window = await open('runs', { theme });
    const { page } = window;
    const found: string[] = [];
    for (const hash of places) {
      await arrive(page, hash);
      found.push(...(await violations(page, theme)).map((text) => `${hash} ${text}`));
    }
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it.each([900, 640])('never scrolls sideways at %d px, with long names', async (width) => {
  await using window = await open('longRuns', { width, height: 700 });
  const wide: string[] = [];
  for (const hash of places) {
    await arrive(window.page, hash);
    if (await scrollsSideways(window.page)) wide.push(hash);
  }
  expect(wide).toEqual([]);
});

describe('the lanes', () => {
  it('are said in a sentence, stand in a table, and are one tab stop whose bars the arrow keys walk', async () => {
    await using window = await open('runs');
    const { page } = window;
    await visit(page, '/runs');
    const lanes = page.getByRole('group', { name: /^\d+ runs of 6 datasets in the last 24 hours/ });
    await lanes.waitFor();
    expect(await lanes.locator('[data-run][tabindex="0"]').count()).toBe(1);
    const first = lanes.locator('[data-run][tabindex="0"]');
    await first.focus();
    const begun = await focusedRun(page);
    await page.keyboard.press('ArrowLeft');
    const left = await focusedRun(page);
    expect(left).not.toBe(begun);
    await page.keyboard.press('ArrowRight');
    expect(await focusedRun(page)).toBe(begun);
    await page.keyboard.press('Home');
    const home = await focusedRun(page);
    await page.keyboard.press('ArrowDown');
    expect(await focusedRun(page)).not.toBe(home);
    expect(await focusIsSomewhere(page)).toBe(true);
    // The form says what the colour says, and the name says it in words.
    const names = await lanes
      .locator('[data-run]')
      .evaluateAll((bars) => bars.map((bar) => bar.getAttribute('aria-label') ?? ''));
    expect(names.filter((name) => name.startsWith('Failed,'))).toHaveLength(1);
    expect(names.some((name) => name.startsWith('Held, published,'))).toBe(true);
    expect(names.some((name) => name.startsWith('Waits for review,'))).toBe(true);
    await page.getByText('As a table').click();
    const table = page.getByRole('table', { name: '24 hours' });
    expect(await table.getByRole('row').count()).toBe(7);
    await page.getByRole('radio', { name: '30 days' }).check({ force: true });
    await page.getByText(/runs of 6 datasets in the last 30 days/).waitFor();
    await page.getByRole('table', { name: '30 days' }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('open a run by Enter, and lead back to it by Escape', async () => {
    await using window = await open('runs');
    const { page } = window;
    await visit(page, '/runs');
    await page.locator(`.lanes [data-run="${failed}"]`).focus();
    await page.keyboard.press('Enter');
    const drawer = openDialog(page);
    await drawer.getByRole('heading', { name: 'Bednets 2026 · Malaria programme' }).waitFor();
    expect(await page.evaluate(() => location.hash)).toBe(`#/runs/${failed}`);
    await expect.poll(() => focusedName(page)).toBe('Bednets 2026 · Malaria programme');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => location.hash)).toBe('#/runs');
    await expect.poll(() => focusedRun(page)).toBe(failed);
  });
});

describe('the list', () => {
  it('has each run once, is one tab stop, and offers nothing on what failed before', async () => {
    await using window = await open('runs');
    const { page } = window;
    await visit(page, '/runs');
    const list = page.getByRole('region', { name: 'History' });
    await list.getByRole('row').nth(1).waitFor();
    const ids = await page
      .locator('.run-table a[data-run], .jobs a[data-run]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('data-run')));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(running);
    expect(await list.locator(`a[data-run="${running}"]`).count()).toBe(0);
    expect(await list.locator('a[data-run][tabindex="0"]').count()).toBe(1);
    const row = list.getByRole('row', { name: /^Failed/ });
    expect(await row.textContent()).toMatch(/\d{1,2}:\d{2}:\d{2}.*4 min 00 s.*Source/);
    expect(await row.textContent()).not.toContain('answers with an error');
    expect(await list.getByRole('row').getByRole('button').count()).toBe(0);
    await list.getByRole('row', { name: /Held, published by Ben Okafor/ }).waitFor();
    await list.locator('a[data-run][tabindex="0"]').focus();
    const before = await focusedRun(page);
    await page.keyboard.press('ArrowDown');
    expect(await focusedRun(page)).not.toBe(before);
    await page.keyboard.press('k');
    expect(await focusedRun(page)).toBe(before);
    const shown = await list.getByRole('row').count();
    await page.getByRole('button', { name: 'Show older runs' }).click();
    await expect.poll(() => list.getByRole('row').count()).toBeGreaterThan(shown);
  });

  it('is reached by its old address, also with the run that it named', async () => {
    await using window = await open('runs');
    const { page } = window;
    await visit(page, '/sync');
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
    await visit(page, `/sync?show=${failed}`);
    await openDialog(page).getByText('www.commcarehq.org has a problem of its own (500).').first().waitFor();
  });
});

describe('one run', () => {
  it('tells its phases, its tables and its log, which is looked through', async () => {
    await using window = await open('runs');
    const { page } = window;
    await visit(page, `/runs/${uuid(7, 1000)}`);
    const drawer = openDialog(page);
    const steps = drawer.getByRole('list').first().getByRole('listitem');
    await expect
      .poll(() => steps.allTextContents())
      .toEqual([
        expect.stringMatching(/^Started/),
        expect.stringMatching(/^Read/),
        expect.stringMatching(/^Built tables/),
        expect.stringMatching(/^Published/),
      ]);
    await drawer.getByRole('row', { name: /^forms\s*18,412\s*18,412\s*19/ }).waitFor();
    const log = drawer.getByRole('list', { name: 'Log' });
    await drawer.getByLabel('Find in the log').fill('is read');
    await expect.poll(() => log.getByRole('listitem').count()).toBe(2);
    await drawer.getByLabel('Find in the log').fill('');
    await drawer.getByLabel('What is shown').selectOption({ label: 'Warnings and errors' });
    await expect.poll(() => log.getByRole('listitem').count()).toBe(1);
    await drawer.getByLabel('Find in the log').fill('nothing like this');
    await drawer.getByText('No line matches.').waitFor();
    expect(await focusIsSomewhere(page)).toBe(true);
    expect(window.complaints).toEqual([]);
  });

  it('says how fast it reads and how long it will, while it does', async () => {
    await using window = await open('runs', { stopClock: false }, (scenario) => {
      scenario.syncStands = true;
      const [at] = scenario.jobs.flatMap((job, n) => (job.id === running ? [n] : []));
      // The fake tells of the job at this place.
      scenario.jobs.unshift(...scenario.jobs.splice(at ?? 0, 1));
    });
    const { page } = window;
    await visit(page, '/runs');
    const job = page.getByRole('region', { name: 'Sync of Water points · WASH survey' });
    await job.getByText('Reading forms 2,998 of 6,000').waitFor();
    const tell = (): Promise<unknown> =>
      page.evaluate(() =>
        (
          globalThis as unknown as {
            headgate: { calls: Record<string, (input: unknown, id: string) => unknown> };
          }
        ).headgate.calls['fixture.progress']?.({ at: 0 }, 'told'),
      );
    await tell();
    await job.getByText(/Reading forms 3,998 of 6,000/).waitFor();
    await page.waitForTimeout(1200);
    await tell();
    await expect.poll(() => job.textContent()).toMatch(/Reading forms 4,998 of 6,000 · [\d,]+\/s · .+ left/);
  });

  it('is asked for again by the keyboard, and its receipt is text in the language of the reader', async () => {
    await using window = await open('runs');
    const { page } = window;
    await visit(page, `/runs/${failed}`);
    const drawer = openDialog(page);
    await drawer.getByRole('button', { name: 'Copy receipt' }).waitFor();
    await page.evaluate(() => {
      const kept = document.documentElement.dataset;
      Object.defineProperty(navigator, 'clipboard', {
        value: {
          writeText: async (text: string) => {
            kept['copied'] = text;
          },
        },
      });
    });
    await drawer.getByRole('button', { name: 'Copy receipt' }).click();
    const receipt = await page.evaluate(() => document.documentElement.dataset['copied'] ?? '');
    expect(receipt).toContain('Bednets 2026 · Malaria programme\nState: Failed\nBegan: ');
    expect(receipt).toContain('(SOURCE_FAILING)');
    await tabTo(page, 'Sync again: Bednets 2026 · Malaria programme');
    await page.keyboard.press('Enter');
    expect(await focusIsSomewhere(page)).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Sync of Bednets 2026 · Malaria programme' }).waitFor();
  });

  it('that nobody is there for says so', async () => {
    await using window = await open('runs');
    await visit(window.page, `/runs/${uuid(7, 999_999)}`);
    await openDialog(window.page).getByText('It is not there.').waitFor();
    await window.page.keyboard.press('Escape');
    expect(await focusIsSomewhere(window.page)).toBe(true);
  });
});

it('draws a few of 500 datasets and of thousands of runs, and the page stays quick', async () => {
  await using window = await open('manyRuns');
  const { page } = window;
  await visit(page, '/settings');
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.start');
  await visit(page, '/runs');
  await page.getByText('Show 488 more datasets').waitFor();
  await page.getByText('Show older runs').waitFor();
  const { profile } = await session.send('Profiler.stop');
  // What the page's own files did; neither the browser's own work nor that of whoever looks at it.
  const own = new Set(
    profile.nodes.filter(({ callFrame }) => /\/assets\/|\.js$/.test(callFrame.url)).map(({ id }) => id),
  );
  const script = (profile.samples ?? []).reduce(
    (sum, id, at) => sum + (own.has(id) ? (profile.timeDeltas?.[at] ?? 0) / 1000 : 0),
    0,
  );
  console.log(`opening Runs with 500 datasets: ${Math.round(script)} ms of script`);
  // Some 60 on a computer that does nothing else. Those of the tests share theirs, and this is time that passed; drawing
  // all that is there would take ten times as long.
  expect(script).toBeLessThan(4000);
  expect(await page.locator('.lane-chart').count()).toBe(12);
  expect(await page.locator('.run-row').count()).toBeLessThanOrEqual(50);
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(5000);
});
