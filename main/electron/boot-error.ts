import { dialog } from 'electron';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Words } from '../words.ts';

/** Tells the person why Headgate did not start, where there is no window to tell it in. */
export function showBootError(error: unknown, words: Words): void {
  const known =
    error instanceof AppError
      ? error
      : new AppError('INTERNAL', say('desktop.headgateCouldNotStart'), { cause: error });
  const { said: message, advised: advice, code } = known;
  dialog.showErrorBox(words.text(say('boot.title')), words.text(say('boot.text', { message, advice, code })));
  // The cause of a known error names files and systems, which is what the terminal is for.
  const cause = known.cause instanceof Error ? known.cause.message : undefined;
  if (cause !== undefined) process.stderr.write(`${cause}\n`);
}
