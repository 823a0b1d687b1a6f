import { join } from 'node:path';
import type {
  BrowserWindow,
  Clipboard,
  ClipboardItem,
  Dialog,
  Notification,
  NotificationConstructorOptions,
  PowerMonitor,
} from 'electron';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Clock, Desk, PowerEvent } from '../host.ts';
import type { Logger } from '../log.ts';
import { writeOwn } from '../own-file.ts';
import { type Words, writtenIn } from '../words.ts';
import type { AskTyped } from './ask-window.ts';
import { askedText } from './asked-text.ts';

type PowerName = 'lock-screen' | 'suspend' | 'resume' | 'user-did-resign-active';

/** What Electron says, and what it means here. Somebody else's session in front (macOS) is a locked screen. */
const powerEvents: Readonly<Record<PowerName, PowerEvent>> = {
  'lock-screen': 'lock',
  'user-did-resign-active': 'lock',
  suspend: 'suspend',
  resume: 'resume',
};

/**
 * What histories of clipboards look for to leave an entry out: nspasteboard.org (macOS), KDE's hint for Klipper, and
 * Microsoft's clipboard formats, whose values are a DWORD of 0.
 */
const concealed: Readonly<Record<string, readonly (readonly [format: string, value: string])[]>> = {
  darwin: [['org.nspasteboard.ConcealedType', '']],
  linux: [['x-kde-passwordManagerHint', 'secret']],
  win32: [
    ['ExcludeClipboardContentFromMonitorProcessing', '\0\0\0\0'],
    ['CanIncludeInClipboardHistory', '\0\0\0\0'],
    ['CanUploadToCloudClipboard', '\0\0\0\0'],
  ],
};

interface NotificationClass {
  new (options: NotificationConstructorOptions): Notification;
  isSupported(): boolean;
}

export interface DeskParts {
  readonly Notification: NotificationClass;
  readonly dialog: Pick<Dialog, 'showMessageBox' | 'showSaveDialog'>;
  readonly clipboard: Pick<Clipboard, 'write' | 'readText' | 'clear'>;
  readonly ClipboardItem: typeof ClipboardItem;
  readonly powerMonitor: PowerMonitor;
  /** The window that dialogs belong to; null while there is none. */
  readonly window: () => BrowserWindow | null;
  /** Where the dialog to save begins. */
  readonly folder: () => string;
  readonly platform: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly askTyped: AskTyped;
  readonly words: Words;
}

/** After a refusal nothing is asked for so long. */
const quietMs = 3000;
/** A message box grows with its text; what does not fit a small screen could hide the rest. */
const longestDetail = 1500;

/** The desktop, past every page: native messages and dialogs, the clipboard, and what the system tells of power. */
export function createElectronDesk(parts: DeskParts): Desk {
  const { Notification, dialog, clipboard, powerMonitor, platform, clock, log } = parts;
  const written = (said: Said): string => parts.words.text(said);
  /** A message that nothing refers to is collected, and its click with it. */
  const shown = new Set<Notification>();
  const save: Desk['save'] = async (suggestedName, content) => {
    const window = parts.window();
    const options = {
      defaultPath: join(parts.folder(), suggestedName),
      properties: ['createDirectory' as const, 'showOverwriteConfirmation' as const],
    };
    const { canceled, filePath } = await (window
      ? dialog.showSaveDialog(window, options)
      : dialog.showSaveDialog(options));
    if (canceled || filePath === '') return null;
    await writeOwn(filePath, content);
    return filePath;
  };
  let asking = false;
  let refusedAt = Number.NEGATIVE_INFINITY;
  /**
   * One question at a time, and none for a while after a no, also one that the page gave itself by ending its call: a page that
   * asks over and over must not wear anybody down. What is not asked says so: whoever closed a window by mistake must not press
   * a button in vain.
   */
  const inTurn = async <T>(no: T, signal: AbortSignal, ask: () => Promise<T>): Promise<T> => {
    if (signal.aborted) return no;
    if (asking || clock.now() - refusedAt < quietMs) {
      const text = say('desktop.headgateAsksOneThing');
      throw new AppError('NOT_ASKED', text);
    }
    asking = true;
    try {
      const answer = await ask();
      if (answer === no) refusedAt = clock.now();
      return answer;
    } finally {
      asking = false;
    }
  };
  return {
    write: async (told) => writtenIn(parts.words, told),
    notify(title, text) {
      try {
        if (!Notification.isSupported()) return;
        const notification = new Notification({
          title: written(title),
          body: text === null ? '' : written(text),
        });
        shown.add(notification);
        notification.once('close', () => shown.delete(notification));
        notification.once('failed', (_event, error) => {
          shown.delete(notification);
          log.warn('desk.notify_failed', { error });
        });
        notification.show();
      } catch (error) {
        log.warn('desk.notify_failed', { error });
      }
    },
    async reveal(title, secret, ms, signal) {
      if (signal.aborted) return;
      const window = parts.window();
      // Without a window of its own it blocks the whole app there, and no signal closes it.
      if (!window && platform === 'darwin') {
        throw new AppError('NOT_HERE', say('desktop.noWindowSecretCould'));
      }
      const gone = new AbortController();
      const late = new AbortController();
      clock.sleep(ms, gone.signal).then(
        () => late.abort(),
        () => {},
      );
      const options = {
        type: 'none' as const,
        title: written(title),
        message: written(title),
        detail: secret,
        buttons: [written(say('desk.close'))],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
        signal: AbortSignal.any([signal, late.signal]),
      };
      try {
        await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options));
      } finally {
        gone.abort();
      }
    },
    async copy(secret) {
      const markers = (concealed[platform] ?? []).map(([format, value]) => {
        const type = `electron application/osclipboard;format="${format}"`;
        return [type, new Blob([value], { type })] as const;
      });
      try {
        // In one write: there is no moment in which it lies there unmarked.
        const item = {
          'text/plain': new Blob([secret], { type: 'text/plain' }),
          ...Object.fromEntries(markers),
        };
        await clipboard.write([new parts.ClipboardItem(item)]);
      } catch (cause) {
        throw new AppError('NOT_HERE', say('desktop.clipboardDidNotTake'), { cause });
      }
    },
    async clearCopied(secret) {
      if ((await clipboard.readText()) === secret) clipboard.clear();
    },
    save,
    async confirm({ title, what, agree }, signal) {
      const window = parts.window();
      if (!window && platform === 'darwin') return false;
      const options = {
        type: 'warning' as const,
        title: written(title),
        message: written(title),
        detail: what === null ? '' : written(what).slice(0, longestDetail),
        buttons: [written(say('desk.cancel')), written(agree)],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
        signal,
      };
      return inTurn(false, signal, async () => {
        const { response } = await (window
          ? dialog.showMessageBox(window, options)
          : dialog.showMessageBox(options));
        return response === 1;
      });
    },
    askTyped: (question, signal) =>
      inTurn(null, signal, () => parts.askTyped(askedText(question, written, longestDetail), signal)),
    async handOut(title, text, suggestedName, signal) {
      const window = parts.window();
      if (!window && platform === 'darwin') {
        throw new AppError('NOT_HERE', say('desktop.noWindowCouldShown'));
      }
      const options = {
        type: 'none' as const,
        title: written(title),
        message: written(title),
        detail: written(text),
        buttons: (['desk.cancel', 'desk.saveFile', 'desk.wroteDown'] as const).map((id) => written(say(id))),
        defaultId: 0,
        cancelId: 0,
        noLink: true,
        signal,
      };
      for (;;) {
        if (signal.aborted) return false;
        const { response } = await (window
          ? dialog.showMessageBox(window, options)
          : dialog.showMessageBox(options));
        if (response !== 1) return response === 2;
        // Who closed the dialog for the file still sees the text.
        if ((await save(suggestedName, written(text))) !== null) return true;
      }
    },
    onPower(listener) {
      const stops = (Object.keys(powerEvents) as PowerName[]).map((name) => {
        const told = (): void => listener(powerEvents[name]);
        // One name at a time in Electron's types; what they have in common is the emitter.
        const emitter: NodeJS.EventEmitter = powerMonitor;
        emitter.on(name, told);
        return () => emitter.off(name, told);
      });
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
