import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, nativeTheme, session as sessions } from 'electron';
import type { EventName } from '../../preload/contract/channels.ts';
import type { Events } from '../../preload/contract/events.ts';
import { createAppearance } from './appearance.ts';
import { showBootError } from './boot-error.ts';
import { partition, scheme } from './constants.ts';
import { type Core, openCore } from './core.ts';
import { hardenContents, hardenSession } from './harden.ts';
import { createElectronHost } from './host.ts';
import { registerIpc } from './ipc.ts';
import { installMenu } from './menu.ts';
import { createFileHandler } from './protocol.ts';
import { closeBeforeQuit } from './quit.ts';
import { createSettings } from './settings.ts';
import { createWindows } from './window.ts';

/** Everything that follows once Electron is ready: host, core, protocol, bridge, menu, window. */
export async function start(): Promise<void> {
  let core: Core | undefined;
  try {
    const settings = createSettings({ folder: app.getPath('userData'), ipcMain });
    const appearance = createAppearance({ settings, nativeTheme });
    const { host } = await createElectronHost({ appearance });
    const { log } = host;
    const session = sessions.fromPartition(partition);
    hardenSession(session);
    session.protocol.handle(scheme, createFileHandler({ root: join(import.meta.dirname, '../renderer') }));
    app.on('web-contents-created', (_event, contents) => hardenContents(contents, log));

    const windows = createWindows({ session, settings, log, clock: host.clock });

    core = await openCore(host, () => {
      // Whoever owned the workspace has ended: the app owns it from its next start on, which is now.
      log.warn('electron.owner_gone');
      app.relaunch();
      app.quit();
    });
    const running = core;
    registerIpc({ app: running, ipcMain, windows, log });
    closeBeforeQuit({ app: running, windows, log });
    const showMenu = (): void =>
      installMenu({
        theme: appearance.theme(),
        onTheme(theme) {
          appearance.setTheme(theme);
          windows.send(
            'store.changed' satisfies EventName,
            {
              entity: 'appearance',
            } satisfies Events['store.changed'],
          );
        },
        isPackaged: app.isPackaged,
        platform: process.platform,
      });
    appearance.onChange(showMenu);
    showMenu();

    app.on('second-instance', () => windows.showFirst());
    app.on('window-all-closed', () => {
      if (process.platform !== 'darwin') app.quit();
    });
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) windows.open();
    });
    windows.open();
    running.startTimetable();
    log.info('electron.started', { version: host.version, packaged: app.isPackaged });
  } catch (error) {
    showBootError(error);
    await core?.close().catch(() => {});
    app.exit(1);
  }
}
