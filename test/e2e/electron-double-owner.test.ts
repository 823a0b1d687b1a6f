import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import type { AppInfo, Session } from '../../preload/contract/models.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { askedOutside, typeOutside } from '../support/asked-outside.ts';
import { bundleProgram } from '../support/bundle.ts';

interface Bridge {
  readonly calls: Record<string, (input: unknown, callId: unknown) => Promise<Envelope<unknown>>>;
  on(name: string, listener: (payload: { entity: string }) => void): void;
}
declare const headgate: Bridge;

const problem = await whyNot();

describe.skipIf(problem !== undefined)(
  `who owns the workspace of the desktop app in the Electron double${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    const cleanups: (() => unknown)[] = [];
    afterEach(async () => {
      for (const clean of cleanups.splice(0).reverse()) await clean();
    });
    let real: ConsoleBuild;
    let program: Awaited<ReturnType<typeof bundleProgram>>;
    beforeAll(async () => {
      real = await buildConsole();
      program = await bundleProgram('owned');
    });
    afterAll(() => {
      real?.remove();
      program?.remove();
    });

    const folderFor = (): { workspace: string; env: Record<string, string> } => {
      const folder = temporaryFolder('owner');
      cleanups.push(folder.remove);
      const workspace = join(folder.path, 'workspace');
      return { workspace, env: { HEADGATE_DATA: workspace, HEADGATE_KEY_FILE: join(folder.path, 'key') } };
    };
    const command = (args: readonly string[], env: Record<string, string>): ChildProcess => {
      const child = spawn(process.execPath, [program.file, ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      cleanups.push(() => child.kill('SIGKILL'));
      return child;
    };
    const heard = (child: ChildProcess): Promise<string> =>
      new Promise((resolve) => {
        let out = '';
        child.stdout?.setEncoding('utf8').on('data', (text) => (out += text));
        child.once('close', () => resolve(out));
      });
    const start = async (env: Record<string, string>): Promise<{ app: ElectronApplication; page: Page }> => {
      const app = await launch(real.path, { env });
      cleanups.push(() => app.close().catch(() => {}));
      return { app, page: await firstPage(app, /^https:\/\/console\.app\.invalid\/$/) };
    };
    const call = (page: Page, name: string, input: object = {}): Promise<Envelope<unknown>> =>
      page.evaluate(
        ([name, input]) =>
          headgate.calls[name]?.(input, `${name} ${Math.random()}`) as Promise<Envelope<unknown>>,
        [name, input] as const,
      );
    const infoOf = async (page: Page): Promise<AppInfo> =>
      ((await call(page, 'app.info')) as { data: AppInfo }).data;

    test('is the app, once it is open: the command line is its client', async () => {
      const { env } = folderFor();
      const { page } = await start(env);
      const { runner } = await infoOf(page);
      const said = await heard(command(['call', 'app.info', '--json'], env));
      expect((JSON.parse(said) as { data: AppInfo }).data.runner).toBe(runner);
    });

    test('is headgate serve, where that was there first: the window is its client until it ends', async () => {
      const { env, workspace } = folderFor();
      const serve = command(['serve'], env);
      await new Promise<void>((resolve) =>
        serve.stderr?.on('data', (text) => String(text).includes('keeps its timetable') && resolve()),
      );
      const serving = await heard(command(['call', 'app.info', '--json'], env));
      const { app, page } = await start(env);
      const info = await infoOf(page);
      expect(info.runner).toBe((JSON.parse(serving) as { data: AppInfo }).data.runner);
      // What the window looks like, and is, stays its own.
      expect(info.host).toBe('electron');
      await call(page, 'app.setTheme', { theme: 'dark' });
      await expect
        .poll(() => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches))
        .toBe(true);
      // A change at the service is told to the window.
      const connection = { name: 'Made beside', host: 'h', database: 'd', user: 'u', password: 'p' };
      await page.evaluate(() => {
        Object.assign(globalThis, {
          told: new Promise((resolve) =>
            headgate.on('store.changed', ({ entity }) => entity === 'connections' && resolve(entity)),
          ),
        });
      });
      await heard(command(['call', 'connections.create', JSON.stringify(connection)], env));
      expect(await page.evaluate(() => (globalThis as unknown as { told: Promise<string> }).told)).toBe(
        'connections',
      );
      // What the service asks, it asks at the window's own desk, past its page.
      const { data } = (await call(page, 'session.state')) as { data: Session };
      const own = { id: data.person?.id, next: 'of the page 1234' };
      const set = call(page, 'people.setPassphrase', own);
      await typeOutside(app, 'Set the passphrase of this profile?', 'gate of the old mill');
      expect(await set).toMatchObject({ ok: true });
      const again = call(page, 'people.setPassphrase', { ...own, passphrase: 'gate of the old mill' });
      const window = await askedOutside(app, 'A passphrase is to be changed');
      await window.getByRole('button', { name: 'Cancel' }).click();
      expect(await again).toMatchObject({ error: { code: 'CANCELLED' } });
      expect(await call(page, 'people.setPassphrase', own)).toMatchObject({ error: { code: 'NOT_ASKED' } });
      const ended = new Promise<void>((resolve) => app.on('close', () => resolve()));
      serve.kill('SIGTERM');
      await ended;
      expect(readFileSync(join(workspace, 'headgate.log'), 'utf8')).toContain('electron.owner_gone');
    });
  },
);
