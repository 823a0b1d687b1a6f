import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { daysOf } from '../../renderer/screens/activity/entries.tsx';
import { filterOf, noFilter } from '../../renderer/screens/activity/filter.tsx';
import { detailsText, subjectText } from '../../renderer/screens/activity/subjects.ts';
import { merged } from '../../renderer/screens/activity/use-entries.ts';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, tabTo } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** The log of who did what: read, searched, verified and handed on. */

const open = sharedStage();

const dialogNamed = (page: Page, name: string) => page.getByRole('dialog', { name });
const closed = (page: Page) => openDialog(page).waitFor({ state: 'detached' });

describe('the activity log', () => {
  const entries = (page: Page) => page.locator('tr[data-entry]');
  const first = (page: Page) => entries(page).first();
  const numberOf = (page: Page, n: number) => entries(page).nth(n).getAttribute('data-entry');

  it('says by name who did what to what, and why', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/activity');
    await expect
      .poll(() => first(page).textContent())
      .toMatch(/Asha Rao.*Looked at a secret.*Warehouse · Password · “Ticket 4711, new report”.*Done/);
    await expect
      .poll(() =>
        page
          .getByRole('row', { name: /Changed who may use/ })
          .first()
          .textContent(),
      )
      .toContain('Staging warehouse · Chandra Iyer · may use');
  });

  it('names every connection there is, however many, archived ones too', async () => {
    const last = uuid(1, 719);
    await using window = await open('manyConnections', {}, (scenario) => {
      const entry = { person: 'Asha Rao', action: 'connections.update', outcome: 'ok', details: '' } as const;
      scenario.audit = [last, uuid(1, 17)].map((id, n) => ({
        ...entry,
        ...{ seq: 2 - n, at: '2026-11-20T10:00:00.000Z', subject: `id=${id}` },
      }));
    });
    const { page } = window;
    await visit(page, '/activity');
    await expect.poll(() => first(page).textContent()).toContain('Tenant 0619');
    await expect.poll(() => entries(page).nth(1).textContent()).toContain('Retired');
    await page.getByLabel('Object').fill('tenant 0619');
    await expect.poll(() => entries(page).count()).toBe(1);
    await expect.poll(() => first(page).textContent()).toContain('Tenant 0619');
  });

  it('shows more below what is there, and the focus stays', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/activity');
    await expect.poll(() => entries(page).count()).toBe(100);
    await tabTo(page, 'Show more');
    await page.keyboard.press('Enter');
    await expect.poll(() => entries(page).count()).toBe(200);
    await expect.poll(() => focusedName(page)).toBe('Show more');
    await page.keyboard.press('Enter');
    await expect.poll(() => entries(page).count()).toBe(250);
    // Each once, from the newest to the oldest.
    expect(await numberOf(page, 0)).toBe('250');
    expect(await numberOf(page, 249)).toBe('1');
    // The button goes with the oldest; the reading goes on at the first of those that came.
    await expect.poll(() => page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    await page.getByText('250 entries These are the oldest.').waitFor();
    const token = () => page.evaluate(() => document.activeElement?.getAttribute('data-token'));
    await expect.poll(token).toBe('50 0');
  });

  it('stands under a heading for each day, which stays in sight', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/activity');
    const days = page.locator('.activity-day').getByRole('heading', { level: 2 });
    await days.first().waitFor();
    const told = await days.allTextContents();
    expect(new Set(told).size).toBe(told.length);
    // Seconds stand in the detail only.
    expect(await first(page).locator('time').textContent()).toMatch(/^\d{1,2}:\d\d( [AP]M)?$/);
    const tops = await page.evaluate(() => {
      globalThis.scrollTo({ top: 900 });
      return [...document.querySelectorAll('.activity-day th')].map((day) => day.getBoundingClientRect().top);
    });
    expect(tops.some((top) => top >= 0 && top < 40)).toBe(true);
  });

  it('is narrowed by pressing who, what or on what; the way back has the focus', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/activity');
    await first(page).waitFor();
    await page.getByRole('button', { name: 'Bilal Diop', exact: true }).first().click();
    await expect.poll(() => page.getByLabel('Who').inputValue()).toBe('Bilal Diop');
    await expect.poll(() => focusedName(page)).toBe('Show all');
    await expect.poll(() => entries(page).count()).toBeLessThan(100);
    await page.keyboard.press('Enter');
    await expect.poll(() => entries(page).count()).toBe(100);
    await page.getByRole('button', { name: 'Looked at a secret' }).first().click();
    await expect
      .poll(async () => new Set(await page.locator('tr[data-entry] td:nth-child(3)').allTextContents()).size)
      .toBe(1);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('button', { name: 'Refused', exact: true }).click();
    await expect.poll(() => page.getByLabel('Outcome').inputValue()).toBe('refused');
    expect(
      await page.getByRole('button', { name: 'Refused', exact: true }).getAttribute('aria-pressed'),
    ).toBe('true');
  });

  it('is one tab stop that the arrow keys walk, and tells an entry to the second when asked', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/activity');
    await first(page).waitFor();
    expect(await page.locator('.activity-table [tabindex="0"]').count()).toBe(1);
    await page.locator('.activity-table [tabindex="0"]').focus();
    const token = () => page.evaluate(() => document.activeElement?.getAttribute('data-token'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await token()).toBe('249 1');
    await page.keyboard.press('End');
    expect(await token()).toBe('151 1');
    await page.keyboard.press('Home');
    expect(await token()).toBe('250 1');
    expect(await page.locator('.activity-table [tabindex="0"]').count()).toBe(1);
    for (let steps = 0; steps < 3; steps += 1) await page.keyboard.press('ArrowRight');
    expect(await focusedName(page)).toBe('Details of entry 250');
    await page.keyboard.press('Enter');
    const detail = page.locator('.activity-detail');
    await expect.poll(() => detail.textContent()).toContain('As written in the log');
    expect(await detail.textContent()).toMatch(/secrets\.reveal/);
    expect(await focusedName(page)).toBe('Details of entry 250');
  });

  it('asks the core for what is looked for', async () => {
    await using window = await open('crew', { stopClock: false });
    const { page } = window;
    await visit(page, '/activity?person=Bilal%20Diop');
    await expect.poll(() => first(page).textContent()).toContain('Bilal Diop');
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect.poll(() => first(page).textContent()).toContain('Asha Rao');
    await page.getByLabel('About').selectOption({ label: 'People' });
    await expect.poll(() => first(page).textContent()).toContain('Added a person');
    await page.getByLabel('Did what').selectOption({ label: 'Deleted a person' });
    await page.getByText('No entry fits').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByLabel('Object').fill('staging warehouse');
    await expect.poll(() => first(page).textContent()).toContain('Changed who may use a connection');
    await page.getByLabel('Outcome').selectOption({ label: 'Failed' });
    await page.getByText('No entry fits').waitFor();
  });

  it('is verified, and says what a break means', async () => {
    await using window = await open('crew', {}, (scenario) => {
      scenario.people.brokenFrom = 17;
    });
    const { page } = window;
    await visit(page, '/activity');
    const card = page.getByRole('region', { name: 'Is the log as it was written?' });
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await expect.poll(() => card.textContent()).toContain('Broken from entry 17');
    await expect.poll(() => card.textContent()).toContain('Entries up to 16 are as they were written.');
    await using whole = await open('crew');
    await visit(whole.page, '/activity');
    await whole.page.getByRole('button', { name: 'Verify' }).click();
    await whole.page.getByText('250 entries, unbroken').waitFor();
    await whole.page.getByText('Sealed up to entry 12', { exact: false }).waitFor();
    await expect.poll(() => focusedName(whole.page)).toBe('Verify again');
    await whole.page.getByText('b1946ac92492d2347c6235b4d2611184', { exact: false }).waitFor();
  });

  it('is told to be another one than the vault has sealed, though its chain is unbroken', async () => {
    await using window = await open('crew', {}, (scenario) => {
      scenario.people.seal = { ...scenario.people.seal, state: 'broken' };
    });
    const { page } = window;
    await visit(page, '/activity');
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.getByText('250 entries, unbroken').waitFor();
    await page.getByText('it was rewritten, hashes included', { exact: false }).waitFor();
  });

  it('is saved, or prepared and copied', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/activity?person=Bilal');
    await first(page).waitFor();
    await page.getByRole('button', { name: 'Export…' }).click();
    const form = dialogNamed(page, 'Export the activity log');
    await form.getByRole('radio', { name: 'Only what the list is filtered by' }).check();
    await form.getByRole('radio', { name: 'JSON' }).check();
    await form.getByRole('button', { name: 'Copy', exact: true }).click();
    await form.getByRole('button', { name: 'Copy 31 entries' }).click();
    await form.getByRole('button', { name: 'Copied' }).waitFor();
    await form.getByRole('radio', { name: 'The whole log' }).check();
    await form.getByRole('button', { name: 'Save…' }).click();
    await closed(page);
    await page.getByText('250 entries are saved in /home/asha/Documents/headgate-activity.json').waitFor();
  });
});

it('reads what an entry is about, with its reason', () => {
  const names = new Map([[uuid(1, 1), 'Warehouse']]);
  expect(subjectText(`connectionId=${uuid(1, 1)} field=user reason="a \\"quoted\\" one id=7"`, names)).toBe(
    'Warehouse · User · “a "quoted" one id=7”',
  );
  expect(subjectText('id=1 name="Ada \\"id\\u003d7\\"" level=use', names)).toBe('1 · Ada "id=7" · may use');
  expect(subjectText('ids=3 format=csv', names)).toBe('3 chosen · CSV');
  expect(subjectText('name=Ada roles=dba,analyst', names)).toBe('Ada · DBA and Analyst');
  expect(detailsText(`made=${uuid(1, 1)} count=3`)).toBe('3 records.');
  expect(detailsText('DB_REFUSED')).toBe('Nothing listens at that address');
  // One without words is better than nothing; the detail has them all as they are.
  expect(detailsText('NO_SUCH_CODE')).toBe('NO_SUCH_CODE');
  expect(detailsText('idle')).toBe('Nobody was there');
});

it('asks for a day with its end, and for what is known by its id', () => {
  const names = new Map([[uuid(1, 1), 'Warehouse']]);
  const day = filterOf({ ...noFilter, from: '2026-11-20', to: '2026-11-20' }, names);
  expect(Date.parse(day.to ?? '') - Date.parse(day.from ?? '')).toBe(24 * 3_600_000);
  expect(filterOf({ ...noFilter, subject: ' warehouse ' }, names)).toEqual({ subject: uuid(1, 1) });
  expect(filterOf({ ...noFilter, subject: 'ware' }, names)).toEqual({ subject: 'ware' });
  expect(filterOf(noFilter, names)).toEqual({});
});

it('puts newer entries before those that are known, and keeps none that others may be missing between', () => {
  const entry = (seq: number) => ({
    ...{ seq, at: '2026-11-20T10:00:00.000Z', person: 'Ada', action: 'vault.unlock', subject: '' },
    ...{ outcome: 'ok' as const, details: '' },
  });
  const run = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, n) => entry(from - n));
  const numbers = (known: number[], newest: number[], whole = false) =>
    merged(known.map(entry), newest.map(entry), whole).map(({ seq }) => seq);
  expect(numbers([5, 4, 3], [7, 6, 5])).toEqual([7, 6, 5, 4, 3]);
  expect(numbers([5, 4, 3], [9, 8, 7])).toEqual([9, 8, 7]);
  expect(numbers([], [2, 1])).toEqual([2, 1]);
  // All that there is: the older ones were trimmed.
  expect(numbers([3, 2, 1], [3, 2], true)).toEqual([3, 2]);
  // Filtered ones have gaps that mean nothing.
  expect(numbers([50, 20], [90, 50])).toEqual([90, 50, 20]);
  expect(daysOf(run(2, 1)).map(({ entries: of }) => of.length)).toEqual([2]);
});
