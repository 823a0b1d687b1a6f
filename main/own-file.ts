import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from './errors.ts';

/** That a file has its name is on the disk too. Windows opens no folders, and writes that by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file: complete and on the disk when this resolves, or not at all, and readable by this user only, also where a file
 * with other rights stood before. Fails with STORE_UNAVAILABLE, or with what the pieces fail with.
 */
export async function writeOwn(
  path: string,
  text: string | AsyncIterable<string>,
  encoding: 'utf8' | 'base64' = 'utf8',
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      for await (const piece of typeof text === 'string' ? [text] : text)
        await handle.writeFile(piece, encoding);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(draft, { force: true });
    // What goes wrong where the pieces come from, or a cancel, is no fault of the file.
    if ((cause as { syscall?: unknown } | null)?.syscall === undefined) throw cause;
    throw new AppError('STORE_UNAVAILABLE', `${path} can not be written.`, {
      cause,
      advice: 'Choose another folder, or check that the disk is not full and the folder is writable.',
    });
  }
}
