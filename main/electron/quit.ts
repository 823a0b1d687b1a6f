import { app } from 'electron';
import type { App } from '../app.ts';
import type { Logger } from '../log.ts';
import type { Windows } from './window.ts';

/** A little more than the core takes at most, so that its own limit is the one that counts. */
const longestClose = 12_000;

/** Lets running work reach a safe point before the process ends, and never waits for ever. */
export function closeBeforeQuit(deps: {
  app: Pick<App, 'close' | 'runningSyncs'>;
  windows: Pick<Windows, 'saveBounds'>;
  log: Logger;
}): void {
  const { log, windows } = deps;
  let closing = false;
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (closing) return;
    closing = true;
    windows.saveBounds();
    log.info('electron.quitting', { runningSyncs: deps.app.runningSyncs });
    const limit = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), longestClose).unref());
    Promise.race([deps.app.close(), limit])
      .then((outcome) => {
        if (outcome === 'late') log.error('electron.close_late');
      })
      .catch((error: unknown) => log.error('electron.close_failed', { error }))
      .finally(() => app.exit(0));
  });
}
