import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/** The parts of a terminal's input that asking needs. */
export interface KeyInput {
  readonly isTTY?: boolean;
  setRawMode?(mode: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: 'data', listener: (text: string) => void): unknown;
  off(event: 'data', listener: (text: string) => void): unknown;
}

const enter = ['\r', '\n', '\u0004'];
const back = ['\b', '\u007f'];
const interrupt = '\u0003';

/**
 * Asks for a line that the terminal does not show. Null where nobody can be asked. Fails with CANCELLED after Ctrl-C or
 * when the signal is aborted.
 */
export async function askHidden(
  question: string,
  input: KeyInput,
  output: { write(text: string): unknown },
  signal: AbortSignal,
): Promise<string | null> {
  if (!input.isTTY || !input.setRawMode) return null;
  output.write(question);
  input.setRawMode(true);
  input.setEncoding('utf8');
  input.resume();
  const typed: string[] = [];
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = (): void => reject(new AppError('CANCELLED', say('command.nothingEntered')));
      const onData = (text: string): void => {
        for (const key of text) {
          if (enter.includes(key)) done(() => resolve(typed.join('')));
          else if (key === interrupt) done(stop);
          else if (back.includes(key)) typed.pop();
          else if (key >= ' ') typed.push(key);
        }
      };
      const aborted = (): void => done(stop);
      const done = (end: () => void): void => {
        input.off('data', onData);
        signal.removeEventListener('abort', aborted);
        end();
      };
      if (signal.aborted) return stop();
      signal.addEventListener('abort', aborted, { once: true });
      input.on('data', onData);
    });
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}
