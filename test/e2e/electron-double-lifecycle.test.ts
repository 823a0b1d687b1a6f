import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright';
import { afterEach, describe, expect, test } from 'vitest';
import { executable, firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';

declare const fixture: { log: unknown[][]; prevent: Set<string> };

const fixtureApp = join(import.meta.dirname, '../electron-double/fixtures/app');
const problem = await whyNot();

/** The profiles of running doubles in a temp folder of our own, so that other tests do not count. */
function profiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^headgate-double-|chromium/i.test(name));
}

function chromiumsWith(folder: string): number {
  const listed = execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' });
  return listed
    .split('\n')
    .filter((line) => line.includes(`--user-data-dir=${folder}`) && !line.startsWith('Z')).length;
}

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** Starts the double as a plain program, the way a person would. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(executable, [...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (part) => {
    text += String(part);
  });
  child.stderr.on('data', (part) => {
    text += String(part);
  });
  return new Promise((resolve) => child.on('exit', (code) => resolve({ code, text })));
}

describe.skipIf(problem !== undefined)(
  `starting and ending the Electron double${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    const cleanups: (() => void | Promise<void>)[] = [];
    afterEach(async () => {
      for (const clean of cleanups.splice(0).reverse()) await clean();
    });
    const folder = (name: string): string => {
      const made = temporaryFolder(name);
      cleanups.push(made.remove);
      return made.path;
    };
    const start = async (
      env: Readonly<Record<string, string | undefined>> = {},
    ): Promise<ElectronApplication> => {
      const app = await launch(fixtureApp, { env });
      cleanups.push(() => app.close().catch(() => {}));
      return app;
    };

    test('leaves neither Chromium nor its profile behind', async () => {
      const temporary = folder('tmp');
      const app = await start({ TMPDIR: temporary });
      await firstPage(app, /index/);
      expect(profiles(temporary)).toHaveLength(1);
      expect(chromiumsWith(temporary)).toBeGreaterThan(0);
      await app.close();
      expect(profiles(temporary)).toEqual([]);
      await expect.poll(() => chromiumsWith(temporary)).toBe(0);
    });

    test('leaves nothing behind when it is killed', async () => {
      const temporary = folder('tmp');
      const app = await launch(fixtureApp, { env: { TMPDIR: temporary } });
      await firstPage(app, /index/);
      app.process().kill('SIGKILL');
      await expect.poll(() => chromiumsWith(temporary), { timeout: 5000 }).toBe(0);
      await expect.poll(() => profiles(temporary), { timeout: 5000 }).toEqual([]);
    });

    test('quits in Electron’s order, and only when nobody objects', async () => {
      const app = await start();
      await firstPage(app, /index/);
      const logged = await app.evaluate(({ app }) => {
        for (const step of ['before-quit', 'close', 'will-quit']) {
          fixture.log.length = 0;
          fixture.prevent.add(step);
          app.quit();
          fixture.log.push(['kept', step]);
          if (step === 'will-quit') break;
        }
        return fixture.log.map(([name]) => name);
      });
      // The windows are closed by then; the app lives on without them.
      expect(logged).toEqual(['before-quit', 'close', 'closed', 'will-quit', 'kept']);
      const exited = new Promise((resolve) => app.process().once('exit', resolve));
      await app.evaluate(({ app }) => setTimeout(() => app.exit(3), 10) && undefined).catch(() => {});
      expect(await exited).toBe(3);
    });

    test('quits with its last window, unless the app listens', async () => {
      const app = await start();
      await firstPage(app, /index/);
      const child = app.process();
      const names = await app.evaluate(async ({ app, BrowserWindow }) => {
        fixture.prevent.add('window-all-closed');
        BrowserWindow.getAllWindows()[0]?.close();
        await new Promise((resolve) => setTimeout(resolve, 50));
        const alive = fixture.log.map(([name]) => name);
        const window = new BrowserWindow({ show: false });
        await window.loadURL('app://fixture/again.html');
        setTimeout(() => window.close(), 10);
        return [...alive, app.isReady()];
      });
      expect(names.slice(-4)).toEqual(['close', 'closed', 'window-all-closed', true]);
      await expect.poll(() => child.exitCode).toBe(0);
    });

    test('holds one instance per data folder', async () => {
      const data = folder('data');
      const env = { FIXTURE_USER_DATA: data, FIXTURE_SINGLE: '1' };
      const app = await start(env);
      await firstPage(app, /index/);
      const second = await run([fixtureApp, 'with-argument'], env);
      expect(second).toMatchObject({ code: 7 });
      await expect
        .poll(() => app.evaluate(() => fixture.log.find(([name]) => name === 'second-instance')))
        .toEqual(['second-instance', 'with-argument', process.cwd(), { from: 'second' }]);
      const other = await start({ ...env, FIXTURE_USER_DATA: folder('other') });
      expect(await other.evaluate(({ app }) => app.hasSingleInstanceLock())).toBe(true);
    });

    test('seals with a keychain that outlives the process', async () => {
      const keys = join(folder('keys'), 'keychain');
      const first = await start({ HEADGATE_DOUBLE_KEYCHAIN: keys });
      const sealed = await first.evaluate(async ({ safeStorage }) => {
        const bytes = await safeStorage.encryptStringAsync('secret');
        return [
          await safeStorage.isAsyncEncryptionAvailable(),
          bytes.subarray(0, 3).toString(),
          bytes.includes('secret'),
          bytes.toString('base64'),
        ] as const;
      });
      expect(sealed.slice(0, 3)).toEqual([true, 'v11', false]);
      await first.close();
      expect(statSync(join(keys, 'keychain.json')).mode & 0o777).toBe(0o600);

      const second = await start({ HEADGATE_DOUBLE_KEYCHAIN: keys });
      const opened = await second.evaluate(async (electron, base64) => {
        const { safeStorage } = electron;
        const { __double } = electron as unknown as {
          __double: { keychain: { mode: string; rotate(): void } };
        };
        const bytes = Buffer.from(base64, 'base64');
        const attempt = (): Promise<unknown> =>
          safeStorage.decryptStringAsync(bytes).then(
            ({ result, shouldReEncrypt }) => [result, shouldReEncrypt],
            (error: Error) => error.message,
          );
        const before = await attempt();
        __double.keychain.rotate();
        const rotated = await attempt();
        __double.keychain.mode = 'unavailable';
        const unavailable = await attempt();
        __double.keychain.mode = 'basic';
        const basic = (await safeStorage.encryptStringAsync('x')).subarray(0, 3).toString();
        return {
          before,
          rotated,
          unavailable,
          basic,
          available: await safeStorage.isAsyncEncryptionAvailable(),
        };
      }, sealed[3]);
      expect(opened).toEqual({
        before: ['secret', false],
        rotated: ['secret', true],
        unavailable: 'safeStorage.decryptStringAsync is temporarily unavailable. Please try again.',
        basic: 'v10',
        available: true,
      });
    });

    test('says what is wrong when an app can not be loaded', async () => {
      const missing = await run([join(tmpdir(), 'no-such-app.mjs')]);
      expect(missing.code).toBe(1);
      expect(missing.text).toContain('A JavaScript error occurred in the main process');
      const nothing = await run(['--inspect=0']);
      expect(nothing.code).toBe(1);
      expect(nothing.text).toContain('usage: electron');
      const none = await run([fixtureApp], { HEADGATE_CHROMIUM: '/nonexistent/chromium' });
      expect(none.code).toBe(1);
      expect(none.text).toContain('HEADGATE_CHROMIUM names /nonexistent/chromium');
    });
  },
);
