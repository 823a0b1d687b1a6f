import { chmodSync, closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Migration } from './migrations/index.ts';

export type Db = Database.Database;

/** better-sqlite3 13 is built for Node-API 10 and crashes without a word on older Nodes, so the version is checked first. */
const oldestNode = 24;

/**
 * Opens an SQLite file readable by this user only, in WAL mode with foreign keys on, and brings it to the newest
 * version. Each migration runs in a transaction of its own together with the change of `user_version`.
 * Fails with STORE_TOO_NEW, changing nothing, when a newer Headgate made it; STORE_UNAVAILABLE when it can't open.
 */
export function openDb(file: string, migrations: readonly Migration[]): Db {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    throw new AppError(
      'STORE_UNAVAILABLE',
      say('store.headgateNeedsNodeNewer', { oldestNode, version: String(process.version) }),
      {
        advice: say('store.headgateNeedsNodeNewer.advice'),
      },
    );
  }
  let opened: Db | null = null;
  try {
    if (file !== ':memory:') makePrivate(file);
    // Two processes on one workspace wait for each other instead of failing; longer than any transaction of ours.
    const db = new Database(file, { timeout: 5000 });
    opened = db;
    refuseNewer(db, migrations, file);
    if (file !== ':memory:') chmodSync(file, 0o600);
    // Of a new file only, before anything is in it: pages that are not used any more can be given back some at a time.
    db.pragma('auto_vacuum = INCREMENTAL');
    switchToWal(db);
    db.pragma('foreign_keys = ON');
    // Losing the last moments of the job history to a power cut is fine; corruption is not, and WAL + NORMAL excludes it.
    db.pragma('synchronous = NORMAL');
    // Deleted rows are overwritten: what a person deletes is gone from the file.
    db.pragma('secure_delete = ON');
    migrate(db, migrations, file);
    return db;
  } catch (cause) {
    opened?.close();
    if (cause instanceof AppError) throw cause;
    throw new AppError('STORE_UNAVAILABLE', say('store.workspaceFileCanNot', { file }), { cause });
  }
}

/**
 * Makes the file with the right mode from its first moment; what SQLite puts beside it takes the mode over. One that is
 * there is not opened: whoever closes a file gives up all locks that the process has on it (POSIX), also those by which
 * another connection of this process keeps others from writing over what it reads.
 */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600));
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
}

/** The change to WAL takes a lock that SQLite does not wait for: another process may be making the same change. */
function switchToWal(db: Db): void {
  const until = Date.now() + 5000;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      db.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      const { code = '' } = error as { code?: string };
      if (!code.startsWith('SQLITE_BUSY') || Date.now() > until) throw error;
      Atomics.wait(pause, 0, 0, 20);
    }
  }
}

function refuseNewer(db: Db, migrations: readonly Migration[], file: string): void {
  const present = db.pragma('user_version', { simple: true }) as number;
  if (present <= migrations.length) return;
  throw new AppError(
    'STORE_TOO_NEW',
    say('store.workspaceFileVersionHeadgate', { file, present: String(present), known: migrations.length }),
  );
}

/** Runs the missing migrations, rising; exported for the tests of single steps. */
export function migrate(db: Db, migrations: readonly Migration[], file: string): void {
  migrations.forEach((step, index) => {
    if (step.version !== index + 1) throw new Error(`migration ${step.name} must have version ${index + 1}`);
  });
  refuseNewer(db, migrations, file);
  for (const step of migrations.slice(db.pragma('user_version', { simple: true }) as number)) {
    const run = db.transaction(() => {
      // Another process may have been faster while this one waited for the lock.
      if ((db.pragma('user_version', { simple: true }) as number) >= step.version) return;
      db.exec(step.sql);
      if (step.rebuildsTables) refuseDangling(db, step);
      db.pragma(`user_version = ${step.version}`);
    });
    if (step.rebuildsTables) withoutForeignKeys(db, () => run.immediate());
    else run.immediate();
  }
}

/** SQLite takes this switch only outside a transaction, and ignores it inside. */
function withoutForeignKeys(db: Db, work: () => void): void {
  const before = db.pragma('foreign_keys', { simple: true }) as number;
  db.pragma('foreign_keys = OFF');
  try {
    work();
  } finally {
    db.pragma(`foreign_keys = ${before}`);
  }
}

function refuseDangling(db: Db, step: Migration): void {
  const [first] = db.pragma('foreign_key_check') as { table: string; parent: string }[];
  if (first) throw new Error(`migration ${step.name}: a row of ${first.table} lost its ${first.parent}`);
}

/** Runs a write; a broken UNIQUE constraint becomes NAME_TAKEN with this message. */
export function insistUnique(message: Said, write: () => void, advice?: Said): void {
  try {
    write();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new AppError('NAME_TAKEN', message, advice === undefined ? {} : { advice });
  }
}

/** Runs a write that a trigger may refuse, which becomes this error. */
export function insistThere<T>(refusal: () => Error, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'SQLITE_CONSTRAINT_TRIGGER') throw refusal();
    throw error;
  }
}

/** True for a broken UNIQUE constraint. */
export function isUniqueViolation(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}
