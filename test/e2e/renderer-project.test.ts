import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { jobOf } from '../support/renderer-fixture/builders.ts';
import {
  focusedName,
  focusIsSomewhere,
  scrollsSideways,
  tabTo,
  violations,
} from '../support/renderer-fixture/checks.ts';
import { minutes, type Scenario, uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* A project as a place: where its data comes from, when, where it goes, and what came of it. */

const open = sharedStage();
const project = `/projects/${uuid(4, 1)}`;
const tabs = ['', '/tables', '/runs', '/changes', '/access', '/settings'];

describe('a project', () => {
  it('tells from where, when and to where, and what is wrong where it is', async () => {
    await using window = await open('troubled');
    const { page } = window;
    await visit(page, project);
    const flow = page.locator('.flow').filter({ hasText: 'Malaria programme' });
    await flow.getByText('CommCare HQ · malaria-ng').waitFor();
    await flow.getByText('Every 6 hours').waitFor();
    const bad = flow.locator('.flow-node.tone-bad');
    expect(await bad.count()).toBe(1);
    // The database fails: that is told where the data goes to.
    expect(await bad.textContent()).toContain('data_7f3a91c2_commcare');
    await bad.getByText('The trouble is here').waitFor({ state: 'attached' });
    expect(window.complaints).toEqual([]);
  });

  it('leads by its tabs, each with an address of its own, by keyboard', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, project);
    for (const name of ['Tables', 'Runs', 'Changes', 'Access', 'Settings']) {
      await tabTo(page, name);
      await page.keyboard.press('Enter');
      await page
        .getByRole('navigation', { name: 'Parts of this project' })
        .locator(`[aria-current="page"]`, { hasText: name })
        .waitFor();
      expect(await page.evaluate(() => location.hash)).toContain(`/${name.toLowerCase()}`);
      expect(await focusIsSomewhere(page)).toBe(true);
    }
    expect(window.complaints).toEqual([]);
  });

  it('lists its tables by title with what came today, and finds one', async () => {
    await using window = await open('browsing');
    const { page } = window;
    await visit(page, `${project}/tables`);
    await page.getByRole('row', { name: /Visite prénatale/ }).waitFor();
    await page.getByLabel('Find a table').fill('prenatale');
    await page.getByRole('status').filter({ hasText: '1 table' }).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByRole('link', { name: 'Visite prénatale' }).click();
    await expect.poll(() => page.evaluate(() => location.hash)).toContain('form_visite_prenatale');
  });

  it('shows a run that goes on, and syncs all that can be synced', async () => {
    await using window = await open('busy', {}, (scenario) => {
      const [first] = scenario.datasets;
      if (first)
        Object.assign(first, {
          job: jobOf(95, first, {
            ...{ status: 'running', phase: 'reading', finishedAt: null, startedAt: minutes(-1) },
            tables: [{ dataset: 'forms', fetched: 300, total: 1200, status: 'reading' }],
          }),
        });
    });
    const { page } = window;
    await visit(page, project);
    const running = page.locator('.flow').filter({ hasText: 'Malaria programme' });
    await running.locator('.flow-runs').waitFor();
    await running.getByText('300 of 1,200').first().waitFor();
    await page.getByRole('button', { name: 'Sync all sources of Bednets 2026' }).click();
    // The one that runs is left alone; the other begins.
    await page.locator('.flow').filter({ hasText: 'Supervision' }).locator('.flow-runs').waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('says who is missing, and hands over an invitation without any secret', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, `${project}/access`);
    await page.getByText('2 of 3 people connected').first().waitFor();
    await page.getByText('Missing: Chloé Martin').first().waitFor();
    const text = await page.locator('.invite').textContent();
    expect(text).toContain('Bednets 2026');
    expect(text).not.toMatch(/https?:|password|token/i);
  });

  it('changes and deletes in its settings, and gives the focus back', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, `${project}/settings`);
    await page.getByRole('button', { name: 'Edit project…' }).click();
    await openDialog(page).waitFor();
    await page.keyboard.press('Escape');
    await openDialog(page).waitFor({ state: 'hidden' });
    await expect.poll(() => focusedName(page)).toBe('Edit project…');
    await page.getByRole('button', { name: 'Edit link… Supervision' }).click();
    await openDialog(page).waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'axe finds nothing on any tab, and nothing scrolls sideways (%s)',
    async (theme) => {
      await using window = await open('busy', { theme });
      const { page } = window;
      for (const tab of tabs) {
        await visit(page, `${project}${tab}`);
        expect(await violations(page, theme), tab).toEqual([]);
        expect(await scrollsSideways(page), tab).toBe(false);
      }
    },
  );
});

describe('Home', () => {
  it('has a row for each source, thirty days of it, and the days as a table', async () => {
    await using window = await open('busy');
    const { page } = window;
    const strip = page.getByRole('button', { name: /^Bednets 2026 · Malaria programme\. The last 30 days/ });
    await strip.waitFor();
    await strip.focus();
    await page.keyboard.press('Enter');
    const dialog = openDialog(page);
    await dialog.getByRole('columnheader', { name: 'Outcome' }).waitFor();
    expect(await dialog.getByRole('row').count()).toBe(31);
    await page.keyboard.press('Escape');
    await expect.poll(() => focusedName(page)).toMatch(/^Bednets 2026 · Malaria programme/);
    await page.getByRole('heading', { name: 'Last 24 hours' }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('calls the window by its sentence, and hands it over as a message', async () => {
    await using window = await open('busy');
    const { page } = window;
    await page.getByRole('heading', { level: 1, name: /One source is late/ }).waitFor();
    expect(await page.title()).toMatch(/^One source is late.* – Headgate$/);
    await page.evaluate(() => {
      Object.defineProperty(navigator, 'clipboard', {
        value: {
          async writeText(text: string) {
            document.documentElement.dataset['copied'] = text;
          },
        },
      });
    });
    await page.getByRole('button', { name: 'Copy as message' }).click();
    const copied = await page.evaluate(() => document.documentElement.dataset['copied'] ?? '');
    expect(copied.split('\n')[0]).toMatch(/^One source is late/);
    expect(copied).toContain('Water points · WASH survey: ');
    expect(copied).not.toContain('example.org');
  });
});

describe('the rail', () => {
  it('names the state of every project in words, and leads to it', async () => {
    await using window = await open('troubled');
    const { page } = window;
    const rail = page.getByRole('navigation', { name: 'Main' });
    await rail.getByRole('link', { name: 'Bednets 2026 Database fails 2 need you' }).click();
    await page.getByRole('heading', { level: 1, name: 'Bednets 2026' }).waitFor();
    await rail.locator('[aria-current="page"]', { hasText: 'Bednets 2026' }).waitFor();
  });

  it('becomes small and whole again by keys, and says so of its entries all the same', async () => {
    await using window = await open('busy');
    const { page } = window;
    await page.locator('.shell:not(.shell-small)').waitFor();
    await page.keyboard.press('Control+\\');
    await page.locator('.shell-small').waitFor();
    await page.getByRole('link', { name: 'Connections' }).waitFor();
    await page.keyboard.press('Control+\\');
    await page.locator('.shell:not(.shell-small)').waitFor();
  });

  it('has in the menu of the person what is that person’s own, by keyboard', async () => {
    await using window = await open('busy');
    const { page } = window;
    const menu = page.getByRole('button', { name: /^Asha Rao/ });
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'My credentials' }).waitFor();
    expect(await page.getByRole('menuitemradio').count()).toBe(3);
    await page.getByRole('menuitemradio', { name: 'Theme: Dark' }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click();
    await openDialog(page).waitFor();
    expect(await focusIsSomewhere(page)).toBe(true);
  });
});

describe('the view for people in the field', () => {
  const asViewer = ({ info }: Scenario): void => {
    info.person.roles = ['viewer'];
  };

  it('is where a viewer begins: a sentence, a row for each source, no word of databases', async () => {
    await using window = await open('troubled', {}, asViewer);
    const { page } = window;
    await page.locator('.field-sentence').waitFor();
    expect(await page.locator('.side').count()).toBe(0);
    await page.locator('.field-rows > li').first().waitFor();
    const text = (await page.locator('main').textContent()) ?? '';
    expect(text).not.toMatch(/database|Warehouse|DB_|SYNC_|127\.0|example\.org|schema/i);
    await page.getByRole('link', { name: 'More' }).click();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('speaks another language and larger letters at once, and keeps them', async () => {
    await using window = await open('busy', {}, asViewer);
    const { page } = window;
    await page.locator('.field-rows > li').first().waitFor();
    const size = () =>
      page.locator('.field-page').evaluate((each) => Number.parseFloat(getComputedStyle(each).fontSize));
    const before = await size();
    await page.getByRole('button', { name: 'Larger text' }).click();
    expect(await size()).toBeGreaterThan(before);
    await page.getByRole('combobox', { name: 'Language' }).selectOption('hi');
    await page.locator('html[lang="hi"]').waitFor();
    await expect.poll(() => page.locator('.field-sentence').textContent()).toMatch(/[\u0900-\u097F]/);
    await page.reload();
    await page.locator('.field-rows > li').first().waitFor();
    expect(await size()).toBeGreaterThan(before);
  });

  it.each(['light', 'dark'] as const)('axe finds nothing, wide and narrow (%s)', async (theme) => {
    for (const width of [1280, 400]) {
      await using window = await open('busy', { theme, width }, asViewer);
      const { page } = window;
      await page.locator('.field-rows > li').first().waitFor();
      expect(await violations(page, theme)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
    }
  });
});
