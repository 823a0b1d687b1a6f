const endings = ['SIGINT', 'SIGTERM'] as const;

/** Until the signal says that it is over. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * Aborts with the name of the first signal that asks this process to end: Ctrl-C ends the work in order, SIGTERM the process
 * alone, whose syncs are paused and go on at the next start. A second signal, whichever it is, ends the process as the
 * system does.
 */
export function abortOnSignal(process: Pick<NodeJS.Process, 'on' | 'off'>, stop: AbortController): void {
  const onSignal = (name: NodeJS.Signals): void => {
    for (const each of endings) process.off(each, onSignal);
    stop.abort(name);
  };
  for (const name of endings) process.on(name, onSignal);
}
