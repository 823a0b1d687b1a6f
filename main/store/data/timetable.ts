import type { TimetableJob } from '../../../preload/contract/models.ts';
import type { Db } from '../db.ts';

type Row = Record<string, string | number | null>;
/** What is written down of a turn of a job of the timetable. */
export type StoredTurn = {
  readonly [K in Exclude<keyof TimetableJob, 'error'>]: NonNullable<TimetableJob[K]>;
} & Pick<TimetableJob, 'error'>;

/** The last turn of each job of the timetable that has more to tell than that it looked. */
export function timetableRepository(db: Db) {
  const get = db.prepare('SELECT * FROM timetable_jobs WHERE name = ?');
  const put =
    db.prepare(`INSERT INTO timetable_jobs (name, due_at, last_at, outcome, count, waiting, error, made_up)
    VALUES (@name, @dueAt, @lastAt, @outcome, @count, @waiting, @error, @madeUp)
    ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at, last_at = excluded.last_at, outcome = excluded.outcome,
      count = excluded.count,
      waiting = excluded.waiting, error = excluded.error, made_up = excluded.made_up`);
  return {
    find(name: string): StoredTurn | null {
      const row = get.get(name) as Row | undefined;
      if (!row) return null;
      return {
        name,
        dueAt: row['due_at'] as string,
        lastAt: row['last_at'] as string,
        outcome: row['outcome'] as StoredTurn['outcome'],
        count: row['count'] as number,
        waiting: row['waiting'] as number,
        error: row['error'] as string | null,
        madeUp: row['made_up'] === 1,
      };
    },
    put: (turn: StoredTurn): void => void put.run({ ...turn, madeUp: turn.madeUp ? 1 : 0 }),
  };
}
