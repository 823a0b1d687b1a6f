import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** A sync that another Headgate runs: it is taken over, for a reason. */

const open = sharedStage();
const name = 'Nutrition screening · Nutrition HQ';

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious, and nothing scrolls sideways at 640 px', async () => {
    await using window = await open('elsewhere', { theme, width: 640, height: 700 });
    const { page } = window;
    await visit(page, '/sync');
    const take = page.getByRole('button', { name: `Take over sync: ${name}` });
    await take.waitFor();
    expect(await violations(page, theme)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    await take.click();
    await openDialog(page).waitFor();
    expect(await violations(page, theme)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    expect(window.complaints).toEqual([]);
  });
});

it('is taken over for a reason, which is asked for, and whatever refuses it is shown', async () => {
  await using window = await open('elsewhere');
  const { page } = window;
  await visit(page, '/sync');
  const job = page.getByRole('region', { name: `Sync of ${name}` });
  await job.getByText('Another Headgate runs it: process 47110 on ip-10-20-30-40').waitFor();
  // What could only be refused is not offered.
  expect(await job.getByRole('button').allTextContents()).toEqual(['Take over…']);
  await job.getByRole('button', { name: /^Take over/ }).click();
  const dialog = openDialog(page);
  const confirm = dialog.getByRole('button', { name: 'Take over', exact: true });
  const reason = dialog.getByLabel('Reason');
  await reason.fill('   ');
  await confirm.click();
  await dialog.getByText('Say why it is taken over.').waitFor();
  await reason.fill('refused');
  await confirm.click();
  await dialog.getByText('The workspace can not be read.').waitFor();
  await reason.fill(' The laptop is on its way to the field ');
  await confirm.click();
  await page.getByText(`The sync of ${name} goes on here`).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset['takenFor'])).toBe(
    'The laptop is on its way to the field',
  );
  await job.getByRole('button', { name: `Pause sync: ${name}` }).waitFor();
  expect(await job.getByText('Another Headgate runs it').count()).toBe(0);
  expect(window.complaints).toEqual([]);
});

it('the sign-in of a project whose owner has left is taken over in one action', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/credentials');
  const row = page.getByRole('row', { name: /service\.nutrition/ });
  await row.getByText('Femi Adeyemi signed in, and has left').waitFor();
  // One's own has nobody to be taken over from.
  expect(await page.getByRole('button', { name: /^Take over/ }).count()).toBe(1);
  await row
    .getByRole('button', { name: 'Take over the sign-in of Nutrition screening to Nutrition HQ' })
    .click();
  await page.getByText('Nutrition screening is read as asha.rao@example.org from now on').waitFor();
  expect(window.complaints).toEqual([]);
});

describe('tables that go soon because nobody uses them', () => {
  it.each(['/', '/sync', 'its project'])('are kept by one press on %s', async (place) => {
    await using window = await open('expiring', { theme: 'dark' });
    const { page } = window;
    await visit(page, place === '/sync' ? '/sync' : '/');
    if (place === 'its project') {
      const row = page.getByRole('row').filter({ hasText: 'Nobody uses the tables' });
      await row.getByRole('link').first().click();
      await page
        .getByRole('button', { name: /^Unlink|More/ })
        .first()
        .waitFor();
    }
    const keep = page.getByRole('button', { name: /^Keep the tables of / });
    await keep.waitFor();
    await page.getByText(/^Nobody uses the tables; they go about/).waitFor();
    expect(await violations(page, 'dark')).toEqual([]);
    await keep.click();
    await page.getByText(/stay; their time begins anew$/).waitFor();
    await keep.waitFor({ state: 'detached' });
    expect(await page.getByText(/^Nobody uses the tables/).count()).toBe(0);
    expect(window.complaints).toEqual([]);
  });
});
