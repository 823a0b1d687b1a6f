import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { filterOf, noFilter } from '../../renderer/screens/activity/filter.tsx';
import { detailsText, subjectText } from '../../renderer/screens/activity/subjects.ts';
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
  const first = (page: Page) => page.getByRole('row').nth(1);

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
    await expect.poll(() => page.getByRole('row').nth(2).textContent()).toContain('Retired');
    await page.getByLabel('Object').fill('tenant 0619');
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    await expect.poll(() => first(page).textContent()).toContain('Tenant 0619');
  });

  it('turns to older entries page by page, and the focus stays', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/activity');
    await expect.poll(() => page.getByRole('row').count()).toBe(101);
    await tabTo(page, 'Older');
    await page.keyboard.press('Enter');
    await expect.poll(() => first(page).textContent()).toMatch(/150$/);
    await expect.poll(() => focusedName(page)).toBe('Older');
    await page.keyboard.press('Enter');
    await expect.poll(() => first(page).textContent()).toMatch(/50$/);
    const older = page.getByRole('button', { name: 'Older' });
    await expect.poll(() => older.getAttribute('aria-description')).toBe('These are the oldest.');
    await page.getByRole('button', { name: 'Newer' }).click();
    await expect.poll(() => first(page).textContent()).toMatch(/150$/);
    await page.getByRole('button', { name: 'Newest' }).click();
    await expect.poll(() => first(page).textContent()).toMatch(/250$/);
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
  expect(detailsText('DB_REFUSED')).toBe('DB_REFUSED');
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
