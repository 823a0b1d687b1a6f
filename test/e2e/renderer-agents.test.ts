import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** The agents under “My credentials”: who is let in, letting one in past the page, and ending its access. */

const open = sharedStage();
const section = (page: Page) => page.getByRole('region', { name: 'Agents' });
const closed = (page: Page) => openDialog(page).waitFor({ state: 'detached' });
async function fillForm(page: Page, name: string, way = 'Save it in a file') {
  await section(page).getByRole('button', { name: 'Let an agent in…' }).click();
  const form = page.getByRole('dialog', { name: 'Let an agent in' });
  await form.getByLabel('Project').selectOption({ index: 1 });
  await form.getByLabel('Agent', { exact: true }).fill(name);
  await form.getByRole('radio', { name: way }).check();
  return form;
}

describe('agents', () => {
  it('lists whose they are, what they may and until when, and ends one after it was confirmed', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/credentials');
    const rows = section(page).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(2);
    expect(await rows.nth(0).textContent()).toMatch(/assistantLet in.*May ask for it/);
    expect(await rows.nth(1).textContent()).toMatch(/nightly reportof Femi AdeyemiEnded.*May not.*Never/);
    const end = section(page).getByRole('button', { name: 'End access of assistant…' });
    await end.click();
    const question = page.getByRole('alertdialog', { name: 'End the access of assistant?' });
    await expect.poll(() => focusedName(page)).toBe('Cancel');
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await expect.poll(() => focusedName(page)).toBe('End access of assistant…');
    expect(await rows.count()).toBe(2);
    await end.click();
    await question.getByRole('button', { name: 'End its access' }).click();
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByText('assistant has no access any more.').waitFor();
  });

  it('lets one in with its token in a file, and gives the configuration of its client', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/credentials');
    const form = await fillForm(page, 'helper');
    const project = await form.getByLabel('Project').locator('option:checked').textContent();
    await page.keyboard.press('Enter');
    const made = page.getByRole('dialog', { name: 'helper is let in' });
    const snippet = JSON.parse((await made.locator('pre').textContent()) ?? '') as unknown;
    expect(snippet).toEqual({
      mcpServers: {
        headgate: {
          command: 'headgate',
          args: ['mcp', '--project', project, '--token-file', '/home/asha/headgate-agent-helper.token'],
        },
      },
    });
    await made.getByRole('button', { name: 'Copy the configuration' }).waitFor();
    // A file is kept already: nothing is asked.
    await page.keyboard.press('Escape');
    await closed(page);
    await expect.poll(() => section(page).locator('tbody tr').count()).toBe(3);
  });

  it('asks whether a token that was copied was kept, and ends the access of one that was not', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/credentials');
    const form = await fillForm(page, 'helper', 'Copy it');
    await form.getByRole('button', { name: 'Let it in' }).click();
    const made = page.getByRole('dialog', { name: 'helper is let in' });
    await made.getByRole('timer').waitFor();
    expect(await made.textContent()).toContain('(umask 077; cat > ~/.headgate-agent)');
    await page.keyboard.press('Escape');
    await made.getByRole('alert').getByText('Did you keep the token?').waitFor();
    await made.getByRole('button', { name: 'Back' }).click();
    await made.getByRole('button', { name: 'Close' }).click();
    await made.getByRole('button', { name: 'No, end its access' }).click();
    await closed(page);
    await expect.poll(() => section(page).locator('tbody tr').count()).toBe(2);
  });

  it('names what is missing, and says that nobody was let in', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/credentials');
    await section(page).getByRole('button', { name: 'Let an agent in…' }).click();
    const form = page.getByRole('dialog', { name: 'Let an agent in' });
    await form.getByLabel('Days').fill('366');
    await form.getByRole('button', { name: 'Let it in' }).click();
    expect(await form.locator('[aria-invalid=true]').count()).toBe(3);
    await expect
      .poll(() => form.getByLabel('Project').evaluate((e) => e === document.activeElement))
      .toBe(true);
    await form.getByText('Enter a whole number from 1 to 365.').waitFor();
    await form.getByLabel('Days').fill('7');
    await form.getByLabel('Project').selectOption({ index: 1 });
    const name = form.getByLabel('Agent', { exact: true });
    await name.fill('closed');
    await form.getByRole('button', { name: 'Let it in' }).click();
    await form.getByText('The file was not saved, so no agent was let in.').waitFor();
    await name.fill('refused');
    await form.getByRole('button', { name: 'Let it in' }).click();
    await form.getByRole('alert').getByText('You may not use this connection.').waitFor();
    // The page behind a dialog has no roles.
    expect(await page.locator('.agents tbody tr').count()).toBe(2);
  });

  it('says what to do when there is none, and that a role is missing', async () => {
    await using window = await open('nothing', {}, (scenario) => {
      scenario.info.person.roles = ['viewer'];
    });
    const { page } = window;
    await visit(page, '/credentials');
    await section(page).getByText('No agent is let in').waitFor();
    const letIn = section(page).getByRole('button', { name: 'Let an agent in…' });
    await expect.poll(() => letIn.getAttribute('aria-disabled')).toBe('true');
  });

  it.each(['light', 'dark'] as const)(
    'axe finds nothing, and nothing scrolls sideways (%s)',
    async (theme) => {
      await using window = await open('longNames', { theme, width: 640 });
      const { page } = window;
      await visit(page, '/credentials');
      await section(page).locator('tbody tr').first().waitFor();
      expect(await violations(page, theme)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
      const form = await fillForm(page, 'helper', 'Copy it');
      expect(await violations(page, theme)).toEqual([]);
      await form.getByRole('button', { name: 'Let it in' }).click();
      await page.getByText('Tell the agent’s client').waitFor();
      expect(await violations(page, theme)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
    },
  );
});
