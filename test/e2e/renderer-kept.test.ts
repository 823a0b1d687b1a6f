import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** Tables that stay after a source was unlinked: they are listed, dropped, or gone on with. */

const open = sharedStage();
const project = `/projects/${uuid(4, 1)}`;

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious, and nothing scrolls sideways at 640 px', async () => {
    await using window = await open('longKept', { theme, width: 640, height: 700 });
    const { page } = window;
    for (const hash of [project, '/projects']) {
      await visit(page, hash);
      await page.getByRole('heading', { name: 'Tables that stay without being refreshed' }).waitFor();
      expect(await violations(page, theme)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
    }
    expect(window.complaints).toEqual([]);
  });
});

it('are listed once a source is unlinked, and gone on with when it is linked again', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, project);
  const schema = page.getByText('data_7f3a91c2_commcare', { exact: true });
  await page.getByRole('button', { name: 'More actions for Malaria programme' }).click();
  await page.getByRole('menuitem', { name: 'Unlink…' }).click();
  await page.getByRole('button', { name: 'Unlink', exact: true }).click();
  await page.getByRole('heading', { name: 'Tables that stay without being refreshed' }).waitFor();
  expect(await schema.count()).toBe(1);
  await page.getByRole('button', { name: 'Link a source' }).click();
  await openDialog(page).waitFor();
  await page.getByRole('combobox', { name: 'Source' }).selectOption({ label: 'Malaria programme' });
  // The tables are a person's own; those that a project reads with one account are others.
  await page.getByRole('radio', { name: 'Each person’s account' }).check();
  const adopt = page.getByRole('checkbox', { name: 'Go on with the tables in data_7f3a91c2_commcare' });
  expect(await adopt.isChecked()).toBe(true);
  await page.getByRole('button', { name: 'Link source' }).click();
  await expect
    .poll(() => page.getByRole('heading', { name: 'Tables that stay without being refreshed' }).count())
    .toBe(0);
  expect(await schema.count()).toBe(1);
  expect(window.complaints).toEqual([]);
});

it('are dropped, or stay with what is built on them, which is named', async () => {
  await using window = await open('kept');
  const { page } = window;
  await visit(page, project);
  const drop = async (schema: string): Promise<void> => {
    await page.getByRole('button', { name: `More actions for ${schema}` }).click();
    await page.getByRole('menuitem', { name: 'Drop the tables…' }).click();
    await page.getByRole('button', { name: 'Drop the tables', exact: true }).click();
  };
  await drop('data_7f3a91c2_commcare_used');
  await page.getByText('with it would go: view reports.coverage (owner ana)').waitFor();
  await drop('data_7f3a91c2_commcare_3');
  await page.getByText('data_7f3a91c2_commcare_3 is dropped').waitFor();
  await expect
    .poll(() => page.getByRole('button', { name: 'More actions for data_7f3a91c2_commcare_3' }).count())
    .toBe(0);
  await visit(page, '/projects');
  await page.getByRole('button', { name: 'More actions for data_c9e1005a_commcare' }).click();
  const forget = page.getByRole('menuitem', { name: 'Take off this list…' });
  await forget.waitFor();
  // Its connection is gone, so there is nowhere to drop them.
  expect(await page.getByRole('menuitem', { name: 'Drop the tables…' }).count()).toBe(0);
  await forget.click();
  await page.getByRole('button', { name: 'Take off the list', exact: true }).click();
  await page.getByText('data_c9e1005a_commcare is off the list').waitFor();
  expect(window.complaints).toEqual([]);
});

it('are told before a link changes whose sign-in it is, with what becomes of them', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, project);
  const stays = page.getByRole('radio', { name: 'Keep them' });
  const goes = page.getByRole('radio', { name: 'Drop them once the new ones are there' });
  await page.getByRole('button', { name: 'More actions for Malaria programme' }).click();
  await page.getByRole('menuitem', { name: 'Edit link…' }).click();
  await openDialog(page).waitFor();
  expect(await stays.count()).toBe(0);
  await page.getByRole('radio', { name: 'One account for the project' }).check();
  await openDialog(page).getByText('data_7f3a91c2_commcare', { exact: true }).waitFor();
  expect(await stays.isChecked()).toBe(true);
  await goes.check();
  await page.getByRole('radio', { name: 'Each person’s account' }).check();
  expect(await stays.count()).toBe(0);
  await page.getByRole('radio', { name: 'One account for the project' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Dropped once the new tables are there').waitFor();
  expect(window.complaints).toEqual([]);
});
