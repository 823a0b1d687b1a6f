import { join } from 'node:path';
import type {
  BrowserWindow,
  BrowserWindowConstructorOptions,
  IpcMain,
  IpcMainEvent,
  Session,
} from 'electron';
import { type AskedText, longestTyped, type TypedKind } from '../../preload/contract/typed.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Words } from '../words.ts';
import { serveAskPage } from './ask-page.ts';
import { askOrigin, scheme } from './constants.ts';
import { hardenSession } from './harden.ts';

/** A question that nobody answers goes. */
const openMs = 5 * 60_000;
const width = 460;
/** It begins with so much room, and is made as high as what is in it: what is not seen without scrolling may be missed. */
const height: Readonly<Record<TypedKind, number>> = { known: 330, key: 360, new: 450 };
/** On the smallest screen there is still room for it. */
const highest = 680;

interface AskParts {
  /** Of this window alone: in memory, and without the network. */
  readonly session: () => Session;
  readonly make: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly ipcMain: IpcMain;
  readonly parent: () => BrowserWindow | null;
  readonly isDark: () => boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly words: Words;
}

export type AskTyped = (question: AskedText, signal: AbortSignal) => Promise<string | null>;

/**
 * Asks for a passphrase or a key in a window of its own, with a page and a preload script that no other window has: a page that
 * is not to be trusted neither sees it nor can show one that looks like it above it. Null when the person closed it, and when
 * nobody answered in time. The desk sees to it that one is asked at a time.
 */
export function createAskWindow(parts: AskParts): AskTyped {
  const { ipcMain, clock, log } = parts;
  let session: Session | null = null;
  const ownSession = (): Session => {
    if (session === null) {
      const made = parts.session();
      hardenSession(made, askOrigin);
      made.protocol.handle(scheme, (request) => serveAskPage(request, parts.words));
      // Only one that is ready is kept.
      session = made;
    }
    return session;
  };
  return async (question, signal) => {
    if (signal.aborted) return null;
    const parent = parts.parent();
    const window = parts.make({
      ...{ width, height: height[question.kind], useContentSize: true },
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
    const over = new AbortController();
    try {
      return await new Promise<string | null>((resolve) => {
        const stop = (): void => resolve(null);
        ipcMain.handle('ask.what', (event) => {
          if (!isOurs(event)) throw new Error('not for this page');
          return question;
        });
        ipcMain.on('ask.answer', (event, typed: unknown) => {
          if (!isOurs(event)) return;
          const fits = typeof typed === 'string' && typed.length <= longestTyped;
          resolve(fits ? typed : null);
        });
        ipcMain.on('ask.height', (event, wanted: unknown) => {
          if (!isOurs(event) || typeof wanted !== 'number' || !Number.isFinite(wanted)) return;
          window.setContentSize(width, Math.min(highest, Math.max(height.known, Math.ceil(wanted))));
        });
        window.once('closed', stop);
        window.once('ready-to-show', () => window.show());
        signal.addEventListener('abort', stop, { once: true });
        clock.sleep(openMs, over.signal).then(stop, () => {});
        window.setMenuBarVisibility(false);
        // What is typed is shown as dots; that somebody is asked, and for what, need not be on a shared screen either.
        window.setContentProtection(true);
        window.loadURL(`${askOrigin}/`).catch((error: unknown) => {
          log.error('ask.not_shown', { error });
          stop();
        });
      });
    } finally {
      over.abort();
      ipcMain.removeHandler('ask.what');
      for (const channel of ['ask.answer', 'ask.height']) ipcMain.removeAllListeners(channel);
      if (!window.isDestroyed()) {
        const hadFocus = window.isFocused();
        window.destroy();
        // Not every system gives it back by itself.
        if (hadFocus && parent && !parent.isDestroyed()) parent.focus();
      }
    }
  };
}
