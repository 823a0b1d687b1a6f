import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../main/host.ts';
import type { Envelope } from '../../preload/contract/errors.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { executable, firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { startHostileServer } from '../support/hostile-server.ts';

interface Bridge {
  readonly calls: Record<string, (input: unknown, callId: unknown) => Promise<Envelope<unknown>>>;
  cancel(callId: unknown): void;
  on(name: string, listener: (payload: unknown) => void): () => void;
}
declare const headgate: Bridge;
declare const stub: {
  host: Pick<Host, 'protectorProblem' | 'proxyFor' | 'maybeOnline'>;
  cancelled: string[];
  emit(payload: unknown): void;
};

const problem = await whyNot();
const skipped = problem ? ` (skipped: ${problem})` : '';

describe.skipIf(problem !== undefined)(`the desktop shell in the Electron double${skipped}`, () => {
  let shell: ConsoleBuild;
  beforeAll(async () => {
    shell = await buildConsole({
      core: join(import.meta.dirname, '../electron-double/fixtures/stub-core.ts'),
    });
  });
  afterAll(() => shell?.remove());

  describe('one run', () => {
    let app: ElectronApplication;
    let page: Page;
    let data: string;
    let remove: () => void;
    beforeAll(async () => {
      const folder = temporaryFolder('data');
      remove = folder.remove;
      data = join(folder.path, 'workspace');
      app = await launch(shell.path, { env: { HEADGATE_DATA: data } });
      page = await firstPage(app, /^https:\/\/console\.app\.invalid\/$/);
    });
    afterAll(async () => {
      await app?.close();
      remove();
    });

    test('opens a hardened window', async () => {
      await expect
        .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
        .toBe(true);
      const window = await app.evaluate(({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows() as unknown as {
          __options: Record<string, unknown> & { webPreferences: Record<string, unknown> };
          getMinimumSize(): number[];
          isVisible(): boolean;
          getTitle(): string;
        }[];
        const { session, preload, ...webPreferences } = window?.__options.webPreferences ?? {};
        return {
          show: window?.__options['show'],
          background: window?.__options['backgroundColor'],
          webPreferences,
          hasSession: session !== undefined,
          preload: String(preload).endsWith('/dist/preload/index.cjs'),
          smallest: window?.getMinimumSize(),
          visible: window?.isVisible(),
          title: window?.getTitle(),
        };
      });
      expect(window).toMatchObject({
        show: false,
        background: '#ffffff',
        hasSession: true,
        preload: true,
        smallest: [720, 480],
        visible: true,
        title: 'Headgate',
        webPreferences: {
          sandbox: true,
          contextIsolation: true,
          nodeIntegration: false,
          webSecurity: true,
          webviewTag: false,
          navigateOnDragDrop: false,
          spellcheck: false,
          devTools: true,
        },
      });
      const recorded = await app.evaluate((electron) => {
        const { recorder } = (
          electron as unknown as { __double: { recorder: { entries: { what: string }[] } } }
        ).__double;
        return recorder.entries.map((entry) => entry.what);
      });
      expect(recorded).toContain('app.enableSandbox');
      expect(recorded).toContain('session.setDevicePermissionHandler');
      expect(recorded).toContain('session.setDisplayMediaRequestHandler');
    });

    test('asks the system for the proxy of a source, and whether there is a network', async () => {
      const ways = (url: string): Promise<unknown> =>
        app.evaluate((_, address) => stub.host.proxyFor(address, 'system'), url);
      const direct = [{ kind: 'direct' }];
      const over = (host: string, port: number) => ({
        kind: 'proxy',
        secure: false,
        host,
        port,
        login: null,
      });
      expect(await ways('https://hq.example.org')).toEqual(direct);
      await app.evaluate(({ session }) =>
        session.defaultSession.setProxy({
          proxyRules: 'https=proxy.lan:3128,socks5://s.lan,direct://',
          proxyBypassRules: 'inside.example.org',
        }),
      );
      expect(await ways('https://hq.example.org/a/')).toEqual([
        over('proxy.lan', 3128),
        { kind: 'unsupported', scheme: 'SOCKS5' },
        ...direct,
      ]);
      for (const url of ['https://inside.example.org', 'http://hq.example.org', 'https://127.0.0.1:8000'])
        expect(await ways(url)).toEqual(direct);
      expect(await app.evaluate(() => stub.host.maybeOnline())).toBe(
        await app.evaluate(({ net }) => net.isOnline()),
      );
    });

    test('serves the renderer, with its policy, and nothing else', async () => {
      expect(await page.evaluate(() => document.documentElement.dataset['ran'])).toBe('yes');
      const get = (
        path: string,
        init?: RequestInit,
      ): Promise<{ status: number; headers: Record<string, string> }> =>
        page.evaluate(
          async ([path, init]) => {
            const answer = await fetch(path, init as RequestInit);
            return { status: answer.status, headers: Object.fromEntries(answer.headers) };
          },
          [path, init ?? {}] as const,
        );
      const index = await get('/');
      expect(index).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-cache',
          'content-security-policy':
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; " +
            "img-src 'self' data:; worker-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        },
      });
      expect(await get('/assets/page-1.js')).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'text/javascript; charset=utf-8',
          'cache-control': expect.stringContaining('immutable') as unknown,
        },
      });
      for (const path of [
        '/none.html',
        '/..%2fsecret.txt',
        '/%2e%2e%2fsecret.txt',
        '/assets/..%2f..%2fsecret.txt',
        '/..%5csecret.txt',
        '/%00.html',
        '/%ff.html',
        '/link.txt',
        '/assets',
        '/assets/',
        '/C:/x.html',
      ]) {
        expect((await get(path)).status, path).toBe(404);
      }
      expect((await get('/', { method: 'POST', body: 'x' })).status).toBe(405);
      const inline = await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = "document.documentElement.dataset.inline = 'ran'";
        document.head.append(script);
        return document.documentElement.dataset['inline'] ?? 'blocked';
      });
      expect(inline).toBe('blocked');
    });

    test('answers calls of its own page, well formed ones', async () => {
      const answers = await page.evaluate(async () => ({
        frozen: Object.isFrozen(headgate) && Object.isFrozen(headgate.calls),
        good: await headgate.calls['app.info']?.({ a: 1 }, 'id-1'),
        noId: await headgate.calls['app.info']?.({}, ''),
        badId: await headgate.calls['app.info']?.({}, 7),
        longId: await headgate.calls['app.info']?.({}, 'x'.repeat(101)),
        broken: await headgate.calls['app.info']?.({ fail: true }, 'id-2'),
        many: (
          await Promise.all(
            Array.from({ length: 210 }, (_, n) => headgate.calls['app.info']?.({ wait: 4000 }, `many-${n}`)),
          )
        ).filter((answer) => !answer?.ok).length,
      }));
      expect(answers).toMatchObject({
        frozen: true,
        good: { ok: true, data: { name: 'app.info', input: { a: 1 }, callId: 'id-1' } },
        noId: { ok: false, error: { code: 'INPUT_INVALID' } },
        badId: { ok: false, error: { code: 'INPUT_INVALID' } },
        longId: { ok: false, error: { code: 'INPUT_INVALID' } },
        broken: { ok: false, error: { code: 'INTERNAL' } },
        many: 10,
      });
      await page.evaluate(() => {
        headgate.cancel('id-1');
        headgate.cancel({ not: 'a string' });
      });
      await expect.poll(() => app.evaluate(() => stub.cancelled)).toEqual(['id-1']);
    });

    test('refuses a page that is not its own', async () => {
      const answers = await app.evaluate(async ({ BrowserWindow }) => {
        const own = BrowserWindow.getAllWindows()[0] as unknown as { __options: { webPreferences: object } };
        const window = new BrowserWindow({ show: false, webPreferences: own.__options.webPreferences });
        const ask = (): Promise<unknown> =>
          window.webContents.executeJavaScript("headgate.calls['app.info']({}, 'x')") as Promise<unknown>;
        await window.loadURL('app://console/');
        const notOurs = await ask();
        window.destroy();
        return [notOurs];
      });
      expect(answers).toEqual([
        {
          ok: false,
          error: expect.objectContaining({ code: 'PERMISSION_DENIED', kind: 'denied' }) as unknown,
        },
      ]);
      // Its own window, at an address that is not its own.
      const wrong = await app.evaluate(async ({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows();
        await window?.loadURL('data:text/html,<title>other</title>');
        const answer: unknown = await window?.webContents.executeJavaScript(
          "headgate.calls['app.info']({}, 'x')",
        );
        await window?.loadURL('app://console/');
        return answer;
      });
      expect(wrong).toMatchObject({ ok: false, error: { code: 'PERMISSION_DENIED' } });
      await expect
        .poll(() => page.evaluate(() => 'headgate' in window && location.href).catch(() => ''))
        .toBe('https://console.app.invalid/');
      const log = readFileSync(join(data, 'headgate.log'), 'utf8');
      expect(log.match(/ipc\.sender_refused/g)).toHaveLength(2);
    });

    test('sends events to its windows', async () => {
      const received = page.evaluate(
        () => new Promise((resolve) => void headgate.on('store.changed', (payload) => resolve(payload))),
      );
      await page.evaluate(() => 0);
      await app.evaluate(() => stub.emit({ entity: 'projects' }));
      expect(await received).toEqual({ entity: 'projects' });
    });

    test('goes nowhere, opens nothing, grants nothing', async () => {
      await page.click('#away');
      await page.evaluate(() => {
        location.href = 'app://console/other.html';
        window.open('https://example.com/');
      });
      await expect
        .poll(() => readFileSync(join(data, 'headgate.log'), 'utf8'))
        .toContain('"event":"window.open_refused","url":"https://example.com/"');
      await expect
        .poll(() => readFileSync(join(data, 'headgate.log'), 'utf8'))
        .toContain('"url":"app://console/other.html"');
      expect(page.url()).toBe('https://console.app.invalid/');
      expect(app.windows()).toHaveLength(1);
      const permissions = await page.evaluate(async () => {
        const names = ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi'];
        const states = await Promise.all(
          names.map((name) => navigator.permissions.query({ name: name as PermissionName })),
        );
        return new Set(states.map(({ state }) => state)).size === 1 && states[0]?.state;
      });
      expect(permissions).toBe('denied');
    });

    test('has no network, also where the page’s own policy does not reach', async () => {
      await using outside = await startHostileServer();
      const tried = await page.evaluate(async (url) => {
        const failed = (work: Promise<unknown>): Promise<boolean> =>
          work.then(
            () => false,
            () => true,
          );
        const loads = (make: (done: () => void, error: () => void) => void): Promise<unknown> =>
          new Promise<void>((done, error) => make(done, () => error(new Error('refused'))));
        return {
          fetched: await failed(fetch(`${url}/fetch`, { mode: 'no-cors' })),
          image: await failed(
            loads((done, error) =>
              Object.assign(new Image(), { onload: done, onerror: error, src: `${url}/image` }),
            ),
          ),
          beacon: navigator.sendBeacon(`${url}/beacon`),
        };
      }, outside.url);
      expect(tried).toMatchObject({ fetched: true, image: true });
      // The main process asks on the page's behalf what no policy of a page is asked about.
      const { own, foreign, policies } = await app.evaluate((electron, url) => {
        const { session, __double } = electron as unknown as {
          session: { fromPartition(name: string): { lets(url: string): boolean } };
          __double: { recorder: { entries: { what: string; details: { policy?: string } }[] } };
        };
        const lets = (address: string): boolean => session.fromPartition('console').lets(address);
        return {
          own: lets('app://console/index.html'),
          foreign: [
            `${url}/x`,
            'ws://127.0.0.1:1/',
            'https://app.console/',
            'app://consoles/',
            'file:///etc/passwd',
          ].filter(lets),
          policies: __double.recorder.entries.filter(({ what }) => what.endsWith('setWebRTCIPHandlingPolicy'))
            .length,
        };
      }, outside.url);
      expect({ own, foreign }).toEqual({ own: true, foreign: [] });
      expect(policies).toBeGreaterThan(0);
      expect(outside.received).toEqual([]);
    });

    test('keeps its files to itself', async () => {
      expect(statSync(data).mode & 0o777).toBe(0o700);
      expect(statSync(join(data, 'headgate.log')).mode & 0o777).toBe(0o600);
      const paths = await app.evaluate(({ app, ipcMain }) => [
        app.getPath('userData'),
        app.getPath('sessionData'),
        app.getName(),
        ipcMain.listenerCount('electron-store-get-data'),
      ]);
      expect(paths).toEqual([data, join(data, 'browser'), 'Headgate', 0]);
    });

    test('has a menu of roles, and themes that apply', async () => {
      const menu = await app.evaluate(({ Menu, nativeTheme, BrowserWindow }) => {
        const labels = (items: { label: string; role?: string; submenu?: { items: never[] } }[]): unknown[] =>
          items.map((item) =>
            item.submenu ? [item.label, labels(item.submenu.items)] : (item.role ?? item.label),
          );
        const menu = Menu.getApplicationMenu();
        menu?.getMenuItemById('theme-dark')?.click(undefined, BrowserWindow.getAllWindows()[0]);
        return {
          top: menu?.items.map((item) => item.label),
          all: labels((menu?.items ?? []) as never),
          theme: nativeTheme.themeSource,
        };
      });
      expect(menu.top).toEqual(['File', 'Edit', 'View', 'Go', 'Window', 'Help']);
      expect(JSON.stringify(menu.all)).toContain('toggleDevTools');
      expect(menu.theme).toBe('dark');
      await expect
        .poll(() => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches))
        .toBe(true);
      expect(JSON.parse(readFileSync(join(data, 'window.json'), 'utf8'))).toEqual({ theme: 'dark' });
      expect(statSync(join(data, 'window.json')).mode & 0o777).toBe(0o600);
    });

    test('is brought to the front by a second start', async () => {
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize());
      const second = spawn(executable, [shell.path], {
        env: { ...process.env, HEADGATE_DATA: data },
        stdio: 'ignore',
      });
      expect(await new Promise((resolve) => second.on('exit', resolve))).toBe(0);
      await expect
        .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isMinimized()))
        .toBe(false);
    });

    test('loads a crashed page again twice, then asks', async () => {
      const outcome = await app.evaluate(async (electron) => {
        const { BrowserWindow } = electron;
        const { recorder } = (
          electron as unknown as { __double: { recorder: { of(what: string): unknown[] } } }
        ).__double;
        const contents = BrowserWindow.getAllWindows()[0]?.webContents;
        const asked: number[] = [];
        for (let crash = 0; crash < 3; crash += 1) {
          const back = new Promise((resolve) => contents?.once('did-finish-load', () => resolve(undefined)));
          contents?.forcefullyCrashRenderer();
          await back;
          asked.push(recorder.of('dialog.showMessageBox').length);
        }
        return asked;
      });
      expect(outcome).toEqual([0, 0, 1]);
    });
  });
});
