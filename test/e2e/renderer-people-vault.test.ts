import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName } from '../support/renderer-fixture/checks.ts';
import { phrase } from '../support/renderer-fixture/people-scenarios.ts';
import { slotOf, uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { typedOutside } from '../support/renderer-fixture/typed-outside.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** How secrets are kept, what the workspace allows, and how one is shown past the page. */

const open = sharedStage();

const connection = `/connections/${uuid(1, 1)}`;
const dialogNamed = (page: Page, name: string) => page.getByRole('dialog', { name });
const closed = (page: Page) => openDialog(page).waitFor({ state: 'detached' });

describe('the vault', () => {
  it('is opened with the passphrase that sealed it', async () => {
    await using window = await open('crew', { stopClock: false }, (scenario) => {
      Object.assign(scenario.info.vault, {
        state: 'locked',
        sealedBy: 'passphrase',
        explanation: 'This vault was sealed by a passphrase on 2026-11-20; it was not entered yet.',
      });
      scenario.people.slots = [slotOf('passphrase', uuid(90, 1), '2026-09-02T08:11:00.000Z')];
      scenario.people.typed = [null, 'too many', 'something else'];
    });
    const { page } = window;
    await visit(page, '/settings?show=vault');
    const card = page.getByRole('region', { name: 'Vault', exact: true });
    await expect.poll(() => card.textContent()).toContain('sealed by a passphrase on 2026-11-20');
    await expect.poll(() => card.textContent()).toContain('never on this page');
    expect(await card.locator('input[type=password], input[type=text]').count()).toBe(0);
    const unlock = card.getByRole('button', { name: 'Unlock' });
    // Closed where it was asked for: quietly back.
    await unlock.click();
    await typedOutside(page, unlock, 2);
    await expect.poll(() => focusedName(page)).toBe('Unlock');
    expect(await card.getByRole('alert').count()).toBe(0);
    await unlock.click();
    await card.getByRole('alert').getByText('Too many wrong passphrases.').waitFor();
    await expect.poll(() => unlock.getAttribute('aria-disabled'), { timeout: 8000 }).toBe(null);
    await unlock.click();
    await expect.poll(() => card.textContent()).toContain('Protected by a passphrase');
    await expect
      .poll(() => card.textContent())
      .toContain('this computer also offers the keyring of the system');
  });

  it('tries the keychain again, and says what to do when it stays locked', async () => {
    await using window = await open('crew', {}, (scenario) => {
      Object.assign(scenario.info.vault, {
        state: 'locked',
        explanation: 'The keyring “login” stays locked.',
      });
    });
    const { page } = window;
    await visit(page, '/settings');
    const card = page.getByRole('region', { name: 'Vault', exact: true });
    await card.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => card.getByRole('alert').textContent()).toContain('VAULT_LOCKED');
    const rotate = card.getByRole('button', { name: 'Rotate key' });
    await expect.poll(() => rotate.getAttribute('aria-description')).toBe('The vault is locked.');
  });

  it('moves to a passphrase, and back', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/settings');
    const card = page.getByRole('region', { name: 'Vault', exact: true });
    await card.getByRole('button', { name: 'Change protection…' }).click();
    const form = dialogNamed(page, 'Change how the vault is protected');
    await form.getByRole('radio', { name: 'This computer’s keychain' }).check();
    const change = form.getByRole('button', { name: 'Change protection' });
    await expect.poll(() => change.getAttribute('aria-description')).toBe('It is protected so already.');
    await form.getByRole('radio', { name: 'A passphrase' }).check();
    await expect.poll(() => form.textContent()).toContain('never on this page');
    await change.click();
    await closed(page);
    await expect.poll(() => card.textContent()).toContain('Protected by a passphrase');
    await card.getByRole('button', { name: 'Change protection…' }).click();
    await expect
      .poll(() => form.getByRole('radio', { name: 'This computer’s keychain' }).isChecked())
      .toBe(true);
    await change.click();
    await closed(page);
    await expect.poll(() => card.textContent()).toContain('Protected by the system keychain');
  });

  it('opens with the recovery key where the passphrase is forgotten', async () => {
    await using window = await open('crew', {}, (scenario) => {
      Object.assign(scenario.info.vault, { state: 'locked', sealedBy: 'passphrase' });
      scenario.people.slots = [
        slotOf('passphrase', uuid(90, 1), '2026-09-02T08:11:00.000Z'),
        slotOf('recovery', uuid(90, 2), '2026-09-02T08:11:00.000Z'),
      ];
    });
    const { page } = window;
    await visit(page, '/settings?show=vault');
    const card = page.getByRole('region', { name: 'Vault', exact: true });
    await card.getByRole('radio', { name: 'The recovery key' }).check();
    await expect.poll(() => card.textContent()).toContain('Have the paper ready.');
    await card.getByRole('button', { name: 'Unlock' }).click();
    await expect.poll(() => card.textContent()).toContain('Opened with the recovery key');
  });

  it('lists what opens it, gets one more, and never loses the last', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/settings?show=vault');
    const part = page.getByRole('region', { name: 'What opens this vault' });
    const items = part.getByRole('listitem');
    await expect.poll(() => items.count()).toBe(1);
    await part.getByRole('button', { name: 'Remove: GNOME Keyring' }).click();
    const asked = page.getByRole('alertdialog', { name: 'Remove this way to open the vault?' });
    await asked.getByRole('button', { name: 'Remove it' }).click();
    await expect.poll(() => asked.getByRole('alert').textContent()).toContain('LAST_SLOT');
    await page.keyboard.press('Escape');
    await closed(page);
    await part.getByRole('button', { name: 'Add another…' }).click();
    const form = dialogNamed(page, 'Add a way to open the vault');
    await expect.poll(() => form.textContent()).toContain('It is shown once, outside this page.');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await closed(page);
    await expect.poll(() => items.count()).toBe(2);
    await expect.poll(() => items.last().textContent()).toContain('Never seen to open.');
    // What a rotation would drop is said before it.
    await page.getByRole('button', { name: 'Rotate key' }).click();
    const rotate = page.getByRole('alertdialog', { name: 'Rotate the vault key?' });
    await expect.poll(() => rotate.textContent()).toContain('The recovery key');
    await rotate.getByRole('button', { name: 'Rotate, and drop these' }).waitFor();
  });

  it('shows the public key when it is asked for', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/settings');
    await page.getByRole('button', { name: 'Show the public key' }).click();
    const part = page.getByRole('region', { name: 'Let others seal to you' });
    await expect.poll(() => part.textContent()).toContain('age1');
    await expect.poll(() => part.textContent()).toContain('3f9a 10c2 77de 4b01 98aa c5f0');
  });

  it('is wiped only with the word and the passphrase', async () => {
    await using window = await open('crew', {}, (scenario) => {
      scenario.people.typed = ['not mine', null];
    });
    const { page } = window;
    await visit(page, '/settings');
    await page.getByRole('button', { name: 'More actions for Vault' }).click();
    await page.getByRole('menuitem', { name: 'Wipe the vault…' }).click();
    const asked = page.getByRole('alertdialog', { name: 'Wipe the vault?' });
    await expect.poll(() => asked.textContent()).toContain('The passwords, keys and tokens of 9 records.');
    const wipe = asked.getByRole('button', { name: 'Wipe the vault' });
    await wipe.click();
    await expect.poll(() => asked.textContent()).toContain('Type WIPE in capitals.');
    await asked.getByLabel('Type WIPE to confirm').fill('wipe');
    await wipe.click();
    await expect.poll(() => asked.textContent()).toContain('Type WIPE in capitals.');
    await asked.getByLabel('Type WIPE to confirm').fill('WIPE');
    await wipe.click();
    await typedOutside(page, wipe);
    await wipe.click();
    await closed(page);
    await expect
      .poll(() => page.getByRole('region', { name: 'Vault', exact: true }).textContent())
      .toContain('none yet');
  });
});

describe('the policy', () => {
  const card = (page: Page) => page.getByRole('region', { name: 'Policy' });

  it('is changed where the computer does not decide it', async () => {
    await using window = await open('crew', {}, (scenario) => {
      scenario.people.policy = { ...scenario.people.policy, reveal: 'forbid', fixed: ['reveal'] };
    });
    const { page } = window;
    await visit(page, '/settings?show=policy');
    await expect.poll(() => card(page).textContent()).toContain('Decided by this computer’s policy file');
    await card(page).getByRole('button', { name: 'Change…' }).click();
    await expect
      .poll(() =>
        card(page)
          .getByRole('radio', { name: /^Left out/ })
          .count(),
      )
      .toBe(1);
    expect(
      await card(page)
        .getByRole('radio', { name: /^(Allowed|Forbidden)/ })
        .count(),
    ).toBe(0);
    await card(page).getByLabel('Lock after minutes without input').fill('0');
    await card(page).getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => card(page).textContent()).toContain('Enter a whole number from 1 to 480.');
    await card(page).getByLabel('Lock after minutes without input').fill('30');
    await card(page).getByLabel('Check connections in use every … minutes').fill('0');
    await card(page).getByLabel('Queries in SQL that somebody may ask in an hour').fill('250');
    await card(page)
      .getByRole('radio', { name: /^Left out/ })
      .check();
    await card(page).getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => card(page).textContent()).toContain('30 minutes');
    await expect.poll(() => card(page).textContent()).toContain('Not by itself');
    expect(await card(page).textContent()).toMatch(/250 queries.*Left out/s);
  });

  it('is only shown to those who do not manage it', async () => {
    await using window = await open('crew', {}, (scenario) => {
      scenario.info.person.roles = ['analyst'];
    });
    const { page } = window;
    await visit(page, '/settings');
    const edit = card(page).getByRole('button', { name: 'Change…' });
    await expect.poll(() => edit.getAttribute('aria-description')).toBe('Needs the role DBA.');
  });
});

describe('a stored secret', () => {
  const panel = (page: Page) => dialogNamed(page, 'Secrets of Warehouse');
  const ask = async (page: Page): Promise<void> => {
    await visit(page, connection);
    await page.getByRole('button', { name: 'Show or copy the secrets of Warehouse' }).click();
    await panel(page).waitFor();
  };

  it('is shown past the page with a reason and the passphrase, which is asked for each time', async () => {
    await using window = await open('crew', { stopClock: false }, (scenario) => {
      scenario.people.revealMs = 900;
      scenario.people.typed = ['not mine', null, 'not mine', phrase, 'one', 'two', 'three', 'four'];
    });
    const { page } = window;
    await ask(page);
    await panel(page).getByRole('button', { name: 'Show', exact: true }).click();
    await expect.poll(() => panel(page).textContent()).toContain('Say in at least 5 characters');
    await expect.poll(() => focusedName(page)).toBe('Reason');
    await page.keyboard.type('Ticket 4711');
    await page.keyboard.press('Enter');
    // Closed outside the page: nothing is shown, and nothing is wrong.
    await typedOutside(page, panel(page).getByRole('button', { name: 'Show', exact: true }), 6);
    expect(await panel(page).getByRole('alert').count()).toBe(0);
    // Typed anew there, and right this time.
    await page.keyboard.press('Enter');
    await expect.poll(() => panel(page).textContent()).toContain('it is on the screen for 20 seconds');
    expect(await panel(page).locator('input[type=password]').count()).toBe(0);
    await expect.poll(() => panel(page).textContent()).toContain('It was shown and is off the screen again.');
    // Asked for anew each time: an open desk must not be enough for the second one.
    await panel(page).getByRole('button', { name: 'Show', exact: true }).click();
    await expect.poll(() => panel(page).textContent()).toContain('Too many wrong passphrases.');
    expect(window.complaints).toEqual([]);
  });

  it('goes off the screen when it is hidden early', async () => {
    await using window = await open('crew', { stopClock: false }, (scenario) => {
      // Longer than this test waits: only the button ends it.
      scenario.people.revealMs = 600_000;
    });
    const { page } = window;
    await ask(page);
    await panel(page).getByLabel('Reason').fill('Ticket 4711');
    await panel(page).getByRole('button', { name: 'Show', exact: true }).click();
    await panel(page).getByRole('button', { name: 'Hide it now' }).click();
    await panel(page).getByRole('button', { name: 'Show', exact: true }).waitFor();
    await expect.poll(() => panel(page).getByRole('timer').count()).toBe(0);
    await expect.poll(() => panel(page).getByRole('alert').count()).toBe(0);
  });

  it('is copied, and the page says until when', async () => {
    await using window = await open('crew', { stopClock: false });
    const { page } = window;
    await ask(page);
    await panel(page).getByRole('radio', { name: 'User' }).check();
    await panel(page).getByLabel('Reason').fill('Ticket 4711');
    await panel(page).getByRole('button', { name: 'Copy', exact: true }).click();
    await expect.poll(() => panel(page).textContent()).toMatch(/It is in the clipboard.*0:(30|29)/);
    await panel(page).getByRole('button', { name: 'Close', exact: true }).last().click();
    await closed(page);
    await page.getByText('taken out of the clipboard within half a minute').waitFor();
  });

  it('is nobody’s to see where the policy forbids it, or without the role, and needs a passphrase', async () => {
    await using forbidden = await open('crew', {}, (scenario) => {
      scenario.people.policy.reveal = 'forbid';
    });
    const button = (page: Page) =>
      page.getByRole('button', { name: 'Show or copy the secrets of Warehouse' });
    await visit(forbidden.page, connection);
    await expect
      .poll(() => button(forbidden.page).getAttribute('aria-description'))
      .toBe('The policy of this workspace forbids to show or copy stored secrets.');
    await using without = await open('busy');
    await ask(without.page);
    await expect
      .poll(() => panel(without.page).textContent())
      .toContain('Your profile has no passphrase yet.');
    const show = panel(without.page).getByRole('button', { name: 'Show', exact: true });
    await expect.poll(() => show.getAttribute('aria-disabled')).toBe('true');
    await panel(without.page)
      .getByRole('link', { name: /Settings › You/ })
      .click();
    await without.page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    await closed(without.page);
  });
});

describe('diagnostics', () => {
  it('are saved by who may read the log, and say where', async () => {
    await using window = await open('crew');
    const { page } = window;
    await visit(page, '/settings');
    const about = page.getByRole('region', { name: 'About', exact: true });
    await expect.poll(() => about.textContent()).toContain('passwords and tokens are not');
    await about.getByRole('button', { name: 'Save diagnostics…' }).click();
    await page.getByText('Saved to /home/asha/Downloads/headgate-diagnostics.json').waitFor();
  });
});
