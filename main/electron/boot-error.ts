import { dialog } from 'electron';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';

/** Tells the person why Headgate did not start, where there is no window to tell it in. */
export function showBootError(error: unknown): void {
  const known =
    error instanceof AppError
      ? error
      : new AppError('INTERNAL', say('desktop.headgateCouldNotStart'), { cause: error });
  dialog.showErrorBox('Headgate can not start', `${known.message}\n\n${known.advice}\n\nCode: ${known.code}`);
  // The cause of a known error names files and systems, which is what the terminal is for.
  const cause = known.cause instanceof Error ? known.cause.message : undefined;
  if (cause !== undefined) process.stderr.write(`${cause}\n`);
}
