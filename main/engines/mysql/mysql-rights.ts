import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import type { MysqlSession } from './mysql-client.ts';
import { account, ident, literal } from './sql.ts';

/** What the user may do that reading does not need. */
const writing = [
  ...['INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'TRIGGER', 'EVENT', 'CREATE ROUTINE'],
  ...['CREATE USER', 'GRANT OPTION', 'DELETE HISTORY', 'ALTER ROUTINE', 'CREATE VIEW', 'CREATE TABLESPACE'],
];
/** What reaches beyond the tables: files of the server, other people's sessions, settings of everybody. */
const machine = ['FILE', 'SUPER', 'SHUTDOWN', 'PROCESS', 'RELOAD', 'SYSTEM_VARIABLES_ADMIN', 'SYSTEM_USER'];

export interface MysqlRights {
  /** As the server has it: `name@host`. */
  readonly user: string;
  readonly database: string;
  /** Tables and views that can be read there. */
  readonly tables: number;
  /** Rights that let it change data there, and such as reach beyond the tables. */
  readonly writes: readonly string[];
  readonly machine: readonly string[];
}

/** What the session's user may do in the database of the target. */
export async function readRights(session: MysqlSession, target: Target): Promise<MysqlRights> {
  const database = literal(target.database);
  const { rows } = await session.table(
    `SELECT CURRENT_USER(), DATABASE(),
       (SELECT count(*) FROM information_schema.tables WHERE table_schema = ${database})`,
  );
  const [user = '', name = '', tables = '0'] = rows[0] ?? [];
  // The catalogue's views of rights show one's own only, which is what is asked for.
  const grants = await session.table(
    `SELECT privilege_type, 'all' FROM information_schema.user_privileges WHERE privilege_type <> 'USAGE'
     UNION ALL SELECT privilege_type, 'here' FROM information_schema.schema_privileges WHERE ${database} LIKE table_schema
     UNION ALL SELECT privilege_type, 'here' FROM information_schema.table_privileges WHERE table_schema = ${database}`,
  );
  const held = new Set(grants.rows.map(([privilege]) => (privilege ?? '').toUpperCase()));
  return {
    user: user ?? '',
    database: name ?? '',
    tables: Number(tables),
    writes: writing.filter((each) => held.has(each)),
    machine: machine.filter((each) => held.has(each)),
  };
}

/** What whoever administers the server would run for a user that only reads. */
export const readerSql = (database: string, user: string): string =>
  `GRANT SELECT, SHOW VIEW ON ${ident(database)}.* TO ${account(user)};`;

/** A failure that a statement of the server's administrator puts right. */
export class MysqlMissing extends AppError {
  readonly fixSql: string;
  constructor(said: Said, fixSql: string) {
    super('DB_NO_RIGHT', said, { advice: say('engine.askDbaRun', { fixSql }) });
    this.fixSql = fixSql;
  }
}

/** Fails where nothing can be read; answers what is worth a word of what the user may do besides. */
export function judge(rights: MysqlRights): Said[] {
  const { user, database, tables, writes } = rights;
  if (tables === 0)
    throw new MysqlMissing(say('engines.nothingToRead', { user, database }), readerSql(database, user));
  const warnings: Said[] = [];
  if (rights.machine.length > 0)
    warnings.push(say('engines.reachesBeyond', { user, rights: rights.machine }));
  if (writes.length > 0) warnings.push(say('engines.mayWrite', { user, rights: writes }));
  return warnings;
}
