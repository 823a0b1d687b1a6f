import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { jobOf, linkOf } from '../support/renderer-fixture/builders.ts';
import { focusedName, violations } from '../support/renderer-fixture/checks.ts';
import { minutes, type Scenario, uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* What the window says is so: of the data, of what is done about it, and of what was. */

const open = sharedStage();
const sentence = (page: Page) => page.locator('.home-sentence');
const saying = (page: Page, text: string) => expect.poll(() => sentence(page).textContent()).toContain(text);
/** With one link, as somebody with this role sees it. */
const withOne = (change: (scenario: Scenario) => void) => (scenario: Scenario) => {
  scenario.datasets = scenario.datasets.slice(0, 1);
  scenario.links = scenario.links.slice(0, 1);
  change(scenario);
};

describe('the first sentence', () => {
  it('is green where all is fresh', async () => {
    await using window = await open('busy', {}, (scenario) => {
      scenario.datasets = scenario.datasets.slice(0, 2);
      scenario.links = scenario.links.slice(0, 2);
    });
    await saying(window.page, 'Everything is up to date, complete up to');
    expect(await window.page.locator('.home-state.tone-ok').count()).toBe(1);
    // One of them runs: that takes nothing from it.
    await window.page.getByRole('row').getByText('Running', { exact: true }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('never says so over what has never come, or what is paused', async () => {
    await using never = await open(
      'busy',
      {},
      withOne(({ datasets: [first] }) => Object.assign(first ?? {}, { dataAsOf: null, status: 'pending' })),
    );
    await saying(never.page, 'One source has no data yet.');
    expect(await sentence(never.page).textContent()).not.toContain('up to date');
    await using paused = await open(
      'busy',
      {},
      withOne(({ datasets: [first] }) => {
        if (first)
          Object.assign(first, {
            job: jobOf(95, first, { status: 'paused', pausedBy: 'person', finishedAt: null }),
          });
      }),
    );
    await saying(paused.page, 'One source is paused.');
    expect(await sentence(paused.page).textContent()).not.toContain('up to date');
  });

  it.each(['analyst', 'viewer'] as const)(
    'never tells a %s that nothing is linked where something is',
    async (role) => {
      await using window = await open('busy', {}, (scenario) => {
        scenario.info.person.roles = [role];
        const [first] = scenario.datasets;
        scenario.datasets = [];
        scenario.links = first
          ? [
              {
                ...linkOf(first),
                ...{ dataset: null, signIn: 'missing' },
                others: { datasets: 1, dataAsOf: minutes(-3), freshUntil: minutes(90) },
              },
            ]
          : [];
      });
      const { page } = window;
      // A viewer begins at the view for people in the field; Home is behind it.
      await visit(page, '/home');
      await saying(page, role === 'analyst' ? 'One thing needs you.' : 'Your data is up to date');
      for (const hash of ['/home', '/sync', `/projects/${uuid(4, 1)}`]) {
        await visit(page, hash);
        await page.getByText('Malaria programme').first().waitFor();
        expect(await page.getByText(/Nothing (is linked|to sync)/).count()).toBe(0);
        // In a sentence, or where somebody can do it with the name of the source in it.
        if (role === 'analyst')
          await page
            .getByText(/Sign in to (.* )?get your tables/)
            .first()
            .waitFor();
        else
          await page
            .getByText(/complete up to/i)
            .first()
            .waitFor();
      }
      expect(window.complaints).toEqual([]);
    },
  );

  it('says that the vault is locked, or keeps nothing, also before the first password', async () => {
    await using locked = await open('troubled');
    await saying(locked.page, 'The vault is locked');
    await using first = await open('firstRun', {}, ({ info }) => {
      Object.assign(info.vault, { state: 'session_only' });
    });
    await first.page.getByText('Passwords and sign-ins are kept for this session only').waitFor();
    await first.page.getByRole('button', { name: 'Protect the vault…' }).click();
    await openDialog(first.page).waitFor();
    await expect.poll(() => focusedName(first.page)).not.toBe('');
    await visit(first.page, '/connections?add');
    await openDialog(first.page).getByText('the password is forgotten when Headgate closes').waitFor();
    expect(first.complaints).toEqual([]);
  });
});

it('lists one thing to do for each cause, which is done where one stands', async () => {
  await using window = await open('troubled');
  const { page } = window;
  const attention = page.getByRole('region', { name: 'Needs attention' });
  await attention.getByText('The database of Warehouse does not work').waitFor();
  await attention.getByRole('button', { name: 'Reconnect Malaria programme' }).click();
  await openDialog(page).waitFor();
  expect(await page.evaluate(() => location.hash)).toMatch(/^(#\/)?$/);
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
  expect(window.complaints).toEqual([]);
});

it('names every count of the navigation, failed syncs too', async () => {
  await using window = await open('troubled');
  const { page } = window;
  const navigation = page.getByRole('navigation', { name: 'Main' });
  await navigation.getByRole('link', { name: 'Runs 2 failed syncs' }).waitFor();
  const unnamed = await page
    .locator('.nav-mark')
    .evaluateAll((marks) =>
      marks.filter((mark) => !/\p{L}/u.test(mark.textContent ?? '')).map((mark) => mark.outerHTML),
    );
  expect(unnamed).toEqual([]);
  expect(await violations(page, 'light')).toEqual([]);
});

it('shows the state of each project in their list', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/projects');
  const row = page.getByRole('row', { name: /^Bednets 2026/ });
  await expect.poll(() => row.textContent()).toContain('1 of 2 up to date');
  await expect.poll(() => row.textContent()).toContain('Late');
});

it('offers in history what the run asks for itself, and nothing once another was tried', async () => {
  const at = (n: number) => ({ startedAt: minutes(-n), finishedAt: minutes(-n + 1), queuedAt: minutes(-n) });
  await using window = await open(
    'busy',
    {},
    withOne((scenario) => {
      const [first] = scenario.datasets;
      if (!first) return;
      Object.assign(first, { signIn: 'expired' });
      const failed = {
        status: 'failed',
        error: {
          code: 'SOURCE_UNREACHABLE',
          kind: 'transient',
          message: 'It answered 500.',
          advice: 'Wait.',
        },
      } as const;
      scenario.jobs = [
        jobOf(1, first, { ...failed, ...at(20) }),
        jobOf(2, first, { status: 'held', notice: 'The table has lost a column. '.repeat(30), ...at(40) }),
        jobOf(3, first, { ...failed, ...at(60) }),
      ];
    }),
  );
  const { page } = window;
  await visit(page, '/sync');
  const history = page.getByRole('region', { name: 'History' });
  await history.getByText('Was held for review').waitFor();
  // The failure was the source's; that the sign-in has ended since is none of its business.
  expect(await history.getByRole('button').count()).toBe(0);
  // What went wrong is a word until somebody opens the run: neither sentences of an error nor of each column.
  await history.getByRole('cell', { name: 'Source' }).first().waitFor();
  expect(await history.getByText(/It answered 500|The table has lost a column/).count()).toBe(0);
  await history
    .getByRole('row', { name: /Failed/ })
    .first()
    .click();
  const drawer = openDialog(page);
  await drawer.getByText('It answered 500.').first().waitFor();
  expect(await drawer.getByRole('button', { name: /Reconnect|Resume|Sync/ }).count()).toBe(0);
});

it('asks nothing of whoever has no source left to link', async () => {
  await using window = await open('busy', {}, (scenario) => {
    scenario.links = scenario.sources.map((source, n) => ({
      ...linkOf(scenario.datasets[0] as Scenario['datasets'][number]),
      ...{ id: uuid(5, 50 + n), sourceId: source.id, sourceName: source.name },
    }));
  });
  const { page } = window;
  await visit(page, `/projects/${uuid(4, 1)}?link`);
  const dialog = openDialog(page);
  await dialog.getByText('Every source is linked to this project already.').waitFor();
  expect(await dialog.getByRole('button', { name: 'Link source' }).count()).toBe(0);
  expect(await dialog.getByRole('radio').count()).toBe(0);
  await expect.poll(() => page.evaluate(() => document.activeElement === document.body)).toBe(false);
});

it('takes one account for the project where nobody chose otherwise', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, `/projects/${uuid(4, 2)}?link`);
  const radio = openDialog(page).getByRole('radio', { name: 'One account for the project' });
  await radio.waitFor();
  expect(await radio.isChecked()).toBe(true);
});

it('opens a table at the column that was found', async () => {
  await using window = await open('busy', { height: 500 });
  const { page } = window;
  await visit(page, '/dictionary');
  await page.getByLabel('Find a table or a column').fill('remarks');
  await page
    .getByRole('row', { name: /remarks/ })
    .getByRole('link', { name: /^forms$/ })
    .first()
    .click();
  const row = page.locator('tr[aria-current]');
  await row.waitFor();
  expect(await row.textContent()).toContain('remarks');
  await expect.poll(() => row.evaluate((each) => each === document.activeElement)).toBe(true);
  const box = await row.boundingBox();
  expect(box && box.y >= 0 && box.y + box.height <= 500).toBe(true);
});

it('keeps the focus in the dialog once a test has succeeded', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/connections?add');
  const dialog = openDialog(page);
  await dialog
    .getByLabel('Connection URL')
    .fill('postgres://etl:secret-of-the-test@db.example.org:5432/outreach');
  await dialog.getByLabel('Name', { exact: true }).fill('Outreach');
  await dialog.getByRole('button', { name: 'Save and test' }).click();
  await dialog.getByRole('button', { name: 'Done' }).waitFor();
  await expect.poll(() => focusedName(page)).toBe('Done');
});

it('counts records, and not the rows of the tables below them', async () => {
  await using window = await open(
    'busy',
    {},
    withOne(() => undefined),
  );
  const row = window.page.getByRole('row', { name: /Malaria programme/ });
  await expect.poll(() => row.textContent()).toContain('24,616');
});
