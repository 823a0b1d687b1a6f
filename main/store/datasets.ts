import type { WireError } from '../../preload/contract/errors.ts';
import type { Dataset, Held } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { Db } from './db.ts';
import { believable } from './until.ts';

type Row = Record<string, string | number | null>;
export type StoredDataset = Omit<Dataset, 'job' | 'signIn'>;

/** Materialised datasets: the schema of a link, per project or per person. */
export function datasetRepository(db: Db, clock: () => string) {
  const columns = `d.*, l.refresh_interval_hours, l.project_id, l.data_source_id, p.name AS project_name, s.name AS source_name,
    p.connection_id, c.name AS connection_name,
    (SELECT j.notice FROM sync_jobs j WHERE j.dataset_id = d.id AND j.finished_at IS NOT NULL
     ORDER BY j.finished_at DESC, j.rowid DESC LIMIT 1) AS notice
    FROM materialised_datasets d
    JOIN project_data_sources l ON l.id = d.link_id
    JOIN projects p ON p.id = l.project_id
    JOIN database_connections c ON c.id = p.connection_id
    JOIN data_sources s ON s.id = l.data_source_id`;
  const list = db.prepare(`SELECT ${columns} WHERE (d.person_id IS NULL OR d.person_id = @personId)
    AND (@projectId IS NULL OR l.project_id = @projectId) ORDER BY p.name COLLATE NOCASE, s.name COLLATE NOCASE`);
  const get = db.prepare(`SELECT ${columns} WHERE d.id = ?`);
  const ofLink = db.prepare(`SELECT ${columns} WHERE d.link_id = ? AND d.person_id IS ?`);
  const allOfLink = db.prepare(`SELECT ${columns} WHERE d.link_id = ?`);
  const allOfProject = db.prepare(`SELECT ${columns} WHERE l.project_id = ?`);
  const allOfPerson = db.prepare(`SELECT ${columns} WHERE d.person_id = ?`);
  const allOfSource = db.prepare(`SELECT ${columns} WHERE l.data_source_id = ?`);
  const taken = db.prepare('SELECT 1 FROM materialised_datasets WHERE schema_name = ?');
  const names = db.prepare('SELECT names FROM dataset_names WHERE dataset_id = ?').pluck();
  // Nothing is written where they are the same, as in most refreshes.
  const putNames = db.prepare(`INSERT INTO dataset_names (dataset_id, names) VALUES (@id, @names)
    ON CONFLICT (dataset_id) DO UPDATE SET names = excluded.names WHERE names <> excluded.names`);
  const published = db.prepare(
    'SELECT count(*) AS n FROM materialised_datasets WHERE data_as_of IS NOT NULL',
  );
  const isDue = (hours: string): string =>
    `next_sync_at <= @now OR julianday(next_sync_at) > julianday(@now) + (${hours} + 1) / 24.0`;
  const due =
    db.prepare(`SELECT ${columns} WHERE d.status IN ('ready', 'error') AND l.is_active = 1 AND d.held IS NULL
    AND (${isDue('l.refresh_interval_hours')})
    ORDER BY d.next_sync_at`);
  const insert = db.prepare(`INSERT INTO materialised_datasets
    (id, link_id, person_id, schema_name, last_activity_at, created_at, updated_at)
    VALUES (@id, @linkId, @personId, @schemaName, @now, @now, @now)`);
  const syncing = db.prepare(
    "UPDATE materialised_datasets SET status = 'syncing', last_tried_at = @now, updated_at = @now WHERE id = @id",
  );
  const ready = db.prepare(`UPDATE materialised_datasets SET status = 'ready', data_as_of = @dataAsOf,
    next_sync_at = @nextSyncAt, row_counts = @rowCounts, error = NULL, held = NULL, updated_at = @now WHERE id = @id`);
  const failed = db.prepare(`UPDATE materialised_datasets SET status = 'error', error = @error,
    next_sync_at = CASE WHEN ${isDue('(SELECT refresh_interval_hours FROM project_data_sources WHERE id = link_id)')}
      THEN @nextSyncAt ELSE next_sync_at END, updated_at = @now WHERE id = @id`);
  const hold = db.prepare(`UPDATE materialised_datasets SET held = @held,
    status = CASE WHEN data_as_of IS NULL THEN 'pending' ELSE 'ready' END, error = NULL, updated_at = @now WHERE id = @id`);
  const release = db.prepare(
    'UPDATE materialised_datasets SET held = NULL, updated_at = @now WHERE id = @id',
  );
  const rename = db.prepare(
    'UPDATE materialised_datasets SET schema_name = @schemaName, error = NULL, updated_at = @now WHERE id = @id',
  );
  const settle = db.prepare(`UPDATE materialised_datasets SET
    status = CASE WHEN data_as_of IS NULL THEN 'pending' ELSE 'ready' END, updated_at = @now WHERE id = @id`);

  /** One that lies further ahead than a refresh is put off was written by a wrong clock: it is due. */
  const nextOf = (row: Row): string | null => {
    const until = row['next_sync_at'] as string | null;
    const longest = ((row['refresh_interval_hours'] as number) + 1) * 3_600_000;
    return until === null ? null : (believable({ until, since: null }, longest, clock()) ?? clock());
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
    personId: row['person_id'] as string | null,
    schemaName: row['schema_name'] as string,
    status: row['status'] as StoredDataset['status'],
    dataAsOf: row['data_as_of'] as string | null,
    lastTriedAt: row['last_tried_at'] as string | null,
    nextSyncAt: nextOf(row),
    rowCounts: JSON.parse(row['row_counts'] as string),
    error: row['error'] === null ? null : JSON.parse(row['error'] as string),
    held: row['held'] === null ? null : JSON.parse(row['held'] as string),
    notice: row['notice'] as string | null,
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
      if (!row) throw new AppError('NOT_FOUND', 'This dataset no longer exists.');
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
    /**
     * Published datasets of active links whose next sync is due at `now`, the longest overdue first; none that is held. A
     * time further ahead than the link's interval was written by a wrong clock, or before the interval was made shorter.
     */
    due: (now: string): StoredDataset[] => (due.all({ now }) as Row[]).map(read),
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
    /** `nextSyncAt` is when a refresh that was due is tried again. */
    failed: (id: string, error: WireError, nextSyncAt: string, now: string): void =>
      void failed.run({ id, error: JSON.stringify(error), nextSyncAt, now }),
    /** A finished refresh waits for a person; what is published stays ready. */
    hold: (id: string, held: Held, now: string): void =>
      void hold.run({ id, held: JSON.stringify(held), now }),
    release: (id: string, now: string): void => void release.run({ id, now }),
    /** After a cancel or a pause: back to what the published data says. */
    settle: (id: string, now: string): void => void settle.run({ id, now }),
  };
}
