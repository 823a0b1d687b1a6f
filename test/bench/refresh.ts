import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { plainLogin } from '../../main/sample/plain-login.ts';
import type { Job } from '../../preload/contract/models.ts';
import { createHqSimulator } from '../simulators/commcare-hq/index.ts';
import { bundle } from '../support/bundle.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/*
 * What a refresh costs beyond reading, when little has changed: the time of finishing and publishing, write-ahead log, dead
 * rows. Source, sync and PostgreSQL (fsync on) share one machine; ratios between two versions of Headgate tell, not the
 * figures themselves.
 */

const { values } = parseArgs({
  options: {
    forms: { type: 'string', default: '500000' },
    /** Share of the forms that change between two refreshes, in percent. */
    changed: { type: 'string', default: '1' },
    /** What the source takes for a page of 1,000 forms; at CommCare HQ it is seconds. */
    latency: { type: 'string', default: '500' },
    refreshes: { type: 'string', default: '2' },
    /** `off`: without the untouched source records, which are most of the bytes. */
    raw: { type: 'string', default: 'on' },
    out: { type: 'string', default: 'bench-output' },
  },
});
const forms = Number(values.forms);
const changed = Math.round((forms * Number(values.changed)) / 100);
const root = join(import.meta.dirname, '..', '..');
const bundles = join(root, 'bench-output', 'build');
await bundle({ 'sync-worker': 'main/sync/run/worker.ts' }, bundles);

const postgres = await startEmbeddedPostgres({ durable: true });
const login = await plainLogin(postgres, 'postgres');
const client = new pg.Client({ ...postgres, database: 'postgres' });
await client.connect();
const sim = await createHqSimulator({
  domains: [{ name: 'bench', forms, cases: 0, seed: 7 }],
  latencyMs: Number(values.latency),
});
const workspace = await openWorkspace({ syncWorker: pathToFileURL(join(bundles, 'sync-worker.js')) });
const made = await setUp(workspace.api, {
  postgres: login,
  database: 'postgres',
  sourceUrl: sim.url,
  domain: 'bench',
  datasets: ['forms'],
  keepRaw: values.raw !== 'off',
});
const schema = made.dataset?.schemaName ?? '';

interface Figures {
  readonly readMs: number;
  /** Finishing and publishing together, to the end of the job. */
  readonly restMs: number;
  /** The part of it until people see the new data; behind it what was staged is dropped. */
  readonly visibleMs: number | null;
  /** The transaction that changes the published rows. */
  readonly finalMs: number | null;
  readonly walMb: number;
  /** Dead rows after it, in percent of the live ones. */
  readonly deadPercent: number;
}

const number = async (sql: string): Promise<number> =>
  Number((await client.query<{ n: string }>(sql)).rows[0]?.n ?? 0);
const position = (): Promise<number> => number("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS n");

async function run(): Promise<Figures> {
  await client.query('CHECKPOINT');
  await client.query('SELECT pg_stat_reset()');
  const wal = await position();
  const at = new Map<string, number>();
  const off = workspace.app.onEvent((name, payload) => {
    if (name === 'sync.progressed') {
      const { phase } = payload as Job;
      if (!at.has(phase)) at.set(phase, performance.now());
    }
  });
  const job = await syncToEnd(workspace, made);
  const ended = performance.now();
  off();
  if (job.status !== 'completed') throw new Error(`${job.status}: ${job.error?.message} ${job.notice}`);
  const finishing = at.get('finishing') ?? ended;
  const line = workspace.logs.findLast((text) => text.includes('"sync.applied"'));
  const applied = line === undefined ? null : (JSON.parse(line) as { ms: number; at: string });
  workspace.logs.length = 0;
  const walMb = ((await position()) - wal) / 1024 / 1024;
  await client.query('SELECT pg_stat_force_next_flush()');
  const dead = await number(
    `SELECT sum(n_dead_tup) / greatest(1, (SELECT sum(reltuples) FROM pg_class WHERE relnamespace = '"${schema}"'::regnamespace AND relkind = 'r')) AS n
     FROM pg_stat_user_tables WHERE schemaname = '${schema}'`,
  );
  return {
    readMs: Math.round(finishing - (at.get('reading') ?? finishing)),
    restMs: Math.round(ended - finishing),
    visibleMs: applied && Date.parse(applied.at) - Math.round(performance.timeOrigin + finishing),
    finalMs: applied?.ms ?? null,
    walMb: Math.round(walMb * 10) / 10,
    deadPercent: Math.round(dead * 10_000) / 100,
  };
}

try {
  const lines: { what: string; figures: Figures }[] = [{ what: 'first load', figures: await run() }];
  process.stdout.write(`${JSON.stringify(lines[0])}\n`);
  for (let refresh = 1; refresh <= Number(values.refreshes); refresh += 1) {
    const step = Math.floor(forms / changed);
    sim.domain('bench').edit(
      'form',
      Array.from({ length: changed }, (_, k) => k * step + refresh),
    );
    const line = { what: `refresh ${refresh}`, figures: await run() };
    lines.push(line);
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'refresh.json'), `${JSON.stringify({ forms, changed, lines }, null, 2)}\n`);
} finally {
  await workspace[Symbol.asyncDispose]();
  await sim.close();
  await client.end();
  await postgres.stop();
}
