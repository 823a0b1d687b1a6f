import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { plainLogin } from '../../main/sample/plain-login.ts';
import { startMariadb } from '../support/mariadb.ts';
import type { TablesSetup } from './results.ts';

/*
 * Landing a table of a MariaDB, side by side: its own client piped into psql's \copy with the types known before, Headgate (types,
 * staging, key, comments, publishing), and a script of INSERTs as a dump has them. All on one machine; ratios tell.
 */

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '3' } },
});
const rows = Number(values.rows);
const run = promisify(execFile);
const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1] ?? 0;

await using from = await startMariadb();
const reader = { user: 'reader', password: 'bench-reader' };
await from.sql(`CREATE DATABASE bench CHARACTER SET utf8mb4; USE bench;
  CREATE USER reader@'%' IDENTIFIED BY '${reader.password}'; GRANT SELECT ON bench.* TO reader@'%';
  CREATE TABLE visits (id INT PRIMARY KEY, site INT NOT NULL, patient BIGINT, name VARCHAR(60), district VARCHAR(40), seen DATETIME,
    created TIMESTAMP, born DATE, weight DECIMAL(6,2), score DOUBLE, visit_kind VARCHAR(20), note TEXT);
  INSERT INTO visits SELECT seq, seq % 500, seq * 7919, CONCAT('Person ', seq), ELT(1 + seq % 5, 'Tumkur', 'Kolar', 'Hassan', 'Mandya', 'Udupi'),
    '2024-01-01' + INTERVAL seq MINUTE, '2024-01-01 10:00:00' + INTERVAL seq SECOND, '1990-01-01' + INTERVAL (seq % 9000) DAY,
    (seq % 9000) / 100, seq / 7, IF(seq % 3, 'first', 'follow-up'), IF(seq % 4, CONCAT('Seen by nurse ', seq % 97, ', no complaint'), NULL)
    FROM seq_1_to_${rows}`);
const postgres = await startEmbeddedPostgres({ durable: true });
const login = await plainLogin(postgres, 'postgres');
const client = new pg.Client({ ...postgres, database: 'postgres' });
await client.connect();
const typed = `id int, site int, patient bigint, name text, district text, seen timestamp, created timestamptz, born date,
  weight numeric, score numeric, visit_kind text, note text`;
const env = {
  ...process.env,
  ...{ PGHOST: '127.0.0.1', PGPORT: String(login.port), PGUSER: login.user, PGPASSWORD: login.password },
  ...{ PGDATABASE: 'postgres', MYSQL_PWD: reader.password, PGTZ: 'UTC' },
};
const mariadb = `mariadb --protocol=tcp -h127.0.0.1 -P${from.port} -u${reader.user} --skip-ssl --batch --skip-column-names --quick bench`;
const shell = (text: string) => run('bash', ['-o', 'pipefail', '-c', text], { env, maxBuffer: 1e9 });

async function piped(name: string): Promise<number> {
  await client.query(
    `DROP TABLE IF EXISTS public.${name}; CREATE TABLE public.${name} (${typed}); ALTER TABLE public.${name} OWNER TO ${login.user}; CHECKPOINT`,
  );
  const started = performance.now();
  await shell(
    `${mariadb} -e 'SELECT * FROM visits' | psql -qc "\\\\copy public.${name} FROM STDIN WITH (NULL 'NULL')"`,
  );
  return performance.now() - started;
}

async function inserted(): Promise<number> {
  await client.query(
    `DROP TABLE IF EXISTS public.by_insert; CREATE TABLE public.by_insert (${typed}); ALTER TABLE public.by_insert OWNER TO ${login.user}; CHECKPOINT`,
  );
  const started = performance.now();
  const plain = ['id', 'site', 'patient', 'weight', 'score'];
  const texts = ['name', 'district', 'seen', 'created', 'born', 'visit_kind', 'note'];
  const values = [...plain, ...texts.map((column) => `QUOTE(${column})`)].join(', ');
  // A tenth, as one statement a row in one transaction; the figure is scaled.
  const select = `SELECT CONCAT('INSERT INTO public.by_insert (${[...plain, ...texts].join(', ')}) VALUES (',
    CONCAT_WS(',', ${values}), ');') FROM visits WHERE id <= ${rows / 10}`;
  await shell(`(echo 'BEGIN;'; ${mariadb} -r -e "${select}"; echo 'COMMIT;') | psql -q`);
  return (performance.now() - started) * 10;
}

let landings = 0;
async function landed(): Promise<{ ms: number; peakMb: number }> {
  landings += 1;
  const target = from.target(reader, 'bench');
  const setup: TablesSetup = {
    from: { ...target, password: reader.password },
    ...{ schema: 'bench', table: 'visits' },
    to: { postgres: { ...login, host: '127.0.0.1' }, database: 'postgres', schema: `landed_${landings}` },
  };
  await client.query('CHECKPOINT');
  const { stdout } = await run(process.execPath, ['test/bench/tables-child.ts', JSON.stringify(setup)], {
    env,
  });
  const result = JSON.parse(stdout) as { ms: number; peakMb: number; rows: Record<string, number> };
  if (result.rows['visits'] !== rows) throw new Error(`landed ${JSON.stringify(result.rows)}`);
  await client.query(`DROP SCHEMA landed_${landings} CASCADE`);
  return result;
}

const copies: number[] = [];
const ours: { ms: number; peakMb: number }[] = [];
for (let n = 0; n < Number(values.runs); n += 1) {
  copies.push(await piped('by_copy'));
  ours.push(await landed());
}
const inserts = await inserted();
const [copy, own] = [median(copies), median(ours.map(({ ms }) => ms))];
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
process.stdout.write(`MariaDB to PostgreSQL, ${rows} rows of 12 columns, medians of ${values.runs}
  mariadb --batch | psql \\copy, types known   ${seconds(copy)}
  Headgate                                     ${seconds(own)}, ${(copy / own).toFixed(2)} of its speed (target 0.8), ${Math.max(...ours.map(({ peakMb }) => peakMb)).toFixed(0)} MB
  a script of INSERTs (from a tenth)           ${seconds(inserts)}, Headgate is ${(inserts / own).toFixed(1)} x as fast (target 5)
`);
await client.end();
await postgres.stop();
