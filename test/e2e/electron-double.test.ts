import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstPage, launch, whyNot } from '../electron-double/launch.ts';

/** What the fixture's preload script exposes. */
interface Api {
  version: string;
  nested: { sync(a: number): { doubled: number }; list: number[] };
  thing: Record<string, unknown>;
  invoke(channel: string, ...args: unknown[]): Promise<never>;
  send(channel: string, ...args: unknown[]): void;
  on(channel: string, listener: (...args: unknown[]) => void): () => void;
  same(fn: unknown): unknown;
  kinds(...values: unknown[]): boolean[];
  throws(): void;
  rejects(): Promise<void>;
  symbol(): unknown;
  twice(): string;
  required(): string[];
  process(): unknown;
  unknown(): string;
  sendsFunction(): Promise<void>;
}
declare const api: Api;
declare const fixture: {
  log: unknown[][];
  asked: string[];
  prevent: Set<string>;
  openWindow(path: string): Promise<unknown>;
};

const fixtureApp = join(import.meta.dirname, '../electron-double/fixtures/app');
const problem = await whyNot();

describe.skipIf(problem !== undefined)(
  `the Electron double${problem ? ` (skipped: ${problem})` : ''}`,
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

    test('is the app that was named, with Electron’s version', async () => {
      const facts = await app.evaluate(({ app }) => ({
        name: app.getName(),
        version: app.getVersion(),
        path: app.getPath('userData'),
        packaged: app.isPackaged,
        ready: app.isReady(),
        type: process.type,
        electron: process.versions.electron,
      }));
      expect(facts).toMatchObject({
        name: 'double-fixture',
        version: '1.2.3',
        packaged: false,
        ready: true,
        type: 'browser',
      });
      expect(facts.path).toMatch(/double-fixture$/);
      expect(facts.electron).toMatch(/^45\./);
    });

    test('tells the story of a window in Electron’s order', async () => {
      for (const name of ['dom-ready', 'ready-to-show', 'did-finish-load']) await logged([name]);
      await logged(['web-contents-created', 1]);
      const state = await app.evaluate(({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows();
        return {
          url: window?.webContents.getURL(),
          visible: window?.isVisible(),
          bounds: window?.getBounds(),
        };
      });
      expect(state).toMatchObject({ url: 'app://fixture/index.html', visible: true });
      expect(state.bounds).toMatchObject({ width: 900, height: 700 });
      await expect
        .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle()))
        .toBe('/index.html');
      const window = await app.browserWindow(page);
      expect(await window.evaluate((w) => w.id)).toBe(1);
    });

    test('serves the scheme with its own policy and as a secure origin', async () => {
      const facts = await page.evaluate(() => ({
        origin: location.origin,
        secure: isSecureContext,
        script: document.documentElement.dataset['script'],
        inline: document.documentElement.dataset['inline'] ?? 'blocked',
      }));
      expect(facts).toEqual({
        origin: 'https://fixture.app.invalid',
        secure: true,
        script: 'ran',
        inline: 'blocked',
      });
      const posted = await page.evaluate(async () => {
        const answer = await fetch('/post', { method: 'POST', body: 'hello' });
        return [answer.status, await answer.text()];
      });
      expect(posted).toEqual([201, 'POST hello']);
      expect(await page.evaluate(() => fetch('/fails').catch((error: Error) => error.name))).toBe(
        'TypeError',
      );
      const asked = await app.evaluate(() => fixture.asked);
      expect(asked).toContain('app://fixture/index.html');
      expect(asked.every((url) => url.startsWith('app://fixture/'))).toBe(true);
      expect(await page.evaluate(() => fetch('https://example.com/').catch((e: Error) => e.message))).toMatch(
        /fetch/i,
      );
    });

    test('keeps the worlds apart', async () => {
      const leaks = await page.evaluate(() =>
        ['leak', 'require', 'process', 'module', '__electronDoubleSend'].filter((name) => name in globalThis),
      );
      expect(leaks).toEqual([]);
      expect(
        await page.evaluate(() =>
          Object.getOwnPropertyNames(globalThis).filter((name) => /double|electron/i.test(name)),
        ),
      ).toEqual([]);
      expect(await page.evaluate(() => api.required())).toEqual([
        'module not found: fs',
        'module not found: node:path',
      ]);
      expect(await page.evaluate(() => api.process())).toEqual({ type: 'renderer', sandboxed: true });
      expect(await page.evaluate(() => api.unknown())).toContain(
        'electron.desktopCapturer is not implemented',
      );
    });

    test('bridges as the context bridge does', async () => {
      const facts = await page.evaluate(async () => {
        const attempt = (run: () => unknown): unknown => {
          try {
            return run();
          } catch (error) {
            const { message, name, code } = error as Error & { code?: string };
            return { message, name, code, real: error instanceof Error };
          }
        };
        ('use strict');
        const mine = (): void => {};
        return {
          frozen: [api, api.nested, api.nested.list, api.invoke].every(Object.isFrozen),
          replaced: attempt(() => Object.defineProperty(globalThis, 'api', { value: 1 })),
          sync: api.nested.sync(21),
          thing: Object.keys(api.thing),
          same: api.same(mine) === mine,
          kinds: api.kinds(new Map(), new Date()),
          throws: attempt(() => api.throws()),
          rejects: await api.rejects().catch((error: Error & { code?: string }) => ({
            message: error.message,
            name: error.name,
            code: error.code,
          })),
          symbol: attempt(() => api.symbol()),
          twice: api.twice(),
        };
      });
      expect(facts).toMatchObject({
        frozen: true,
        sync: { doubled: 42 },
        thing: ['kept'],
        same: true,
        kinds: [true, true],
        throws: { message: 'thrown', name: 'Error', real: true },
        rejects: { message: 'rejected', name: 'Error' },
        symbol: { message: 'An object could not be cloned.' },
        twice: 'Cannot bind an API on top of an existing property on the window object',
      });
      expect(facts.replaced).toMatchObject({ name: 'TypeError' });
      expect(facts.rejects).not.toHaveProperty('code', 'E2');
    });

    test('carries structured clones both ways', async () => {
      const there = await page.evaluate(() => {
        const value: Record<string, unknown> = {
          date: new Date(5),
          map: new Map([['k', new Set([1])]]),
          big: 12345678901234567890n,
          bytes: new Uint8Array([1, 2, 250]),
          error: new TypeError('typed'),
        };
        value['self'] = 1;
        return api.invoke('kinds', value);
      });
      expect(there).toEqual([true, true, 'bigint', '1,2,250', false, false]);
      const back = await page.evaluate(async () => {
        const echo = (value: unknown): Promise<unknown> => api.invoke('echo', value);
        const big = new Uint8Array(3_000_000).fill(7);
        const returned = (await echo(big)) as Uint8Array;
        return {
          date: ((await echo(new Date(5))) as Date).getTime(),
          map: [...((await echo(new Map([[1n, { a: undefined }]]))) as Map<bigint, object>)].map(
            ([key, item]) => `${typeof key} ${'a' in item}`,
          ),
          numbers: ((await echo([Number.NaN, -0, Number.POSITIVE_INFINITY])) as number[]).map((n) =>
            Object.is(n, -0) ? '-0' : String(n),
          ),
          floats: [...((await echo(new Float64Array([1.5]))) as Float64Array)],
          proto: Object.keys((await echo(JSON.parse('{"__proto__": 1, "a": 2}'))) as object),
          text: await echo('\u2028 ￿ \ud83d\ude00 </script>'),
          big: [returned.length, returned[2_999_999]],
        };
      });
      expect(back).toEqual({
        date: 5,
        map: ['bigint true'],
        numbers: ['NaN', '-0', 'Infinity'],
        floats: [1.5],
        proto: ['__proto__', 'a'],
        text: '\u2028 ￿ \ud83d\ude00 </script>',
        big: [3_000_000, 7],
      });
    });

    test('fails with Electron’s words', async () => {
      const messages = await page.evaluate(async () => {
        const messageOf = (promise: Promise<unknown>): Promise<string> =>
          promise.then(
            () => 'no error',
            (error: Error & { code?: string }) => `${error.name}|${error.message}|${error.code ?? ''}`,
          );
        return {
          boom: await messageOf(api.invoke('boom')),
          none: await messageOf(api.invoke('nobody')),
          sentFunction: await messageOf(api.sendsFunction()),
          gotFunction: await messageOf(api.invoke('returns-function')),
        };
      });
      expect(messages).toEqual({
        boom: "Error|Error invoking remote method 'boom': AppError: bad thing|",
        none: "Error|Error invoking remote method 'nobody': Error: No handler registered for 'nobody'|",
        sentFunction: 'Error|An object could not be cloned.|',
        gotFunction:
          "Error|Error invoking remote method 'returns-function': Error: An object could not be cloned.|",
      });
      const main = await app.evaluate(({ ipcMain, BrowserWindow, Menu }) => {
        const messageOf = (run: () => unknown): string => {
          try {
            run();
            return 'no error';
          } catch (error) {
            return (error as Error).message;
          }
        };
        const [window] = BrowserWindow.getAllWindows();
        const unknown = window as unknown as { setNothing(): void };
        return [
          messageOf(() => ipcMain.handle('echo', () => 1)),
          messageOf(() => unknown.setNothing()),
          messageOf(() =>
            (Menu as unknown as { buildFromTemplate(t: unknown): void }).buildFromTemplate([{ role: 'no' }]),
          ),
          messageOf(() => window?.webContents.send('x', () => 1)),
        ];
      });
      expect(main).toEqual([
        "Attempted to register a second handler for 'echo'",
        'electron double: BrowserWindow.setNothing is not implemented',
        "electron double: the menu role 'no' is not known",
        'An object could not be cloned.',
      ]);
      expect(
        await app.evaluate(({ net }) => {
          try {
            return String(net.fetch);
          } catch (error) {
            return (error as Error).message;
          }
        }),
      ).toBe('electron double: net.fetch is not implemented');
    });

    test('knows who sent, and sends to whom listens', async () => {
      expect(await page.evaluate(() => api.invoke('who'))).toEqual({
        url: 'app://fixture/index.html',
        origin: 'app://fixture',
        isMain: true,
        window: 1,
      });
      const received = page.evaluate(
        () =>
          new Promise((resolve) => {
            const stop = api.on('noted', (count) => {
              stop();
              resolve(count);
            });
            api.send('note', 'a', new Date(1));
          }),
      );
      expect(await received).toBe(2);
      const counted = page.evaluate(
        () =>
          new Promise((resolve) => {
            const seen: unknown[] = [];
            api.on('tick', (n) => {
              seen.push(n);
              if (seen.length === 200) resolve(seen);
            });
          }),
      );
      await page.evaluate(() => undefined);
      await app.evaluate(({ webContents }) => {
        for (let n = 0; n < 200; n += 1) webContents.fromId(1)?.send('tick', n);
      });
      expect(await counted).toEqual(Array.from({ length: 200 }, (_, n) => n));
    });

    test('refuses what permission handlers refuse', async () => {
      const states = await page.evaluate(async () => ({
        notification: Notification.permission,
        geolocation: (await navigator.permissions.query({ name: 'geolocation' })).state,
        clipboard: (await navigator.permissions.query({ name: 'clipboard-read' as PermissionName })).state,
        camera: (await navigator.permissions.query({ name: 'camera' as PermissionName })).state,
      }));
      expect(states).toEqual({
        notification: 'denied',
        geolocation: 'granted',
        clipboard: 'denied',
        camera: 'denied',
      });
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
