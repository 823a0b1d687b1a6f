import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { phrase } from '../support/renderer-fixture/people-scenarios.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* How much history is kept, what is taken out of the activity log, and what is seen of that afterwards. */

const open = sharedStage();
const edit = (page: Page) => page.getByRole('button', { name: 'Change how much history is kept…' });
const keptOf = (page: Page, name: string) =>
  page
    .locator('.decisions > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd');
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click();

describe('how much history is kept', () => {
  it('is shown, and changed within its bounds', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/settings');
    expect(await keptOf(page, 'Finished syncs').textContent()).toBe('90 days');
    expect(await keptOf(page, 'Changes in tables of each dataset').textContent()).toBe('the newest 1,000');
    await edit(page).click();
    const days = page.getByLabel('Finished syncs: days');
    for (const wrong of ['6', '3651', '1.5', '', '9e1']) {
      await days.fill(wrong);
      await save(page);
      await page.getByText('Enter a whole number from 7 to 3,650.').waitFor();
      expect(await days.getAttribute('aria-invalid')).toBe('true');
      await expect.poll(() => focusedName(page)).toBe('Finished syncs: days');
      await days.fill('30');
    }
    await page.getByLabel('Leased logins that ended: days').fill('1');
    await save(page);
    await page.getByText('What is kept is saved').waitFor();
    await expect.poll(() => keptOf(page, 'Finished syncs').textContent()).toBe('30 days');
    expect(await keptOf(page, 'Leased logins that ended').textContent()).toBe('1 day');
    expect(window.complaints).toEqual([]);
  });

  it('is left as it was by whoever cancels, and is not for everybody to change', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/settings');
    await edit(page).click();
    await page.getByLabel('Finished syncs: days').fill('30');
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    expect(await keptOf(page, 'Finished syncs').textContent()).toBe('90 days');
    await using analyst = await open('crew', {}, (scenario) => {
      scenario.info.person.roles = ['analyst'];
    });
    await visit(analyst.page, '/settings');
    expect(await keptOf(analyst.page, 'Finished syncs').textContent()).toBe('90 days');
    expect(await edit(analyst.page).getAttribute('aria-disabled')).toBe('true');
  });
});

const panel = (page: Page) => page.getByRole('dialog', { name: 'Take old entries out of the log' });
async function openTrim(page: Page, before: string): Promise<void> {
  await visit(page, '/activity');
  await page.getByRole('button', { name: 'Trim…' }).click();
  await panel(page).getByLabel('Entries of before').fill(before);
}
const write = (page: Page) => panel(page).getByRole('button', { name: 'Write the file…' });
const verify = (page: Page) => page.getByRole('button', { name: 'Verify', exact: true }).click();

describe('old entries', () => {
  it('leave the log once they are in a file, and the log says where it begins and who had that done', async () => {
    await using window = await open('crew');
    const { page } = window;
    // The newest entry stays, whatever is asked for.
    await openTrim(page, '2100-01-01');
    await panel(page).getByText('Keep the file: it is all that is left of these entries.').waitFor();
    await write(page).click();
    const file = '/home/asha/Documents/headgate-activity-1-249.json';
    await page.getByText(`249 entries are in ${file} now, and no longer in the log`).waitFor();
    await openDialog(page).waitFor({ state: 'detached' });
    // The list forgets them too: what is left is the head, one day and its entry.
    await expect.poll(() => page.getByRole('row').count()).toBe(3);
    await verify(page);
    await page.getByText('1 entry, unbroken').waitFor();
    await page.getByText('The log begins with entry 250: older entries went to a file').waitFor();
    await page.getByText(/^Asha Rao had that done/).waitFor();
    await page.getByText('The vault knows that.').waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('stay where no day is named, none is that old, nothing is typed, or no file is chosen', async () => {
    await using window = await open('crew', {}, (scenario) => {
      scenario.people.typed = [null, phrase, null];
    });
    const { page } = window;
    await openTrim(page, '');
    expect(await write(page).getAttribute('aria-disabled')).toBe('true');
    await panel(page).getByLabel('Entries of before').fill('2001-01-01');
    await write(page).click();
    await panel(page).getByText('No entry of the log is that old.').waitFor();
    await panel(page).getByText('Choose a later day.').waitFor();
    await panel(page).getByText('Nothing was removed from the log.').waitFor();
    await panel(page).getByLabel('Entries of before').fill('2100-01-01');
    await write(page).click();
    // Whoever closed that window did so themselves.
    await expect.poll(() => panel(page).getByText('No entry of the log is that old.').count()).toBe(0);
    await expect.poll(() => write(page).getAttribute('aria-busy')).not.toBe('true');
    await write(page).click();
    await expect.poll(() => write(page).getAttribute('aria-busy')).not.toBe('true');
    await panel(page).getByRole('button', { name: 'Cancel', exact: true }).click();
    await openDialog(page).waitFor({ state: 'detached' });
    await verify(page);
    await page.getByText('250 entries, unbroken').waitFor();
    expect(await page.getByText(/begins with entry/).count()).toBe(0);
  });

  it('are not taken from a log that begins where it should not, which is said', async () => {
    await using window = await open('cutOff');
    const { page } = window;
    await openTrim(page, '2100-01-01');
    await write(page).click();
    await panel(page).getByText('so nothing is taken from it').waitFor();
    await panel(page).getByRole('button', { name: 'Cancel', exact: true }).click();
    await verify(page);
    await page.getByText('The log says that it begins with entry 101').waitFor();
    await page.getByText(/^It names Asha Rao/).waitFor();
    await page.getByText('Not by Headgate: the vault knows another beginning of the log.').waitFor();
  });

  it.each([
    ['missing', 'The vault does not know of that'],
    ['unchecked', 'Whether it was Headgate can be told once the vault is open.'],
  ] as const)('whose beginning is %s are told as that', async (anchored, said) => {
    await using window = await open('cutOff', {}, (scenario) => {
      scenario.people.anchored = anchored;
    });
    await visit(window.page, '/activity');
    await verify(window.page);
    await window.page.getByText(said).waitFor();
  });
});

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious in the card, the panel and what is verified, and nothing scrolls sideways', async () => {
    await using window = await open('cutOff', { theme, width: 640, height: 700 });
    const { page } = window;
    const insist = async (): Promise<void> => {
      expect(await violations(page, theme)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
    };
    await visit(page, '/settings');
    await edit(page).click();
    await page.getByLabel('Finished syncs: days').fill('1');
    await save(page);
    await insist();
    await openTrim(page, '2100-01-01');
    await write(page).click();
    await panel(page).getByText('so nothing is taken from it').waitFor();
    await insist();
    await panel(page).getByRole('button', { name: 'Cancel', exact: true }).click();
    await verify(page);
    await page.getByText('begins with entry 101').waitFor();
    await insist();
  });
});
