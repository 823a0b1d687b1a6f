import type { Said } from '../../../preload/contract/said.ts';
import { problemOfTyped } from '../../../preload/contract/typed.ts';
import { english, say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Clock, Desk, Saved } from '../../host.ts';
import type { Logger } from '../../log.ts';
import { type Words, writtenIn } from '../../words.ts';
import { askHidden, type KeyInput } from './ask.ts';

/** Takes a file's content; answers where it is, where that is a file. */
export type SaveTo = (content: Saved) => Promise<string | null>;

/** The part of a terminal's stream in use. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * The terminal's second screen (xterm, DEC private mode 1049): what is shown there is in no scroll-back, and what was there
 * before comes back. It is emptied before it is left, for terminals that keep it.
 */
const enterScreen = '\x1b[?1049h\x1b[2J\x1b[H';
const leaveScreen = '\x1b[2J\x1b[3J\x1b[H\x1b[?1049l';

/** A secret or a title must not steer the terminal; keys have several lines. */
const printable = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      line.replace(/[\x00-\x1f\x7f-\x9f]/g, (control) => {
        return `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`;
      }),
    )
    .join('\r\n');

/** What plain Node has of a desk: the log, and a terminal when somebody sits at one. */
export function createHeadlessDesk(deps: {
  screen: Screen;
  /** Where the person at that screen types. */
  input: KeyInput;
  clock: Clock;
  log: Logger;
  words: Words;
  /** Where a command puts what it was asked to hand out; without it there is no dialog to choose a file with. */
  saveTo?: SaveTo | undefined;
}): Desk {
  const { screen, input, clock, log, words } = deps;
  const written = (said: Said): string => printable(words.text(said));
  const noTerminal = (): AppError => new AppError('NOT_HERE', say('command.noTerminal'));
  return {
    write: async (told) => writtenIn(words, told),
    notify(title, text) {
      log.info('desk.notified', { title: english(title), text: text === null ? '' : english(text) });
      if (!screen.isTTY) return;
      screen.write(`${[title, ...(text === null ? [] : [text])].map(written).join(': ')}\n`);
    },
    async reveal(title, secret, ms, signal) {
      if (!screen.isTTY) throw noTerminal();
      if (signal.aborted) return;
      const seconds = Math.round(ms / 1000);
      // Also when the process ends meanwhile, by Ctrl-C for one.
      const leave = (): void => void screen.write(leaveScreen);
      process.once('exit', leave);
      try {
        screen.write(
          `${enterScreen}${written(say('command.goesAway', { title, seconds }))}\r\n\r\n${printable(secret)}\r\n`,
        );
        await clock.sleep(ms, signal).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
      } finally {
        process.off('exit', leave);
        leave();
      }
    },
    copy: () => Promise.reject(new AppError('NOT_HERE', say('command.noClipboard'))),
    // Nothing of ours can be in one.
    clearCopied: () => Promise.resolve(),
    // Who starts a program with a command has said what they want; no page speaks for them here.
    confirm: (_, signal) => Promise.resolve(!signal.aborted),
    async save(name, content) {
      if (!deps.saveTo) throw new AppError('NOT_HERE', say('command.noFileDialog'));
      return (await deps.saveTo(content)) ?? name;
    },
    async askTyped(question, signal) {
      if (!screen.isTTY || !input.isTTY) throw noTerminal();
      const { title, what, label, kind, problem } = question;
      const line = (said: Said): void => void screen.write(`${written(said)}\n`);
      for (const each of [title, what, problem]) if (each !== null) line(each);
      try {
        for (;;) {
          const typed = await askHidden(`${written(label)}: `, input, screen, signal);
          if (typed === null) return null;
          const again =
            kind === 'new' ? await askHidden(`${written(say('ask.again'))}: `, input, screen, signal) : null;
          const found = problemOfTyped(question, typed, again ?? '');
          if (found === null) return typed;
          line(say(`ask.${found.problem}`, { shortest: question.shortest }));
        }
      } catch (error) {
        if (error instanceof AppError && error.code === 'CANCELLED') return null;
        throw error;
      }
    },
    async handOut(title, text, _, signal) {
      if (!screen.isTTY || !input.isTTY) throw noTerminal();
      const leave = (): void => void screen.write(leaveScreen);
      process.once('exit', leave);
      try {
        screen.write(`${enterScreen}${written(title)}\r\n\r\n${written(text)}\r\n`);
        return (await askHidden(`${written(say('command.wroteDown'))} `, input, screen, signal)) !== null;
      } catch (error) {
        if (error instanceof AppError && error.code === 'CANCELLED') return false;
        throw error;
      } finally {
        process.off('exit', leave);
        leave();
      }
    },
    onPower: () => () => {},
  };
}
