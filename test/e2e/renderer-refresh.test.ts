import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* What a refresh reads, as a link says it: everything, or only what changed. */

const open = sharedStage();
const edit = async (page: Page) => {
  await visit(page, `/projects/${uuid(4, 1)}`);
  await page.getByRole('button', { name: /^More actions for Malaria/ }).click();
  await page.getByRole('menuitem', { name: 'Edit link…' }).click();
  const form = openDialog(page);
  await form.getByRole('button', { name: 'Save' }).waitFor();
  return form;
};

describe('what a refresh reads', () => {
  it('is chosen, checked and kept', async () => {
    await using window = await open('busy');
    const { page } = window;
    const form = await edit(page);
    const how = form.getByLabel('What a refresh reads');
    const days = form.getByLabel('Everything all the same, after so many days');
    await how.selectOption({ label: 'Everything each time' });
    expect(await days.count()).toBe(0);
    await how.selectOption({ label: 'Only what changed' });
    await days.fill('91');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Enter a number from 1 to 90.').waitFor();
    await expect.poll(() => focusedName(page)).toBe('Everything all the same, after so many days');
    await days.fill('14');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    const again = await edit(page);
    expect(await again.getByLabel('What a refresh reads').inputValue()).toBe('delta');
    expect(await again.getByLabel('Everything all the same, after so many days').inputValue()).toBe('14');
    expect(window.complaints).toEqual([]);
  });

  it('says when everything is read next, and reads it now where somebody asks for it', async () => {
    await using window = await open('busy', {}, (scenario) => {
      for (const dataset of scenario.datasets) dataset.nextWholeAt = '2026-11-27T04:00:00.000Z';
      for (const { dataset } of scenario.links) if (dataset) dataset.nextWholeAt = '2026-11-27T04:00:00.000Z';
    });
    const { page } = window;
    const form = await edit(page);
    await form.getByText(/^From 1 to 90\. Everything is read next by .*27 Nov.*04:00/).waitFor();
    const now = form.getByRole('button', { name: 'Read everything now' });
    await now.click();
    await expect.poll(() => focusedName(page)).not.toBe('');
    expect(window.complaints).toEqual([]);
  });

  it('is not asked where the source can’t tell what changed', async () => {
    await using window = await open('busy', {}, (scenario) => {
      scenario.types = scenario.types.map((type) => ({
        ...type,
        datasets: type.datasets.map((dataset) => ({ ...dataset, tellsChanges: false })),
      }));
    });
    const form = await edit(window.page);
    await form.getByLabel('Keep the original record').waitFor();
    expect(await form.getByLabel('What a refresh reads').count()).toBe(0);
  });

  it.each([
    ['light', 1280],
    ['dark', 900],
  ] as const)('axe finds nothing in %s at %i px', { timeout: 120_000 }, async (theme, width) => {
    await using window = await open('busy', { theme, width });
    const { page } = window;
    const form = await edit(page);
    await form.getByLabel('Everything all the same, after so many days').scrollIntoViewIfNeeded();
    expect(await violations(page, theme)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
  });
});
