import type { Statement } from 'better-sqlite3';
import type { Db } from '../db.ts';

type Row = Record<string, string | number | null>;

/** Which jobs of a history; all of it where nothing is said. */
export interface JobsWanted {
  readonly datasetId?: string | undefined;
  readonly datasetIds?: readonly string[] | undefined;
  /** Queued then or later; and before that. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** The job that the page before ended with; of one that is gone, the page is empty. */
  readonly before?: string | undefined;
  readonly limit: number;
}

const conditions = {
  personId: '(d.person_id IS NULL OR d.person_id = +@personId)',
  datasetId: 'j.dataset_id = +@datasetId',
  datasetIds: 'j.dataset_id IN (SELECT value FROM json_each(@datasetIds))',
  since: 'j.queued_at >= +@since',
  until: 'j.queued_at < +@until',
  before: '(j.queued_at, j.rowid) < (SELECT b.queued_at, b.rowid FROM sync_jobs b WHERE b.id = +@before)',
} as const;
type Condition = keyof typeof conditions;

/**
 * Pages of the history of jobs, newest first. A statement for each set of conditions, so that each walks along the index of
 * what it asks for; `columns` as the repository of jobs reads them.
 */
export function createJobList(db: Db, columns: string) {
  const statements = new Map<string, Statement>();
  return (personId: string | null, { limit, datasetIds, ...rest }: JobsWanted): Row[] => {
    const given = {
      ...{ ...rest, personId: personId ?? undefined },
      datasetIds: datasetIds && JSON.stringify(datasetIds),
    };
    const used = (Object.keys(conditions) as Condition[]).filter((name) => given[name] !== undefined);
    const key = used.join(' ');
    let statement = statements.get(key);
    if (!statement) {
      const where = used.map((name) => conditions[name]).join(' AND ') || 'TRUE';
      statement = db.prepare(
        `SELECT ${columns} WHERE ${where} ORDER BY j.queued_at DESC, j.rowid DESC LIMIT @limit`,
      );
      statements.set(key, statement);
    }
    return statement.all({ limit, ...Object.fromEntries(used.map((name) => [name, given[name]])) }) as Row[];
  };
}
