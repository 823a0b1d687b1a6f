import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

describe.skipIf(problem !== undefined)(`runs of the desktop shell in the Electron double${skipped}`, () => {
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

    test('keeps one theme for page, menu and platform, over a relaunch', async () => {
      const data = dataFolder();
      const themes = (app: ElectronApplication): Promise<unknown> =>
        app.evaluate(({ Menu, nativeTheme }) => ({
          platform: nativeTheme.themeSource,
          menu: ['system', 'light', 'dark'].filter(
            (name) => Menu.getApplicationMenu()?.getMenuItemById(`theme-${name}`)?.checked,
          ),
        }));
      const first = await start(real, data);
      expect(await stateOf(first.page)).toMatchObject({ theme: 'system' });
      const told = first.page.evaluate(
        () => new Promise((resolve) => void headgate.on('store.changed', (payload) => resolve(payload))),
      );
      await first.page.evaluate(() => headgate.calls['app.setTheme']?.({ theme: 'light' }, 'set'));
      expect(await told).toEqual({ entity: 'appearance' });
      expect(await themes(first.app)).toEqual({ platform: 'light', menu: ['light'] });
      const toldByMenu = first.page.evaluate(
        () => new Promise((resolve) => void headgate.on('store.changed', (payload) => resolve(payload))),
      );
      await first.page.evaluate(() => 0);
      await first.app.evaluate(({ Menu }) =>
        Menu.getApplicationMenu()?.getMenuItemById('theme-dark')?.click(),
      );
      expect(await toldByMenu).toEqual({ entity: 'appearance' });
      expect(await stateOf(first.page)).toMatchObject({ theme: 'dark' });
      expect(await themes(first.app)).toEqual({ platform: 'dark', menu: ['dark'] });
      expect(
        await first.page.evaluate(() => headgate.calls['app.setTheme']?.({ theme: 'sepia' }, 'bad')),
      ).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
      await first.app.close();
      const second = await start(real, data);
      expect(await stateOf(second.page)).toMatchObject({ theme: 'dark' });
      expect(await themes(second.app)).toEqual({ platform: 'dark', menu: ['dark'] });
    });

    test('seals the key of the vault again when the keychain has a newer one', async () => {
      const data = dataFolder();
      const env = { HEADGATE_DOUBLE_KEYCHAIN: join(data, '../keys') };
      const connection = { name: 'One', host: 'db.example.org', database: 'd', user: 'u', password: 'kept' };
      const first = await start(real, data, env);
      await first.page.evaluate((input) => headgate.calls['connections.create']?.(input, 'make'), connection);
      await first.app.evaluate((electron) =>
        (electron as unknown as { __double: { keychain: { rotate(): void } } }).__double.keychain.rotate(),
      );
      await first.app.close();
      const log = (): string => readFileSync(join(data, 'headgate.log'), 'utf8');
      expect(log()).not.toContain('vault.resealed');
      const second = await start(real, data, env);
      expect(log()).toMatch(/"event":"vault.resealed","version":1/);
      expect(await stateOf(second.page)).toMatchObject({
        vault: { state: 'protected', secrets: 1, keyVersion: 1 },
      });
      await second.app.close();
      const third = await start(real, data, env);
      expect(log().match(/vault\.resealed/g)).toHaveLength(1);
      expect(await stateOf(third.page)).toMatchObject({ vault: { state: 'protected', secrets: 1 } });
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
