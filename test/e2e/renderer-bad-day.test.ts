import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** Slow answers, answers that come too late, rights that change under an open page, and where the focus goes. */

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<Envelope<unknown>>>;
};

const open = sharedStage();

const one = (n: number) => `/connections/${uuid(1, n)}`;
const dialogNamed = (page: Page, name: string) => page.getByRole('dialog', { name });
const closed = (page: Page) => openDialog(page).waitFor({ state: 'detached' });
const discarded = (page: Page) => page.evaluate(() => document.documentElement.dataset['discarded']);

/** Answers of these calls wait for {@link release}; what they were asked is counted. */
const hold = (page: Page, ...names: string[]): Promise<void> =>
  page.evaluate((held) => {
    const released = new Promise((resolve) => addEventListener('released', resolve, { once: true }));
    for (const name of held) {
      const call = headgate.calls[name];
      headgate.calls[name] = async (input, id) => {
        await released;
        return call?.(input, id) as Promise<Envelope<unknown>>;
      };
    }
  }, names);
const release = (page: Page): Promise<void> => page.evaluate(() => void dispatchEvent(new Event('released')));

const edit = async (page: Page, name: string) => {
  await page.getByRole('button', { name: `More actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Edit…' }).click();
  const dialog = dialogNamed(page, `Edit ${name}`);
  await dialog.getByLabel('Host', { exact: true }).waitFor();
  return dialog;
};
/** By keyboard, as the focus is what is looked at. */
const enter = async (page: Page, name: string | RegExp): Promise<void> => {
  await page.getByRole('button', { name, exact: true }).last().focus();
  await page.keyboard.press('Enter');
};

describe('what comes late', () => {
  it('a form begins with what is stored now, also when the connection was edited before', async () => {
    await using window = await open('connections', { stopClock: false });
    const { page } = window;
    await visit(page, '/connections');
    await (await edit(page, 'Reports')).getByRole('button', { name: 'Cancel' }).click();
    await closed(page);
    await page.getByRole('checkbox', { name: 'Select Reports' }).check();
    await page.getByRole('button', { name: 'Folder…' }).click();
    await openDialog(page).getByLabel('Folder').fill('Elsewhere');
    await openDialog(page)
      .getByRole('button', { name: /^Apply/ })
      .click();
    await closed(page);
    const dialog = await edit(page, 'Reports');
    expect(await dialog.getByLabel('Folder', { exact: true }).inputValue()).toBe('Elsewhere');
  });

  it('a saving that ends late does not close the form that was opened since', async () => {
    await using window = await open('connections', { stopClock: false });
    const { page } = window;
    await visit(page, '/connections');
    await hold(page, 'connections.update');
    const first = await edit(page, 'Reports');
    await first.getByRole('button', { name: 'Save', exact: true }).click();
    await first.getByRole('button', { name: 'Cancel' }).click();
    const second = await edit(page, 'Field office');
    await second.getByLabel('Name', { exact: true }).fill('Typed meanwhile');
    await release(page);
    await page.getByText('Reports is saved').waitFor();
    expect(await second.getByLabel('Name', { exact: true }).inputValue()).toBe('Typed meanwhile');
  });

  it('of two choices made quickly the last one counts, and it is shown at once', async () => {
    await using window = await open('crew', { stopClock: false });
    const { page } = window;
    await visit(page, `${one(1)}?tab=people`);
    const level = page.getByLabel('What Bilal Diop may do', { exact: true });
    await level.waitFor();
    await hold(page, 'grants.set');
    await level.selectOption('use');
    expect(await level.inputValue()).toBe('use');
    await level.selectOption('manage');
    await release(page);
    await page.getByText('Saved what Bilal Diop may do').first().waitFor();
    await expect
      .poll(() =>
        page.evaluate(
          (connectionId) => headgate.calls['grants.list']?.({ connectionId }, 'of the test'),
          uuid(1, 1),
        ),
      )
      .toMatchObject({ data: [{ level: 'manage' }] });
    expect(await level.inputValue()).toBe('manage');
    // Changed elsewhere afterwards, it is what is stored again.
    await page.getByLabel('Only the people named below').check();
    await page.getByText('Saved who may use Warehouse').waitFor();
    await page.evaluate(
      (id) => headgate.calls['connections.update']?.({ id, access: 'everyone' }, 'of the test'),
      uuid(1, 1),
    );
    await expect.poll(() => page.getByLabel('Everybody whose role allows it').isChecked()).toBe(true);
  });

  it('a plan of an import that nobody waits for any more is dropped', async () => {
    await using window = await open('busy', { stopClock: false });
    const { page } = window;
    await visit(page, '/connections/import');
    await hold(page, 'imports.preview');
    await page.getByLabel('Or paste what is in it').fill('postgres://u:p@h/d');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('button', { name: 'Review Services (pg_service.conf)' }).click();
    await release(page);
    await page.getByRole('heading', { level: 1, name: /^Review: / }).waitFor();
    await expect.poll(() => discarded(page)).toBe('1');
    await visit(page, '/connections');
    await expect.poll(() => discarded(page)).toBe('2');
    await visit(page, '/connections/import');
    await hold(page, 'imports.preview');
    await page.getByLabel('Or paste what is in it').fill('postgres://u:p@h/d');
    await page.getByRole('button', { name: 'Preview' }).click();
    await visit(page, '/connections');
    await release(page);
    await expect.poll(() => discarded(page)).toBe('3');
  });

  it('the structure of another database is not shown for this one', async () => {
    await using window = await open('busy', { stopClock: false });
    const { page } = window;
    await visit(page, `${one(1)}?tab=structure`);
    await page.getByRole('button', { name: 'Read again' }).click();
    await page.getByRole('button', { name: 'Read again' }).waitFor();
    await page.getByRole('region', { name: 'public.site' }).waitFor();
    await hold(page, 'connections.structure');
    await page.evaluate(
      (id) => headgate.calls['connections.update']?.({ id, database: 'another' }, 'of the test'),
      uuid(1, 1),
    );
    await page.getByRole('region', { name: 'public.site' }).waitFor({ state: 'detached' });
    await release(page);
    await page.getByRole('region', { name: 'public.site' }).waitFor();
  });
});

describe('what must not be lost', () => {
  it('what was typed after a failed test: Escape asks first', async () => {
    await using window = await open('connections', { stopClock: false }, (scenario) => {
      for (const each of scenario.connections) if (each.name === 'Reports') each.host = 'refuses.example.org';
    });
    const { page } = window;
    await visit(page, one(11));
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const dialog = dialogNamed(page, 'Edit Reports');
    await dialog.getByLabel('Database').fill('reports2');
    await dialog.getByRole('button', { name: 'Save and test' }).click();
    await dialog.getByText('Not reached').first().waitFor();
    await dialog.getByLabel('Database').fill('reports3');
    await page.keyboard.press('Escape');
    await dialog.getByRole('alert').last().waitFor();
    expect(await dialog.getByLabel('Database').inputValue()).toBe('reports3');
  });

  it('connections that are all archived', async () => {
    await using window = await open('connections', {}, (scenario) => {
      scenario.connections = scenario.connections.filter(({ state }) => state === 'archived');
    });
    const { page } = window;
    await visit(page, '/connections');
    await page.getByText('All connections are archived.').waitFor();
    await page.getByLabel('State', { exact: true }).selectOption('archived');
    await page.getByRole('link', { name: 'Retired' }).waitFor();
  });

  it('what was decided about an import, when all new ones are added', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/connections/import');
    await page.getByLabel('Or paste what is in it').fill('postgres://u:p@h/d');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByLabel('What to do with Warehouse').selectOption('replace');
    await page.getByLabel('What to do with Reports').selectOption('skip');
    await page.getByRole('button', { name: 'Add all that are new' }).click();
    expect(await page.getByLabel('What to do with Warehouse').inputValue()).toBe('replace');
    expect(await page.getByLabel('What to do with Reports').inputValue()).toBe('create');
  });
});

describe('what is said', () => {
  it('that something can not be read as a URL, at its field', async () => {
    await using window = await open('nothing');
    const { page } = window;
    await visit(page, '/connections?add');
    const url = openDialog(page).getByLabel('Connection URL');
    await url.fill('oracle://db.example.org/warehouse');
    await page.keyboard.press('Tab');
    await expect.poll(() => url.getAttribute('aria-invalid')).toBe('true');
    await url.fill('postgres://etl@db.example.org/warehouse');
    await page.keyboard.press('Tab');
    await expect.poll(() => url.getAttribute('aria-invalid')).toBe(null);
  });

  it('what came of a test, to those who hear the page', async () => {
    await using window = await open('connections', { stopClock: false }, (scenario) => {
      for (const each of scenario.connections) if (each.name === 'Reports') each.host = 'refuses.example.org';
    });
    const { page } = window;
    await visit(page, one(11));
    await page.getByRole('button', { name: 'Test again' }).click();
    const told = page.getByRole('region', { name: 'Test', exact: true }).getByRole('status');
    await expect.poll(() => told.allTextContents()).toContainEqual(expect.stringContaining('refused'));
  });

  it('that only projects are taken over, where no connection is', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, '/connections/import');
    await page.getByLabel('What it is').selectOption('legacy');
    await page.getByLabel('Or paste what is in it').fill('[]');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('button', { name: 'Leave all out' }).click();
    await page.getByRole('button', { name: 'Take over 2 projects' }).waitFor();
    await page.getByLabel('Malaria').uncheck();
    await page.getByLabel('Bednets').uncheck();
    await page.getByRole('button', { name: 'Import nothing' }).waitFor();
  });

  it('why nothing can be sealed without a passphrase of one’s own', async () => {
    await using window = await open('busy');
    const { page } = window;
    await visit(page, one(1));
    await page.getByRole('button', { name: /^More actions/ }).click();
    await page.getByRole('menuitem', { name: 'Export with passwords, sealed…' }).click();
    const seal = openDialog(page).getByRole('button', { name: 'Seal and save…' });
    await expect
      .poll(() => seal.getAttribute('aria-description'))
      .toBe('Your profile has no passphrase yet.');
  });

  it('that one may not change a connection any more, as soon as the role is gone', async () => {
    await using window = await open('crew', { stopClock: false });
    const { page } = window;
    await visit(page, one(1));
    const button = page.getByRole('button', { name: 'Edit', exact: true });
    await expect.poll(() => button.getAttribute('aria-disabled')).toBe(null);
    await page.evaluate(
      async ([me, other]) => {
        const get = headgate.calls['connections.get'];
        headgate.calls['connections.get'] = async (input, id) => {
          const answer = (await get?.(input, id)) as { ok: true; data: { may: string } };
          answer.data.may = 'see';
          return answer;
        };
        await headgate.calls['people.update']?.({ id: other, roles: ['dba'] }, 'of the test');
        await headgate.calls['people.update']?.({ id: me, roles: ['viewer'] }, 'of the test');
      },
      [uuid(8, 1), uuid(8, 2)],
    );
    await expect.poll(() => button.getAttribute('aria-disabled')).toBe('true');
  });
});

describe('the focus of a button that goes away with what it did', () => {
  it('stays in the form that tests, near its buttons', async () => {
    await using window = await open('connections', { stopClock: false }, (scenario) => {
      for (const each of scenario.connections) if (each.name === 'Reports') each.host = 'refuses.example.org';
    });
    const { page } = window;
    await visit(page, one(11));
    await enter(page, 'Edit');
    await dialogNamed(page, 'Edit Reports').getByLabel('Host', { exact: true }).waitFor();
    await enter(page, 'Save and test');
    await openDialog(page).getByText('Not reached').first().waitFor();
    await expect.poll(() => focusedName(page)).toMatch(/^Close\s*Save/);
    await page.keyboard.press('Escape');
    await closed(page);
    await expect.poll(() => focusedName(page)).toBe('Edit');
  });

  it('goes to the part of the page it was in, or to its title', async () => {
    await using window = await open('connections', { stopClock: false });
    const { page } = window;
    await visit(page, one(16));
    await enter(page, 'Set to active');
    await expect.poll(() => focusedName(page)).toBe('Old warehouse');
    await visit(page, one(14));
    await enter(page, 'It is the same: accept and test again');
    await page.getByText('Is this the right jump host?').waitFor({ state: 'detached' });
    await expect.poll(() => focusedName(page)).toBe('Test');
    await visit(page, '/connections');
    await enter(page, 'More actions for Field office');
    await page.getByRole('menuitem', { name: 'Delete…' }).press('Enter');
    await enter(page, 'Delete connection');
    await page.getByRole('row', { name: /Field office/ }).waitFor({ state: 'detached' });
    await expect.poll(() => focusedName(page)).toBe('Connections');
  });

  it('is left alone when somebody presses beside everything', async () => {
    await using window = await open('connections', { stopClock: false });
    const { page } = window;
    await visit(page, one(16));
    await page.getByRole('button', { name: 'Set to active' }).focus();
    await page.mouse.click(1270, 810);
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toMatch(/BODY|MAIN/);
    await page.evaluate(
      (id) => headgate.calls['connections.update']?.({ id, state: 'active' }, 'of the test'),
      uuid(1, 16),
    );
    await page.getByRole('button', { name: 'Set to active' }).waitFor({ state: 'detached' });
    await page.waitForTimeout(150);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toMatch(/BODY|MAIN/);
  });
});
