import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { askedOutside, askWindows, fillOutside, goOnOutside, typeOutside } from '../support/asked-outside.ts';
import { filesIn } from '../support/parts.ts';
import { violations } from '../support/renderer-fixture/checks.ts';

interface Bridge {
  readonly calls: Record<string, (input: unknown, callId: unknown) => Promise<Envelope<unknown>>>;
  cancel(callId: string): void;
}
declare const headgate: Bridge;

const problem = await whyNot();
const phrase = 'asked canary battery staple';
const shots = process.env['HEADGATE_SHOTS'];

describe.skipIf(problem !== undefined)(
  `the window that asks for a passphrase, in the Electron double${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    const data = temporaryFolder('ask');
    let real: ConsoleBuild;
    let app: ElectronApplication;
    let page: Page;
    let id = '';
    let me = '';
    beforeAll(async () => {
      real = await buildConsole();
      app = await launch(real.path, {
        env: {
          HEADGATE_DATA: join(data.path, 'workspace'),
          HEADGATE_KEY_FILE: join(data.path, 'key'),
          HEADGATE_DOUBLE_AGREES: '1',
        },
      });
      page = await firstPage(app, /^https:\/\/console\.app\.invalid\/$/);
      const session = (await call('session.state')) as { data: { person: { id: string } } };
      me = session.data.person.id;
      const connection = { name: 'One', host: 'h', database: 'd', user: 'u', password: 'p' };
      ({ id } = ((await call('connections.create', connection)) as { data: { id: string } }).data);
    });
    afterAll(async () => {
      await app?.close();
      real?.remove();
      data.remove();
    });
    const call = (
      name: string,
      input: object = {},
      callId = `${Math.random()}`,
    ): Promise<Envelope<unknown>> =>
      page.evaluate(
        ([name, input, callId]) => headgate.calls[name]?.(input, callId) as Promise<Envelope<unknown>>,
        [name, input, callId] as const,
      );
    const copy = (callId?: string): Promise<Envelope<unknown>> =>
      call('secrets.copy', { connectionId: id, field: 'password', reason: 'because' }, callId);
    const windows = (): Page[] => askWindows(app);
    const asking = (problem?: string): Promise<Page> =>
      askedOutside(app, 'A stored secret is asked for', problem);
    /** The window may be gone before the key is up again. */
    const press = (window: Page, key: string): Promise<void> => window.keyboard.press(key).catch(() => {});
    const gone = (): Promise<void> => expect.poll(() => windows().length).toBe(0);

    test('has the first passphrase of a profile typed there, whatever the page sends', async () => {
      const set = call('people.setPassphrase', { id: me, next: 'of the page 1234' });
      await typeOutside(app, 'Set the passphrase of this profile?', phrase);
      expect(await set).toMatchObject({ ok: true });
      await gone();
    });

    test('says what was wrong and asks again, takes the right one, and goes', async () => {
      const asked = copy();
      const window = await asking();
      await expect.poll(() => window.getByText('The password of “One”').count()).toBe(1);
      await window.getByLabel('Your passphrase').fill('not mine at all');
      await press(window, 'Enter');
      const again = await asking('This is not the passphrase of this profile.');
      expect(await again.getByLabel('Your passphrase').inputValue()).toBe('');
      await again.getByLabel('Your passphrase').fill(phrase);
      await goOnOutside(again);
      expect(await asked).toMatchObject({ ok: true });
      await gone();
      expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe('p');
    });

    test('is one at a time, and takes nothing that a page sends', async () => {
      const first = copy();
      await asking();
      expect(await copy()).toMatchObject({ error: { code: 'NOT_ASKED' } });
      const said = { connectionId: id, field: 'password', reason: 'because', passphrase: phrase };
      expect(await call('secrets.copy', said)).toMatchObject({ error: { code: 'NOT_ASKED' } });
      // The page has no channel of the window, and can't open it or lead itself there.
      expect(await page.evaluate(() => Object.keys(headgate).sort())).toEqual(['calls', 'cancel', 'on']);
      await page.evaluate(() => void open('app://ask/'));
      expect(
        await page.evaluate(() =>
          fetch('https://ask.app.invalid/').then(
            () => 'answered',
            () => 'no',
          ),
        ),
      ).toBe('no');
      expect(windows()).toHaveLength(1);
      const [window] = windows();
      expect(await window?.evaluate(() => 'headgate' in globalThis)).toBe(false);
      expect(await window?.title()).toBe('A stored secret is asked for – Headgate');
      await window?.getByLabel('Your passphrase').fill(phrase);
      if (window) await press(window, 'Enter');
      expect(await first).toMatchObject({ ok: true });
      await gone();
    });

    test('has a new one typed twice, long enough and the same, and shows what is typed if wanted', async () => {
      const set = call('people.setPassphrase', { id: me });
      await typeOutside(app, 'A passphrase is to be changed', phrase);
      const window = await askedOutside(app, 'A new passphrase for this profile');
      const next = window.getByLabel('New passphrase');
      const again = window.getByLabel('The same again');
      for (const [first, second, said, wrong] of [
        ['', '', 'Enter it here.', next],
        ['too short', 'too short', 'Use at least 10 characters.', next],
        [phrase, `${phrase}s`, 'The two are not the same.', again],
      ] as const) {
        await fillOutside(window, first, second);
        await press(window, 'Enter');
        await window.getByRole('alert').getByText(said).waitFor();
        expect(await wrong.getAttribute('aria-invalid')).toBe('true');
        expect(await wrong.evaluate((field) => field === document.activeElement)).toBe(true);
        expect(await window.getByRole('alert').count()).toBe(1);
      }
      await window.getByLabel('Show what I type').check();
      for (const field of [next, again]) expect(await field.getAttribute('type')).toBe('text');
      await window.getByLabel('Show what I type').uncheck();
      for (const field of [next, again]) expect(await field.getAttribute('type')).toBe('password');
      await fillOutside(window, phrase);
      await press(window, 'Enter');
      expect(await set).toMatchObject({ ok: true });
      await gone();
    });

    const longName = 'सामुदायिक स्वास्थ्य कार्यकर्ता, entrepôt régional de Ouagadougou '.repeat(3).trim();
    const add = (name: string) =>
      call('people.create', { name, roles: ['dba', 'project_admin'], passphrase: 'of the page 1234' });
    interface Form {
      readonly title: string;
      readonly begin: () => Promise<Envelope<unknown>>;
      /** What is done before it looks as it is looked at. */
      readonly prepare?: () => Promise<unknown>;
      /** What is typed in the end; null: it is closed. */
      readonly end: string | null;
    }
    const secretAsked = 'A stored secret is asked for';
    const vaultAsked = 'Open the vault of this workspace';
    const forms: Readonly<Record<string, Form>> = {
      known: { title: secretAsked, begin: copy, end: phrase },
      'known-wrong': {
        ...{ title: secretAsked, begin: copy, end: phrase },
        async prepare() {
          await typeOutside(app, secretAsked, 'not mine');
          await asking('This is not the passphrase of this profile.');
        },
      },
      new: { title: 'Add a person?', begin: () => add(longName), end: phrase },
      'new-wrong': {
        ...{ title: 'Add a person?', begin: () => add('Ada'), end: phrase },
        async prepare() {
          const window = await askedOutside(app, 'Add a person?');
          await fillOutside(window, phrase, 'another one');
          await press(window, 'Enter');
          await window.getByRole('alert').getByText('The two are not the same.').waitFor();
        },
      },
      vault: { title: vaultAsked, begin: () => call('vault.unlock', { by: 'passphrase' }), end: phrase },
      'key-wrong': {
        ...{ title: vaultAsked, begin: () => call('vault.unlock', { by: 'recovery' }), end: null },
        async prepare() {
          await typeOutside(app, vaultAsked, '11111-'.repeat(13));
          const window = await askedOutside(app, vaultAsked, /look at group 1 again/);
          // To be corrected, and read beside the paper.
          expect(await window.getByLabel('Recovery key').inputValue()).toBe('11111-'.repeat(13));
        },
      },
    };

    test.each(Object.keys(forms).filter((name) => shots !== undefined || /wrong/.test(name)))(
      'looks as it should in light and dark, enlarged, with long names: %s',
      async (name) => {
        const { title, begin, prepare, end } = forms[name] as Form;
        await call('connections.update', { id, name: longName });
        const answer = begin();
        await prepare?.();
        const window = await askedOutside(app, title);
        for (const colorScheme of ['light', 'dark'] as const)
          for (const zoom of [1, 2]) {
            await window.emulateMedia({ colorScheme });
            await window.evaluate((zoom) => {
              document.documentElement.style.setProperty('zoom', String(zoom));
            }, zoom);
            if (zoom === 1) expect(await violations(window, colorScheme)).toEqual([]);
            expect(await window.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(
              true,
            );
            // It is as high as what is in it, so that its buttons are seen.
            const isWhole = () => window.evaluate(() => document.documentElement.scrollHeight <= innerHeight);
            if (zoom === 1) await expect.poll(isWhole).toBe(true);
            if (shots === undefined) continue;
            mkdirSync(shots, { recursive: true });
            await window.screenshot({ path: join(shots, `ask-${name}-${colorScheme}-${zoom}.png`) });
          }
        if (end === null) await press(window, 'Escape');
        else await typeOutside(app, title, end);
        expect(await answer).toMatchObject(end === null ? { error: { code: 'CANCELLED' } } : { ok: true });
        await gone();
      },
    );

    /** Asks until it is asked: after a no nothing is for a while. */
    const insisting = async (begin: () => Promise<Envelope<unknown>>): Promise<Envelope<unknown>> => {
      for (;;) {
        const answer = await begin();
        if (answer.ok || answer.error.code !== 'NOT_ASKED') return answer;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };

    test('is closed by the person, and with the call; nothing typed in it counts then', async () => {
      const closed = insisting(copy);
      const window = await asking();
      await window.getByLabel('Your passphrase').fill(phrase);
      await press(window, 'Escape');
      expect(await closed).toMatchObject({ error: { code: 'CANCELLED' } });
      await gone();
      // Who closed it is left alone for a while, whatever the page does.
      expect(await copy()).toMatchObject({ error: { code: 'NOT_ASKED' } });
      expect(windows()).toEqual([]);
      const empty = insisting(() => copy('given up'));
      // Nothing is sent as long as nothing is typed.
      await goOnOutside(await asking());
      expect(windows()).toHaveLength(1);
      await page.evaluate(() => headgate.cancel('given up'));
      expect(await empty).toMatchObject({ error: { code: 'CANCELLED' } });
      await gone();
    });

    test('leaves no passphrase in any file', async () => {
      for (const { path, bytes } of filesIn(join(data.path, 'workspace')))
        expect(bytes.includes(phrase), path).toBe(false);
      expect(await page.content()).not.toContain(phrase);
    });
  },
);
