import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';

/** Who keeps a workspace as long as it is held; freed by the operating system when the process ends, however it does. */
export interface OwnerLock {
  release(): void;
}

const fileOf = (folder: string): string => join(folder, 'owner.db');

/** Whether a process has the workspace now. Makes nothing. Fails with STORE_UNAVAILABLE. */
export function isOwned(folder: string): boolean {
  if (!existsSync(fileOf(folder))) return false;
  const lock = takeOwnerLock(folder);
  lock?.release();
  return lock === null;
}

/**
 * Takes a workspace for as long as this process wants it; null while another process has it. The lock is one of SQLite on a
 * file of its own, which every platform frees with the process; a file with a process id in it would outlive a crash.
 * Fails with STORE_UNAVAILABLE.
 */
export function takeOwnerLock(folder: string): OwnerLock | null {
  const file = fileOf(folder);
  let db: Database.Database | null = null;
  try {
    // Made with the right mode from its first moment; one that is there is not opened beside SQLite.
    closeSync(openSync(file, 'ax', 0o600));
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'EEXIST')
      throw new AppError('STORE_UNAVAILABLE', say('store.workspaceFileCanNotMade', { file }), { cause });
  }
  try {
    db = new Database(file, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    const held = db;
    return { release: () => void held.close() };
  } catch (cause) {
    db?.close();
    if (String((cause as { code?: string }).code).startsWith('SQLITE_BUSY')) return null;
    throw new AppError('STORE_UNAVAILABLE', say('store.workspaceFileCanNot', { file }), { cause });
  }
}
