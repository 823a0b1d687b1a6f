import { existsSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { localTarget } from '../../main/engines/engine.ts';
import { connect, explainPgError } from '../../main/engines/postgres/postgres-client.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { begin } from '../../main/sync/destination/postgres/transaction.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { askedBare } from '../support/asked-bare.ts';
import type { PostgresAccess } from '../support/global-setup.ts';
import { keptLog } from '../support/parts.ts';
import { quickPlace } from '../support/place.ts';
import { specOf, standingRun } from '../support/sync-run.ts';

/*
 * What a DBA has set for the role or the database: a whole sync with pages that take longer than any of the limits, twice,
 * so that the second publishes over the first.
 */

const system = '/usr/lib/postgresql/15/bin';
const never = new AbortController().signal;
/** Longer than the limits below. */
const pageMs = 250;
const bound = '100ms';

let sim: HqSimulator;
beforeAll(async () => {
  sim = await createHqSimulator({
    domains: [{ name: 'demo', forms: 1200, cases: 60, seed: 4 }],
    latencyMs: pageMs,
  });
});
afterAll(() => sim.close());

const servers: [string, () => Promise<{ access: PostgresAccess; stop(): Promise<void> }>][] = [
  ['the PostgreSQL that comes with us', async () => ({ access: inject('postgres'), stop: async () => {} })],
];
if (existsSync(system))
  servers.push([
    'PostgreSQL 15',
    async () => {
      const server: EmbeddedPostgres = await startEmbeddedPostgres({
        durable: false,
        place: quickPlace(),
        bin: system,
      });
      return { access: server, stop: () => server.stop() };
    },
  ]);

describe.each(servers)('%s', (_, start) => {
  let access: PostgresAccess;
  let stop: () => Promise<void>;
  let admin: pg.Client;
  let n = 0;
  beforeAll(async () => {
    ({ access, stop } = await start());
    admin = new pg.Client({ ...access, database: 'postgres' });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await stop();
  });

  /** A role and a database of its own with these settings for both, dropped afterwards. */
  async function place(settings: readonly string[]) {
    n += 1;
    const name = `settings_${process.pid}_${n}`;
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'settings-canary'`);
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`GRANT CREATE ON DATABASE ${name} TO ${name}`);
    for (const setting of settings) {
      await admin.query(`ALTER ROLE ${name} SET ${setting}`);
      await admin.query(`ALTER DATABASE ${name} SET ${setting}`);
    }
    const postgres = { ...access, user: name, password: 'settings-canary' };
    return {
      postgres,
      database: name,
      target: localTarget(postgres, name),
      async [Symbol.asyncDispose]() {
        await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
        await admin.query(`DROP ROLE ${name}`);
      },
    };
  }
  const numberOf = async (): Promise<number> => {
    const { rows } = await admin.query<{ v: string }>("SELECT current_setting('server_version_num') AS v");
    return Number(rows[0]?.v);
  };

  it.each([
    ['isolation', ["default_transaction_isolation = 'serializable'", 'default_transaction_deferrable = on']],
    ['repeatable read', ["default_transaction_isolation = 'repeatable read'"]],
    ['reading only', ['default_transaction_read_only = on']],
    [
      'time',
      [
        ...[
          `statement_timeout = '${bound}'`,
          `lock_timeout = '${bound}'`,
          `idle_session_timeout = '${bound}'`,
        ],
        ...[`idle_in_transaction_session_timeout = '${bound}'`, `transaction_timeout = '${bound}'`],
      ],
    ],
    [
      'names, texts and checks',
      [
        "search_path = 'nowhere'",
        "DateStyle = 'German'",
        "TimeZone = 'Asia/Kolkata'",
        "IntervalStyle = 'sql_standard'",
        'row_security = off',
        'check_function_bodies = off',
        'standard_conforming_strings = on',
        "bytea_output = 'escape'",
        'extra_float_digits = 0',
        'quote_all_identifiers = on',
        'array_nulls = off',
        'transform_null_equals = on',
      ],
    ],
  ])('a sync goes through whatever is set about %s', async (_about, settings) => {
    const isNew = (await numberOf()) >= 170_000;
    await using there = await place(
      settings.filter((each) => isNew || !each.startsWith('transaction_timeout')),
    );
    const { log, lines } = keptLog();
    using bare = askedBare();
    const spec = specOf({ ...there, schema: 'data_x' }, sim, { datasets: ['forms', 'cases'] });
    for (const jobId of [crypto.randomUUID(), crypto.randomUUID()]) {
      const end = await standingRun({ ...spec, jobId }, sim, undefined, { log }).ended;
      expect(end).toMatchObject({
        kind: 'published',
        result: { notice: null, rowCounts: { forms: 1200, cases: 60 } },
      });
    }
    // What is asked outside of a transaction is under the role's own limits, however seldom they are reached.
    expect(bare.statements).toEqual([]);
    // Nothing was lost and taken up again on the way.
    expect(lines.filter((line) => /"level":"(warn|error)"/.test(line))).toEqual([]);
  });

  it('a session that the server ended is explained by the setting that ended it', async () => {
    const limits: [string, string, string][] = [
      ['idle_session_timeout', 'SELECT 1', 'it was idle for longer than it may be'],
      ['idle_in_transaction_session_timeout', 'BEGIN', 'a transaction was idle for longer than it may be'],
    ];
    if ((await numberOf()) >= 170_000)
      limits.push(['transaction_timeout', 'BEGIN', 'a transaction took longer than it may']);
    for (const [name, first, text] of limits) {
      await using there = await place([`${name} = '50ms'`]);
      const client = await connect(there.target, never);
      const ended = new Promise((resolve) => client.once('error', resolve));
      await client.query(first);
      await ended;
      const error = explainPgError(
        await client.query('SELECT 1').catch((thrown: unknown) => thrown),
        there.target,
      );
      expect(error).toMatchObject({
        code: 'DB_LOST',
        message: `127.0.0.1:${access.port} ended the session: ${text} (${name}).`,
        advice: `A DBA can turn it off for this user: ALTER ROLE "${there.database}" SET ${name} = 0;`,
      });
    }
  });

  it('a transaction says all of it in one round trip, and only for itself', async () => {
    await using there = await place(["statement_timeout = '9s'", "idle_session_timeout = '9s'"]);
    const client = await connect(there.target, never);
    try {
      let trips = 0;
      const { connection } = client as unknown as { connection: { query(text: string): void } };
      const send = connection.query.bind(connection);
      connection.query = (text) => {
        trips += 1;
        send(text);
      };
      await begin(client);
      expect(trips).toBe(1);
      const settings = async (): Promise<unknown> =>
        (
          await client.query(
            "SELECT current_setting('statement_timeout') AS s, current_setting('transaction_isolation') AS i, coalesce(current_setting('transaction_timeout', true), '0') AS t",
          )
        ).rows[0];
      expect(await settings()).toEqual({ s: '0', i: 'read committed', t: '0' });
      await client.query('COMMIT');
      expect(await settings()).toMatchObject({ s: '9s' });
    } finally {
      await client.end();
    }
  });
});
