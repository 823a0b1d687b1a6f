import { join } from 'node:path';
import type {
  BrowserWindow,
  BrowserWindowConstructorOptions,
  IpcMain,
  IpcMainEvent,
  Session,
} from 'electron';
import type { Question } from '../host.ts';
import type { Logger } from '../log.ts';
import { serveAskPage } from './ask-page.ts';
import { askOrigin, scheme } from './constants.ts';
import { hardenSession } from './harden.ts';

/** No passphrase is longer; the contract says the same. */
const longestPassphrase = 1024;
/** A question that nobody answers goes. */
const openMs = 5 * 60_000;
const size = { width: 460, height: 330 };

interface AskParts {
  /** Of this window alone: in memory, and without the network. */
  readonly session: () => Session;
  readonly make: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly ipcMain: IpcMain;
  readonly parent: () => BrowserWindow | null;
  readonly isDark: () => boolean;
  readonly log: Logger;
}

export type AskPassphrase = (question: Question, signal: AbortSignal) => Promise<string | null>;

/**
 * Asks for a passphrase in a window of its own, with a page and a preload script that no other window has: a page that is not
 * to be trusted neither sees it nor can show one that looks like it above it. Null when the person closed it, and when nobody
 * answered in time. The desk sees to it that one is asked at a time.
 */
export function createAskWindow(parts: AskParts): AskPassphrase {
  const { ipcMain, log } = parts;
  let session: Session | null = null;
  const ownSession = (): Session => {
    if (session === null) {
      const made = parts.session();
      hardenSession(made, askOrigin);
      made.protocol.handle(scheme, serveAskPage);
      // Only one that is ready is kept.
      session = made;
    }
    return session;
  };
  return async ({ title, what }, signal) => {
    if (signal.aborted) return null;
    const parent = parts.parent();
    const window = parts.make({
      ...size,
      ...(parent ? { parent, modal: true } : {}),
      show: false,
      resizable: true,
      minimizable: false,
      maximizable: false,
      fullscreenable: false,
      title: 'Headgate',
      backgroundColor: parts.isDark() ? '#131b1c' : '#ffffff',
      webPreferences: {
        preload: join(import.meta.dirname, '../preload/ask.cjs'),
        session: ownSession(),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        spellcheck: false,
        devTools: false,
      },
    });
    const { webContents } = window;
    const isOurs = ({ sender, senderFrame }: Pick<IpcMainEvent, 'sender' | 'senderFrame'>): boolean =>
      sender === webContents && senderFrame === webContents.mainFrame && senderFrame.origin === askOrigin;
    try {
      return await new Promise<string | null>((resolve) => {
        const stop = (): void => resolve(null);
        ipcMain.handle('ask.what', (event) => {
          if (!isOurs(event)) throw new Error('not for this page');
          return { title, what };
        });
        ipcMain.on('ask.answer', (event, typed: unknown) => {
          if (!isOurs(event)) return;
          const fits = typeof typed === 'string' && typed.length <= longestPassphrase;
          resolve(fits ? typed : null);
        });
        window.once('closed', stop);
        window.once('ready-to-show', () => window.show());
        signal.addEventListener('abort', stop, { once: true });
        const late = setTimeout(stop, openMs);
        window.once('closed', () => clearTimeout(late));
        window.setMenuBarVisibility(false);
        // What is typed is shown as dots; that somebody is asked, and for what, need not be on a shared screen either.
        window.setContentProtection(true);
        window.loadURL(`${askOrigin}/`).catch((error: unknown) => {
          log.error('ask.not_shown', { error });
          stop();
        });
      });
    } finally {
      ipcMain.removeHandler('ask.what');
      ipcMain.removeAllListeners('ask.answer');
      if (!window.isDestroyed()) window.destroy();
    }
  };
}
