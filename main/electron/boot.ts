import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  session as sessions,
  Tray,
} from 'electron';
import type { EventName } from '../../preload/contract/channels.ts';
import type { Events } from '../../preload/contract/events.ts';
import type { LanguageChoice } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { createWords, localTime, spokenFor } from '../words.ts';
import { createAppearance } from './appearance.ts';
import { showBootError } from './boot-error.ts';
import { partition, scheme } from './constants.ts';
import { type Core, openCore } from './core.ts';
import { hardenContents, hardenSession } from './harden.ts';
import { createElectronHost } from './host.ts';
import { registerIpc } from './ipc.ts';
import { installMenu } from './menu.ts';
import { createFileHandler } from './protocol.ts';
import { keepAwakeWhileSyncing } from './running/awake.ts';
import { createBackground } from './running/background.ts';
import { createLoginItem, hiddenSwitch } from './running/login-item.ts';
import { quitInOrder } from './running/quit.ts';
import { watchRunning } from './running/running.ts';
import { createTray } from './running/tray.ts';
import { createSettings } from './settings.ts';
import { createWindows } from './window.ts';

/** Everything that follows once Electron is ready: host, core, protocol, bridge, menu, window. */
export async function start(): Promise<void> {
  let core: Core | undefined;
  // Until the settings are read, what the system prefers is spoken.
  let chosen: () => LanguageChoice = () => 'system';
  const words = createWords(() => spokenFor(chosen(), app.getPreferredSystemLanguages()), localTime);
  try {
    const settings = createSettings({ folder: app.getPath('userData'), ipcMain });
    const appearance = createAppearance({ settings, nativeTheme });
    chosen = appearance.language;
    const background = createBackground({
      settings,
      loginItem: createLoginItem({
        ...{ platform: process.platform, app, configFolder: app.getPath('appData') },
        command: [process.env['APPIMAGE'] ?? process.execPath, ...(app.isPackaged ? [] : [app.getAppPath()])],
      }),
    });
    const { host } = await createElectronHost({ appearance, words, background });
    const { log } = host;
    const session = sessions.fromPartition(partition);
    hardenSession(session);
    session.protocol.handle(scheme, createFileHandler({ root: join(import.meta.dirname, '../renderer') }));
    app.on('web-contents-created', (_event, contents) => hardenContents(contents, log));

    const windows = createWindows({ session, settings, log, clock: host.clock, words });

    core = await openCore(host, () => {
      // Whoever owned the workspace has ended: the app owns it from its next start on, which is now.
      log.warn('electron.owner_gone');
      app.relaunch();
      app.quit();
    });
    const running = core;
    registerIpc({ app: running, ipcMain, windows, log });
    const syncs = watchRunning({ core: running, clock: host.clock });
    const quitting = quitInOrder({
      ...{ electron: app, dialog, core: running, running: syncs, windows, log, words },
    });
    // Typed for macOS and Linux; Windows tells its windows.
    const power: NodeJS.EventEmitter = powerMonitor;
    power.on('shutdown', () => quitting.shutDown());
    app.on('browser-window-created', (_event, window) => {
      const emitter: NodeJS.EventEmitter = window;
      emitter.on('session-end', () => quitting.shutDown());
    });
    keepAwakeWhileSyncing({ powerSaveBlocker, running: syncs });
    const tray = createTray({
      Tray,
      buildMenu: (template) => Menu.buildFromTemplate(template),
      icon: join(import.meta.dirname, 'tray.png'),
      core: running,
      running: syncs,
      show: () => windows.showFirst(),
      quit: () => app.quit(),
      badge: (count) => void app.setBadgeCount(count),
      newId: () => `tray ${host.random(8).toString('hex')}`,
      log,
      words,
    });
    const showTray = (): void => tray.set(background.current().keepsRunning);
    background.onChange(showTray);
    showTray();
    const showMenu = (): void =>
      installMenu({
        theme: appearance.theme(),
        words,
        onTheme(theme) {
          appearance.setTheme(theme);
          windows.send(
            'store.changed' satisfies EventName,
            {
              entity: 'appearance',
            } satisfies Events['store.changed'],
          );
        },
        onDeed(deed) {
          // A menu is there without a window too, where the application goes on in the tray.
          windows.showFirst();
          windows.send('menu.chosen' satisfies EventName, { deed } satisfies Events['menu.chosen']);
        },
        isPackaged: app.isPackaged,
        platform: process.platform,
      });
    appearance.onChange(() => {
      showMenu();
      tray.draw();
    });
    showMenu();

    app.on('second-instance', () => windows.showFirst());
    app.on('window-all-closed', () => {
      if (background.current().keepsRunning) {
        if (settings.toldRunning()) return;
        settings.setToldRunning();
        host.desk.notify(say('hidden.title'), say('hidden.text'));
      } else if (process.platform !== 'darwin') app.quit();
    });
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) windows.open();
    });
    if (!(background.current().keepsRunning && process.argv.includes(hiddenSwitch))) windows.open();
    running.startTimetable();
    log.info('electron.started', { version: host.version, packaged: app.isPackaged });
  } catch (error) {
    showBootError(error, words);
    await core?.close().catch(() => {});
    app.exit(1);
  }
}
