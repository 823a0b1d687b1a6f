import type { Db } from '../db.ts';

/** From then until before then, as instants in UTC. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

export interface DayRuns {
  /** Which of the spans, from 0. */
  readonly day: number;
  /** Runs that ended in it, but for those that a person stopped. */
  readonly runs: number;
  /** Those of them that failed or were held. */
  readonly troubled: number;
  /** How the last of them ended. */
  readonly last: 'completed' | 'failed' | 'held';
}

export interface DayRows {
  readonly day: number;
  readonly rowCounts: Readonly<Record<string, number>>;
}

/** How the runs of a dataset ended, span by span; each looks at the ended runs of one dataset by their index only. */
export function dayHistory(db: Db) {
  const spans =
    "FROM json_each(@spans) s JOIN sync_jobs j ON j.dataset_id = +@datasetId AND j.finished_at >= s.value->>'from' AND j.finished_at < s.value->>'to'";
  // Beside max() SQLite takes the other columns from the row that has it.
  const ended =
    db.prepare(`SELECT s.key AS day, count(*) AS runs, sum(j.status IN ('failed', 'held')) AS troubled,
      max(j.finished_at), j.status AS last
    ${spans} AND j.status IN ('completed', 'failed', 'held') GROUP BY s.key`);
  const published = db.prepare(`SELECT s.key AS day, max(j.finished_at), j.row_counts AS rows
    ${spans} AND j.status = 'completed' GROUP BY s.key`);
  return {
    ended: (datasetId: string, days: readonly Span[]): DayRuns[] =>
      (ended.all({ datasetId, spans: JSON.stringify(days) }) as DayRuns[]).map(
        ({ day, runs, troubled, last }) => ({
          ...{ day, runs, troubled, last },
        }),
      ),
    /** What was published last in each span that has something. */
    published: (datasetId: string, days: readonly Span[]): DayRows[] =>
      (published.all({ datasetId, spans: JSON.stringify(days) }) as { day: number; rows: string }[]).map(
        ({ day, rows }) => ({ day, rowCounts: JSON.parse(rows) as Record<string, number> }),
      ),
  };
}
