import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
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
      await call('people.setPassphrase', { id: session.data.person.id, next: phrase });
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
    const windows = (): Page[] => app.windows().filter((each) => each.url() === 'https://ask.app.invalid/');
    const asking = async (): Promise<Page> => {
      await expect.poll(() => windows().length).toBe(1);
      const [window] = windows() as [Page];
      await window.getByRole('heading', { name: 'A stored secret is asked for' }).waitFor();
      return window;
    };
    /** The window may be gone before the key is up again. */
    const press = (window: Page, key: string): Promise<void> => window.keyboard.press(key).catch(() => {});
    const gone = (): Promise<void> => expect.poll(() => windows().length).toBe(0);

    test('takes the right one, says no to a wrong one, and goes each time', async () => {
      const wrong = copy();
      const window = await asking();
      await expect.poll(() => window.getByText('The password of “One”').count()).toBe(1);
      await window.getByLabel('Your passphrase').fill('not mine at all');
      await press(window, 'Enter');
      expect(await wrong).toMatchObject({ error: { code: 'PASSPHRASE_WRONG' } });
      await gone();
      const right = copy();
      await (await asking()).getByLabel('Your passphrase').fill(phrase);
      await (await asking()).getByRole('button', { name: 'Go on' }).click();
      expect(await right).toMatchObject({ ok: true });
      await gone();
      expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe('p');
    });

    test('is one at a time, and takes nothing that a page sends', async () => {
      const first = copy();
      await asking();
      expect(await copy()).toMatchObject({ error: { code: 'CANCELLED' } });
      const said = { connectionId: id, field: 'password', reason: 'because', passphrase: phrase };
      expect(await call('secrets.copy', said)).toMatchObject({ error: { code: 'CANCELLED' } });
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

    test('looks as it should: readable in light and dark, enlarged, with long names', async () => {
      await call('connections.update', {
        id,
        name: 'सामुदायिक स्वास्थ्य कार्यकर्ता, entrepôt régional '.repeat(3).trim(),
      });
      const asked = copy();
      const window = await asking();
      for (const colorScheme of ['light', 'dark'] as const)
        for (const zoom of [1, 2]) {
          await window.emulateMedia({ colorScheme });
          await window.evaluate((zoom) => {
            document.documentElement.style.setProperty('zoom', String(zoom));
          }, zoom);
          expect(await violations(window, colorScheme)).toEqual([]);
          expect(await window.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
          if (shots === undefined) continue;
          mkdirSync(shots, { recursive: true });
          await window.screenshot({ path: join(shots, `ask-${colorScheme}-${zoom}.png`) });
        }
      await window.getByLabel('Your passphrase').fill(phrase);
      await press(window, 'Enter');
      expect(await asked).toMatchObject({ ok: true });
      await gone();
    });

    test('is closed by the person, and with the call; nothing typed in it counts then', async () => {
      const closed = copy();
      const window = await asking();
      await window.getByLabel('Your passphrase').fill(phrase);
      await press(window, 'Escape');
      expect(await closed).toMatchObject({ error: { code: 'CANCELLED' } });
      await gone();
      // Who closed it is left alone for a while, whatever the page does.
      expect(await copy()).toMatchObject({ error: { code: 'CANCELLED' } });
      expect(windows()).toEqual([]);
      let empty = copy('given up');
      const isAsked = async (): Promise<boolean> => {
        const answered = await Promise.race([
          empty,
          asking().then(
            () => null,
            () => null,
          ),
        ]);
        if (answered === null) return windows().length === 1;
        empty = copy('given up');
        return false;
      };
      await expect.poll(isAsked, { timeout: 15_000, interval: 250 }).toBe(true);
      // Nothing is sent as long as nothing is typed.
      await (await asking()).getByRole('button', { name: 'Go on' }).click();
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
