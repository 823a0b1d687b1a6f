import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { scriptedBrowser } from '../../main/headless/consent.ts';
import { startEmbeddedPostgres } from '../../main/headless/embedded-postgres.ts';
import { count, table } from '../../main/headless/terminal.ts';
import { signIn } from '../../main/oauth/flow.ts';
import { runScript, startSimulatorProcess } from '../support/processes.ts';

/*
 * Forms per second from the source's API to published tables, in one run on one machine: with and without `raw`,
 * between the source alone (a client that drops the bytes) and the limit (COPY of exactly the rows that landed, from
 * files, into tables with the same keys). PostgreSQL runs with fsync on. Absolute figures depend on the machine; the
 * ratios are what to look at.
 */

const { values } = parseArgs({
  options: {
    forms: { type: 'string', default: '50000' },
    runs: { type: 'string', default: '3' },
    out: { type: 'string', default: 'bench-output' },
  },
});
const forms = Number(values.forms);
const runs = Number(values.runs);
if (!Number.isInteger(forms) || forms < 1000 || !Number.isInteger(runs) || runs < 1) {
  throw new RangeError('--forms takes a whole number from 1000, --runs one from 1');
}

interface Child {
  ms: number;
  peakMb: number;
  idleMb: number;
  loopP99Ms: number;
  loopMaxMs: number;
  schema: string;
  rowCounts: Record<string, number>;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const postgres = await startEmbeddedPostgres({ durable: true });
const domain = 'bench';
const simulator = await startSimulatorProcess([
  '--domain',
  `${domain}:forms=${forms},cases=0,seed=7`,
  '--preserialise',
  '--no-gzip',
]);
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
const client = new pg.Client({ ...postgres, database: 'postgres' });
await client.connect();

/** Every page fetched and dropped: what the source can deliver. */
async function nullClient(token: string): Promise<number> {
  const started = performance.now();
  let since = '';
  for (let fetched = 0; fetched < forms; ) {
    const query = `limit=1000&order_by=indexed_on${since === '' ? '' : `&indexed_on_start=${since}`}`;
    const answer = await fetch(`${simulator.url}/a/${domain}/api/form/v1/?${query}`, {
      headers: { authorization: `Bearer ${token}`, 'accept-encoding': 'identity' },
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    // The last timestamp, found without parsing the page.
    const at = bytes.lastIndexOf('"indexed_on":');
    const stamp = /"indexed_on":\s*"([^"Z]+)/.exec(bytes.subarray(at, at + 60).toString('latin1'))?.[1];
    if (stamp === undefined || stamp === since) break;
    since = stamp;
    fetched += 1000;
  }
  return performance.now() - started;
}

async function token(): Promise<string> {
  const set = await signIn(
    {
      baseUrl: simulator.url,
      clientId: 'headgate-desktop',
      endpoints: {
        authorizePath: '/oauth/authorize/',
        tokenPath: '/oauth/token/',
        revokePath: null,
        scopes: ['access_apis'],
      },
    },
    {
      fetch,
      random: (bytes) => randomBytes(bytes),
      openUrl: scriptedBrowser('allow'),
      onUrl: () => {},
      signal: new AbortController().signal,
    },
  );
  return set.accessToken;
}

async function sync(keepRaw: boolean): Promise<Child> {
  const { host, port, user, password } = postgres;
  const setup = {
    postgres: { host, port, user, password },
    database: 'postgres',
    sourceUrl: simulator.url,
    domain,
    keepRaw,
    datasets: ['forms'],
  };
  return JSON.parse(await runScript('test/bench/sync-child.ts', [JSON.stringify(setup)])) as Child;
}

/** COPY of the rows that landed, from files, into empty tables with the same keys and indexes. Milliseconds. */
async function limit(landed: Child): Promise<number> {
  const schema = quoted(landed.schema);
  const names = Object.keys(landed.rowCounts);
  await client.query('DROP SCHEMA IF EXISTS bench_limit CASCADE; CREATE SCHEMA bench_limit');
  for (const [at, name] of names.entries()) {
    const file = createWriteStream(join(folder, String(at)));
    await pipeline(client.query(copyTo(`COPY ${schema}.${quoted(name)} TO STDOUT`)), file);
    await client.query(
      `CREATE TABLE bench_limit.${quoted(name)} (LIKE ${schema}.${quoted(name)} INCLUDING ALL)`,
    );
  }
  const started = performance.now();
  await client.query('BEGIN');
  for (const [at, name] of names.entries()) {
    const file = createReadStream(join(folder, String(at)), { highWaterMark: 256 * 1024 });
    await pipeline(file, client.query(copyFrom(`COPY bench_limit.${quoted(name)} FROM STDIN`)));
  }
  await client.query('COMMIT');
  const ms = performance.now() - started;
  await client.query(`DROP SCHEMA bench_limit CASCADE; DROP SCHEMA ${schema} CASCADE`);
  await client.query('CHECKPOINT');
  return ms;
}

try {
  const access = await token();
  // The first pass fills the simulator's cache of serialised rows.
  await nullClient(access);
  const nulls: number[] = [];
  const modes = [false, true].map((keepRaw) => ({ keepRaw, syncs: [] as Child[], limits: [] as number[] }));
  // Interleaved, so that a machine that gets slower slows all of them.
  for (let run = 0; run < runs; run += 1) {
    nulls.push(await nullClient(access));
    for (const mode of modes) {
      const landed = await sync(mode.keepRaw);
      mode.syncs.push(landed);
      mode.limits.push(await limit(landed));
    }
  }
  const rate = (ms: number): number => Math.round((forms / ms) * 1000);
  const rows = modes.map(({ keepRaw, syncs, limits }) => {
    const ms = median(syncs.map((child) => child.ms));
    const limitMs = median(limits);
    return {
      what: keepRaw ? 'Headgate, with raw' : 'Headgate, without raw',
      formsPerSecond: rate(ms),
      rowsPerSecond: Math.round(
        (Object.values(syncs[0]?.rowCounts ?? {}).reduce((sum, n) => sum + n, 0) / ms) * 1000,
      ),
      limitFormsPerSecond: rate(limitMs),
      ratioToLimit: limitMs / ms,
      peakMb: Math.max(...syncs.map((child) => child.peakMb)),
      loopP99Ms: Math.max(...syncs.map((child) => child.loopP99Ms)),
    };
  });
  const report = { forms, runs, nullClientFormsPerSecond: rate(median(nulls)), results: rows };
  process.stdout.write(
    `${count(forms)} forms, median of ${runs} interleaved runs, PostgreSQL with fsync on\n` +
      `Source alone (client that drops the bytes): ${count(report.nullClientFormsPerSecond)} forms/s\n\n` +
      `${table(
        ['', 'forms/s', 'rows/s', 'limit: COPY from files', 'ratio', 'peak MB', 'main loop p99 ms'],
        rows.map((row) => [
          row.what,
          count(row.formsPerSecond),
          count(row.rowsPerSecond),
          count(row.limitFormsPerSecond),
          row.ratioToLimit.toFixed(2),
          String(Math.round(row.peakMb)),
          row.loopP99Ms.toFixed(1),
        ]),
      )}\n`,
  );
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'bench.json'), `${JSON.stringify(report, null, 2)}\n`);
} finally {
  await client.end();
  simulator.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
