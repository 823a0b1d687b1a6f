import type { Dialog, App as ElectronApp } from 'electron';
import { say } from '../../../preload/messages/said.ts';
import type { Logger } from '../../log.ts';
import type { Words } from '../../words.ts';
import type { Core } from '../core.ts';
import type { Windows } from '../window.ts';
import type { Running } from './running.ts';

/** A little more than the core takes at most, so that its own limit is the one that counts. */
const longestClose = 12_000;

type Choice = 'finish' | 'stop' | 'stay';
const choices: readonly Choice[] = ['finish', 'stop', 'stay'];

export interface QuitParts {
  readonly electron: Pick<ElectronApp, 'on' | 'exit'>;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  readonly core: Pick<Core, 'close'>;
  readonly running: Pick<Running, 'count' | 'onChange'>;
  readonly windows: Pick<Windows, 'saveBounds'>;
  readonly log: Logger;
  readonly words: Words;
}

export interface Quitting {
  /** The system shuts down or signs the person out: nobody is asked anything from now on. */
  shutDown(): void;
}

/**
 * Ends the app in order. Where syncs run the person says what becomes of them: they finish first, they stop at a safe point and
 * go on with the next start, or the app stays. Running work reaches a safe point in any case, and nothing waits for ever.
 */
export function quitInOrder({ electron, dialog, core, running, windows, log, words }: QuitParts): Quitting {
  let closing = false;
  let unasked = false;
  /** Of the question that is on the screen. */
  let asking: AbortController | null = null;
  let stopWaiting: (() => void) | null = null;

  const close = (): void => {
    if (closing) return;
    closing = true;
    asking?.abort();
    stopWaiting?.();
    windows.saveBounds();
    log.info('electron.quitting', { runningSyncs: running.count() });
    const limit = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), longestClose).unref());
    Promise.race([core.close(), limit])
      .then((outcome) => {
        if (outcome === 'late') log.error('electron.close_late');
      })
      .catch((error: unknown) => log.error('electron.close_failed', { error }))
      .finally(() => electron.exit(0));
  };

  const ask = async (signal: AbortSignal): Promise<Choice> => {
    const count = running.count();
    const { response } = await dialog.showMessageBox({
      type: 'question',
      title: words.text(say('quit.title')),
      message: words.text(say('quit.running', { count })),
      detail: words.text(say('quit.detail')),
      buttons: (['quit.finish', 'quit.stop', 'desk.cancel'] as const).map((id) => words.text(say(id))),
      defaultId: 0,
      cancelId: 2,
      noLink: true,
      signal,
    });
    return choices[response] ?? 'stay';
  };

  const decide = async (): Promise<void> => {
    if (asking) return;
    asking = new AbortController();
    try {
      const choice = await ask(asking.signal);
      stopWaiting?.();
      stopWaiting = null;
      if (choice === 'stop' || (choice === 'finish' && running.count() === 0)) return close();
      if (choice === 'stay') return;
      log.info('electron.finishing', { runningSyncs: running.count() });
      stopWaiting = running.onChange((count) => {
        if (count === 0) close();
      });
    } catch (error) {
      log.error('electron.quit_unasked', { error });
      close();
    } finally {
      asking = null;
    }
  };

  electron.on('before-quit', (event) => {
    event.preventDefault();
    if (closing) return;
    if (unasked || running.count() === 0) close();
    else void decide();
  });
  return {
    shutDown() {
      unasked = true;
      // What is asked already would keep the system waiting.
      if (asking || stopWaiting) close();
    },
  };
}
