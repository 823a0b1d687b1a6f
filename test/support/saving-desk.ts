import { systemClock } from '../../main/clock.ts';
import { createHeadlessDesk } from '../../main/headless/terminal/desk.ts';
import type { Desk } from '../../main/host.ts';
import { writeOwn } from '../../main/own-file.ts';
import { keptLog } from './parts.ts';
import { englishWords } from './words.ts';

/** Saves where the window's dialog would have been answered with. */
export const deskThatSaves = (path: () => string): Desk =>
  createHeadlessDesk({
    ...{ screen: process.stderr, input: process.stdin, clock: systemClock, log: keptLog().log },
    words: englishWords,
    async saveTo(content) {
      await writeOwn(path(), content);
      return path();
    },
  });
