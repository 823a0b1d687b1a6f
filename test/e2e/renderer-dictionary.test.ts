import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** What is synced, what came of it, and what changed: the link's form and the dictionary. */

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
};

const project = `/projects/${uuid(4, 1)}`;
const dictionary = `/dictionary/${uuid(6, 1)}`;

const open = sharedStage();

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

it.each(['light', 'dark'] as const)(
  'axe finds nothing serious in the options of a link (%s)',
  async (theme) => {
    await using window = await open('review', { theme });
    const { page } = window;
    await editLink(page, 'Malaria programme');
    await page.getByRole('button', { name: /^Forms: / }).click();
    expect(await violations(page, theme)).toEqual([]);
    expect(window.complaints).toEqual([]);
  },
);

describe('what to sync', () => {
  it('is chosen with its options, by label and by typing, and only what is about it is kept', async () => {
    await using window = await open('review');
    const { page } = window;
    await editLink(page, 'Malaria programme');
    const dialog = openDialog(page);
    await expect.poll(() => focusedName(page)).toBe('One account for the project');
    await dialog.getByRole('button', { name: 'None', exact: true }).click();
    await expect.poll(() => dialog.getByRole('group', { name: /^Options for/ }).count()).toBe(0);
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
    await expect
      .poll(() => linkConfig(page))
      .toEqual({
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
        refreshViews: false,
        secondColumn: false,
        refresh: { how: 'automatic', wholeEveryDays: 7 },
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
    await expect.poll(() => linkConfig(page)).toMatchObject({ options, guards: false, shrinkPercent: 80 });
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
    await expect.poll(() => linkConfig(page)).toMatchObject({ options: { case_type: ['household'] } });
  });

  it('comes from the connector: CommCare Connect needs no setting', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, '/sources?add');
    const dialog = openDialog(page);
    await dialog.getByLabel('Kind of source').selectOption({ label: 'CommCare Connect' });
    await expect.poll(() => dialog.getByLabel('Address').inputValue()).toBe('https://connect.dimagi.com');
    await dialog.getByLabel('Name', { exact: true }).fill('Connect');
    await expect.poll(() => dialog.getByLabel('Organisation').inputValue()).toBe('');
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
    await expect.poll(() => table.getAttribute('aria-rowcount')).toBe('3005');
    const row = table.getByRole('row', { name: /muac_mm/ });
    await expect
      .poll(() => row.getByRole('cell').allTextContents())
      .toEqual([
        'muac_mm',
        'Périmètre brachial de l’enfant, en millimètresText once, whole numbers since.form.nutrition.muac_mmSuggested: HealthAcceptDecline',
        'bigint',
        '< 0.1%',
        '92',
      ]);
    // Only what is near the window is drawn; scrolling brings the rest, and takes away what is far.
    const rows = table.getByRole('row');
    await expect.poll(() => rows.count()).toBeLessThan(200);
    await expect
      .poll(async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        return rows.last().textContent();
      })
      .toContain('question_3009');
    await expect.poll(() => rows.count()).toBeLessThan(200);
    await expect.poll(() => rows.last().getAttribute('aria-rowindex')).toBe('3005');

    await page.evaluate(() => {
      navigator.clipboard.writeText = async (text) => {
        document.documentElement.dataset['copied'] = text;
      };
    });
    const copied = () => page.evaluate(() => document.documentElement.dataset['copied']);
    await visit(page, `${dictionary}/forms`);
    await page.getByRole('button', { name: 'Copy SELECT' }).click();
    await expect
      .poll(() => copied())
      .toBe(
        'SELECT\n  "form_id",\n  "received_on",\n  "muac_mm",\n  "household_head_name"\nFROM "data_7f3a91c2_commcare"."forms"\nLIMIT 100;',
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
    await expect
      .poll(() => page.getByRole('navigation', { name: 'Tables' }).getByRole('link').count())
      .toBe(2);
    await page.getByRole('table').getByRole('link', { name: 'form_household_survey' }).click();
    await page.getByRole('heading', { name: 'form_household_survey' }).waitFor();
    await expect.poll(() => search.inputValue()).toBe('');
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
    await expect
      .poll(() => today.getByRole('listitem').allTextContents())
      .toEqual([
        expect.stringMatching(/^Type changedform_household_survey\.muac_mm.*bigint → numeric$/),
        'Column addedform_household_survey.water_source_othertext',
        'Column removedform_household_survey.old_remarkstext',
      ]);
    const older = page.getByRole('region', { name: '19 Nov, 10:25' });
    await expect.poll(() => older.getByRole('listitem').count()).toBe(40);
    await older.getByRole('button', { name: 'Show all 90' }).click();
    await expect.poll(() => older.getByRole('listitem').count()).toBe(90);
    await today.getByRole('link', { name: 'Show the sync of 10:25 today' }).click();
    const run = openDialog(page);
    await run.getByRole('heading', { name: 'How it went' }).waitFor();
    await expect.poll(() => run.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  });
});

describe('what people say', () => {
  const survey = `${dictionary}/form_household_survey`;

  it('is written beside the words of the source, with tags that are accepted or declined', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, survey);
    await page.getByRole('button', { name: 'Describe muac_mm' }).click();
    const dialog = openDialog(page);
    await dialog.getByText('The source says: Périmètre brachial').waitFor();
    expect(await dialog.getByLabel('Health').isChecked()).toBe(true);
    await dialog.getByLabel('Description').fill('Of the left arm, <b>in millimetres</b>');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved, and written to the database.').waitFor();
    const row = page.getByRole('row').filter({ hasText: 'muac_mm' }).first();
    await row.getByText('Of the left arm, <b>in millimetres</b>').waitFor();
    await row.getByText('Périmètre brachial').waitFor();
    await row.getByText('Health', { exact: true }).waitFor();
    // Found by it, too.
    await page.getByLabel('Find a table or a column').fill('left arm');
    await page.getByRole('heading', { name: '1 column matches' }).waitFor();
    await page.getByRole('button', { name: 'Look in all data' }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('is decided by one press where a name suggests it, and handed on as files', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, dictionary);
    const row = page.getByRole('row').filter({ hasText: 'form.location.village' });
    await row.getByRole('button', { name: 'Decline Location for village' }).click();
    await expect.poll(() => row.getByText('Suggested: Location').count()).toBe(0);
    await page.getByRole('button', { name: 'dbt sources.yml' }).click();
    await page.getByText('Saved to /home/ada/dictionary.dbt').waitFor();
    expect(window.complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'axe finds nothing serious in the form and the page (%s)',
    async (theme) => {
      await using window = await open('review', { theme });
      const { page } = window;
      await visit(page, survey);
      await page.getByRole('button', { name: 'Describe muac_mm' }).waitFor();
      expect(await violations(page, theme)).toEqual([]);
      await page.getByRole('button', { name: 'Describe muac_mm' }).click();
      await openDialog(page).waitFor();
      expect(await violations(page, theme)).toEqual([]);
      expect(window.complaints).toEqual([]);
    },
  );
});
