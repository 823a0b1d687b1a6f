import type { WireError } from '../../../preload/contract/errors.ts';
import type { Dataset, Held } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Plan } from '../../calendar/admission.ts';
import { longestStep } from '../../calendar/times.ts';
import { AppError } from '../../errors.ts';
import type { Db } from '../db.ts';
import { noticeOf } from '../kept-said.ts';
import { believable } from '../until.ts';
import { happens, statusAfter } from './dataset-states.ts';

type Row = Record<string, string | number | null>;
export type StoredDataset = Omit<Dataset, 'job' | 'signIn' | 'outlook' | 'freshUntil'> & {
  /** What the timetable goes by. */
  readonly plan: Plan;
  readonly lastActivityAt: string;
};

/** How often the server had read a dataset's tables when that was last looked at; `jobId` is that of the last publish by then. */
export interface ReadsSeen {
  readonly reads: number;
  readonly jobId: string | null;
}

/** Materialised datasets: the schema of a link, per project or per person. */
export function datasetRepository(db: Db, clock: () => string) {
  const columns = `d.*, l.schedule, l.quiet_hours, l.keep_idle_hours, l.is_active AS link_active, s.is_active AS source_active, l.project_id, l.data_source_id, p.name AS project_name, s.name AS source_name,
    p.connection_id, c.name AS connection_name, c.health_state, x.whole_at, json_extract(l.sync_config, '$.refresh.wholeEveryDays') AS whole_days,
    CASE WHEN d.held IS NULL THEN (SELECT j.notice FROM sync_jobs j WHERE j.dataset_id = d.id AND j.finished_at IS NOT NULL
     ORDER BY j.finished_at DESC, j.rowid DESC LIMIT 1) END AS notice
    FROM materialised_datasets d
    JOIN project_data_sources l ON l.id = d.link_id
    JOIN projects p ON p.id = l.project_id
    JOIN database_connections c ON c.id = p.connection_id
    JOIN data_sources s ON s.id = l.data_source_id
    LEFT JOIN dataset_deltas x ON x.dataset_id = d.id`;
  const list = db.prepare(`SELECT ${columns} WHERE (d.person_id IS NULL OR d.person_id = +@personId)
    AND (@projectId IS NULL OR l.project_id = +@projectId) ORDER BY p.name COLLATE NOCASE, s.name COLLATE NOCASE`);
  const get = db.prepare(`SELECT ${columns} WHERE d.id = +?`);
  const ofLink = db.prepare(`SELECT ${columns} WHERE d.link_id = +? AND d.person_id IS +?`);
  const allOfLink = db.prepare(`SELECT ${columns} WHERE d.link_id = +?`);
  const allOfProject = db.prepare(`SELECT ${columns} WHERE l.project_id = +?`);
  const allOfPerson = db.prepare(`SELECT ${columns} WHERE d.person_id = +?`);
  const allOfSource = db.prepare(`SELECT ${columns} WHERE l.data_source_id = +?`);
  const taken = db.prepare('SELECT 1 FROM materialised_datasets WHERE schema_name = ?');
  const names = db.prepare('SELECT names FROM dataset_names WHERE dataset_id = ?').pluck();
  // Nothing is written where they are the same, as in most refreshes.
  const putNames = db.prepare(`INSERT INTO dataset_names (dataset_id, names) VALUES (@id, @names)
    ON CONFLICT (dataset_id) DO UPDATE SET names = excluded.names WHERE names <> excluded.names`);
  const published = db.prepare(
    'SELECT count(*) AS n FROM materialised_datasets WHERE data_as_of IS NOT NULL',
  );
  const everywhere = db.prepare(`SELECT ${columns} ORDER BY d.id`);
  const planned = db.prepare(`SELECT ${columns} WHERE d.next_sync_at IS NOT NULL OR d.retry_at IS NOT NULL
    ORDER BY ifnull(d.retry_at, d.next_sync_at)`);
  const insert = db.prepare(`INSERT INTO materialised_datasets
    (id, link_id, person_id, schema_name, last_activity_at, created_at, updated_at)
    VALUES (@id, @linkId, @personId, @schemaName, @now, @now, @now)`);
  const syncing = db.prepare(
    `UPDATE materialised_datasets SET status = ${statusAfter('began')}, last_tried_at = @now, updated_at = @now WHERE id = @id`,
  );
  const ready =
    db.prepare(`UPDATE materialised_datasets SET status = ${statusAfter('published')}, data_as_of = @dataAsOf,
    next_sync_at = @nextSyncAt, retry_at = NULL, failures = 0, row_counts = @rowCounts, error = NULL, held = NULL,
    updated_at = @now WHERE id = @id`);
  const failed =
    db.prepare(`UPDATE materialised_datasets SET status = ${statusAfter('failed')}, error = @error, failures = failures + 1,
    next_sync_at = @nextSyncAt, retry_at = @retryAt, updated_at = @now WHERE id = @id`);
  const plan = db.prepare(
    'UPDATE materialised_datasets SET next_sync_at = @nextSyncAt, retry_at = NULL, updated_at = @now WHERE id = @id',
  );
  const hold = db.prepare(`UPDATE materialised_datasets SET held = @held,
    status = ${statusAfter('settled')}, error = NULL, updated_at = @now WHERE id = @id`);
  const release = db.prepare(
    'UPDATE materialised_datasets SET held = NULL, updated_at = @now WHERE id = @id',
  );
  const rename = db.prepare(
    'UPDATE materialised_datasets SET schema_name = @schemaName, error = NULL, updated_at = @now WHERE id = @id',
  );
  const touch = db.prepare(
    'UPDATE materialised_datasets SET last_activity_at = @now, updated_at = @now WHERE id = @id AND last_activity_at < @now',
  );
  const expire =
    db.prepare(`UPDATE materialised_datasets SET status = ${statusAfter('tablesWent')}, data_as_of = NULL, row_counts = '{}',
    next_sync_at = NULL, retry_at = NULL, failures = 0, error = NULL, held = NULL, reads_seen = NULL, updated_at = @now
    WHERE id = @id AND ${happens('tablesWent')}`);
  const remove = db.prepare('DELETE FROM materialised_datasets WHERE id = ?');
  const readsSeen = db.prepare('SELECT reads_seen FROM materialised_datasets WHERE id = ?').pluck();
  const putReadsSeen = db.prepare('UPDATE materialised_datasets SET reads_seen = @seen WHERE id = @id');
  const settle = db.prepare(`UPDATE materialised_datasets SET
    status = ${statusAfter('settled')}, updated_at = @now WHERE id = @id`);

  /** One that lies further ahead than it can be put off was written by a wrong clock: it is due. */
  const timeOf = (until: string | null, longest: number): number | null =>
    until === null ? null : Date.parse(believable({ until, since: null }, longest, clock()) ?? clock());
  const planOf = (row: Row): Plan => {
    const schedule = JSON.parse(row['schedule'] as string) as Plan['schedule'];
    const longest = longestStep(schedule);
    return {
      schedule,
      quietHours: JSON.parse((row['quiet_hours'] as string | null) ?? 'null'),
      linkIsActive: row['link_active'] === 1,
      sourceIsActive: row['source_active'] === 1,
      plannedAt: timeOf(row['next_sync_at'] as string | null, longest),
      retryAt: timeOf(row['retry_at'] as string | null, longest),
      failures: row['failures'] as number,
    };
  };
  /** Only what is there can go, and only where it was agreed that it does. */
  const expiryOf = (row: Row): string | null => {
    const [hours, since] = [row['keep_idle_hours'] as number | null, row['last_activity_at'] as string];
    if (hours === null || row['data_as_of'] === null) return null;
    return new Date(Date.parse(since) + hours * 3_600_000).toISOString();
  };
  const nextWholeOf = (row: Row): Pick<StoredDataset, 'nextWholeAt'> => {
    const [since, days] = [row['whole_at'] as string | null, row['whole_days'] as number | null];
    if (since === null || days === null) return {};
    return { nextWholeAt: new Date(Date.parse(since) + days * 24 * 3_600_000).toISOString() };
  };
  const read = (row: Row): StoredDataset => ({
    id: row['id'] as string,
    linkId: row['link_id'] as string,
    projectId: row['project_id'] as string,
    projectName: row['project_name'] as string,
    sourceId: row['data_source_id'] as string,
    sourceName: row['source_name'] as string,
    connectionId: row['connection_id'] as string,
    connectionName: row['connection_name'] as string,
    targetFails: row['health_state'] === 'fails' || row['health_state'] === 'unreachable',
    personId: row['person_id'] as string | null,
    schemaName: row['schema_name'] as string,
    status: row['status'] as StoredDataset['status'],
    dataAsOf: row['data_as_of'] as string | null,
    lastTriedAt: row['last_tried_at'] as string | null,
    plan: planOf(row),
    lastActivityAt: row['last_activity_at'] as string,
    expiresAt: expiryOf(row),
    rowCounts: JSON.parse(row['row_counts'] as string),
    error: row['error'] === null ? null : JSON.parse(row['error'] as string),
    held: row['held'] === null ? null : JSON.parse(row['held'] as string),
    ...noticeOf(row['notice'] as string | null),
    ...nextWholeOf(row),
  });

  const publish = (
    id: string,
    result: {
      dataAsOf: string;
      nextSyncAt: string;
      rowCounts: Readonly<Record<string, number>>;
    },
    now: string,
  ): void => {
    const { dataAsOf, nextSyncAt, rowCounts } = result;
    ready.run({ dataAsOf, nextSyncAt, id, rowCounts: JSON.stringify(rowCounts), now });
  };

  return {
    /** Those of projects and the person's own. */
    list: (personId: string, projectId: string | null): StoredDataset[] =>
      (list.all({ personId, projectId }) as Row[]).map(read),
    /** Fails with NOT_FOUND. */
    get(id: string): StoredDataset {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', say('store.datasetNoLongerExists'));
      return read(row);
    },
    find(linkId: string, personId: string | null): StoredDataset | null {
      const row = ofLink.get(linkId, personId) as Row | undefined;
      return row ? read(row) : null;
    },
    allOfLink: (linkId: string): StoredDataset[] => (allOfLink.all(linkId) as Row[]).map(read),
    allOfProject: (projectId: string): StoredDataset[] => (allOfProject.all(projectId) as Row[]).map(read),
    allOfPerson: (personId: string): StoredDataset[] => (allOfPerson.all(personId) as Row[]).map(read),
    allOfSource: (sourceId: string): StoredDataset[] => (allOfSource.all(sourceId) as Row[]).map(read),
    /** The names given out to tables and columns so far, as `sync/finish.ts` returned them; null when none were. */
    names(id: string): unknown {
      const text = names.get(id) as string | undefined;
      return text === undefined ? null : JSON.parse(text);
    },
    /** Of every project and person. */
    everywhere: (): StoredDataset[] => (everywhere.all() as Row[]).map(read),
    /** All that have a time, the earliest first; which of them is due `decide` says. */
    planned: (): StoredDataset[] => (planned.all() as Row[]).map(read),
    isSchemaTaken: (name: string): boolean => taken.get(name) !== undefined,
    anyPublished: (): boolean => (published.get() as { n: number }).n > 0,
    create(
      item: { id: string; linkId: string; personId: string | null; schemaName: string },
      now: string,
    ): StoredDataset {
      insert.run({ ...item, now });
      return this.get(item.id);
    },
    /** Goes on with what an earlier dataset published; its next refresh is due at once. */
    adopt: (
      id: string,
      from: { dataAsOf: string; rowCounts: Readonly<Record<string, number>> },
      now: string,
    ): void => publish(id, { ...from, nextSyncAt: now }, now),
    /** For one whose schema turned out to be somebody else's before anything was published. */
    rename: (id: string, schemaName: string, now: string): void => void rename.run({ id, schemaName, now }),
    syncing: (id: string, now: string): void => void syncing.run({ id, now }),
    ready: publish,
    /** Names that a refresh gives out before it publishes, as JSON: made before the store is locked. */
    remember: (id: string, names: string): void => void putNames.run({ id, names }),
    /** `retryAt` is when it is tried again before its next planned time; null where it is not. */
    failed: (
      id: string,
      error: WireError,
      times: { readonly nextSyncAt: string; readonly retryAt: string | null },
      now: string,
    ): void => void failed.run({ id, error: JSON.stringify(error), ...times, now }),
    /** Its next planned time; nothing is tried before that. */
    plan: (id: string, nextSyncAt: string, now: string): void => void plan.run({ id, nextSyncAt, now }),
    /** A finished refresh waits for a person; what is published stays ready. */
    hold: (id: string, held: Held, now: string): void =>
      void hold.run({ id, held: JSON.stringify(held), now }),
    release: (id: string, now: string): void => void release.run({ id, now }),
    /** Somebody uses what is in it. */
    touch: (id: string, now: string): void => void touch.run({ id, now }),
    /** Its tables are dropped; what it was called, its dictionary and its history stay. Nothing where it is read anew by now. */
    expire: (id: string, now: string): void => void expire.run({ id, now }),
    readsSeen(id: string): ReadsSeen | null {
      const text = readsSeen.get(id) as string | null | undefined;
      return text ? (JSON.parse(text) as ReadsSeen) : null;
    },
    putReadsSeen: (id: string, seen: ReadsSeen): void =>
      void putReadsSeen.run({ id, seen: JSON.stringify(seen) }),
    delete: (id: string): void => void remove.run(id),
    /** After a cancel or a pause: back to what the published data says. */
    settle: (id: string, now: string): void => void settle.run({ id, now }),
  };
}
