import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { table } from '../../main/headless/terminal/terminal.ts';
import { signIn } from '../../main/oauth/flow.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { plainLogin } from '../../main/sample/plain-login.ts';
import { bundle } from '../support/bundle.ts';
import { endpointDeps } from '../support/parts.ts';
import { runFile, startSimulatorProcess } from '../support/processes.ts';
import { pagesOf } from './pages.ts';
import { plot, type Run } from './plot.ts';
import type { Line, PullResult, PullSetup, SyncResult } from './results.ts';

/*
 * Records per second from the source's API to published tables, all in one run on one machine, PostgreSQL with fsync
 * on, interleaved with what it is held against:
 *   - the source alone: a client that fetches every page and drops the bytes (so the source is not the bottleneck);
 *   - the limit: COPY of exactly the rows that landed, from files, into empty tables with the same keys and indexes;
 *   - the script: pipelined COPY with fixed columns, no inference, no staging, no safety (script-child.ts).
 * Absolute figures depend on the machine; the ratios are what to look at.
 */

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,500000' },
    runs: { type: 'string', default: '3' },
    out: { type: 'string', default: 'bench-output' },
    /** Milliseconds that the source takes for a page in the scenario of a slow line. */
    latency: { type: 'string', default: '50' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const runs = Number(values.runs);
const latency = Number(values.latency);
if (!sizes.every((size) => Number.isInteger(size) && size >= 1000) || !Number.isInteger(runs) || runs < 1) {
  throw new RangeError('--sizes takes whole numbers from 1000, --runs one from 1');
}
/** Sizes from this on are run once: what they take minutes for is not noise. */
const largeSize = 400_000;
const domain = 'bench';

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

const root = join(import.meta.dirname, '..', '..');
const bundles = join(root, 'bench-output', 'build');
await bundle(
  {
    'sync-child': 'test/bench/sync-child.ts',
    'script-child': 'test/bench/script-child.ts',
    'sync-worker': 'main/sync/run/worker.ts',
  },
  bundles,
);

const postgres = await startEmbeddedPostgres({ durable: true });
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
const client = new pg.Client({ ...postgres, database: 'postgres' });
await client.connect();
const { host, port, user, password } = await plainLogin(postgres, 'postgres');

interface Scenario {
  readonly what: string;
  readonly dataset: 'forms' | 'cases';
  readonly records: number;
  readonly keepRaw: boolean;
  /** Whether the limit and the script run too. */
  readonly compare: boolean;
  readonly runs: number;
}

const count = (n: number): string => new Intl.NumberFormat('en').format(n);

async function token(url: string): Promise<string> {
  const set = await signIn(
    {
      baseUrl: url,
      clientId: 'headgate-desktop',
      endpoints: {
        authorizePath: '/oauth/authorize/',
        tokenPath: '/oauth/token/',
        revokePath: null,
        scopes: ['access_apis'],
      },
    },
    {
      ...endpointDeps(),
      bytes: (count) => randomBytes(count),
      openUrl: scriptedBrowser('allow'),
      onUrl: () => {},
    },
    async (fresh) => fresh,
  );
  return set.accessToken;
}

async function child<T>(name: string, setup: unknown): Promise<T> {
  return JSON.parse(await runFile(join(bundles, `${name}.js`), [JSON.stringify(setup)])) as T;
}

/** COPY of the rows that landed, from files, into empty tables with the same keys and indexes. Milliseconds. */
async function limit(landed: SyncResult): Promise<number> {
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
  await client.query('CHECKPOINT');
  const started = performance.now();
  await client.query('BEGIN');
  for (const [at, name] of names.entries()) {
    const file = createReadStream(join(folder, String(at)), { highWaterMark: 256 * 1024 });
    await pipeline(file, client.query(copyFrom(`COPY bench_limit.${quoted(name)} FROM STDIN`)));
  }
  await client.query('COMMIT');
  const ms = performance.now() - started;
  await client.query('DROP SCHEMA bench_limit CASCADE');
  return ms;
}

/** Runs a scenario against one source. The first pull of a source is not measured: it fills its cache. */
async function measure(
  url: string,
  scenario: Scenario,
): Promise<{ line: Line; source: number; samples: Run }> {
  const { dataset, keepRaw, records } = scenario;
  const pull = { url, token: await token(url), domain, dataset, postgres: { host, port, user, password } };
  const nulls: number[] = [];
  const syncs: SyncResult[] = [];
  const limits: number[] = [];
  const scripts: number[] = [];
  const drop = async (): Promise<number> => {
    const started = performance.now();
    let bytes = 0;
    for await (const page of pagesOf(pull)) bytes += page.byteLength;
    if (bytes === 0) throw new Error('the source sent nothing');
    return performance.now() - started;
  };
  await drop();
  for (let run = 0; run < scenario.runs; run += 1) {
    nulls.push(await drop());
    const landed = await child<SyncResult>('sync-child', {
      postgres: pull.postgres,
      database: 'postgres',
      sourceUrl: url,
      domain,
      keepRaw,
      datasets: [dataset],
    });
    syncs.push(landed);
    await client.query('CHECKPOINT');
    if (scenario.compare) {
      limits.push(await limit(landed));
      await client.query('CHECKPOINT');
      const script = await child<PullResult>('script-child', {
        ...pull,
        schema: landed.schema,
        tables: landed.tables,
      } satisfies PullSetup);
      const expected = sum(Object.values(landed.rowCounts));
      if (script.rows !== expected) throw new Error(`the script landed ${script.rows} rows, not ${expected}`);
      scripts.push(script.ms);
    }
    await client.query(`DROP SCHEMA ${quoted(landed.schema)} CASCADE`);
    await client.query('CHECKPOINT');
  }
  const line: Line = {
    what: scenario.what,
    records,
    ms: median(syncs.map(({ ms }) => ms)),
    peakMb: Math.max(...syncs.map(({ peakMb }) => peakMb)),
    loopP99Ms: Math.max(...syncs.map(({ loopP99Ms }) => loopP99Ms)),
    limitMs: limits.length > 0 ? median(limits) : null,
    scriptMs: scripts.length > 0 ? median(scripts) : null,
  };
  return {
    line,
    source: median(nulls),
    samples: { name: `${count(records)} ${scenario.what}`, samples: syncs[0]?.samples ?? [] },
  };
}

const lines: (Line & { sourceMs: number })[] = [];
const curves: Run[] = [];
async function scenarios(args: readonly string[], list: readonly Scenario[]): Promise<void> {
  const simulator = await startSimulatorProcess(['--preserialise', '--no-gzip', ...args]);
  try {
    for (const scenario of list) {
      const { line, source, samples } = await measure(simulator.url, scenario);
      lines.push({ ...line, sourceMs: source });
      if (scenario.records === Math.max(...sizes) && scenario.dataset === 'forms') curves.push(samples);
      process.stdout.write(`  ${scenario.what}, ${count(scenario.records)}: ${count(rate(line))}/s\n`);
    }
  } finally {
    simulator.stop();
  }
}
const rate = ({ records, ms }: Pick<Line, 'records' | 'ms'>): number => Math.round((records / ms) * 1000);
const ratio = (of: number | null, ms: number): string => (of === null ? '' : (of / ms).toFixed(2));

try {
  for (const records of sizes) {
    const common = { records, runs: records >= largeSize ? 1 : runs, compare: true } as const;
    await scenarios(
      ['--domain', `${domain}:forms=${records},cases=0,seed=7`],
      [
        { ...common, what: 'forms', dataset: 'forms', keepRaw: false },
        { ...common, what: 'forms with raw', dataset: 'forms', keepRaw: true },
      ],
    );
  }
  const middle = sizes.filter((size) => size < largeSize).at(-1) ?? (sizes[0] as number);
  await scenarios(
    ['--domain', `${domain}:forms=0,cases=${middle},seed=7`],
    [{ what: 'cases', dataset: 'cases', records: middle, keepRaw: false, compare: true, runs }],
  );
  await scenarios(
    ['--domain', `${domain}:forms=${middle},cases=0,seed=7`, '--latency', String(latency)],
    [
      {
        what: `forms, ${latency} ms a page`,
        dataset: 'forms',
        records: middle,
        keepRaw: false,
        compare: false,
        runs,
      },
    ],
  );
  const report = table(
    [
      '',
      'records',
      'records/s',
      'of the script',
      'of the limit',
      'of the source',
      'peak MB',
      'main loop p99 ms',
    ],
    lines.map((line) => [
      line.what,
      count(line.records),
      count(rate(line)),
      ratio(line.scriptMs, line.ms),
      ratio(line.limitMs, line.ms),
      ratio(line.sourceMs, line.ms),
      line.peakMb === null ? '' : String(Math.round(line.peakMb)),
      line.loopP99Ms === null ? '' : line.loopP99Ms.toFixed(1),
    ]),
  );
  process.stdout.write(`\nMedian of ${runs} interleaved runs, PostgreSQL with fsync on\n\n${report}\n`);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'bench.json'), `${JSON.stringify({ runs, lines }, null, 2)}\n`);
  writeFileSync(join(values.out, 'bench.svg'), plot(curves));
} finally {
  await client.end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
