import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Words } from '../../words.ts';
import { askHidden, type KeyInput } from './ask.ts';

/** Asks for one secret after the other: in the terminal without showing it, else the next line of standard input. */
export type AskSecret = (question: Said) => Promise<string>;

/** Secrets never come as arguments: those are in the history of the shell, and for everybody in the list of processes. */
export function secretLines(
  input: KeyInput & AsyncIterable<Buffer | string>,
  output: { write(text: string): unknown },
  { signal, words }: { readonly signal: AbortSignal; readonly words: Words },
): AskSecret {
  let lines: Promise<string[]> | null = null;
  const readAll = async (): Promise<string[]> => {
    let text = '';
    for await (const part of input) text += part.toString();
    return text.split(/\r?\n/);
  };
  return async (question) => {
    if (input.isTTY) {
      const typed = await askHidden(`${words.text(question)}: `, input, output, signal);
      if (typed !== null) return typed;
    }
    lines ??= readAll();
    const line = (await lines).shift();
    if (line !== undefined && line !== '') return line;
    throw new AppError('INPUT_INVALID', say('command.nextLineStandardInput', { question }), {
      advice: say('command.nextLineStandardInput.advice'),
    });
  };
}
