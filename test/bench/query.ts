import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { createMemory, thisV8 } from '../../main/memory.ts';
import { writeOwn } from '../../main/own-file.ts';
import { prepared } from '../../main/query/check/prepared.ts';
import { copyQuery } from '../../main/query/run/copy.ts';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { openQueries } from '../support/query-room.ts';

/*
 * Asking in SQL: a million rows into a file, against what psql's own \copy takes in the same run; and the memory that five
 * million rows take which are read page by page. Ratios tell, not the figures themselves.
 */

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    /** Rows that are read page by page for their memory. */
    paged: { type: 'string', default: '5000000' },
    rounds: { type: 'string', default: '3' },
  },
});
const memory = createMemory(thisV8());
memory.compileOnce();
const rows = Number(values.rows);
const postgres = await startEmbeddedPostgres({ durable: false });
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-query-'));
const client = new pg.Client({ ...postgres, database: 'postgres' });
await client.connect();
await client.query(`CREATE TABLE public.big AS SELECT n AS id, md5(n::text) AS name, (n * 7 % 1000)::numeric / 10 AS amount,
  '2026-01-01'::timestamptz + n * interval '1 minute' AS at, n % 2 = 0 AS flag, repeat('x', n % 40) AS note, n::bigint * 1000003 AS big,
  md5((n + 1)::text) AS a, md5((n + 2)::text) AS b, CASE WHEN n % 5 = 0 THEN NULL ELSE n % 100 END AS c, '{"k": 1}'::jsonb AS doc,
  'a, "quoted" one' AS q FROM generate_series(1, ${rows}) n`);
await client.query('VACUUM ANALYZE public.big');
await using room = await openQueries({ ...postgres }, 'postgres', ['public']);
const never = new AbortController().signal;
const median = (list: number[]): number =>
  [...list].sort((x, y) => x - y)[Math.floor(list.length / 2)] as number;

async function exported(path: string): Promise<number> {
  const began = performance.now();
  await writeOwn(
    path,
    copyQuery(
      { reader: room.reader, grammar: room.grammar },
      {
        statement: prepared(room.grammar, 'SELECT * FROM big', undefined),
        ...{ schemas: ['public'], readerRole: null, functions: [], delimiter: ',' },
        ...{ timeoutMs: 60_000, idleMs: 60_000, onOpen() {}, onRows() {} },
      },
      never,
    ),
  );
  return performance.now() - began;
}
function copied(path: string): number {
  const began = performance.now();
  execFileSync('psql', ['-qXc', `\\copy (SELECT * FROM public.big) TO '${path}' (FORMAT csv, HEADER)`], {
    env: {
      ...process.env,
      PGHOST: postgres.host,
      PGPORT: String(postgres.port),
      PGUSER: postgres.user,
      PGPASSWORD: postgres.password,
      PGDATABASE: 'postgres',
    },
  });
  return performance.now() - began;
}

try {
  const [ours, theirs]: number[][] = [[], []];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    theirs?.push(copied(join(folder, 'psql.csv')));
    ours?.push(await exported(join(folder, 'ours.csv')));
  }
  const [our, their] = [median(ours ?? []), median(theirs ?? [])];
  process.stdout.write(
    `${JSON.stringify({ what: `${rows} rows to CSV`, ms: Math.round(our), psqlMs: Math.round(their), ratio: Math.round((their / our) * 100) / 100, mb: Math.round(statSync(join(folder, 'ours.csv')).size / 1e6), same: statSync(join(folder, 'ours.csv')).size === statSync(join(folder, 'psql.csv')).size })}\n`,
  );
  globalThis.gc?.();
  const idle = process.memoryUsage().rss;
  let peak = idle;
  const query = await room.open(`SELECT n, md5(n::text) FROM generate_series(1, ${values.paged}) n`, {
    limit: Number(values.paged),
  });
  // As whoever holds the handle of a page does.
  const release = memory.holdTight();
  let read = 0;
  for (let end = 'open'; end === 'open'; ) {
    const page = await query.next(500, never);
    ({ end } = page);
    read += page.rows.length;
    if (read % 50_000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
  }
  await query.close();
  release();
  process.stdout.write(
    `${JSON.stringify({ what: `${read} rows in pages of 500`, idleMb: Math.round(idle / 1e6), overIdleMb: Math.round((peak - idle) / 1e6) })}\n`,
  );
} finally {
  await client.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
