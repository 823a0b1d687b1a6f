import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { executable, firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';

interface Bridge {
  readonly calls: Record<string, (input: unknown, callId: unknown) => Promise<Envelope<unknown>>>;
  cancel(callId: unknown): void;
  on(name: string, listener: (payload: unknown) => void): () => void;
}
declare const headgate: Bridge;
declare const stub: {
  host: { protectorProblem: string | null };
  cancelled: string[];
  emit(payload: unknown): void;
};

const problem = await whyNot();
const skipped = problem ? ` (skipped: ${problem})` : '';

describe.skipIf(problem !== undefined)(`the desktop shell in the Electron double${skipped}`, () => {
  const cleanups: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean();
  });
  const dataFolder = (): string => {
    const folder = temporaryFolder('data');
    cleanups.push(folder.remove);
    return join(folder.path, 'workspace');
  };
  const start = async (
    build: ConsoleBuild,
    data: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ app: ElectronApplication; page: Page }> => {
    const app = await launch(build.path, { env: { HEADGATE_DATA: data, ...env } });
    cleanups.push(() => app.close().catch(() => {}));
    const page = await firstPage(app, /^https:\/\/console\.app\.invalid\/$/);
    return { app, page };
  };

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
            Array.from({ length: 210 }, (_, n) => headgate.calls['app.info']?.({ wait: 300 }, `many-${n}`)),
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
      expect(menu.top).toEqual(['File', 'Edit', 'View', 'Window', 'Help']);
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

  test('remembers its place and theme, and lets a sync end before it quits', async () => {
    const data = dataFolder();
    const { app } = await start(shell, data);
    await app.evaluate(({ BrowserWindow, Menu }) => {
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 50, width: 900, height: 600 });
      Menu.getApplicationMenu()?.getMenuItemById('theme-dark')?.click();
    });
    await app.close();
    expect(existsSync(join(data, 'closed-safely'))).toBe(true);
    const again = await start(shell, data);
    const state = await again.app.evaluate(({ BrowserWindow, nativeTheme }) => ({
      bounds: BrowserWindow.getAllWindows()[0]?.getBounds(),
      theme: nativeTheme.themeSource,
      background: (BrowserWindow.getAllWindows()[0] as unknown as { __options: { backgroundColor: string } })
        .__options.backgroundColor,
    }));
    expect(state).toEqual({
      bounds: { x: 40, y: 50, width: 900, height: 600 },
      theme: 'dark',
      background: '#131b1c',
    });
    expect(await again.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(true);
    // A place on a screen that is gone is not used.
    await again.app.close();
    writeFileSync(
      join(data, 'window.json'),
      JSON.stringify({ bounds: { x: 9000, y: 9000, width: 800, height: 500 } }),
    );
    const third = await start(shell, data);
    expect(
      await third.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds()),
    ).toMatchObject({ x: 0, y: 0, width: 800, height: 500 });
  });

  /** Starts it as a person does, and waits for its end. */
  const run = (
    build: ConsoleBuild,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<{ code: unknown; text: string }> => {
    const child = spawn(executable, [...args, build.path], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (part) => {
      text += String(part);
    });
    return new Promise((resolve) => child.on('exit', (code) => resolve({ code, text })));
  };

  test('does not start packaged with switches that open it to others', async () => {
    const env = { HEADGATE_DATA: dataFolder(), HEADGATE_DOUBLE_PACKAGED: '1' };
    for (const name of ['remote-debugging-port=0', 'no-sandbox']) {
      const ended = await run(shell, [`--${name}`], env);
      expect(ended).toMatchObject({
        code: 2,
        text: expect.stringContaining('does not start with --') as unknown,
      });
    }
    expect(existsSync(env.HEADGATE_DATA)).toBe(false);
  });

  describe('with the real core', () => {
    let real: ConsoleBuild;
    beforeAll(async () => {
      real = await buildConsole();
    });
    afterAll(() => real?.remove());
    const stateOf = (page: Page): Promise<unknown> =>
      page.evaluate(async () => {
        const answer = await headgate.calls['app.info']?.({}, 'id');
        return answer?.ok ? (answer.data as { vault: { state: string }; host: string }) : answer;
      });

    test('keeps the vault with the keychain, over a relaunch', async () => {
      const data = dataFolder();
      const env = { HEADGATE_DOUBLE_KEYCHAIN: join(data, '../keys') };
      const connection = {
        name: 'One',
        host: 'db.example.org',
        database: 'd',
        user: 'u',
        password: 'hunter2-of-the-test',
      };
      const first = await start(real, data, env);
      expect(await stateOf(first.page)).toMatchObject({ host: 'electron', vault: { state: 'protected' } });
      const made = await first.page.evaluate(
        (input) => headgate.calls['connections.create']?.(input, 'make'),
        connection,
      );
      expect(made).toMatchObject({ ok: true });
      await first.app.close();
      for (const file of readdirSync(data, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        expect(readFileSync(join(file.parentPath, file.name)).includes(connection.password), file.name).toBe(
          false,
        );
      }
      const second = await start(real, data, env);
      expect(await stateOf(second.page)).toMatchObject({ vault: { state: 'protected', secrets: 1 } });
      await second.app.close();
      const locked = await start(real, data, { ...env, HEADGATE_DOUBLE_KEYCHAIN_MODE: 'unavailable' });
      expect(await stateOf(locked.page)).toMatchObject({ vault: { state: 'locked' } });
    });

    test('says plainly that secrets are kept for the session only', async () => {
      const { page } = await start(real, dataFolder(), { HEADGATE_DOUBLE_KEYCHAIN_MODE: 'basic' });
      expect(await stateOf(page)).toMatchObject({
        vault: {
          state: 'session_only',
          explanation: expect.stringMatching(/same on every computer/) as unknown,
        },
      });
    });

    test('tells why it can not start', async () => {
      const data = dataFolder();
      mkdirSync(join(data, 'headgate.db'), { recursive: true });
      const ended = await run(real, [], { HEADGATE_DATA: data });
      expect(ended.code).toBe(1);
      expect(ended.text).toMatch(/Headgate can not start[\s\S]*Code: STORE_UNAVAILABLE/);
    });
  });
});
