import { statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';

/** Where Linux keeps files in memory. */
const inMemory = '/dev/shm';
/** Much more than the databases of a run take at once. */
const enoughBytes = 6 * 1024 ** 3;

/**
 * Where a test puts a database or a workspace that nothing but itself will read again: in memory, where there is plenty of it,
 * because a disk of this kind of computer takes ten times as long to make a table; else the folder for temporary files.
 */
export function quickPlace(): string {
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    if (bavail * bsize >= enoughBytes && freemem() >= enoughBytes) return inMemory;
  } catch {
    // No such place on this system.
  }
  return tmpdir();
}
