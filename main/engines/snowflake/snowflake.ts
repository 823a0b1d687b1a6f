import type { ConnectionTest } from '../../../preload/contract/models.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { AskingReader, Engine, LadderOptions, Target } from '../engine.ts';
import { type Climbing, climb } from '../ladder/climb.ts';
import { sinceMs } from '../wire/bounded.ts';
import { publicHalf, readKeyPair } from './key-pair.ts';
import { createReader } from './reader.ts';
import { shown } from './results.ts';
import { openSnowflake, type SnowflakeSession } from './snowflake-client.ts';
import { explainSnowflakeError } from './snowflake-errors.ts';
import { ident, pattern } from './sql.ts';
import { schemasOf } from './structure.ts';
import { tables } from './tables.ts';

/** Something is missing that a grant would give, where it is known to whom. */
class Missing extends AppError {
  readonly fixSql: string | null;
  constructor(
    code: 'DB_MISSING' | 'DB_NO_RIGHT',
    said: AppError['said'],
    { role }: SnowflakeSession,
    grants: readonly string[],
  ) {
    const fixSql = role === '' ? null : grants.map((grant) => `${grant} TO ROLE ${ident(role)};`).join('\n');
    super(code, said, {
      advice: fixSql === null ? say('engines.snowflake.role.advice') : say('engine.askDbaRun', { fixSql }),
    });
    this.fixSql = fixSql;
  }
}

/** The one of that name among what LIKE finds, which takes no heed of upper and lower case. */
const named = async (session: SnowflakeSession, what: string, name: string) =>
  (await shown(session, `SHOW ${what} LIKE ${pattern(name)}`)).find((row) => row['name'] === name);

async function insistOnDatabase(session: SnowflakeSession): Promise<void> {
  const { database } = session;
  if (await named(session, 'DATABASES', database)) return;
  throw new Missing('DB_MISSING', say('engines.snowflake.noDatabase', { database }), session, [
    `GRANT USAGE ON DATABASE ${ident(database)}`,
  ]);
}

/** What is said of the warehouse; asking does not start it. */
async function warehouseOf(session: SnowflakeSession) {
  const { warehouse } = session;
  if (warehouse === '') return { said: say('engines.snowflake.ownWarehouse'), warns: false };
  const found = await named(session, 'WAREHOUSES', warehouse);
  if (!found)
    throw new Missing('DB_MISSING', say('engines.snowflake.noWarehouse', { warehouse }), session, [
      `GRANT USAGE ON WAREHOUSE ${ident(warehouse)}`,
    ]);
  if (found['state'] !== 'SUSPENDED')
    return { said: say('engines.databricks.runs', { warehouse }), warns: false };
  return found['auto_resume'] === 'false'
    ? { said: say('engines.snowflake.staysSuspended', { warehouse }), warns: true }
    : { said: say('engines.databricks.stops', { warehouse }), warns: false };
}

/** How many schemas can be seen. Fails with DB_NO_RIGHT where there is neither a table nor a view in them. */
async function insistOnTables(session: SnowflakeSession): Promise<number> {
  const { database, user } = session;
  const schemas = await schemasOf(session);
  for (const what of ['TABLES', 'VIEWS'])
    if ((await shown(session, `SHOW ${what} IN DATABASE ${ident(database)} LIMIT 50`)).some(isOwn))
      return schemas.length;
  const at = ident(database);
  throw new Missing('DB_NO_RIGHT', say('engines.nothingToRead', { user, database }), session, [
    `GRANT USAGE ON DATABASE ${at}`,
    `GRANT USAGE ON ALL SCHEMAS IN DATABASE ${at}`,
    `GRANT SELECT ON ALL TABLES IN DATABASE ${at}`,
    `GRANT SELECT ON FUTURE TABLES IN DATABASE ${at}`,
  ]);
}
const isOwn = (row: Readonly<Record<string, string | null>>): boolean =>
  row['schema_name'] !== 'INFORMATION_SCHEMA';

/** By SHOW alone: no warehouse is started, nothing is billed. */
async function climbOn(
  session: SnowflakeSession,
  { rungs, asked, answered }: Climbing<SnowflakeSession>,
): Promise<void> {
  await asked(insistOnDatabase);
  answered('Snowflake');
  rungs.ok(say('engine.text', { database: session.database, version: 'Snowflake' }));
  rungs.begin('rights');
  const warehouse = await asked(warehouseOf);
  const schemas = await asked(insistOnTables);
  rungs.ok(
    several([say('engines.databricks.mayRead', { schemas }), warehouse.said]),
    warehouse.warns ? 'warns' : 'ok',
  );
  rungs.skip('write', say('engines.neverWritten'));
}

/** The statement by which an administrator makes the key known; null where the secret is no key. */
function keyStatement(target: Target): string | null {
  try {
    const half = publicHalf(readKeyPair(target.password, target.keyPassphrase, target.host, target.user));
    return `ALTER USER ${ident(target.user.toUpperCase())} SET RSA_PUBLIC_KEY = '${half}';`;
  } catch {
    return null;
  }
}

/** Opens a line, and has it proved that somebody is let in. */
async function signedIn(
  target: Target,
  signal: AbortSignal,
  options: Parameters<typeof openSnowflake>[2],
): Promise<SnowflakeSession> {
  const session = await openSnowflake(target, signal, options);
  const stop = (): void => session.cut();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await shown(session, `SHOW DATABASES LIKE ${pattern(session.database)}`, target.connectTimeoutMs);
    return session;
  } catch (error) {
    session.cut();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

const climbSnowflake = (target: Target, options: LadderOptions): Promise<ConnectionTest> =>
  climb<SnowflakeSession>(target, options, {
    open: (way) => {
      // A token is good for a minute: time goes on while it is climbed.
      const started = Date.parse(options.at) - performance.now();
      return signedIn(target, options.signal, { ...way, now: () => started + performance.now() });
    },
    tlsOf: ({ tls }) => tls,
    above: (session, climbing) => climbOn(session, climbing),
    explain: (error) => explainSnowflakeError(error, target),
    remedy: (error) => ({
      error,
      fixSql:
        error instanceof Missing
          ? error.fixSql
          : error.said.id === 'engines.snowflake.keyRefused'
            ? keyStatement(target)
            : null,
    }),
    cut: (session) => session.cut(),
    end: async (session) => session.cut(),
  });

async function check(target: Target, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  try {
    const session = await signedIn(target, signal, { now: Date.now });
    session.cut();
    return sinceMs(started);
  } catch (error) {
    throw explainSnowflakeError(error, target);
  }
}

/**
 * Snowflake over its SQL API, with a programmatic access token or a user's key: looked into by SHOW, asked over a warehouse; data
 * sources are not landed in it.
 */
export const snowflake: Engine<AskingReader> = {
  type: 'snowflake',
  test: climbSnowflake,
  check,
  reader: createReader,
  tables,
};
