import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** What queries may read besides a project's own: shown on its page, changed by a DBA, refused at its field. */

const open = sharedStage();
const project = `/projects/${uuid(4, 1)}`;

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('is shown, corrected where it is wrong, and saved; axe finds nothing serious', async () => {
    await using window = await open('busy', { theme });
    const { page } = window;
    await visit(page, `${project}/settings`);
    await page.getByText('marts, marts.age_in_years()', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'What else queries may read…' }).click();
    await openDialog(page).waitFor();
    const schemas = page.getByRole('textbox', { name: 'Schemas' });
    const functions = page.getByRole('textbox', { name: 'Functions' });
    const save = page.getByRole('button', { name: 'Save' });
    await schemas.fill('marts\nnowhere');
    await functions.fill('age_in_years');
    await save.click();
    await page.getByText('Write each with its schema').waitFor();
    await functions.fill('marts.age_in_years()\n');
    await save.click();
    await page.getByText('There is no schema “nowhere” in this database.').waitFor();
    await expect.poll(() => schemas.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await violations(page, theme)).toEqual([]);
    await schemas.fill('marts\n\nreports');
    await save.click();
    await page.getByText('marts, reports, marts.age_in_years()', { exact: true }).waitFor();
    expect(window.complaints).toEqual([]);
  });
});
