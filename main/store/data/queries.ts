import type { PastQuery, QueryOutcome, QueryWay } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Db } from '../db.ts';

type Row = Record<string, string | number | null>;

export interface NewQuery {
  readonly id: string;
  /** One of the two is null. */
  readonly projectId: string | null;
  readonly connectionId: string | null;
  readonly personId: string;
  readonly personName: string;
  readonly way: QueryWay;
  readonly at: string;
  readonly sql: string;
  readonly hasLiterals: boolean;
}

export interface QueryEnd {
  readonly outcome: QueryOutcome;
  readonly ms: number | null;
  readonly rows: number | null;
  readonly code: string | null;
  /** Null leaves them as they were told. */
  readonly tables: readonly string[] | null;
}

export interface HistoryAsked {
  readonly projectId: string | null;
  readonly connectionId: string | null;
  readonly personId: string;
  /** Words, in any letter case; an empty text is in every query. */
  readonly text: string;
  readonly only: 'mine' | 'shared' | 'pinned' | 'all';
  readonly before: string | null;
  readonly limit: number;
}

/** Old ones that go in one transaction. */
const prunedAtOnce = 500;

/** What was asked in SQL. A person sees their own queries and what others share in the project. */
export function queryRepository(db: Db) {
  const insert =
    db.prepare(`INSERT INTO queries (id, project_id, connection_id, person_id, person_name, way, at, sql, has_literals, outcome)
    VALUES (@id, @projectId, @connectionId, @personId, @personName, @way, @at, @sql, @hasLiterals, 'running')`);
  const end = db.prepare(`UPDATE queries SET outcome = @outcome, ms = @ms, rows = @rows, code = @code,
    tables = ifnull(@tables, tables) WHERE id = @id`);
  const there = 'project_id IS @projectId AND connection_id IS @connectionId';
  const visible = `${there} AND forgotten = 0 AND (person_id = @personId OR shared = 1)`;
  const list = db.prepare(`SELECT * FROM queries WHERE ${visible}
    AND CASE @only WHEN 'mine' THEN person_id = @personId WHEN 'shared' THEN shared = 1
      WHEN 'pinned' THEN pinned = 1 AND person_id = @personId ELSE 1 END
    AND (@text = '' OR instr(lower(sql), @text) > 0 OR instr(lower(ifnull(name, '')), @text) > 0)
    AND seq < ifnull((SELECT seq FROM queries WHERE id = @before), 9223372036854775807)
    ORDER BY seq DESC LIMIT @limit`);
  const get = db.prepare(`SELECT * FROM queries WHERE id = ? AND forgotten = 0`);
  const keep = db.prepare(
    'UPDATE queries SET name = @name, pinned = @pinned, shared = @shared WHERE id = @id',
  );
  const forget = db.prepare(
    `UPDATE queries SET forgotten = 1, sql = '', name = NULL, pinned = 0, shared = 0, tables = '[]' WHERE id = ?`,
  );
  const nthNewest = db
    .prepare(
      `SELECT at FROM queries WHERE person_id = @personId AND way <> 'agent' AND at > @from ORDER BY at DESC LIMIT 1 OFFSET @n - 1`,
    )
    .pluck();
  const left = db.prepare(`UPDATE queries SET outcome = 'stopped' WHERE outcome = 'running' AND at < ?`);
  const slowest = db.prepare(`SELECT * FROM queries WHERE ${visible} AND at > @since AND ms IS NOT NULL
    ORDER BY ms DESC LIMIT 10`);
  const counts = db.prepare(`SELECT count(*) AS queries, count(*) FILTER (WHERE outcome = 'failed') AS failed
    FROM queries WHERE ${there} AND at > @since`);
  const tables =
    db.prepare(`SELECT value AS "table", count(*) AS queries FROM queries, json_each(queries.tables)
    WHERE ${there} AND at > @since GROUP BY value ORDER BY 2 DESC, 1 LIMIT 20`);
  const prune = db.prepare(`DELETE FROM queries WHERE seq IN (SELECT seq FROM queries
    WHERE at < @before AND pinned = 0 AND shared = 0 AND name IS NULL AND outcome <> 'running' ORDER BY at LIMIT ${prunedAtOnce})`);

  const read = (row: Row, personId: string): PastQuery => ({
    id: row['id'] as string,
    projectId: row['project_id'] as string | null,
    connectionId: row['connection_id'] as string | null,
    personName: row['person_name'] as string,
    isMine: row['person_id'] === personId,
    way: row['way'] as QueryWay,
    at: row['at'] as string,
    sql: row['sql'] as string,
    hasLiterals: row['has_literals'] === 1,
    outcome: row['outcome'] as QueryOutcome,
    ms: row['ms'] as number | null,
    rows: row['rows'] as number | null,
    code: row['code'] as string | null,
    tables: JSON.parse(row['tables'] as string) as string[],
    name: row['name'] as string | null,
    isPinned: row['pinned'] === 1,
    isShared: row['shared'] === 1,
  });
  /** One's own; fails with NOT_FOUND for those of others, whether they are there or not. */
  const own = (id: string, personId: string): PastQuery => {
    const row = get.get(id) as Row | undefined;
    if (!row || row['person_id'] !== personId) throw new AppError('NOT_FOUND', say('store.noSuchQueryAmong'));
    return read(row, personId);
  };
  return {
    begin: (query: NewQuery): void => void insert.run({ ...query, hasLiterals: query.hasLiterals ? 1 : 0 }),
    end: (id: string, { tables: read, ...ended }: QueryEnd): void =>
      void end.run({ id, ...ended, tables: read && JSON.stringify(read) }),
    list({ limit, text, ...asked }: HistoryAsked): { queries: PastQuery[]; more: boolean } {
      const rows = list.all({ ...asked, text: text.toLowerCase(), limit: limit + 1 }) as Row[];
      return {
        queries: rows.slice(0, limit).map((row) => read(row, asked.personId)),
        more: rows.length > limit,
      };
    },
    own,
    keep(
      id: string,
      personId: string,
      change: { name: string | null; isPinned: boolean; isShared: boolean },
    ): PastQuery {
      own(id, personId);
      keep.run({ id, name: change.name, pinned: change.isPinned ? 1 : 0, shared: change.isShared ? 1 : 0 });
      return own(id, personId);
    },
    forget(id: string, personId: string): void {
      own(id, personId);
      forget.run(id);
    },
    /** When a person asked the n-th newest query since an instant, forgotten ones and no agents' counted; null for fewer. */
    nthNewest: (personId: string, from: string, n: number): string | null =>
      (nthNewest.get({ personId, from, n }) as string | undefined) ?? null,
    /** What a process that ended left running. */
    closeLeft: (before: string): void => void left.run(before),
    statistics(asked: Pick<HistoryAsked, 'projectId' | 'connectionId' | 'personId'>, from: string) {
      const { personId } = asked;
      const about = { ...asked, since: from };
      return {
        slowest: (slowest.all(about) as Row[]).map((row) => read(row, personId)),
        tables: tables.all(about) as { table: string; queries: number }[],
        ...(counts.get(about) as { queries: number; failed: number }),
      };
    },
    /** Old ones that nobody keeps, some at a time: how many went. */
    prune: (before: string): number => prune.run({ before }).changes,
  };
}
