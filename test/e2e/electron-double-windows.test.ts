import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, Fixture } from '../electron-double/fixtures/types.ts';
import { firstPage, launch, whyNot } from '../electron-double/launch.ts';

declare const api: Api;
declare const fixture: Fixture;

const fixtureApp = join(import.meta.dirname, '../electron-double/fixtures/app');
const problem = await whyNot();

describe.skipIf(problem !== undefined)(
  `windows of the Electron double${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    let app: ElectronApplication;
    let page: Page;
    const log = (): Promise<unknown[][]> => app.evaluate(() => fixture.log);
    const prevent = (name: string): Promise<unknown> =>
      app.evaluate((_electron, what) => fixture.prevent.add(what), name);
    const allow = (name: string): Promise<unknown> =>
      app.evaluate((_electron, what) => fixture.prevent.delete(what), name);
    /** Waits for an entry of the fixture's log. */
    const logged = (entry: unknown[]): Promise<void> =>
      expect.poll(log, { timeout: 5000 }).toContainEqual(entry) as unknown as Promise<void>;

    beforeAll(async () => {
      app = await launch(fixtureApp);
      page = await firstPage(app, /index\.html$/);
    });
    afterAll(async () => {
      await app?.close();
    });

    test('leaves no window open that a page tried to open', async () => {
      const windows: Page[] = [];
      app.on('window', (window) => windows.push(window));
      const before = app.windows().length;
      await page.evaluate(() => void window.open('https://example.com/opened'));
      await logged(['window-open', 'https://example.com/opened']);
      await page.click('#blank');
      await logged(['window-open', 'https://example.com/']);
      await expect.poll(() => app.windows().length).toBe(before);
      expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
      expect(windows.filter((window) => !window.isClosed())).toEqual([]);
    });

    test('asks before a page navigates, and a refusal keeps it', async () => {
      await prevent('will-navigate');
      for (const [link, url] of [
        ['#away', 'https://example.com/'],
        ['#second', 'app://fixture/second.html'],
        ['#scheme', 'app://fixture/second.html'],
      ] as const) {
        await page.click(link);
        await logged(['will-navigate', url, true]);
      }
      await page.evaluate(() => {
        location.href = 'https://example.com/by-script';
      });
      await logged(['will-navigate', 'https://example.com/by-script', true]);
      expect(page.url()).toBe('https://fixture.app.invalid/index.html');
      await allow('will-navigate');
      await page.click('#scheme');
      await page.waitForURL(/second\.html$/);
      await page.waitForLoadState();
      expect(await page.evaluate(() => api.invoke('who'))).toMatchObject({
        url: 'app://fixture/second.html',
      });
      // The main process itself is not asked.
      const asked = (await log()).length;
      await app.evaluate(({ webContents }) =>
        webContents.fromId(1)?.loadURL('app://fixture/index.html#part'),
      );
      expect((await log()).slice(asked).map(([name]) => name)).not.toContain('will-navigate');
      await app.evaluate(({ webContents }) => webContents.fromId(1)?.loadURL('app://fixture/redirects'));
      await logged(['will-redirect', 'app://fixture/second.html', true]);
      await page.reload();
      expect(page.url()).toMatch(/second\.html$/);
    });

    test('rejects loadURL with Electron’s words', async () => {
      const failed = await app.evaluate(async ({ BrowserWindow }) => {
        const window = new BrowserWindow({ show: false });
        const attempt = (url: string): Promise<unknown> =>
          window.loadURL(url).then(
            () => 'loaded',
            (error: Error & { code: string; errno: number }) => [error.message, error.code, error.errno],
          );
        const answers = [
          await attempt('app://fixture/fails'),
          await attempt('http://127.0.0.1:1/'),
          await attempt('not a url'),
          await attempt('data:text/html,<title>fine</title>'),
        ];
        const { webContents } = window;
        window.destroy();
        const dead = await webContents.loadURL('app://fixture/').catch((error: Error) => error.message);
        let thrown = '';
        try {
          window.show();
        } catch (error) {
          thrown = (error as Error).message;
        }
        return [...answers, dead, thrown];
      });
      expect(failed).toEqual([
        ["ERR_FAILED (-2) loading 'app://fixture/fails'", 'ERR_FAILED', -2],
        expect.arrayContaining(['ERR_UNSAFE_PORT']) as unknown,
        ["ERR_INVALID_URL (-300) loading 'not a url'", 'ERR_INVALID_URL', -300],
        'loaded',
        'Object has been destroyed',
        'Object has been destroyed',
      ]);
    });

    test('keeps custom sessions and their protocols apart', async () => {
      const answers = await app.evaluate(async ({ BrowserWindow, session }) => {
        const own = session.fromPartition('own');
        const open = async (): Promise<string> => {
          const window = new BrowserWindow({ show: false, webPreferences: { session: own } });
          const text = await window.loadURL('app://fixture/own').then(
            () => window.webContents.executeJavaScript('document.body.textContent') as Promise<string>,
            (error: Error) => error.message,
          );
          window.destroy();
          return text;
        };
        const before = await open();
        own.protocol.handle('app', () => new Response('own', { headers: { 'content-type': 'text/html' } }));
        return [before, await open(), own === session.fromPartition('own'), own.isPersistent()];
      });
      expect(answers).toEqual([
        "ERR_UNKNOWN_URL_SCHEME (-302) loading 'app://fixture/own'",
        'own',
        true,
        false,
      ]);
    });

    test('emulates the theme, bounds and screen', async () => {
      const dark = (): Promise<boolean> =>
        page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
      expect(await dark()).toBe(false);
      await app.evaluate(({ nativeTheme }) => {
        nativeTheme.themeSource = 'dark';
      });
      await expect.poll(dark).toBe(true);
      expect(await app.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors)).toBe(true);
      await app.evaluate(({ nativeTheme }) => {
        nativeTheme.themeSource = 'system';
      });
      await expect.poll(dark).toBe(false);
      const bounds = await app.evaluate(({ BrowserWindow, screen }) => {
        const [window] = BrowserWindow.getAllWindows();
        window?.setBounds({ width: 10, height: 640 });
        return [window?.getBounds(), screen.getPrimaryDisplay().bounds.width];
      });
      expect(bounds).toEqual([{ x: 0, y: 0, width: 300, height: 640 }, 1920]);
      await expect.poll(() => page.evaluate(() => [innerWidth, innerHeight])).toEqual([300, 640]);
    });

    test('records what the app asks of the desktop', async () => {
      const recorded = await app.evaluate(async (electron) => {
        const { shell, dialog, clipboard, Menu, Notification, powerSaveBlocker } = electron;
        const double = electron as unknown as {
          __double: {
            answers: { messageBoxes: { response: number }[] };
            recorder: { of(what: string): unknown[] };
          };
        };
        await shell.openExternal('https://example.com/');
        double.__double.answers.messageBoxes.push({ response: 1 });
        const first = await dialog.showMessageBox({ message: 'm', buttons: ['a', 'b'], cancelId: 0 });
        const second = await dialog.showMessageBox({ message: 'm', buttons: ['a', 'b'], cancelId: 0 });
        await clipboard.writeText('copied');
        Menu.getApplicationMenu()?.getMenuItemById('go')?.click();
        new Notification({ title: 't', body: 'b' }).show();
        const blocker = powerSaveBlocker.start('prevent-app-suspension');
        return {
          opened: (shell as unknown as { __opened: string[] }).__opened,
          answers: [first.response, second.response],
          clipboard: await clipboard.readText(),
          notifications: double.__double.recorder.of('Notification.show'),
          blocking: [powerSaveBlocker.isStarted(blocker), powerSaveBlocker.stop(blocker)],
        };
      });
      expect(recorded).toEqual({
        opened: ['https://example.com/'],
        answers: [1, 0],
        clipboard: 'copied',
        notifications: [{ title: 't', body: 'b', silent: false }],
        blocking: [true, true],
      });
      await logged(['go']);
    });

    test('opens, refuses to close and closes a second window', async () => {
      const opened = app.waitForEvent('window');
      await app.evaluate(async () => {
        await fixture.openWindow('/two.html');
      });
      const second = await opened;
      await second.waitForURL(/two\.html$/);
      expect(await second.evaluate(() => api.invoke('who'))).toMatchObject({ url: 'app://fixture/two.html' });
      expect(app.windows()).toHaveLength(2);
      await prevent('close');
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[1]?.close());
      expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(2);
      const gone = second.waitForEvent('close');
      await second.close();
      await gone.catch(() => {});
      await logged(['closed']);
      expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    });

    test('reports a crashed page, which can be loaded again', async () => {
      const answer = await app.evaluate(async ({ BrowserWindow }) => {
        await fixture.openWindow('/crash.html');
        const window = BrowserWindow.getAllWindows()[1];
        if (!window) throw new Error('no window');
        const { webContents } = window;
        const gone = new Promise<string>((resolve) =>
          webContents.once('render-process-gone', (_event, details) => resolve(details.reason)),
        );
        webContents.forcefullyCrashRenderer();
        const reason = await gone;
        const crashed = webContents.isCrashed();
        const back = new Promise<void>((resolve) => webContents.once('did-finish-load', () => resolve()));
        webContents.reload();
        await back;
        const title = (await webContents.executeJavaScript('document.title')) as string;
        window.destroy();
        return [reason, crashed, title];
      });
      expect(answer).toEqual(['crashed', true, '/crash.html']);
    });
  },
);
