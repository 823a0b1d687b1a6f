import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createElectronDesk, type DeskParts } from '../../main/electron/desk.ts';
import { temporaryFolder } from '../support/parts.ts';

const never = new AbortController().signal;

/** The desk with a person who presses these buttons, and saves there; what Electron would have been asked is kept. */
function deskOf(presses: number[], file: string | null, platform = 'linux') {
  const asked: { detail?: string; buttons?: string[]; cancelId?: number }[] = [];
  const dialog = {
    async showMessageBox(options: (typeof asked)[number]) {
      asked.push(options);
      return { response: presses.shift() ?? 0, checkboxChecked: false };
    },
    showSaveDialog: async () => ({ canceled: file === null, filePath: file ?? '' }),
  };
  const parts = { dialog, window: () => null, folder: () => '/', platform } as unknown as DeskParts;
  return { desk: createElectronDesk(parts), asked };
}

it('a text to keep is shown in a message of the system until the person has it', async () => {
  const written = deskOf([2], null);
  expect(await written.desk.handOut('Recovery key', 'ABCDE', 'key.txt', never)).toBe(true);
  expect(written.asked).toMatchObject([{ detail: 'ABCDE', cancelId: 0 }]);
  const closed = deskOf([0], null);
  expect(await closed.desk.handOut('Recovery key', 'ABCDE', 'key.txt', never)).toBe(false);

  // Who changes their mind in the dialog for the file still sees it.
  const minded = deskOf([1, 0], null);
  expect(await minded.desk.handOut('Recovery key', 'ABCDE', 'key.txt', never)).toBe(false);
  expect(minded.asked).toHaveLength(2);
  using folder = temporaryFolder();
  const file = join(folder.path, 'key.txt');
  expect(await deskOf([1], file).desk.handOut('Recovery key', 'ABCDE', 'key.txt', never)).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('ABCDE');

  const ended = deskOf([2], null);
  expect(await ended.desk.handOut('t', 'ABCDE', 'key.txt', AbortSignal.abort())).toBe(false);
  expect(ended.asked).toEqual([]);
  const bare = deskOf([2], null, 'darwin');
  await expect(bare.desk.handOut('t', 'ABCDE', 'key.txt', never)).rejects.toMatchObject({ code: 'NOT_HERE' });
});
