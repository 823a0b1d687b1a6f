import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { waitOf } from '../../renderer/components/session/reauth.tsx';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, scrollsSideways, tabTo, violations } from '../support/renderer-fixture/checks.ts';
import { phrase, profile } from '../support/renderer-fixture/people-scenarios.ts';
import { type Scenario, uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { typedOutside } from '../support/renderer-fixture/typed-outside.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** Who sits here: the lock, and people. */

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
};

const open = sharedStage();

const fixture = (page: Page, name: string): Promise<unknown> =>
  page.evaluate((call) => headgate.calls[call]?.({}, 'of the test'), `fixture.${name}`);
const dialogNamed = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });
const closed = (page: Page) => openDialog(page).waitFor({ state: 'detached' });
const door = (page: Page, title = 'Headgate is locked') => page.getByRole('heading', { name: title });
const enter = (page: Page, name = 'Asha Rao') => page.getByRole('button', { name: `${name} ` });
const locked = (scenario: Scenario): void => {
  scenario.people.seat = 'locked';
};
const alone = (scenario: Scenario): void => {
  scenario.people.others = [];
  scenario.people.passphrases = {};
};

const places = ['/people', '/activity', '/settings', '/settings?show=you'];

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious on the screens', async () => {
    await using window = await open('crew', { theme });
    const found: string[] = [];
    for (const hash of places) {
      await visit(window.page, hash);
      found.push(...(await violations(window.page, theme)).map((text) => `${hash} ${text}`));
    }
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });

  it('axe finds nothing serious at the door and in dialogs', async () => {
    await using window = await open('guessing', { theme });
    const { page } = window;
    const found: string[] = [];
    const look = async (at: string) =>
      found.push(...(await violations(page, theme)).map((text) => `${at} ${text}`));
    await visit(page, '/people');
    await page.getByRole('button', { name: 'Add person' }).click();
    await dialogNamed(page, 'Add a person').waitFor();
    await page.getByRole('button', { name: 'Add person' }).last().click();
    await look('add');
    await page.keyboard.press('Escape');
    await closed(page);
    await visit(page, '/settings');
    await page.getByRole('button', { name: 'Change protection…' }).click();
    await look('protection');
    await page.keyboard.press('Escape');
    await closed(page);
    await page.getByRole('button', { name: 'More actions for Vault' }).click();
    await page.getByRole('menuitem', { name: 'Wipe the vault…' }).click();
    await openDialog(page).waitFor();
    await look('wipe');
    await page.keyboard.press('Escape');
    await closed(page);
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await door(page).waitFor();
    await look('door');
    await enter(page).click();
    await page.getByText('Too many wrong passphrases.').waitFor();
    await look('door after too many');
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it.each([900, 640])('never scrolls sideways at %d px, with long names', async (width) => {
  const long = 'Marie-Françoise Ouédraogo-Kaboré de la Fontaine-et-du-Grand-Bassam';
  await using window = await open('longNames', { width, height: 700 }, (scenario) => {
    scenario.people.others = [profile(2, { name: long }), profile(3, { name: 'आशा कार्यकर्ता मासिक प्रतिवेदन' })];
    scenario.people.passphrases = { [scenario.info.person.id]: phrase };
  });
  const { page } = window;
  const wide: string[] = [];
  const look = async (at: string) => {
    if (await scrollsSideways(page)) wide.push(at);
  };
  for (const hash of places) {
    await visit(page, hash);
    await look(hash);
  }
  await fixture(page, 'idle');
  await door(page).waitFor();
  await look('door');
  expect(wide).toEqual([]);
  expect(window.complaints).toEqual([]);
});

describe('the lock', () => {
  it('leaves nothing of the workspace behind it, and reads everything anew after it', async () => {
    await using window = await open('crew', { stopClock: false });
    const { page } = window;
    await visit(page, '/connections');
    await page.getByText('Warehouse').first().waitFor();
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await door(page).waitFor();
    const text = await page.content();
    for (const name of ['Warehouse', 'db.example.org', 'Bednets', 'Malaria'])
      expect(text).not.toContain(name);
    await expect.poll(() => page.title()).toBe('Headgate is locked – Headgate');
    // Nothing is typed on this page, where only a language is chosen; a press of Enter has it asked for outside.
    expect(await page.locator('input:not([type="radio"])').count()).toBe(0);
    await expect.poll(() => focusedName(page)).toBe('Asha Rao Unlock');
    await page.keyboard.press('Enter');
    await page.getByText('Warehouse').first().waitFor();
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/connections');
    expect(window.complaints).toEqual([]);
  });

  it('closes over open dialogs and messages, and forgets what was read', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/people');
    await page.getByRole('button', { name: 'More actions for Chandra Iyer' }).click();
    await page.getByRole('menuitem', { name: 'Edit…' }).click();
    await dialogNamed(page, 'Edit Chandra Iyer').waitFor();
    await fixture(page, 'idle');
    await door(page).waitFor();
    await expect.poll(() => openDialog(page).count()).toBe(0);
    // Whatever is read from then on is refused: no old answer stands in for it.
    await page.evaluate(() => {
      headgate.calls['people.list'] = () => new Promise(() => undefined);
    });
    await enter(page).click();
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    await page.getByText('Loading…').first().waitFor({ state: 'attached' });
    await expect.poll(() => page.getByRole('row', { name: /Chandra/ }).count()).toBe(0);
  });

  it('shows itself when a call is refused because it is locked', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/people');
    await fixture(page, 'lockUnsaid');
    await page.getByRole('link', { name: 'Activity' }).click();
    await door(page).waitFor();
  });

  it('lets somebody else in, at the beginning', async () => {
    await using window = await open('crew', {}, locked);
    const { page } = window;
    await visit(page, '/connections');
    await page.getByRole('button', { name: 'Asha Rao Unlock' }).waitFor();
    await page.getByRole('button', { name: 'Bilal Diop Sign in' }).click();
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/');
    await page.locator('.person').filter({ hasText: 'Bilal Diop' }).click();
    await page.getByText('Bilal Diop – Analyst').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('link', { name: 'Activity' }).count()).toBe(0);
  });

  it('finds a profile among many by keyboard', async () => {
    await using window = await open('crew', {}, (scenario) => {
      scenario.people.seat = 'out';
      scenario.people.others = Array.from({ length: 300 }, (_, n) => profile(n + 2, { name: `Person ${n}` }));
      scenario.people.passphrases[uuid(8, 289)] = phrase;
    });
    const { page } = window;
    await door(page, 'Sign in to Headgate').waitFor();
    const people = page.getByRole('button', { name: /^Person/ });
    await expect.poll(() => people.count()).toBeLessThanOrEqual(40);
    await tabTo(page, 'Find your name');
    await page.keyboard.type('person 28');
    await expect.poll(() => people.count()).toBe(11);
    // It could be anybody's.
    await page.keyboard.press('Enter');
    await page.keyboard.type('7');
    await expect.poll(() => people.count()).toBe(1);
    await tabTo(page, 'Person 287');
    await page.keyboard.press('Enter');
    await page.locator('.person').filter({ hasText: 'Person 287' }).waitFor();
  });

  it('says that it is asked for outside; whoever closes that is back where they were', async () => {
    await using window = await open('typing', {}, locked);
    const { page } = window;
    await expect.poll(() => focusedName(page)).toBe('Asha Rao Unlock');
    await page.keyboard.press('Enter');
    const said = page.getByRole('status').getByText('Enter the passphrase of Asha Rao in the small window');
    await said.waitFor();
    // Another one must not be asked for meanwhile.
    await enter(page, 'Bilal Diop').click();
    await said.waitFor();
    await enter(page).focus();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await said.waitFor({ state: 'detached' });
    expect(await page.getByRole('alert').count()).toBe(0);
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
    expect(window.complaints).toEqual([]);
  });

  it('takes the focus nowhere when it is closed outside', async () => {
    await using window = await open('crew', {}, (scenario) => {
      locked(scenario);
      scenario.people.typed = ['wrong', null];
    });
    const { page } = window;
    await expect.poll(() => focusedName(page)).toBe('Asha Rao Unlock');
    await page.keyboard.press('Enter');
    await typedOutside(page, enter(page));
    await expect.poll(() => focusedName(page)).toBe('Asha Rao Unlock');
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
  });

  it('counts down after too many wrong ones, and asks again after the wait', async () => {
    await using window = await open('guessing', { stopClock: false }, locked);
    const { page } = window;
    await enter(page).click();
    await page.getByRole('alert').getByText('Too many wrong passphrases.').waitFor();
    await expect
      .poll(() => page.getByRole('timer', { name: 'Time to wait' }).textContent())
      .toMatch(/^0:0\d$/);
    await expect.poll(() => enter(page).getAttribute('aria-disabled')).toBe('true');
    expect(await enter(page, 'Bilal Diop').getAttribute('aria-disabled')).toBe(null);
    await expect.poll(() => enter(page).getAttribute('aria-disabled'), { timeout: 8000 }).toBe(null);
    await enter(page).click();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
  });

  it('is not there without a passphrase, and tells of input only with one', async () => {
    await using plain = await open('busy');
    await visit(plain.page, '/');
    await plain.page.mouse.move(200, 200);
    await plain.page.keyboard.press('Tab');
    expect(await plain.page.getByRole('button', { name: 'Lock', exact: true }).count()).toBe(0);
    await using window = await open('crew', { stopClock: false });
    const { page } = window;
    await visit(page, '/');
    await page.mouse.move(200, 200);
    for (let n = 0; n < 5; n++) await page.keyboard.press('Tab');
    await expect.poll(() => fixture(page, 'touches')).toMatchObject({ data: 1 });
    expect(await fixture(plain.page, 'touches')).toMatchObject({ data: 0 });
  });
});

describe('people', () => {
  it('says what each may do, from the data the core decides by', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/people');
    const row = page.getByRole('row', { name: /^Chandra Iyer/ });
    await expect.poll(() => row.textContent()).toContain('Project admin');
    const matrix = page.getByRole('table', { name: 'What each role may do' });
    await expect
      .poll(() =>
        matrix
          .getByRole('row', { name: /^Show, copy and move/ })
          .getByRole('cell')
          .allTextContents(),
      )
      .toEqual([expect.stringMatching(/yes$/), ...Array(3).fill(expect.stringMatching(/no$/))]);
  });

  it('leads from no passphrase to one’s own first, then adds somebody', async () => {
    await using window = await open('crew', { stopClock: false }, (scenario) => {
      alone(scenario);
      scenario.people.typed = [null];
    });
    const { page } = window;
    await visit(page, '/people');
    await page.getByRole('button', { name: 'Add person' }).click();
    const own = dialogNamed(page, 'Set your passphrase');
    await own.waitFor();
    // Typed outside this page, and closed there the first time.
    expect(await own.locator('input').count()).toBe(0);
    await own.getByRole('button', { name: 'Enter it and go on…' }).click();
    const save = own.getByRole('button', { name: 'Enter it and go on…' });
    await typedOutside(page, save);
    expect(await own.getByRole('alert').count()).toBe(0);
    await save.click();
    const add = dialogNamed(page, 'Add a person');
    await add.getByLabel('Name', { exact: true }).fill('Bilal Diop');
    await expect.poll(() => add.textContent()).toContain('never on this page');
    await add.getByRole('button', { name: 'Add person' }).click();
    await expect.poll(() => add.textContent()).toContain('Choose at least one.');
    await add.getByRole('checkbox', { name: 'Analyst' }).check();
    await add.getByRole('button', { name: 'Add person' }).click();
    await closed(page);
    const row = page.getByRole('row', { name: /^Bilal Diop/ });
    await expect.poll(() => row.textContent()).toContain('With a passphrase');
    await page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('keeps the last DBA, and says why', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/people');
    await page.getByRole('button', { name: 'More actions for Asha Rao' }).click();
    const remove = page.getByRole('menuitem', { name: /^Delete…/ });
    await expect.poll(() => remove.textContent()).toContain('Another DBA has to do it.');
    await page.getByRole('menuitem', { name: 'Edit…' }).click();
    const form = dialogNamed(page, 'Edit Asha Rao');
    await form.getByRole('checkbox', { name: 'DBA' }).uncheck();
    await expect.poll(() => form.textContent()).toContain('You take the role DBA from yourself.');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => form.getByRole('alert').textContent()).toContain('LAST_DBA');
    await expect.poll(() => form.textContent()).toContain('Nothing was changed.');
  });

  it('sets a passphrase for somebody else with one’s own, both typed outside', async () => {
    await using window = await open('crew', { stopClock: false }, (scenario) => {
      scenario.people.typed = ['not mine', phrase, null, 'one', 'two', 'three', 'four'];
    });
    const { page } = window;
    await visit(page, '/people');
    await page.getByRole('button', { name: 'More actions for Chandra Iyer' }).click();
    await page.getByRole('menuitem', { name: 'New passphrase…' }).click();
    const form = dialogNamed(page, 'New passphrase for Chandra Iyer');
    expect(await form.locator('input').count()).toBe(0);
    await expect.poll(() => form.textContent()).toContain('Your own passphrase is asked for first');
    const save = form.getByRole('button', { name: 'Enter it…' });
    // Closed at the second one: quietly back.
    await save.click();
    await typedOutside(page, save, 4);
    expect(await form.getByRole('alert').count()).toBe(0);
    await expect.poll(() => focusedName(page)).toBe('Enter it…');
    await save.click();
    await form.getByRole('alert').getByText('Too many wrong passphrases.').waitFor();
    await form.getByRole('timer').waitFor({ state: 'detached' });
    await save.click();
    await closed(page);
    await page.getByText('The new passphrase of Chandra Iyer is set').waitFor();
    await expect.poll(() => focusedName(page)).toBe('More actions for Chandra Iyer');
  });

  it('deletes after it was said what goes and what stays', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/people');
    await page.getByRole('button', { name: 'More actions for Bilal Diop' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    const asked = openDialog(page);
    await expect.poll(() => asked.textContent()).toContain('the activity log stay');
    await expect.poll(() => focusedName(page)).toBe('Cancel');
    await asked.getByRole('button', { name: 'Delete profile' }).click();
    await page.getByRole('row', { name: /^Bilal Diop/ }).waitFor({ state: 'detached' });
  });

  it('lets those who do not manage people look, and set their own passphrase', async () => {
    await using window = await open('crew', {}, (scenario) => {
      scenario.info.person.roles = ['viewer'];
    });
    const { page } = window;
    await visit(page, '/people');
    const add = page.getByRole('button', { name: 'Add person' });
    await expect.poll(() => add.getAttribute('aria-description')).toBe('Needs the role DBA.');
    await page.getByRole('button', { name: 'More actions for Asha Rao' }).click();
    await page.getByRole('menuitem', { name: 'New passphrase…' }).click();
    await dialogNamed(page, 'Change your passphrase').waitFor();
  });
});

it('knows from a refusal when the next try is looked at', () => {
  const error = { kind: 'denied', advice: '' } as const;
  const at = '2026-11-21T10:45:07.000Z';
  expect(waitOf({ ...error, code: 'TOO_MANY_TRIES', message: 'Later.', until: at })).toBe(Date.parse(at));
  expect(waitOf({ ...error, code: 'PASSPHRASE_WRONG', message: at, until: at })).toBe(null);
  // Nothing is read out of a sentence.
  expect(waitOf({ ...error, code: 'TOO_MANY_TRIES', message: `After ${at}.` })).toBe(null);
});
