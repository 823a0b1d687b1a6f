import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { connect } from '../../main/engines/postgres/postgres-client.ts';
import { osProcesses } from '../../main/os-process.ts';
import { type Holder, holderOf, takeLease, workUnder } from '../../main/sync/destination/postgres/lease.ts';
import { publish } from '../../main/sync/destination/postgres/publish/publish.ts';
import { saveState } from '../../main/sync/destination/postgres/state.ts';
import type { RunDeps, RunEnd, RunSpec } from '../../main/sync/run-spec.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { codeOf, keptLog } from '../support/parts.ts';
import { specOf as runSpecOf, type StandingRun, standingRun } from '../support/sync-run.ts';

/* Who may write a dataset is said in the target itself, for everybody who shares it. */

const forms = 4500;
let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'demo', forms, cases: 5, seed: 2 }] });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const dataset = crypto.randomUUID();
const specOf = (schema: string): RunSpec =>
  runSpecOf({ ...db, schema }, sim, { datasetId: dataset, workspaceId: dataset });
const stagingOf = (schema: string): string => `"${schema}__staging"`;

const run = (spec: RunSpec, requests?: number, change?: Partial<RunDeps>): StandingRun =>
  standingRun(spec, sim, requests, change);
const countOf = async (table: string): Promise<number> =>
  Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0]?.['n']);
const end = (kind: RunEnd['kind']) => expect.objectContaining({ kind });
/** Puts another holder into the lease. */
const setHolder = (schema: string, change: Partial<Holder>, expires: string): Promise<unknown> =>
  db.query(
    `UPDATE ${stagingOf(schema)}._headgate_state SET holder = $1, taken = now(), heartbeat = now(), expires = now() + $2::interval
     WHERE dataset = ''`,
    [JSON.stringify({ ...holderOf('other', 'other', 1), ...change }), expires],
  );

it('lets one of two work, and names that one to the other', async () => {
  const spec = specOf('lease_two');
  const first = run(spec, 2);
  await first.reached;
  const other = { ...spec, jobId: crypto.randomUUID(), siblings: [spec.jobId] };
  const refused = await run(other).ended.catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'DATASET_BUSY' });
  const { host, pid } = holderOf('x', 'x', 1);
  expect((refused as Error).message).toMatch(
    new RegExp(`on “${host}” \\(process ${pid}\\) since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC`),
  );
  first.letGo();
  expect(await first.ended).toEqual(end('published'));
  expect(await countOf('lease_two.forms')).toBe(forms);
});

it('is free again after the end of a run, a published, failed and paused one alike', async () => {
  const spec = specOf('lease_free');
  const stop = new AbortController();
  const first = run(spec, 2, { signal: stop.signal });
  await first.reached;
  stop.abort();
  first.letGo();
  expect(await codeOf(() => first.ended)).toBe('CANCELLED');
  // The same job goes on; so does another one of this process, which knows that the first does not run any more.
  expect(await run({ ...spec, jobId: crypto.randomUUID() }).ended).toEqual(end('published'));
});

it('is taken over at once from a process of this machine that is gone, and else when it runs out', async () => {
  const spec = specOf('lease_gone');
  const stop = new AbortController();
  const first = run(spec, 2, { signal: stop.signal });
  await first.reached;
  stop.abort();
  first.letGo();
  await first.ended.catch(() => {});
  /** Has the lease for a moment. */
  const stopped = async (): Promise<void> => {
    const stopping = new AbortController();
    const taken = run(spec, 0, { signal: stopping.signal });
    await Promise.race([taken.reached, taken.ended]);
    stopping.abort();
    taken.letGo();
    await taken.ended.catch(() => {});
  };
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  const start = osProcesses.startOf(pid) ?? 0;
  await setHolder('lease_gone', { pid, start }, '30 seconds');
  expect(await codeOf(() => run(spec).ended)).toBe('DATASET_BUSY');
  await setHolder('lease_gone', { pid, start, host: 'elsewhere', machine: 'elsewhere' }, '2 seconds');
  expect(await codeOf(() => run(spec).ended)).toBe('DATASET_BUSY');
  // Of a twin of this machine nobody knows whether it has begun anew.
  await setHolder('lease_gone', { pid, start, boot: 'another' }, '30 seconds');
  expect(await codeOf(() => run(spec).ended)).toBe('DATASET_BUSY');
  // Another program has the number by now.
  await setHolder('lease_gone', { pid, start: start - 1 }, '30 seconds');
  await stopped();
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  // Dead, but of another machine: it may live there.
  await setHolder('lease_gone', { pid, start, host: 'elsewhere', machine: 'elsewhere' }, '30 seconds');
  expect(await codeOf(() => run(spec).ended)).toBe('DATASET_BUSY');
  await setHolder('lease_gone', { pid, start }, '30 seconds');
  await stopped();
  // The server's clock was wrong when it was given.
  await setHolder('lease_gone', { host: 'elsewhere', machine: 'elsewhere' }, '3 years');
  await stopped();
  await setHolder('lease_gone', { host: 'elsewhere', machine: 'elsewhere' }, '-1 second');
  expect(await run(spec).ended).toEqual(end('published'));
  expect(await countOf('lease_gone.forms')).toBe(forms);
});

it('goes with its job to whoever the store gave it last, and not back', async () => {
  const spec = specOf('lease_claim');
  const first = run(spec, 2);
  await first.reached;
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  const start = osProcesses.startOf(pid) ?? 0;
  // A living process has it, for the second time that the job was taken.
  await setHolder('lease_claim', { pid, start, job: spec.jobId, claim: 2 }, '30 seconds');
  first.letGo();
  expect(await codeOf(() => first.ended)).toBe('DATASET_BUSY');
  expect(await codeOf(() => run({ ...spec, claim: 1 }).ended)).toBe('DATASET_BUSY');
  expect(await run({ ...spec, claim: 3 }).ended).toEqual(end('published'));
  child.kill('SIGKILL');
});

it('is kept alive while the first publish has to be tried again and again', async () => {
  const spec = specOf('lease_first');
  let publishing = false;
  const last = run(spec, 4, { onProgress: ({ phase }) => (publishing ||= phase === 'publishing') });
  await last.reached;
  // Somebody looks at the tables that the publish has to drop.
  const reader = await db.connect();
  await reader.query('BEGIN');
  await reader.query(`SELECT 1 FROM ${stagingOf('lease_first')}._headgate_state`);
  last.letGo();
  await expect.poll(() => publishing, { timeout: 15_000 }).toBe(true);
  // As if there were no session for the heartbeat: only the publish itself can give signs of life now.
  const blocked = () =>
    db.query(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%DROP TABLE%'",
    );
  await expect.poll(blocked, { timeout: 10_000, interval: 20 }).not.toEqual([]);
  const [worker] = await blocked();
  await db.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
     AND application_name LIKE 'headgate sync%' AND pid <> $1`,
    [worker?.['pid'] ?? '0'],
  );
  const expires = `SELECT expires > clock_timestamp() + interval '25 seconds' AS fresh
    FROM ${stagingOf('lease_first')}._headgate_state WHERE dataset = ''`;
  await db.query(
    `UPDATE ${stagingOf('lease_first')}._headgate_state SET expires = clock_timestamp() + interval '5 seconds'`,
  );
  await expect.poll(() => db.query(expires), { timeout: 4000, interval: 50 }).toEqual([{ fresh: 't' }]);
  await reader.query('COMMIT');
  await reader.end();
  expect(await last.ended).toEqual(end('published'));
});

it('that was taken over lets its old holder write and publish nothing', async () => {
  const spec = specOf('lease_lost');
  const asleep = run(spec, 2);
  await asleep.reached;
  // As after a night in the bag: the lease ran out, and another machine has it.
  await setHolder('lease_lost', { host: 'elsewhere', machine: 'elsewhere' }, '20 seconds');
  const before = await countOf(`${stagingOf('lease_lost')}._headgate_state`);
  const read = () =>
    db.query(`SELECT fetched FROM ${stagingOf('lease_lost')}._headgate_state WHERE dataset = 'forms'`);
  const state = await read();
  asleep.letGo();
  const refused = await asleep.ended.catch((error: unknown) => error);
  // It tried once more, and heard who works now.
  expect(refused).toMatchObject({ code: 'DATASET_BUSY' });
  expect((refused as Error).message).toContain('“elsewhere”');
  expect(await countOf(`${stagingOf('lease_lost')}._headgate_state`)).toBe(before);
  expect(await read()).toEqual(state);
  expect(await db.query("SELECT 1 FROM pg_namespace WHERE nspname = 'lease_lost'")).toEqual([]);
});

it('is checked by every commit and by the publish itself, in their own transaction', async () => {
  const spec = specOf('lease_fence');
  const stop = new AbortController();
  const first = run(spec, 2, { signal: stop.signal });
  await first.reached;
  stop.abort();
  first.letGo();
  await first.ended.catch(() => {});
  const client = await connect(spec.target, new AbortController().signal);
  const lease = { schema: 'lease_fence', holder: holderOf(spec.jobId, crypto.randomUUID(), 1) };
  await client.query('BEGIN');
  await takeLease(client, lease, []);
  await client.query('COMMIT');
  workUnder(client, lease);
  const state = { dataset: 'forms', cursor: null, seq: 1, fetched: 1, total: null, done: false };
  await client.query('BEGIN');
  await saveState(client, 'lease_fence', state, null);
  // Whoever wants to take over waits for the commit of what was checked.
  const thief = await db.connect();
  await thief.query("SET lock_timeout = '200ms'");
  expect(
    await codeOf(() =>
      thief.query(`UPDATE ${stagingOf('lease_fence')}._headgate_state SET holder = NULL WHERE dataset = ''`),
    ),
  ).toBe('55P03');
  await client.query('COMMIT');
  await thief.end();
  await setHolder('lease_fence', {}, '30 seconds');
  await client.query('BEGIN');
  expect(await codeOf(() => saveState(client, 'lease_fence', state, null))).toBe('LEASE_LOST');
  await client.query('ROLLBACK');
  const place = { schema: 'lease_fence', dataset, workspace: dataset, job: spec.jobId, readerRoles: [] };
  const catalogue = {
    ...place,
    source: '',
    dataAsOf: new Date().toISOString(),
    tables: [],
    before: [],
    drift: [],
  };
  const finished = {
    plans: [],
    names: noNames,
    labels: {},
    parts: {},
    duplicates: 0,
    overflowed: [],
    notes: [],
  };
  const attempt = () =>
    publish(
      client,
      {
        ...place,
        finished,
        catalogue,
        written: () => new Map(),
        noteOf: () => undefined,
        refreshViews: false,
      },
      {
        log: keptLog().log,
        patience: { clock: systemClock, random: () => 0, signal: new AbortController().signal },
        spare: async () => null,
        onFirst: () => {},
      },
    );
  expect(await codeOf(attempt)).toBe('LEASE_LOST');
  expect(await db.query("SELECT 1 FROM pg_namespace WHERE nspname = 'lease_fence'")).toEqual([]);
  await client.end();
});

it('is kept alive while the source is slow, by signs of life on a session of their own', async () => {
  const spec = specOf('lease_alive');
  const slow = run(spec, 2);
  await slow.reached;
  const expiry = async (): Promise<number> =>
    Date.parse(
      (
        await db.query(
          `SELECT expires::text AS at FROM ${stagingOf('lease_alive')}._headgate_state WHERE dataset = ''`,
        )
      )[0]?.['at'] ?? '',
    );
  const before = await expiry();
  await expect.poll(expiry, { timeout: 8000, interval: 200 }).toBeGreaterThan(before + 4000);
  slow.letGo();
  expect(await slow.ended).toEqual(end('published'));
});
