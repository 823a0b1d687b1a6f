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
  `the Electron double${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    let app: ElectronApplication;
    let page: Page;
    const log = (): Promise<unknown[][]> => app.evaluate(() => fixture.log);
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
      // Answered once everything before it has come to the main process, the listening too.
      await page.evaluate(async () => {
        Object.assign(globalThis, {
          counted: new Promise((resolve) => {
            const seen: unknown[] = [];
            api.on('tick', (n) => {
              seen.push(n);
              if (seen.length === 200) resolve(seen);
            });
          }),
        });
        await api.invoke('who');
      });
      await app.evaluate(({ webContents }) => {
        for (let n = 0; n < 200; n += 1) webContents.fromId(1)?.send('tick', n);
      });
      const counted = page.evaluate(() => (globalThis as unknown as { counted: Promise<unknown> }).counted);
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
  },
);
