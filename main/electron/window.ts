import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  nativeTheme,
  type Rectangle,
  type RenderProcessGoneDetails,
  type Session,
  screen,
  type WebContents,
} from 'electron';
import { say } from '../../preload/messages/said.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Words } from '../words.ts';
import { origin } from './constants.ts';
import type { Settings } from './settings.ts';

export interface Windows {
  open(): void;
  /** Brings the window to the front, or opens one; for a second start of the app. */
  showFirst(): void;
  /** True for the contents of a window that this app opened. */
  owns(contents: WebContents): boolean;
  send(channel: string, payload: unknown): void;
  saveBounds(): void;
}

interface Deps {
  readonly session: Session;
  readonly settings: Settings;
  readonly log: Logger;
  readonly clock: Clock;
  readonly words: Words;
}

const smallest = { width: 720, height: 480 };
const usual = { width: 1280, height: 820 };
/** What is seen before the first paint; the same as the page's background in both themes. */
const backgrounds = { light: '#ffffff', dark: '#131b1c' };
const crashWindow = 5 * 60_000;
const reloadsPerWindow = 2;
/** So much of the title bar must be on a screen for the window to be movable. */
const graspable = 100;

/** The remembered place, unless the screen it was on is gone. */
function placed(remembered: Rectangle | undefined): Partial<Rectangle> {
  if (!remembered) return usual;
  const { workArea } = screen.getDisplayMatching(remembered);
  const size = {
    width: Math.max(smallest.width, Math.min(remembered.width, workArea.width)),
    height: Math.max(smallest.height, Math.min(remembered.height, workArea.height)),
  };
  const reachable =
    remembered.x + size.width >= workArea.x + graspable &&
    remembered.x <= workArea.x + workArea.width - graspable &&
    remembered.y >= workArea.y &&
    remembered.y <= workArea.y + workArea.height - graspable;
  return reachable ? { x: remembered.x, y: remembered.y, ...size } : size;
}

/** Opens hardened windows on the app's one page, and keeps them alive. */
export function createWindows({ session, settings, log, clock, words }: Deps): Windows {
  const open = new Set<BrowserWindow>();

  const keepAlive = (window: BrowserWindow): void => {
    let crashes: number[] = [];
    window.webContents.on('render-process-gone', (_event, details: RenderProcessGoneDetails) => {
      if (details.reason === 'clean-exit' || window.isDestroyed()) return;
      log.error('window.gone', { reason: details.reason, exitCode: details.exitCode });
      const now = clock.now();
      crashes = [...crashes.filter((at) => now - at < crashWindow), now];
      if (crashes.length <= reloadsPerWindow) {
        window.webContents.reload();
        return;
      }
      dialog
        .showMessageBox(window, {
          type: 'error',
          message: words.text(say('window.fails')),
          detail: words.text(say('window.failsDetail', { reason: details.reason })),
          buttons: [words.text(say('window.again')), words.text(say('menu.quit'))],
          defaultId: 0,
          cancelId: 0,
        })
        .then(({ response }) => {
          crashes = [];
          if (response === 1) app.quit();
          else if (!window.isDestroyed()) window.webContents.reload();
        })
        .catch((error: unknown) => log.error('window.dialog_failed', { error }));
    });
  };

  const saveBoundsOf = (window: BrowserWindow): void => {
    if (!window.isDestroyed()) settings.setBounds(window.getNormalBounds());
  };

  const make = (): void => {
    const window = new BrowserWindow({
      ...placed(settings.bounds()),
      minWidth: smallest.width,
      minHeight: smallest.height,
      show: false,
      title: 'Headgate',
      backgroundColor: nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light,
      webPreferences: {
        preload: join(import.meta.dirname, '../preload/index.cjs'),
        session,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        devTools: !app.isPackaged,
      },
    });
    open.add(window);
    window.once('ready-to-show', () => window.show());
    window.on('close', () => saveBoundsOf(window));
    window.on('closed', () => open.delete(window));
    // The name of the app, not of a screen: what is open here is nobody else's business in a task bar.
    window.on('page-title-updated', (event) => event.preventDefault());
    keepAlive(window);
    window.loadURL(`${origin}/`).catch((error: unknown) => log.error('window.load_failed', { error }));
  };

  return {
    open: make,
    showFirst() {
      const [window] = open;
      if (!window) return make();
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    owns: (contents) => [...open].some((window) => !window.isDestroyed() && window.webContents === contents),
    send(channel, payload) {
      for (const window of open) {
        if (!window.isDestroyed() && !window.webContents.isCrashed())
          window.webContents.send(channel, payload);
      }
    },
    saveBounds() {
      const [window] = open;
      if (window) saveBoundsOf(window);
    },
  };
}
