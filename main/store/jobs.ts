import type { WireError } from '../../preload/contract/errors.ts';
import type { Job, TableProgress } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { Db } from './db.ts';

type Row = Record<string, string | number | null>;

/** What a job may use of what is in the staging schema: go on from it, read anew, or publish what a person accepted. */
export type JobMode = 'continue' | 'anew' | 'accept';

export interface JobInner {
  readonly mode: JobMode;
  /** How often in a row the source asked to wait without anything having been read in between. */
  readonly waits: number;
  /** What it was about to publish, as `intend` got it; null before that. */
  readonly intent: unknown;
  readonly pid: number;
}

/** Sync jobs and their progress per dataset. The database keeps a dataset from having two open jobs. */
export function jobRepository(db: Db) {
  const columns = `j.*, p.name AS project_name, s.name AS source_name,
    (SELECT json_group_array(json_object('dataset', t.dataset, 'fetched', t.fetched, 'total', t.total, 'status', t.status))
     FROM (SELECT * FROM sync_job_tables WHERE job_id = j.id ORDER BY position) t) AS tables
    FROM sync_jobs j JOIN materialised_datasets d ON d.id = j.dataset_id
    JOIN project_data_sources l ON l.id = d.link_id
    JOIN projects p ON p.id = l.project_id JOIN data_sources s ON s.id = l.data_source_id`;
  const list =
    db.prepare(`SELECT ${columns} WHERE (@personId IS NULL OR d.person_id IS NULL OR d.person_id = @personId)
    AND (@datasetId IS NULL OR j.dataset_id = @datasetId) ORDER BY j.queued_at DESC, j.rowid DESC LIMIT @limit`);
  const get = db.prepare(`SELECT ${columns} WHERE j.id = ?`);
  const open = db.prepare(
    `SELECT ${columns} WHERE j.dataset_id = ? AND j.status IN ('queued', 'running', 'paused')`,
  );
  const allOpen = db.prepare(`SELECT ${columns} WHERE j.status IN ('queued', 'running', 'paused')`);
  const insert =
    db.prepare(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, mode, pid, queued_at)
    VALUES (@id, @datasetId, 'queued', 'waiting', @trigger, @mode, @pid, @now)`);
  const start = db.prepare(
    `UPDATE sync_jobs SET status = 'running', phase = 'starting', waiting_until = NULL,
       started_at = ifnull(started_at, @now) WHERE id = @id AND finished_at IS NULL`,
  );
  const pause =
    db.prepare(`UPDATE sync_jobs SET status = 'paused', paused_by = @by, waiting_until = @until, waits = @waits
    WHERE id = @id AND finished_at IS NULL`);
  const claim = db.prepare(`UPDATE sync_jobs SET status = 'queued', paused_by = NULL, pid = @pid,
    trigger = ifnull(@trigger, trigger) WHERE id = @id AND status = 'paused'`);
  const orphan = db.prepare(`UPDATE sync_jobs SET status = 'paused', paused_by = 'quit', waiting_until = NULL
    WHERE id = @id AND pid = @pid AND status IN ('queued', 'running')`);
  const paused = db.prepare(
    `SELECT ${columns} WHERE j.status = 'paused' ORDER BY j.waiting_until, j.queued_at`,
  );
  const setIntent = db.prepare(
    'UPDATE sync_jobs SET intent = @intent WHERE id = @id AND finished_at IS NULL',
  );
  const inner = db.prepare('SELECT mode, waits, intent, pid FROM sync_jobs WHERE id = ?');
  const progress = db.prepare(
    "UPDATE sync_jobs SET phase = @phase, waiting_until = @waitingUntil WHERE id = @id AND status = 'running'",
  );
  const upsertTable =
    db.prepare(`INSERT INTO sync_job_tables (job_id, position, dataset, fetched, total, status)
    VALUES (@jobId, @position, @dataset, @fetched, @total, @status)
    ON CONFLICT (job_id, position) DO UPDATE SET fetched = excluded.fetched, total = excluded.total, status = excluded.status`);
  const finish = db.prepare(`UPDATE sync_jobs SET status = @status, phase = 'done', waiting_until = NULL,
    paused_by = NULL, intent = NULL, row_counts = @rowCounts, notice = @notice, error = @error, finished_at = @now WHERE id = @id AND finished_at IS NULL`);

  const read = (row: Row): Job => ({
    id: row['id'] as string,
    datasetId: row['dataset_id'] as string,
    projectName: row['project_name'] as string,
    sourceName: row['source_name'] as string,
    status: row['status'] as Job['status'],
    phase: row['phase'] as Job['phase'],
    trigger: row['trigger'] as Job['trigger'],
    tables: JSON.parse(row['tables'] as string),
    waitingUntil: row['waiting_until'] as string | null,
    pausedBy: row['paused_by'] as Job['pausedBy'],
    rowCounts: JSON.parse(row['row_counts'] as string),
    notice: row['notice'] as string | null,
    error: row['error'] === null ? null : JSON.parse(row['error'] as string),
    queuedAt: row['queued_at'] as string,
    startedAt: row['started_at'] as string | null,
    finishedAt: row['finished_at'] as string | null,
  });

  return {
    list: (personId: string | null, datasetId: string | null, limit: number): Job[] =>
      (list.all({ personId, datasetId, limit }) as Row[]).map(read),
    /** Fails with NOT_FOUND. */
    get(id: string): Job {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', 'This sync job no longer exists.');
      return read(row);
    },
    find(id: string): Job | null {
      const row = get.get(id) as Row | undefined;
      return row ? read(row) : null;
    },
    findOpen(datasetId: string): Job | null {
      const row = open.get(datasetId) as Row | undefined;
      return row ? read(row) : null;
    },
    /** All open jobs with the process that runs, or ran, each. */
    open: (): { job: Job; pid: number }[] =>
      (allOpen.all() as Row[]).map((row) => ({ job: read(row), pid: row['pid'] as number })),
    create(
      item: { id: string; datasetId: string; trigger: Job['trigger']; mode: JobMode; pid: number },
      now: string,
    ): Job {
      insert.run({ ...item, now });
      return this.get(item.id);
    },
    /** What only the engine needs to know of a job. */
    inner(id: string): JobInner {
      const row = inner.get(id) as Row;
      return {
        mode: row['mode'] as JobMode,
        waits: row['waits'] as number,
        intent: row['intent'] === null ? null : JSON.parse(row['intent'] as string),
        pid: row['pid'] as number,
      };
    },
    /** Paused jobs, the ones whose wait ends first at the beginning. */
    paused: (): Job[] => (paused.all() as Row[]).map(read),
    pause(id: string, by: NonNullable<Job['pausedBy']>, until: string | null, waits: number): Job {
      pause.run({ id, by, until, waits });
      return this.get(id);
    },
    /** Takes a paused job for this process; false when somebody else was faster or it ended. */
    claim: (id: string, pid: number, trigger: Job['trigger'] | null): boolean =>
      claim.run({ id, pid, trigger }).changes === 1,
    /** Marks the job of a process that is gone as one that can be taken up; false when it moved meanwhile. */
    orphan: (id: string, pid: number): boolean => orphan.run({ id, pid }).changes === 1,
    /** Remembers what is about to be published. */
    intend: (id: string, intent: unknown): void => void setIntent.run({ id, intent: JSON.stringify(intent) }),
    start: (id: string, now: string): void => void start.run({ id, now }),
    progress: db.transaction(
      (
        id: string,
        phase: Job['phase'],
        waitingUntil: string | null,
        tables: readonly TableProgress[],
      ): void => {
        progress.run({ id, phase, waitingUntil });
        tables.forEach((table, position) => {
          upsertTable.run({ ...table, jobId: id, position });
        });
      },
    ),
    finish(
      id: string,
      result: {
        status: 'completed' | 'held' | 'failed' | 'cancelled';
        rowCounts?: Readonly<Record<string, number>>;
        notice?: string | null;
        error?: WireError | null;
      },
      now: string,
    ): Job {
      finish.run({
        id,
        status: result.status,
        rowCounts: JSON.stringify(result.rowCounts ?? {}),
        notice: result.notice ?? null,
        error: result.error ? JSON.stringify(result.error) : null,
        now,
      });
      return this.get(id);
    },
  };
}
