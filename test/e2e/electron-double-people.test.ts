import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { askedOutside, askWindows, fillOutside, typeOutside as typeAt } from '../support/asked-outside.ts';
import { openDialog } from '../support/open-dialog.ts';
import { filesIn } from '../support/parts.ts';
import { copyRenderer } from '../support/renderer-fixture/build.ts';

/*
 * Who sits here, through the real window over the real core: a passphrase, the lock, a second person, a secret that is
 * shown and copied past the page, and the log of it all.
 */

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: unknown) => Promise<Envelope<unknown>>>;
};
interface Recorded {
  readonly what: string;
  readonly details: Record<string, unknown>;
}
interface Double {
  readonly __double: {
    readonly recorder: { readonly entries: Recorded[]; clear(): void };
    readonly answers: { readonly savePaths: string[]; readonly messageBoxes: { response: number }[] };
  };
}

const problem = await whyNot();
const secret = 'canary-people-77c1';
const phrase = 'mill pond heron gate';
const hers = 'heron over the weir';

describe.skipIf(problem !== undefined)(
  `who sits at the desktop app in the Electron double${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    let real: ConsoleBuild;
    let app: ElectronApplication;
    let page: Page;
    const data = temporaryFolder('people');
    beforeAll(async () => {
      real = await buildConsole();
      await copyRenderer(join(real.path, 'dist/renderer'));
      app = await launch(real.path, {
        env: {
          HEADGATE_DATA: join(data.path, 'workspace'),
          HEADGATE_DOUBLE_KEYCHAIN: join(data.path, 'keys'),
        },
      });
      page = await firstPage(app, /^https:\/\/console\.app\.invalid\//);
      await page.setViewportSize({ width: 1280, height: 820 });
      const made = await page.evaluate(
        (password) =>
          headgate.calls['connections.create']?.(
            { name: 'Warehouse', host: 'db.example.org', database: 'd', user: 'etl', password },
            'make',
          ),
        secret,
      );
      expect(made).toMatchObject({ ok: true });
    });
    afterAll(async () => {
      await app?.close();
      real?.remove();
      data.remove();
    });

    const typeOutside = (typed: string, title: string | RegExp, problem?: string): Promise<void> =>
      typeAt(app, title, typed, problem);
    const go = async (name: string): Promise<void> => {
      await page.getByRole('link', { name, exact: true }).first().click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
    };
    const recorded = (): Promise<string[]> =>
      app.evaluate((electron) =>
        (electron as unknown as Double).__double.recorder.entries.map(({ what }) => what),
      );
    const closed = () => openDialog(page).waitFor({ state: 'detached' });
    const locked = () => page.getByRole('heading', { name: 'Headgate is locked' }).waitFor();
    /** Somebody's way in at the door, as the page has it. */
    const door = (name: string | RegExp) => page.getByRole('button', { name });
    /** Until it is asked: for a while after something was closed it is not. */
    const knock = (): Promise<void> =>
      expect
        .poll(async () => {
          const own = door(/ Unlock$/);
          if (askWindows(app).length === 0 && (await own.getAttribute('aria-busy')) === null)
            await own.click();
          return askWindows(app).length;
        })
        .toBe(1);

    test('sets a passphrase for the first profile, and adds a second person', async () => {
      await page.locator('.person').click();
      await page.getByRole('menuitem', { name: 'People' }).click();
      await page.getByRole('button', { name: 'Add person' }).click();
      const own = page.getByRole('dialog', { name: 'Set your passphrase' });
      expect(await own.locator('input').count()).toBe(0);
      await own.getByRole('button', { name: 'Enter it and go on…' }).click();
      await typeOutside(phrase, 'Set the passphrase of this profile?');
      const add = page.getByRole('dialog', { name: 'Add a person' });
      await add.getByLabel('Name', { exact: true }).fill('Ada');
      await add.getByRole('checkbox', { name: 'Analyst' }).check();
      await add.getByRole('button', { name: 'Add person' }).click();
      await typeOutside(hers, 'Add a person?');
      await closed();
      await expect.poll(() => page.getByRole('row', { name: /^Ada/ }).textContent()).toContain('Analyst');
    });

    test('locks, with nothing behind the lock, and opens again', async () => {
      await go('Connections');
      await page.getByText('Warehouse').first().waitFor();
      await page.getByRole('button', { name: 'Lock', exact: true }).click();
      await locked();
      expect(await page.content()).not.toContain('Warehouse');
      // Nothing is typed there; what can be chosen is the language.
      expect(await page.locator('input:not([type=radio])').count()).toBe(0);
      // Who was here last has the focus.
      await page.keyboard.press('Enter');
      await typeOutside('not this one', 'Unlock Headgate');
      await typeOutside(phrase, 'Unlock Headgate', 'This is not the passphrase of this profile.');
      await page.getByText('Warehouse').first().waitFor();
      // With the computer, too.
      await app.evaluate(({ powerMonitor }) => {
        (powerMonitor as NodeJS.EventEmitter).emit('lock-screen');
      });
      await locked();
      await door('Ada').click();
      await typeOutside(hers, 'Sign in to Headgate');
      await page.getByRole('button', { name: /^Ada/ }).waitFor();
      await expect.poll(() => page.getByRole('link', { name: 'Activity', exact: true }).count()).toBe(0);
      await page.getByRole('button', { name: 'Lock', exact: true }).click();
      await locked();
      await door(/ Sign in$/).click();
      await typeOutside(phrase, 'Sign in to Headgate');
      await page.getByRole('link', { name: 'Activity', exact: true }).waitFor();
    });

    test('takes the question away with the lock, and is quietly back at the door when it is closed', async () => {
      await page.getByRole('link', { name: 'Settings', exact: true }).click();
      await page.getByRole('button', { name: 'New passphrase…' }).click();
      await page
        .getByRole('dialog', { name: 'Change your passphrase' })
        .getByRole('button', { name: 'Enter it…' })
        .click();
      await askedOutside(app, 'A passphrase is to be changed');
      await app.evaluate(({ powerMonitor }) => {
        (powerMonitor as NodeJS.EventEmitter).emit('lock-screen');
      });
      await expect.poll(() => askWindows(app).length).toBe(0);
      await locked();
      const own = door(/ Unlock$/);
      // Nothing is asked for a moment after something was closed, and the page says so.
      await own.click();
      await page.getByRole('alert').getByText('NOT_ASKED').waitFor();
      await knock();
      const window = await askedOutside(app, 'Unlock Headgate');
      await page.getByRole('status').getByText('in the small window that is open now').waitFor();
      await window.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('in the small window that is open now').waitFor({ state: 'detached' });
      expect(await page.getByRole('alert').count()).toBe(0);
      await expect.poll(() => own.evaluate((button) => button === document.activeElement)).toBe(true);
    });

    test('counts wrong ones as ever: after too many the door waits, and takes the right one then', async () => {
      const own = door(/ Unlock$/);
      await knock();
      // Each wait is twice the one before: at some time somebody types faster.
      const refused = page.getByRole('alert').getByText('Too many wrong passphrases.');
      await expect
        .poll(async () => {
          const [window] = askWindows(app);
          const typed = window && fillOutside(window, 'wrong').then(() => window.keyboard.press('Enter'));
          // It may go while something is typed.
          await typed?.catch(() => {});
          return refused.count();
        })
        .toBe(1);
      expect(askWindows(app)).toEqual([]);
      await expect.poll(() => own.getAttribute('aria-disabled'), { timeout: 40_000 }).toBe(null);
      await own.click();
      await typeOutside(phrase, 'Unlock Headgate');
      await page.getByRole('link', { name: 'Activity', exact: true }).waitFor();
    });

    test('shows a secret in a box of the system, and hides it; the page never has it', async () => {
      await go('Connections');
      await page.getByRole('link', { name: 'Warehouse' }).first().click();
      await app.evaluate((electron) => (electron as unknown as Double).__double.recorder.clear());
      await page.getByRole('button', { name: 'Show or copy the secrets of Warehouse' }).click();
      const panel = page.getByRole('dialog', { name: 'Secrets of Warehouse' });
      await panel.getByLabel('Reason').fill('Ticket 4711');
      await panel.getByRole('button', { name: 'Show', exact: true }).click();
      await typeOutside(phrase, 'A stored secret is asked for');
      await expect.poll(recorded, { timeout: 8000 }).toContain('dialog.showMessageBox');
      const box = await app.evaluate(
        (electron) =>
          (electron as unknown as Double).__double.recorder.entries.find(
            ({ what }) => what === 'dialog.showMessageBox',
          )?.details['detail'],
      );
      expect(box).toBe(secret);
      expect(await page.content()).not.toContain(secret);
      await panel.getByRole('button', { name: 'Hide it now' }).click();
      await expect.poll(recorded).toContain('dialog.closed');

      await panel.getByRole('button', { name: 'Copy', exact: true }).click();
      await typeOutside(phrase, 'A stored secret is asked for');
      await panel.getByText('It is in the clipboard.').waitFor();
      expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe(secret);
      expect(await page.content()).not.toContain(secret);
      await page.keyboard.press('Escape');
      await closed();
    });

    test('has it all in the log, which is unbroken and can be saved', async () => {
      await go('Activity');
      const shown = page.getByRole('row', { name: /Looked at a secret/ });
      await expect.poll(() => shown.textContent()).toContain('Warehouse · Password · “Ticket 4711”');
      await page.getByRole('row', { name: /Copied a secret/ }).waitFor();
      await page.getByLabel('Who', { exact: true }).fill('ada');
      await expect.poll(() => page.getByRole('row', { name: /Added a person/ }).count()).toBe(0);
      await page.getByRole('row', { name: /Ada.*Signed in to Headgate/ }).waitFor();
      await page.getByRole('button', { name: 'Verify', exact: true }).click();
      await page.getByText(/\d+ entries, unbroken/).waitFor();
      const path = join(data.path, 'log.csv');
      await app.evaluate((electron, to) => {
        (electron as unknown as Double).__double.answers.savePaths.push(to);
      }, path);
      await page.getByRole('button', { name: 'Export…' }).click();
      await page.getByRole('button', { name: 'Save…' }).click();
      await closed();
      const text = readFileSync(path, 'utf8');
      expect(text).toContain('secrets.reveal');
      for (const typed of [secret, phrase, hers]) expect(text).not.toContain(typed);
    });

    test('leaves no secret and no passphrase in its files', () => {
      const files = filesIn(join(data.path, 'workspace'));
      expect(files.length).toBeGreaterThan(2);
      for (const { path, bytes } of files) {
        for (const typed of [secret, phrase, hers]) expect(bytes.includes(typed), path).toBe(false);
      }
    });
  },
);
