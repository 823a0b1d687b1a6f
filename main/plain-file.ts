import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Why a file is not read: it is no plain file, too large, or on a computer of somebody's choosing. */
export class NotPlain extends Error {}

/**
 * Without waiting: a pipe that nobody writes to would keep one of the few threads that read files for ever. Windows has
 * no such flag, and no pipes among its files.
 */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * `//host/share` and `\\host\share` make Windows sign in to that host with the person's own account, and `\\.\` names
 * devices. No file that Headgate is told of by somebody else's text may do that, on any platform: a path of that form is a
 * mistake on the others.
 */
export const isElsewhere = (path: string): boolean => /^[\\/]{2}/.test(path);

/** A path as people write it: `~/` stands for their home folder. */
export const expandHome = (path: string, home: string): string =>
  /^~[\\/]/.test(path) ? join(home, path.slice(2)) : path;

function insistPlain(path: string, found: Stats, largest: number): void {
  if (!found.isFile()) throw new NotPlain(`${path} is no plain file`);
  if (found.size > largest) throw new NotPlain(`${path} is larger than ${largest} bytes`);
}

/** Reads what a handle gives, up to the limit: a file may grow while it is read. */
async function readUpTo(handle: FileHandle, path: string, largest: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let total = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(65_536), 0, 65_536, null);
    if (bytesRead === 0) return Buffer.concat(pieces, total);
    total += bytesRead;
    if (total > largest) throw new NotPlain(`${path} is larger than ${largest} bytes`);
    pieces.push(buffer.subarray(0, bytesRead));
  }
}

/**
 * Reads a file whose path somebody else may have chosen: a page, or a file that was imported. It is opened first and looked
 * at then, so that it can't be exchanged in between; only a plain file of at most `largest` bytes on this computer is read.
 * `check` is asked about the open file. Fails with NotPlain or what the system says.
 */
export async function readPlainFile(
  path: string,
  largest: number,
  check?: (found: Stats) => void,
): Promise<Buffer> {
  if (isElsewhere(path)) throw new NotPlain(`${path} is on another computer`);
  const handle = await open(path, flags);
  try {
    const found = await handle.stat();
    insistPlain(path, found, largest);
    check?.(found);
    return await readUpTo(handle, path, largest);
  } finally {
    await handle.close();
  }
}

/** The same at once, for what has to be known before anything else; `check` is asked about the open file. */
export function readPlainFileSync(path: string, largest: number, check: (found: Stats) => void): Buffer {
  if (isElsewhere(path)) throw new NotPlain(`${path} is on another computer`);
  const handle = openSync(path, flags);
  try {
    const found = fstatSync(handle);
    insistPlain(path, found, largest);
    check(found);
    const bytes = Buffer.alloc(largest + 1);
    let total = 0;
    for (let read = -1; read !== 0 && total <= largest; total += read) {
      read = readSync(handle, bytes, total, bytes.length - total, null);
    }
    if (total > largest) throw new NotPlain(`${path} is larger than ${largest} bytes`);
    return bytes.subarray(0, total);
  } finally {
    closeSync(handle);
  }
}
