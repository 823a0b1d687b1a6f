import type { WireError } from '../../../preload/contract/errors.ts';
import type { Job, TableProgress } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { ProcessStamp } from '../../os-process.ts';
import { type Db, isUniqueViolation } from '../db.ts';
import { keepSaid, noticeOf } from '../kept-said.ts';
import { believable } from '../until.ts';
import { createJobList, type JobsWanted } from './job-list.ts';

type Row = Record<string, string | number | null>;

/** What a job may use of what is in the staging schema: go on from it, read anew, or publish what a person accepted. */
export type JobMode = 'continue' | 'anew' | 'accept';

export interface JobInner {
  readonly mode: JobMode;
  /** How often in a row the source asked to wait without anything having been read in between. */
  readonly waits: number;
  readonly owner: Owner;
  /** How often the job was taken by a process, counted from 1. */
  readonly claim: number;
}

/** The process that runs a job, or ran it last. */
export interface Owner extends ProcessStamp {
  /** Random; tells two owners apart whatever else is equal. */
  readonly id: string;
}

/** An open job, with the process that runs, or ran, it and how many signs of life that one gave. */
export interface OpenJob {
  readonly job: Job;
  readonly owner: Owner;
  readonly beat: number;
}

/** A wait is never longer: no source may name a longer one. */
const longestWaitMs = 24 * 3_600_000;

/** Ended jobs of a dataset that stay however old they are, or a wrong clock says they are. */
const keptForever = 50;
/** Jobs that go in one step, so that years of history hold nobody up. */
const pruneStep = 50;

/**
 * Sync jobs and their progress per dataset. Here and beside it a value is compared as `+?` where a statement joins: SQLite
 * with samples of its tables (STAT4) else plans the statement anew each time another value is bound, which takes ten times
 * what running it does. The database keeps a dataset from having two open jobs, and a process from
 * writing to a job that another one has taken.
 */
export function jobRepository(db: Db, clock: () => string) {
  const columns = `j.id, j.dataset_id, j.status, j.phase, j.trigger, j.paused_by, j.waiting_until, j.waiting_since,
    j.row_counts, j.notice, j.error, j.records, j.records_before, j.decided, j.queued_at, j.started_at, j.finished_at, j.owner, j.beat, p.name AS project_name, s.name AS source_name,
    (SELECT json_group_array(json_object('dataset', t.dataset, 'fetched', t.fetched, 'total', t.total, 'status', t.status))
     FROM (SELECT * FROM sync_job_tables WHERE job_id = j.id ORDER BY position) t) AS tables
    FROM sync_jobs j JOIN materialised_datasets d ON d.id = j.dataset_id
    JOIN project_data_sources l ON l.id = d.link_id
    JOIN projects p ON p.id = l.project_id JOIN data_sources s ON s.id = l.data_source_id`;
  const list = createJobList(db, columns);
  const get = db.prepare(`SELECT ${columns} WHERE j.id = +?`);
  // Written as the index of open jobs has it, or SQLite looks through all that ever were.
  const isOpen = "status IN ('queued', 'running', 'paused')";
  const open = db.prepare(`SELECT ${columns} WHERE j.dataset_id = +? AND j.${isOpen}`);
  const allOpen = db.prepare(`SELECT ${columns} WHERE j.${isOpen}`);
  const insert =
    db.prepare(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, mode, owner, queued_at)
    VALUES (@id, @datasetId, 'queued', 'waiting', @trigger, @mode, @owner, @now)`);
  const isOwn = "owner->>'id' = @owner";
  const start = db.prepare(
    `UPDATE sync_jobs SET status = 'running', phase = 'starting', waiting_until = NULL, waiting_since = NULL, notice = NULL,
       started_at = ifnull(started_at, @now) WHERE id = @id AND finished_at IS NULL AND ${isOwn}`,
  );
  const pause = db.prepare(`UPDATE sync_jobs SET status = 'paused', paused_by = @by, waiting_until = @until,
    waiting_since = CASE WHEN @until IS NULL THEN NULL WHEN @until = waiting_until THEN ifnull(waiting_since, @now) ELSE @now END,
    waits = @waits, notice = NULL WHERE id = @id AND finished_at IS NULL`);
  const claim =
    db.prepare(`UPDATE sync_jobs SET status = 'queued', phase = 'waiting', paused_by = NULL, notice = NULL,
    owner = @owner, claim = claim + 1, trigger = ifnull(@trigger, trigger) WHERE id = @id AND status = 'paused'`);
  const orphan = db.prepare(`UPDATE sync_jobs SET status = 'paused', paused_by = 'quit', waiting_until = NULL,
    waiting_since = NULL, notice = NULL WHERE id = @id AND ${isOwn} AND status IN ('queued', 'running')`);
  const beat = db.prepare(
    `UPDATE sync_jobs SET beat = beat + 1 WHERE ${isOpen} AND ${isOwn} AND status <> 'paused'`,
  );
  const mayWrite = db.prepare(
    `SELECT 1 FROM sync_jobs WHERE id = @id AND finished_at IS NULL AND (status = 'paused' OR ${isOwn})`,
  );
  const note = db.prepare(
    `UPDATE sync_jobs SET notice = @notice WHERE id = @id AND status = 'queued' AND ${isOwn}`,
  );
  const paused = db.prepare(
    `SELECT ${columns} WHERE j.${isOpen} AND j.status = 'paused' ORDER BY j.waiting_until, j.queued_at`,
  );
  const setIntent = db.prepare(`INSERT INTO sync_job_intents (job_id, intent)
    SELECT id, @intent FROM sync_jobs WHERE id = @id AND finished_at IS NULL AND ${isOwn}
    ON CONFLICT (job_id) DO UPDATE SET intent = excluded.intent`);
  const forgetIntent = db.prepare('DELETE FROM sync_job_intents WHERE job_id = ?');
  const inner = db.prepare('SELECT mode, waits, owner, claim FROM sync_jobs WHERE id = ?');
  const intent = db.prepare('SELECT intent FROM sync_job_intents WHERE job_id = ?').pluck();
  const claims = db.prepare('SELECT claim FROM sync_jobs WHERE id = ?').pluck();
  const progress = db.prepare(
    `UPDATE sync_jobs SET phase = @phase, waiting_until = @waitingUntil WHERE id = @id AND status = 'running' AND ${isOwn}`,
  );
  const upsertTable =
    db.prepare(`INSERT INTO sync_job_tables (job_id, position, dataset, fetched, total, status)
    VALUES (@jobId, @position, @dataset, @fetched, @total, @status)
    ON CONFLICT (job_id, position) DO UPDATE SET fetched = excluded.fetched, total = excluded.total, status = excluded.status`);
  const finish = db.prepare(`UPDATE sync_jobs SET status = @status, phase = 'done', waiting_until = NULL,
    waiting_since = NULL,
    paused_by = NULL, row_counts = @rowCounts, notice = @notice, error = @error, finished_at = @now WHERE id = @id AND finished_at IS NULL`);
  const ended = 'SELECT finished_at FROM sync_jobs WHERE dataset_id = @datasetId AND finished_at IS NOT NULL';
  const endNumber = (n: string): string =>
    `ifnull((${ended} ORDER BY finished_at DESC LIMIT 1 OFFSET ${n} - 1), '')`;
  const prune = db.prepare(`DELETE FROM sync_jobs WHERE id IN (SELECT id FROM sync_jobs
    WHERE dataset_id = @datasetId AND finished_at IS NOT NULL
      AND finished_at < max(${endNumber('@most')}, min(@before, ${endNumber(String(keptForever))}))
      AND id IS NOT (SELECT held->>'jobId' FROM materialised_datasets WHERE id = @datasetId)
    ORDER BY finished_at LIMIT ${pruneStep})`);

  const shed = db.prepare(`DELETE FROM sync_jobs WHERE id IN
    (SELECT id FROM sync_jobs WHERE dataset_id = ? AND finished_at IS NOT NULL LIMIT ${pruneStep})`);

  const read = (row: Row): Job => ({
    id: row['id'] as string,
    datasetId: row['dataset_id'] as string,
    projectName: row['project_name'] as string,
    sourceName: row['source_name'] as string,
    status: row['status'] as Job['status'],
    phase: row['phase'] as Job['phase'],
    trigger: row['trigger'] as Job['trigger'],
    tables: JSON.parse(row['tables'] as string),
    waitingUntil: believable(
      { until: row['waiting_until'] as string | null, since: row['waiting_since'] as string | null },
      longestWaitMs,
      clock(),
    ),
    pausedBy: row['paused_by'] as Job['pausedBy'],
    runner:
      row['status'] === 'queued' || row['status'] === 'running' ? runnerOf(row['owner'] as string) : null,
    rowCounts: JSON.parse(row['row_counts'] as string),
    ...noticeOf(row['notice'] as string | null),
    error: row['error'] === null ? null : JSON.parse(row['error'] as string),
    records: row['records'] as number | null,
    recordsBefore: row['records_before'] as number | null,
    decided: row['decided'] === null ? null : JSON.parse(row['decided'] as string),
    queuedAt: row['queued_at'] as string,
    startedAt: row['started_at'] as string | null,
    finishedAt: row['finished_at'] as string | null,
  });

  return {
    /** Newest first: those of projects and the person's own; with null everybody's. */
    list: (personId: string | null, wanted: JobsWanted): Job[] => list(personId, wanted).map(read),
    /** Fails with NOT_FOUND. */
    get(id: string): Job {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', say('store.syncJobNoLonger'));
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
    open: (): OpenJob[] =>
      (allOpen.all() as Row[]).map((row) => ({
        job: read(row),
        owner: JSON.parse(row['owner'] as string) as Owner,
        beat: row['beat'] as number,
      })),
    /** Null when the dataset has an open job by now: another process was faster. */
    create(
      item: { id: string; datasetId: string; trigger: Job['trigger']; mode: JobMode; owner: Owner },
      now: string,
    ): Job | null {
      try {
        insert.run({ ...item, owner: JSON.stringify(item.owner), now });
      } catch (error) {
        if (isUniqueViolation(error)) return null;
        throw error;
      }
      return this.get(item.id);
    },
    /** What only the engine needs to know of a job. */
    inner(id: string): JobInner {
      const row = inner.get(id) as Row;
      return {
        mode: row['mode'] as JobMode,
        waits: row['waits'] as number,
        owner: JSON.parse(row['owner'] as string) as Owner,
        claim: row['claim'] as number,
      };
    },
    /** What it was about to publish, as `intend` got it; null before that. */
    intent: (id: string): unknown => JSON.parse((intent.get(id) as string | undefined) ?? 'null'),
    /** How often the job was taken; 0 for one that is not known. */
    claims: (id: string): number => (claims.get(id) as number | undefined) ?? 0,
    /** Paused jobs, the ones whose wait ends first at the beginning. */
    paused: (): Job[] => (paused.all() as Row[]).map(read),
    pause(id: string, by: NonNullable<Job['pausedBy']>, until: string | null, waits: number): Job {
      pause.run({ id, by, until, waits, now: clock() });
      return this.get(id);
    },
    /** Takes a paused job for this process; false when somebody else was faster or it ended. */
    claim: (id: string, owner: Owner, trigger: Job['trigger'] | null): boolean =>
      claim.run({ id, owner: JSON.stringify(owner), trigger }).changes === 1,
    /** Marks the job of an owner that is gone as one that can be taken up; false when it moved meanwhile. */
    orphan: (id: string, owner: string): boolean => orphan.run({ id, owner }).changes === 1,
    /** One sign of life for all jobs of an owner. */
    beat: (owner: string): void => void beat.run({ owner }),
    /** Whether an owner still has the job, or nobody: what it writes would else be about somebody else's work. */
    mayWrite: (id: string, owner: string): boolean => mayWrite.get({ id, owner }) !== undefined,
    /** Says why a queued job has not begun. */
    note: (id: string, owner: string, notice: Said): void =>
      void note.run({ id, owner, notice: keepSaid(notice) }),
    /** Remembers what is about to be published, as JSON: made before the store is locked. Fails with LEASE_LOST when the job is somebody else's by now. */
    intend(id: string, owner: string, intent: string): void {
      if (setIntent.run({ id, owner, intent }).changes !== 1) throw taken();
    },
    start(id: string, owner: string, now: string): void {
      if (start.run({ id, owner, now }).changes !== 1) throw taken();
    },
    /** False, with nothing written, where the job does not run in this process any more. */
    progress: db.transaction(
      (
        id: string,
        owner: string,
        phase: Job['phase'],
        waitingUntil: string | null,
        tables: readonly TableProgress[],
      ): boolean => {
        if (progress.run({ id, owner, phase, waitingUntil }).changes !== 1) return false;
        tables.forEach((table, position) => {
          upsertTable.run({ ...table, jobId: id, position });
        });
        return true;
      },
    ),
    finish(
      id: string,
      result: {
        status: 'completed' | 'held' | 'failed' | 'cancelled';
        rowCounts?: Readonly<Record<string, number>>;
        notice?: Said | null;
        error?: WireError | null;
      },
      now: string,
    ): Job {
      finish.run({
        id,
        status: result.status,
        rowCounts: JSON.stringify(result.rowCounts ?? {}),
        notice: keepSaid(result.notice ?? null),
        error: result.error ? JSON.stringify(result.error) : null,
        now,
      });
      forgetIntent.run(id);
      return this.get(id);
    },
    /**
     * Forgets jobs of a dataset that ended before a moment or are more than `most`, the oldest first and at most fifty at
     * a time: how many. Neither an open one, nor the one whose result a person is asked about, nor the newest 50.
     */
    prune: (datasetId: string, { before, most }: { before: string; most: number }): number =>
      prune.run({ datasetId, before, most: Math.max(most, keptForever) }).changes,
    /** Of a dataset that is about to be deleted: removes some of its jobs that are over; false when there are no more. */
    shed: (datasetId: string): boolean => shed.run(datasetId).changes > 0,
  };
}

function runnerOf(owner: string): Job['runner'] {
  const { id, host, pid } = JSON.parse(owner) as Owner;
  return { id, host, pid };
}

const taken = (): AppError => new AppError('LEASE_LOST', say('store.anotherHeadgateComputerTook'));
