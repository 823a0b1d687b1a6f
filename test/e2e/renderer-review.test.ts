import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { launchBrowser } from '../support/renderer-fixture/browser.ts';
import { buildRenderer } from '../support/renderer-fixture/build.ts';
import { focusedName, tabTo, violations } from '../support/renderer-fixture/checks.ts';
import { type ScenarioName, scenarios } from '../support/renderer-fixture/more-scenarios.ts';
import { type Scenario, uuid } from '../support/renderer-fixture/scenario.ts';
import { type Served, serveRenderer } from '../support/renderer-fixture/serve.ts';
import {
  type FixtureWindow,
  openWindow,
  visit,
  type WindowOptions,
} from '../support/renderer-fixture/window.ts';

/** What the sync engine leaves to a person: choosing, pausing, reviewing, looking things up. */

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
};

const project = `/projects/${uuid(4, 1)}`;
const dictionary = `/dictionary/${uuid(6, 1)}`;
const places = ['/', '/sync', project, `${dictionary}/form_household_survey`, `${dictionary}?changes`];

let browser: Browser;
let folder: string;
let served: Served;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-renderer-'));
  [browser] = await Promise.all([launchBrowser(), buildRenderer(folder)]);
  served = await serveRenderer(folder);
});

afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function open(
  name: ScenarioName,
  options: Omit<WindowOptions, 'url' | 'scenario'> = {},
  change: (scenario: Scenario) => void = () => undefined,
): Promise<FixtureWindow> {
  const scenario = scenarios[name]();
  change(scenario);
  return openWindow(browser, { url: served.url, scenario, ...options });
}

const jobNamed = (page: Page, name: string) =>
  page.getByRole('region', { name: `Sync of Bednets 2026 · ${name}` });

async function editLink(page: Page, name: string): Promise<void> {
  await visit(page, project);
  await page.getByRole('button', { name: `More actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Edit link…' }).click();
  await openDialog(page).waitFor();
}

/** What the fake core has kept of a link. */
function linkConfig(page: Page): Promise<unknown> {
  return page.evaluate(
    async (projectId) => {
      const answer = (await headgate.calls['links.list']?.({ projectId }, 'look')) as {
        data: { syncConfig: unknown }[];
      };
      return answer.data[0]?.syncConfig;
    },
    uuid(4, 1),
  );
}

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious on the screens, in the review and in the options of a link', async () => {
    await using window = await open('review', { theme });
    const { page } = window;
    const found: string[] = [];
    const look = async (at: string) =>
      found.push(...(await violations(page, theme)).map((text) => `${at} ${text}`));
    for (const hash of places) {
      await visit(page, hash);
      await look(hash);
    }
    await visit(page, '/');
    await page.getByRole('button', { name: /^Review the refresh/ }).click();
    await openDialog(page).waitFor();
    await look('review');
    await page.getByRole('button', { name: 'Discard…' }).click();
    await look('discard');
    await page.keyboard.press('Escape');
    await editLink(page, 'Malaria programme');
    await page.getByRole('button', { name: /^Forms: / }).click();
    await look('options');
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it.each([900, 640])('never scrolls sideways at %d px, with long names', async (width) => {
  await using window = await open('longReview', { width, height: 700 });
  const { page } = window;
  const wide: string[] = [];
  const look = async (at: string) => {
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wide.push(at);
  };
  for (const hash of places) {
    await visit(page, hash);
    await look(hash);
  }
  await visit(page, '/');
  await page.getByRole('button', { name: /^Review the refresh/ }).click();
  const box = openDialog(page);
  expect(await box.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
  await look('review');
  expect(wide).toEqual([]);
  expect(window.complaints).toEqual([]);
});

describe('a sync under way', () => {
  it('says of each pause who ends it', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, '/sync');
    const waiting = jobNamed(page, 'CommCare HQ');
    expect(await waiting.textContent()).toContain(
      'Waits for CommCare HQ until 11:12 today (rate limit), then goes on by itself.',
    );
    expect(await waiting.getByRole('timer').textContent()).toBe('27:00');
    expect(await waiting.getByRole('button', { name: /^Resume/ }).count()).toBe(0);
    expect(await jobNamed(page, 'WASH survey').textContent()).toContain('when somebody resumes it');
    expect(await jobNamed(page, 'Supervision').textContent()).toContain('It goes on when Headgate starts.');
    expect(
      await jobNamed(page, 'WASH survey')
        .getByRole('progressbar', { name: 'forms' })
        .getAttribute('aria-valuetext'),
    ).toMatch(/5.000 of 12.840/);
  });

  it('is resumed and paused by keyboard, and the focus stays on the button', async () => {
    await using window = await open('review', {}, (scenario) => {
      scenario.syncStands = true;
    });
    const { page } = window;
    await visit(page, '/sync');
    await tabTo(page, 'Resume sync: Bednets 2026 · WASH survey');
    await page.keyboard.press('Enter');
    await jobNamed(page, 'WASH survey')
      .getByRole('button', { name: /^Pause sync/ })
      .waitFor();
    await expect.poll(() => focusedName(page)).toBe('Pause sync: Bednets 2026 · WASH survey');
    expect(await jobNamed(page, 'WASH survey').textContent()).toContain('Reading:');
    await page.keyboard.press('Enter');
    await jobNamed(page, 'WASH survey').getByText('Paused by hand.').waitFor();
    await expect.poll(() => focusedName(page)).toBe('Resume sync: Bednets 2026 · WASH survey');
  });

  it('takes a reading that came after an event for the newer one', async () => {
    await using window = await open('review', {}, (scenario) => {
      scenario.syncStands = true;
    });
    const { page } = window;
    await visit(page, '/sync');
    const job = jobNamed(page, 'CommCare HQ');
    // The core tells of the wait by an event; that a person has paused it is only in the next list.
    await page.evaluate(() => headgate.calls['fixture.progress']?.({ at: 0 }, 'an event'));
    await job.getByText('6,000 of 12,840').first().waitFor();
    await job.getByRole('button', { name: /^Pause sync/ }).click();
    await job.getByText('Paused by hand.').waitFor();
  });

  it('asks before it is cancelled, and says what is lost', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, '/sync');
    const cancel = page.getByRole('button', { name: 'Cancel sync: Bednets 2026 · WASH survey' });
    await cancel.click();
    const dialog = openDialog(page);
    expect(await dialog.textContent()).toContain('All 5,000 records that were read so far are thrown away.');
    await expect.poll(() => focusedName(page)).toBe('Keep it');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await jobNamed(page, 'WASH survey').count()).toBe(1);
    await cancel.click();
    await dialog.getByRole('button', { name: 'Cancel sync' }).click();
    await jobNamed(page, 'WASH survey').waitFor({ state: 'detached' });
    expect(await page.getByRole('row', { name: /Cancelled/ }).count()).toBe(1);
  });
});

describe('a held refresh', () => {
  it('is accepted by keyboard, after its reasons and a question', async () => {
    await using window = await open('review', { stopClock: false });
    const { page } = window;
    await visit(page, '/');
    const attention = page.getByRole('region', { name: 'Needs attention' });
    expect(await attention.textContent()).toContain('Bednets 2026 · Malaria programme waits for review');
    await tabTo(page, 'Review the refresh of Bednets 2026 · Malaria programme');
    await page.keyboard.press('Enter');
    const dialog = openDialog(page);
    await dialog.waitFor();
    const reasons = await dialog
      .getByRole('list', { name: '4 things look wrong' })
      .getByRole('listitem')
      .allTextContents();
    expect(reasons).toEqual([
      expect.stringMatching(/^forms would lose rows.*18.412.*9.120.*50.?% fewer rows$/),
      expect.stringMatching(/^cases would be empty.*6.204.*0$/),
      expect.stringMatching(/^forms came with another number.*Announced 18.600.*Came 9.120$/),
      'form_household_survey.consent_of_the_head_of_household would be gone',
    ]);
    expect(await dialog.textContent()).toContain('Data complete up to');
    await tabTo(page, 'Accept…');
    await page.keyboard.press('Enter');
    await dialog.getByText('Replace the published tables with what was read?').waitFor();
    await expect.poll(() => focusedName(page)).toBe('Back');
    await tabTo(page, 'Publish it');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: /^Review the refresh/ })
      .first()
      .waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  });

  it.each(['/sync', project])('is discarded from %s, and the tables stay', async (place) => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, place);
    await page
      .getByRole('button', { name: /^Review the refresh/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Discard…' }).click();
    await page.getByRole('button', { name: 'Throw it away' }).click();
    await openDialog(page).waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: /^Review the refresh/ })
      .first()
      .waitFor({ state: 'detached' });
    expect(await page.getByRole('main').textContent()).toContain('Data complete up to');
  });

  it('is thrown away by a new sync only after a question', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, '/');
    await page.getByRole('button', { name: 'Sync now: Bednets 2026 · Malaria programme' }).click();
    await openDialog(page).getByText('It is thrown away').waitFor();
    await page.keyboard.press('Escape');
    await openDialog(page).waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: /^Review the refresh/ }).count()).toBe(1);
  });

  it('can be looked at by those who may not decide', async () => {
    await using window = await open('review', {}, (scenario) => {
      scenario.info.person.roles = ['viewer'];
    });
    const { page } = window;
    await visit(page, '/');
    await page.getByRole('button', { name: /^Review the refresh/ }).click();
    const accept = page.getByRole('button', { name: 'Accept…' });
    expect(await accept.getAttribute('aria-disabled')).toBe('true');
    expect(await accept.getAttribute('aria-description')).toContain('Needs the role');
  });
});

describe('what to sync', () => {
  it('is chosen with its options, by label and by typing, and only what is about it is kept', async () => {
    await using window = await open('review');
    const { page } = window;
    await editLink(page, 'Malaria programme');
    const dialog = openDialog(page);
    await dialog.getByRole('button', { name: 'None', exact: true }).click();
    expect(await dialog.getByRole('group', { name: /^Options for/ }).count()).toBe(0);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Choose at least one.').waitFor();
    await dialog.getByLabel('Cases', { exact: true }).check();
    await dialog.getByLabel('Modified from').fill('2026-01-31');
    await dialog.getByLabel('Forms', { exact: true }).check();

    // By keyboard alone: open, narrow by a part of the label, take the only one left with Enter.
    const forms = dialog.getByRole('group', { name: 'Forms', exact: true });
    await forms.getByRole('button', { name: 'Forms: All' }).press('Enter');
    const find = forms.getByLabel('Find in Forms');
    await find.focus();
    await page.keyboard.type('suivi');
    await page.keyboard.press('Enter');
    await page.keyboard.type('http://openrosa.org/of/an/old/form');
    await page.keyboard.press('Enter');
    await forms.getByRole('button', { name: /^Forms: .*Visite de suivi.*old\/form/ }).waitFor();
    await find.fill('Form 12');
    await forms.getByLabel('Distribution 2026 › Household › Form 12').press('Space');
    await dialog.getByLabel('Archived submissions too').check();
    await dialog.getByLabel('Cases', { exact: true }).uncheck();
    await dialog.getByLabel('Largest loss of rows').fill('200');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Enter a whole number from 1 to 100.').waitFor();
    await dialog.getByLabel('Largest loss of rows').fill('55');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await linkConfig(page)).toEqual({
      datasets: ['forms'],
      keepRaw: true,
      readerRoles: ['bi_readers'],
      options: {
        xmlns: [
          'http://openrosa.org/formdesigner/7',
          'http://openrosa.org/of/an/old/form',
          'http://openrosa.org/formdesigner/12',
        ],
        include_archived: true,
      },
      guards: true,
      shrinkPercent: 55,
    });
    expect(window.complaints).toEqual([]);
  });

  it('keeps what a link had when only something else is changed', async () => {
    const options = { xmlns: ['http://openrosa.org/formdesigner/3'], received_from: '2026-02-01' };
    await using window = await open('review', {}, (scenario) => {
      const link = scenario.links[0];
      if (link) link.syncConfig = { ...link.syncConfig, options, guards: false, shrinkPercent: 80 };
    });
    const { page } = window;
    await editLink(page, 'Malaria programme');
    await openDialog(page).getByLabel('Refresh', { exact: true }).selectOption({ label: 'Every week' });
    await openDialog(page).getByRole('button', { name: 'Save' }).click();
    await openDialog(page).waitFor({ state: 'detached' });
    expect(await linkConfig(page)).toMatchObject({ options, guards: false, shrinkPercent: 80 });
  });

  it('can be typed where the source can not be asked', async () => {
    await using window = await open('review', {}, (scenario) => {
      for (const source of scenario.sources) source.credential = null;
    });
    const { page } = window;
    await editLink(page, 'Malaria programme');
    const dialog = openDialog(page);
    await dialog.getByText('Once you are signed in to this source').waitFor();
    await dialog.getByRole('button', { name: 'Case types: All' }).click();
    await dialog.getByLabel('Add to Case types').fill('household');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await linkConfig(page)).toMatchObject({ options: { case_type: ['household'] } });
  });

  it('comes from the connector: CommCare Connect needs no setting', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, '/sources?add');
    const dialog = openDialog(page);
    await dialog.getByLabel('Kind of source').selectOption({ label: 'CommCare Connect' });
    expect(await dialog.getByLabel('Address').inputValue()).toBe('https://connect.dimagi.com');
    await dialog.getByLabel('Name', { exact: true }).fill('Connect');
    expect(await dialog.getByLabel('Organisation').inputValue()).toBe('');
    await dialog.getByRole('button', { name: 'Save and sign in' }).click();
    await page.getByText('Signed in as asha.rao@example.org').first().waitFor();
    await openDialog(page).waitFor({ state: 'detached' });
  });
});

describe('the dictionary', () => {
  it('describes a column, also among thousands, and copies a SELECT', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, `${dictionary}/form_household_survey`);
    const table = page.getByRole('table', { name: 'data_7f3a91c2_commcare.form_household_survey' });
    expect(await table.getAttribute('aria-rowcount')).toBe('3005');
    const row = table.getByRole('row', { name: /muac_mm/ });
    expect(await row.getByRole('cell').allTextContents()).toEqual([
      'muac_mm',
      'Périmètre brachial de l’enfant, en millimètresText once, whole numbers since.form.nutrition.muac_mm',
      'bigint',
      '< 0.1%',
      '92',
    ]);
    // Only what is near the window is drawn; scrolling brings the rest, and takes away what is far.
    const rows = table.getByRole('row');
    expect(await rows.count()).toBeLessThan(200);
    await expect
      .poll(async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        return rows.last().textContent();
      })
      .toContain('question_3009');
    await expect.poll(() => rows.count()).toBeLessThan(200);
    expect(await rows.last().getAttribute('aria-rowindex')).toBe('3005');

    await page.evaluate(() => {
      navigator.clipboard.writeText = async (text) => {
        document.documentElement.dataset['copied'] = text;
      };
    });
    const copied = () => page.evaluate(() => document.documentElement.dataset['copied']);
    await visit(page, `${dictionary}/forms`);
    await page.getByRole('button', { name: 'Copy SELECT' }).click();
    expect(await copied()).toBe(
      'SELECT\n  form_id,\n  received_on,\n  muac_mm,\n  household_head_name\nFROM data_7f3a91c2_commcare.forms\nLIMIT 100;',
    );
    await page.getByRole('button', { name: 'Copy the column name muac_mm' }).click();
    await expect.poll(copied).toBe('muac_mm');
    expect(window.complaints).toEqual([]);
  });

  it('finds columns in all tables by label, without accents', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, dictionary);
    const search = page.getByLabel('Find a table or a column');
    await search.fill('perimetre enfant');
    await page.getByRole('heading', { name: '2 columns match' }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Tables' }).getByRole('link').count()).toBe(2);
    await page.getByRole('table').getByRole('link', { name: 'form_household_survey' }).click();
    await page.getByRole('heading', { name: 'form_household_survey' }).waitFor();
    expect(await search.inputValue()).toBe('');
    await search.fill('राशन कार्ड');
    await page.getByRole('heading', { name: '2 columns match' }).waitFor();
    await search.fill('no such thing');
    await page.getByRole('heading', { name: 'No column matches' }).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('table').waitFor();
  });

  it('says so where nothing is described, nothing has come yet, or the answer failed', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, `/dictionary/${uuid(6, 3)}`);
    await page.getByRole('heading', { name: 'No dictionary for this data yet' }).waitFor();
    await visit(page, `/dictionary/${uuid(6, 3)}?changes`);
    await page.getByRole('heading', { name: 'Nothing has changed' }).waitFor();
    await using empty = await open('nothing');
    await visit(empty.page, '/dictionary');
    await empty.page.getByRole('heading', { name: 'Nothing is described yet' }).waitFor();
    await using unreadable = await open('unreadable');
    await visit(unreadable.page, '/dictionary');
    await unreadable.page.getByRole('button', { name: 'Try again' }).waitFor();
  });

  it('lists what changed by refresh, and leads to the sync that brought it', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, dictionary);
    await page.getByRole('link', { name: 'Changes' }).click();
    const today = page.getByRole('region', { name: '10:25 today' });
    expect(await today.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^Type changedform_household_survey\.muac_mm.*bigint → numeric$/),
      'Column addedform_household_survey.water_source_othertext',
      'Column removedform_household_survey.old_remarkstext',
    ]);
    const older = page.getByRole('region', { name: '19 Nov, 10:25' });
    expect(await older.getByRole('listitem').count()).toBe(40);
    await older.getByRole('button', { name: 'Show all 90' }).click();
    expect(await older.getByRole('listitem').count()).toBe(90);
    await today.getByRole('link', { name: 'Show the sync of 10:25 today' }).click();
    const row = page.getByRole('row', { name: /Waits for review/ });
    await expect.poll(() => row.evaluate((element) => element === document.activeElement)).toBe(true);
  });
});
