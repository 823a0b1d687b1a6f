import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Said } from '../preload/contract/said.ts';
import { say } from '../preload/messages/said.ts';
import { AppError } from './errors.ts';

/** A file's content: a text, or its pieces in their order, texts or bytes, that are made as they are taken. */
export type Saved = string | AsyncIterable<string | Uint8Array>;

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

/** A file that is not whole yet; what a process left that ended meanwhile is known by it. */
const draftName = (path: string, random: string): string => `${path}.${random}.unfinished`;
/** Nobody writes on a file so long without a single piece. */
const leftMs = 24 * 3_600_000;

/** Removes what was left of earlier tries at this file; what another process may still be writing stays. */
async function removeLeft(path: string, now: number): Promise<void> {
  const folder = dirname(path);
  const begin = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(begin) || !/^[0-9a-f]{12}\.unfinished$/.test(name.slice(begin.length))) continue;
    const left = join(folder, name);
    const { mtimeMs } = await stat(left);
    if (now - mtimeMs > leftMs) await rm(left, { force: true });
  }
}

/**
 * Writes a file: complete and on the disk when this resolves, or not at all, and readable by this user only, also where a file
 * with other rights stood before. Until then it stands beside under a name that says so. Fails with FILE_NOT_WRITTEN, or with
 * what the pieces fail with.
 */
export async function writeOwn(chosen: string, content: Saved): Promise<void> {
  if (await isDevice(chosen)) return writeDevice(chosen, content);
  // A link stays, and what it points to is written anew.
  const path = await realpath(chosen).catch(() => chosen);
  const draft = draftName(path, randomBytes(6).toString('hex'));
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await writePieces(handle, content);
      await handle.sync();
      // By the clock of the disk that it is on.
      await removeLeft(path, (await handle.stat()).mtimeMs).catch(() => {});
    } finally {
      await handle.close();
    }
    await rename(draft, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {});
    throw explainFile(path, cause);
  }
}

async function writePieces(handle: FileHandle, content: Saved): Promise<void> {
  for await (const piece of typeof content === 'string' ? [content] : content) await handle.writeFile(piece);
}

/** A pipe or a device (`/dev/stdout`): nothing is renamed over it. */
async function isDevice(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}

async function writeDevice(path: string, content: Saved): Promise<void> {
  try {
    const handle = await open(path, 'w');
    try {
      await writePieces(handle, content);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw explainFile(path, cause);
  }
}

/** What keeps a file from being written, in words; what is no fault of a file stays as it is, like a cancel. */
function explainFile(path: string, cause: unknown): unknown {
  const { syscall, code } = (cause ?? {}) as { readonly syscall?: unknown; readonly code?: unknown };
  if (syscall === undefined) return cause;
  const failed = (why: Said, advice?: Said): AppError =>
    new AppError('FILE_NOT_WRITTEN', say('core.notWritten', { path, why }), {
      cause,
      ...(advice && { advice }),
    });
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return failed(say('core.diskFull'), say('core.diskFull.advice'));
    case 'EFBIG':
      return failed(say('core.diskTakesNoFile'), say('core.diskTakesNoFile.advice'));
    case 'EBUSY':
    case 'ETXTBSY':
    case 'EPERM':
      return failed(say('core.openAnotherProgramMay'), say('core.openAnotherProgramMay.advice'));
    case 'EACCES':
    case 'EROFS':
      return failed(say('core.youMayNotWrite'), say('core.youMayNotWrite.advice'));
    case 'ENOENT':
    case 'ENOTDIR':
      return failed(say('core.noSuchFolder'), say('core.noSuchFolder.advice'));
    case 'EISDIR':
      return failed(say('core.folder'), say('core.folder.advice'));
    default:
      return failed(say('core.diskDoesNotTake'));
  }
}
