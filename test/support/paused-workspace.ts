import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openWorkspace, type Workspace } from './workspace.ts';

const times: readonly (readonly [table: string, column: string])[] = [
  ['materialised_datasets', 'next_sync_at'],
  ['materialised_datasets', 'retry_at'],
  ['materialised_datasets', 'last_activity_at'],
  ['sync_jobs', 'finished_at'],
  ['timetable_jobs', 'due_at'],
];

/**
 * A workspace that is closed for a while and opened again. Its clock is the system's, as the server's and the workers' is:
 * time goes by as all that is written down was written so much earlier.
 */
export function pausedWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-paused-'));
  return {
    open: (): Promise<Workspace> => openWorkspace({ folder }),
    /** While it is closed. */
    later(ms: number): void {
      const file = new Database(join(folder, 'headgate.db'));
      for (const [table, column] of times)
        file.exec(
          `UPDATE ${table} SET ${column} = strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, '-${ms / 1000} seconds') WHERE ${column} IS NOT NULL`,
        );
      file.close();
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
