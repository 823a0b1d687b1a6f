import type { ConnectionTest } from '../../../preload/contract/models.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { AskingReader, Engine, LadderOptions, Target } from '../engine.ts';
import { type Climbing, climb } from '../ladder/climb.ts';
import { sinceMs } from '../wire/bounded.ts';
import { type DatabricksSession, openDatabricks } from './databricks-client.ts';
import { DatabricksRefused, explainDatabricksError } from './databricks-errors.ts';
import { createReader } from './reader.ts';
import { ident } from './sql.ts';
import { schemasOf, tablesOf } from './structure.ts';
import { tables } from './tables.ts';
import { whoIs } from './who.ts';

/** So many schemas are looked into for a table that can be read. */
const mostLooked = 20;
/** What a workspace of before Unity Catalog has, which can be looked into by queries only. */
const withoutUnity = 'hive_metastore';

interface Warehouse {
  readonly name?: string;
  readonly state?: string;
}

/** Nothing to read; what whoever owns the catalog would run is told. */
class NothingToRead extends AppError {
  readonly fixSql: string;
  constructor(user: string, catalog: string) {
    const [to, what] = [ident(user), ident(catalog)];
    const fixSql = `GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG ${what} TO ${to};`;
    super('DB_NO_RIGHT', say('engines.nothingToRead', { user, database: catalog }), {
      advice: say('engine.askDbaRun', { fixSql }),
    });
    this.fixSql = fixSql;
  }
}

const isMissing = (error: unknown): error is DatabricksRefused =>
  error instanceof DatabricksRefused && error.reason !== '' && error.status === 404;
const isDenied = (error: unknown): error is DatabricksRefused =>
  error instanceof DatabricksRefused && error.reason === 'PERMISSION_DENIED';

/** The warehouse as it is now; asking does not start it. Fails with DB_MISSING where there is none of that id. */
async function warehouseOf(session: DatabricksSession): Promise<Warehouse> {
  const { warehouse } = session;
  const missing = (cause?: unknown): AppError =>
    new AppError('DB_MISSING', say('engines.databricks.noWarehouse', { warehouse }), {
      cause,
      advice: say('engines.databricks.noWarehouse.advice'),
    });
  let found: Warehouse;
  try {
    found = await session.get<Warehouse>(`/api/2.0/sql/warehouses/${encodeURIComponent(warehouse)}`);
  } catch (error) {
    const isNoId =
      error instanceof DatabricksRefused &&
      error.status === 400 &&
      /not a valid endpoint id|RESOURCE_DOES_NOT_EXIST/i.test(`${error.reason} ${error.said}`);
    if (isMissing(error) || isNoId) throw missing(error);
    throw error;
  }
  if (found.state === 'DELETED' || found.state === 'DELETING') throw missing();
  return found;
}

async function insistOnCatalog(session: DatabricksSession): Promise<void> {
  const { catalog } = session;
  if (catalog.toLowerCase() === withoutUnity)
    throw new AppError('DB_MISSING', say('engines.databricks.hive'), {
      advice: say('engines.databricks.hive.advice'),
    });
  try {
    await session.get(`/api/2.1/unity-catalog/catalogs/${encodeURIComponent(catalog)}`);
  } catch (error) {
    if (isMissing(error))
      throw new AppError('DB_MISSING', say('engines.databricks.noCatalog', { database: catalog }), {
        cause: error,
        advice: say('engines.databricks.noCatalog.advice'),
      });
    if (isDenied(error)) throw new NothingToRead(session.who, catalog);
    throw error;
  }
}

/** How many schemas can be seen. Fails with DB_NO_RIGHT where none of the first of them has a table that can be. */
async function insistOnTables(session: DatabricksSession): Promise<number> {
  const schemas = await schemasOf(session);
  for (const { name } of schemas.slice(0, mostLooked))
    if ((await tablesOf(session, name, 1)).length > 0) return schemas.length;
  if (schemas.length > mostLooked) return schemas.length;
  throw new NothingToRead(session.who, session.catalog);
}

const stateOf = ({ name = '', state = '' }: Warehouse, id: string) => {
  const warehouse = name === '' ? id : name;
  if (state === 'RUNNING') return say('engines.databricks.runs', { warehouse });
  if (state === 'STARTING') return say('engines.databricks.starts', { warehouse });
  return say('engines.databricks.stops', { warehouse });
};

/** By the catalogue and the list of warehouses: nothing is started, nothing is billed. */
async function climbOn(
  target: Target,
  session: DatabricksSession,
  { rungs, asked, answered }: Climbing<DatabricksSession>,
): Promise<void> {
  await asked(insistOnCatalog);
  answered('Databricks');
  rungs.ok(say('engine.text', { database: target.database, version: 'Databricks' }));
  rungs.begin('rights');
  const warehouse = await asked(warehouseOf);
  const schemas = await asked(insistOnTables);
  rungs.ok(several([say('engines.databricks.mayRead', { schemas }), stateOf(warehouse, session.warehouse)]));
  rungs.skip('write', say('engines.neverWritten'));
}

function climbDatabricks(target: Target, options: LadderOptions): Promise<ConnectionTest> {
  let user = target.user;
  return climb<DatabricksSession>(target, options, {
    async open(way) {
      const now = (): number => Date.parse(options.at);
      const session = await openDatabricks(target, options.signal, { ...way, now });
      const stop = (): void => session.cut();
      options.signal.addEventListener('abort', stop, { once: true });
      try {
        user = await whoIs(session);
        return session;
      } catch (error) {
        session.cut();
        throw error;
      } finally {
        options.signal.removeEventListener('abort', stop);
      }
    },
    userOf: ({ who }) => who,
    tlsOf: ({ tls }) => tls,
    above: (session, climbing) => climbOn(target, session, climbing),
    explain: (error) => explainDatabricksError(error, { ...target, user }),
    remedy: (error) => ({ error, fixSql: error instanceof NothingToRead ? error.fixSql : null }),
    cut: (session) => session.cut(),
    end: async (session) => session.cut(),
  });
}

async function check(target: Target, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  let session: DatabricksSession | null = null;
  const stop = (): void => session?.cut();
  try {
    session = await openDatabricks(target, signal, { now: Date.now });
    signal.addEventListener('abort', stop, { once: true });
    await warehouseOf(session);
    return sinceMs(started);
  } catch (error) {
    throw explainDatabricksError(error, target);
  } finally {
    signal.removeEventListener('abort', stop);
    session?.cut();
  }
}

/**
 * Databricks over its REST interfaces, with a token or as a service principal: looked into by Unity Catalog, asked over a SQL
 * warehouse; data sources are not landed in it.
 */
export const databricks: Engine<AskingReader> = {
  type: 'databricks',
  test: climbDatabricks,
  check,
  reader: createReader,
  tables,
};
