import type { Said } from '../../../preload/contract/said.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { AskingReader, Engine, LadderOptions, Target } from '../engine.ts';
import { type Climbing, climb } from '../ladder/climb.ts';
import { sinceMs } from '../wire/bounded.ts';
import { type ClickhouseSession, openClickhouse, withClickhouse } from './clickhouse-client.ts';
import { ClickhouseRefused, explainClickhouseError } from './clickhouse-errors.ts';
import { createReader } from './reader.ts';
import { ident, literal } from './sql.ts';
import { tables } from './tables.ts';

/** What the user may do that reading does not need, as SHOW GRANTS names it. */
const writing = ['INSERT', 'ALTER', 'CREATE', 'DROP', 'TRUNCATE', 'OPTIMIZE', 'SYSTEM', 'ALL'];
/** What reaches beyond the server's tables. */
const machine = [
  'FILE',
  'URL',
  'REMOTE',
  'S3',
  'MYSQL',
  'POSTGRES',
  'JDBC',
  'ODBC',
  'HDFS',
  'ACCESS MANAGEMENT',
];

/** Nothing to read; what whoever administers the server would run is told. */
class NothingToRead extends AppError {
  readonly fixSql: string;
  constructor(user: string, database: string) {
    const fixSql = `GRANT SELECT ON ${ident(database)}.* TO ${ident(user)};`;
    super('DB_NO_RIGHT', say('engines.nothingToRead', { user, database }), {
      advice: say('engine.askDbaRun', { fixSql }),
    });
    this.fixSql = fixSql;
  }
}

async function warningsOf(session: ClickhouseSession, user: string): Promise<Said[]> {
  const { rows: mode } = await session.table("SELECT value FROM system.settings WHERE name = 'readonly'");
  if (mode[0]?.[0] !== '0') return [];
  const { rows } = await session.table('SHOW GRANTS').catch((error: unknown) => {
    // Users that a file of the server defines had no grants to show in older versions.
    if (error instanceof ClickhouseRefused) return { rows: [] };
    throw error;
  });
  const held = new Set(
    rows.flatMap(([grant]) =>
      (/^GRANT (.*?) ON /.exec(grant ?? '')?.[1] ?? '')
        .replace(/\([^)]*\)/g, '')
        .split(',')
        .map((each) => each.trim().toUpperCase()),
    ),
  );
  const [writes, reaches] = [writing, machine].map((all) => all.filter((each) => held.has(each)));
  return [
    ...(reaches && reaches.length > 0 ? [say('engines.reachesBeyond', { user, rights: reaches })] : []),
    ...(writes && writes.length > 0 ? [say('engines.mayWrite', { user, rights: writes })] : []),
  ];
}

async function climbOn(
  target: Target,
  { rungs, asked, answered, warn }: Climbing<ClickhouseSession>,
): Promise<void> {
  const { rows } = await asked((open) => open.table('SELECT version(), currentUser()'));
  const [number = '', user = target.user] = rows[0] ?? [];
  const version = `ClickHouse ${number}`;
  answered(version);
  rungs.ok(say('engine.text', { database: target.database, version }));
  rungs.begin('rights');
  const found = await asked((open) =>
    open.table(`SELECT count() FROM system.tables WHERE database = ${literal(target.database)}`),
  );
  const tables = Number(found.rows[0]?.[0] ?? 0);
  if (tables === 0) throw new NothingToRead(user ?? target.user, target.database);
  const warnings = await asked((open) => warningsOf(open, user ?? target.user));
  warn(...warnings);
  const may = say('engines.mayRead', { database: target.database, tables });
  rungs.ok(several([may, ...warnings]), warnings.length > 0 ? 'warns' : 'ok');
  rungs.skip('write', say('engines.neverWritten'));
}

const climbClickhouse = (target: Target, options: LadderOptions) =>
  climb<ClickhouseSession>(target, options, {
    async open(way) {
      const session = await openClickhouse(target, options.signal, way);
      try {
        // Over HTTP one is signed in with the first request.
        await session.table('SELECT 1');
        return session;
      } catch (error) {
        session.cut();
        throw error;
      }
    },
    tlsOf: ({ tls }) => tls,
    above: (_, climbing) => climbOn(target, climbing),
    explain: (error) => explainClickhouseError(error, target),
    remedy: (error) => ({ error, fixSql: error instanceof NothingToRead ? error.fixSql : null }),
    cut: (session) => session.cut(),
    end: (session) => session.end(),
  });

async function check(target: Target, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  return withClickhouse(target, signal, async (session) => {
    await session.table('SELECT 1');
    return sinceMs(started);
  });
}

/** ClickHouse 21 and newer over HTTP: looked into and asked; data sources are not landed in it. */
export const clickhouse: Engine<AskingReader> = {
  type: 'clickhouse',
  test: climbClickhouse,
  check,
  reader: createReader,
  tables,
};
