/**
 * The module `electron` of a main process that runs in plain Node with a stock Chromium beside it, for machines
 * that have no Electron binary. Started by the script `electron` in this folder, which Playwright's
 * `_electron.launch({ executablePath })` takes for the real one.
 *
 * What differs from Electron, by its nature:
 * - A stock browser loads no schemes of its own: the page of `app://host/` has the origin
 *   `https://host.app.invalid`. The main process sees `app://host` everywhere.
 * - Profiles are made anew for every run; `persist:` partitions do not persist.
 * - `window.open` in a page returns a window that is closed already, where Electron returns null.
 * - Permission handlers are asked for every permission before a document loads.
 * - `app.commandLine.appendSwitch` comes too late for Chromium.
 * - `ipcRenderer.sendSync`, message ports, frames inside a page, downloads, `webRequest`: not there, and say so.
 *
 * A member that is not implemented throws an error with its name. The module is the state of one process, as the
 * real one is; everything below it takes what it needs as arguments.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { DoubleApp, readAppPackage } from './app.ts';
import { startBrowser } from './browser.ts';
import type { CdpSession } from './cdp.ts';
import type { WebContents } from './contents.ts';
import type { Core } from './core.ts';
import {
  ClipboardItem,
  createClipboard,
  createCrashReporter,
  createDialog,
  createNotificationClass,
  createShell,
  createTrayClass,
  type DialogAnswers,
} from './desktop.ts';
import { createIpc } from './ipc.ts';
import { createMenus } from './menu.ts';
import { Recorder } from './recorder.ts';
import { createSafeStorage, type Keychain, type KeychainMode } from './safe-storage.ts';
import { createSessions } from './session.ts';
import { readStart } from './start.ts';
import { strict, unimplemented } from './strict.ts';
import {
  createNativeTheme,
  createNet,
  createPowerMonitor,
  createPowerSaveBlocker,
  createScreen,
} from './system.ts';
import { createTargets, type Targets } from './targets.ts';
import { createWindowClass } from './window.ts';

/** What tests may do that an app can not. */
export interface Controls {
  /** Resolves when the app's own code has been loaded and Chromium is there; used by boot.ts. */
  appCodeLoaded(): void;
  /** Everything the app asked of the desktop. */
  readonly recorder: Recorder;
  /** What dialogs will answer. */
  readonly answers: DialogAnswers;
  readonly keychain: Keychain;
  /** What the operating system prefers. */
  setSystemDark(dark: boolean): void;
  /** Which of the two a test runs on; the real Electron has no such member. */
  readonly isDouble: true;
  /** Where a debugger can attach to the pages. */
  readonly endpoint: Promise<string>;
  readonly appPackage: { readonly path: string; readonly entry: string };
}

const start = readStart(process.argv, process.env);
const electronVersion = (
  JSON.parse(readFileSync(createRequire(import.meta.url).resolve('electron/package.json'), 'utf8')) as {
    version: string;
  }
).version;
const appPackage = readAppPackage(start.target, electronVersion);
process.argv = [...start.argv];
Object.assign(process, { type: 'browser', resourcesPath: `${appPackage.path}/resources`, defaultApp: true });
for (const [name, value] of Object.entries({ electron: electronVersion, chrome: 'double' })) {
  Object.defineProperty(process.versions, name, { value, enumerable: true, configurable: true });
}

const browser = startBrowser({ headless: start.headless });
const state: Core['state'] = {
  ready: false,
  quitting: false,
  focused: null,
  systemDark: start.systemDark,
  themeSource: 'system',
  lastContentsId: 0,
  lastWindowId: 0,
};
const core: Core = {
  headless: start.headless,
  browser,
  targets: browser.then(createTargets),
  schemes: new Set(),
  windows: new Set(),
  contents: new Map(),
  recorder: new Recorder(),
  state,
  tellApp: (event, ...args) => app.emit(event, ...args),
};
const { ipcMain, router } = createIpc();
const sessions = createSessions(core);
const { safeStorage, keychain } = createSafeStorage(core, start.keychain);
const answers: DialogAnswers = {
  agreeing: process.env['HEADGATE_DOUBLE_AGREES'] === '1',
  ...{ messageBoxes: [], openPaths: [], savePaths: [] },
};
const nativeTheme = createNativeTheme(core);
const menus = createMenus(core);

const app = new DoubleApp({
  state,
  recorder: core.recorder,
  windows: core.windows,
  appPackage,
  executable: start.executable,
  packaged: start.packaged,
  argv: start.argv,
  shutDown: async () => {
    shuttingDown = true;
    await (await browser).close();
  },
});
let shuttingDown = false;

const attached = Promise.withResolvers<void>();
const codeLoaded = Promise.withResolvers<void>();
if (start.waitsForPlaywright) {
  // Playwright calls it once it has attached; `ready` waits, so that a test misses nothing.
  Object.assign(globalThis, { __playwright_run: () => attached.resolve() });
} else {
  attached.resolve();
}

/**
 * Closes a window that a page opened, before it has asked the network for anything. It stops the page that opened
 * it for as long as it is held, so it goes first, and the app is asked afterwards.
 */
async function discard(targets: Targets, targetId: string, session: CdpSession): Promise<void> {
  await session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }).catch(() => {});
  const closed = targets.close(targetId).catch(() => {});
  session.tell('Runtime.runIfWaitingForDebugger');
  await closed;
}

async function run(): Promise<void> {
  const { connection, endpoint } = await browser;
  const targets = await core.targets;
  const contentsOf = (targetId: string | undefined): WebContents | undefined =>
    [...core.contents.values()].find((contents) => contents.targetId === targetId);
  targets.onGone((targetId) => contentsOf(targetId)?.gone());
  targets.onOpened((info, session) => {
    const refuse = async (): Promise<void> => {
      await discard(targets, info.targetId, session);
      const likely = contentsOf(info.openerId);
      for (const contents of likely ? [likely] : [...core.contents.values()]) {
        const opening = (await contents.settled())?.takeOpening();
        if (opening) contents.askToOpen(opening);
        if (opening) break;
      }
    };
    refuse().catch(() => {});
  });
  connection.closed
    .then(() => {
      if (shuttingDown) return;
      console.error('electron double: Chromium has ended');
      process.exit(1);
    })
    .catch(() => {});
  if (start.printsEndpoint) process.stderr.write(`DevTools listening on ${endpoint}\n`);
  await Promise.all([attached.promise, codeLoaded.promise]);
  app.becomeReady();
}

run().catch((error: unknown) => {
  if (shuttingDown) return;
  console.error('electron double:', error);
  process.exit(1);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());

const __double: Controls = {
  appCodeLoaded: () => codeLoaded.resolve(),
  recorder: core.recorder,
  answers,
  keychain,
  setSystemDark(dark) {
    state.systemDark = dark;
    if (state.themeSource === 'system') nativeTheme.changed();
  },
  isDouble: true,
  endpoint: browser.then(({ endpoint }) => endpoint),
  appPackage,
};

const BrowserWindow = createWindowClass({ core, sessions, router });
const session = sessions;
const { protocol } = sessions.defaultSession;
const webContents = strict('webContents', {
  fromId: (id: number) => core.contents.get(id),
  getAllWebContents: () => [...core.contents.values()],
  getFocusedWebContents: () => state.focused?.webContents ?? null,
  fromDevToolsTargetId: (targetId: string) =>
    [...core.contents.values()].find((contents) => contents.targetId === targetId),
});
const { Menu, MenuItem } = menus;
const dialog = createDialog(core.recorder, answers);
const shell = createShell(core.recorder);
const clipboard = createClipboard(core.recorder);
const Notification = createNotificationClass(core.recorder);
const Tray = createTrayClass(core.recorder);
const crashReporter = createCrashReporter(core.recorder);
const powerMonitor = createPowerMonitor();
const powerSaveBlocker = createPowerSaveBlocker();
const screen = createScreen();

// They must be importable, and throw when used.
const autoUpdater = unimplemented('autoUpdater');
const BaseWindow = unimplemented('BaseWindow');
const contentTracing = unimplemented('contentTracing');
const desktopCapturer = unimplemented('desktopCapturer');
const globalShortcut = unimplemented('globalShortcut');
const MessageChannelMain = unimplemented('MessageChannelMain');
const nativeImage = unimplemented('nativeImage');
const net = createNet();
const netLog = unimplemented('netLog');
const systemPreferences = unimplemented('systemPreferences');
const utilityProcess = unimplemented('utilityProcess');
const webFrameMain = unimplemented('webFrameMain');
const WebContentsView = unimplemented('WebContentsView');

const electron = strict('electron', {
  __double,
  app,
  autoUpdater,
  BaseWindow,
  BrowserWindow,
  clipboard,
  ClipboardItem,
  contentTracing,
  crashReporter,
  desktopCapturer,
  dialog,
  globalShortcut,
  ipcMain,
  Menu,
  MenuItem,
  MessageChannelMain,
  nativeImage,
  nativeTheme,
  net,
  netLog,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  systemPreferences,
  Tray,
  utilityProcess,
  webContents,
  webFrameMain,
  WebContentsView,
} satisfies Partial<Record<keyof typeof import('electron') | '__double', unknown>>);

export type { Keychain, KeychainMode };
export {
  __double,
  app,
  autoUpdater,
  BaseWindow,
  BrowserWindow,
  ClipboardItem,
  clipboard,
  contentTracing,
  crashReporter,
  desktopCapturer,
  dialog,
  // What `import electron from 'electron'` and `require('electron')` give.
  // biome-ignore lint/style/noDefaultExport: the module that this one stands for has a default export
  electron as default,
  electron as 'module.exports',
  globalShortcut,
  ipcMain,
  Menu,
  MenuItem,
  MessageChannelMain,
  Notification,
  nativeImage,
  nativeTheme,
  net,
  netLog,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  systemPreferences,
  Tray,
  utilityProcess,
  WebContentsView,
  webContents,
  webFrameMain,
};
