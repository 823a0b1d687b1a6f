import type { Console } from '../../main/headless/commands/commands.ts';
import { englishWords } from './words.ts';

export interface KeptConsole extends Console {
  /** What was written so far. */
  readonly said: { out: string; err: string };
}

/** A console that keeps what is written, for commands that run in this process. */
export function keptConsole(change: Partial<Pick<Console, 'json' | 'signal' | 'words'>> = {}): KeptConsole {
  const said = { out: '', err: '' };
  return {
    ...{ said, json: false, now: () => Date.now(), signal: new AbortController().signal },
    words: englishWords,
    out: { write: (text) => (said.out += text) },
    err: { write: (text) => (said.err += text) },
    ...change,
  };
}
