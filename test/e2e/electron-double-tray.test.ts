import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';

const problem = await whyNot();
const skipped = problem ? ` (skipped: ${problem})` : '';

describe.skipIf(problem !== undefined)(`going on without a window, in the Electron double${skipped}`, () => {
  const cleanups: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean();
  });
  let shell: ConsoleBuild;
  beforeAll(async () => {
    shell = await buildConsole({
      core: join(import.meta.dirname, '../electron-double/fixtures/stub-core.ts'),
    });
  });
  afterAll(() => shell?.remove());

  const start = async (
    settings: object,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ app: ElectronApplication; data: string }> => {
    const folder = temporaryFolder('data');
    cleanups.push(folder.remove);
    const data = join(folder.path, 'workspace');
    mkdirSync(data);
    writeFileSync(join(data, 'window.json'), JSON.stringify(settings));
    const app = await launch(shell.path, { env: { HEADGATE_DATA: data, ...env } });
    cleanups.push(async () => {
      await app.evaluate(({ app: electron }) => electron.exit(0)).catch(() => {});
      await app.close().catch(() => {});
    });
    await firstPage(app, /^https:\/\/console\.app\.invalid\/$/);
    return { app, data };
  };
  const asked = (app: ElectronApplication, what: string): Promise<unknown[]> =>
    app.evaluate(
      (electron, name) =>
        (
          electron as unknown as { __double: { recorder: { of(name: string): unknown[] } } }
        ).__double.recorder.of(name),
      what,
    );
  const windows = (app: ElectronApplication): Promise<number> =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
  const closeWindow = (app: ElectronApplication): Promise<void> =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());

  test('stays in the tray when the window is closed, says so once, and opens it again', async () => {
    const { app, data } = await start({ keepsRunning: true });
    const [tray] = (await asked(app, 'Tray')) as { image: string }[];
    expect(existsSync(tray?.image ?? '')).toBe(true);
    expect(existsSync((tray?.image ?? '').replace('.png', '@2x.png'))).toBe(true);
    expect((await asked(app, 'Tray.setToolTip'))[0]).toBe('Headgate: nothing runs now');
    await closeWindow(app);
    await expect.poll(() => windows(app)).toBe(0);
    const told = async () => (await asked(app, 'Notification.show')).length;
    await expect.poll(told).toBe(1);
    await app.evaluate(({ app: electron }) => void electron.emit('activate'));
    await expect.poll(() => windows(app)).toBe(1);
    await closeWindow(app);
    await expect.poll(() => windows(app)).toBe(0);
    expect(await told()).toBe(1);
    expect(JSON.parse(readFileSync(join(data, 'window.json'), 'utf8'))).toMatchObject({ toldRunning: true });
    expect(existsSync(join(data, 'closed-safely'))).toBe(false);
  });

  test('has no place in the tray unless it was asked for, and quits with its window', async () => {
    const { app, data } = await start({});
    expect(await asked(app, 'Tray')).toEqual([]);
    const exited = new Promise((resolve) => app.process().once('exit', resolve));
    await closeWindow(app);
    await exited;
    expect(existsSync(join(data, 'closed-safely'))).toBe(true);
  });

  test('keeps the computer awake while a sync runs, and asks before it quits then, but not at a shutdown', async () => {
    const { app, data } = await start({}, { HEADGATE_STUB_RUNNING: '1' });
    expect(await app.evaluate(({ powerSaveBlocker }) => powerSaveBlocker.isStarted(1))).toBe(true);
    await app.evaluate(({ app: electron }) => electron.quit());
    await expect.poll(async () => (await asked(app, 'dialog.showMessageBox')).length).toBe(1);
    expect(existsSync(join(data, 'closed-safely'))).toBe(false);
    const exited = new Promise((resolve) => app.process().once('exit', resolve));
    await app
      .evaluate(({ powerMonitor }) => {
        // As the system does it; Electron's types know it on a part of them only.
        (powerMonitor as NodeJS.EventEmitter).emit('shutdown', { preventDefault() {} });
      })
      .catch(() => {});
    await exited;
    expect(existsSync(join(data, 'closed-safely'))).toBe(true);
  });
});
