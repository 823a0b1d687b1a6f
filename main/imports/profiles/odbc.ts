import type { Found } from '../found.ts';
import { bigqueryOf } from '../kinds/bigquery.ts';
import { databricksOf } from '../kinds/databricks.ts';
import { postgresOf } from '../kinds/postgres.ts';
import { mysqlModeOf, type ServerNames, serverOf } from '../kinds/server.ts';
import { snowflakeOf } from '../kinds/snowflake.ts';
import { createTold, type Taken, type Told } from '../kinds/told.ts';
import { type Entry, foundOf } from './entries.ts';
import { readIni } from './ini.ts';

/*
 * odbc.ini of unixODBC and iODBC: a section for each data source, which is about a driver, by its name in odbcinst.ini or by
 * the path of its library. Each driver has keys of its own; all of them take no heed of upper and lower case.
 */

const fold = (name: string): string => name.toLowerCase().replace(/\s+/g, '');

/** What is about the driver's own work: neither where a connection leads nor how safely. */
const harmless = new Set(
  `driver driverunicodetype description trace tracefile debug commlog tracing loglevel logpath protocol rowversioning
  showsystemtables showoidcolumn fakeoidindex fetch unknownsizes maxvarcharsize maxlongvarcharsize optimizer ksqo
  usedeclarefetch textaslongvarchar unknownsaslongvarchar boolsaschar parse cancelasfreestmt extrasystableprefixes
  lfconversion updatablecursors disallowpremature trueisminus1 bi byteaaslongvarbinary useserversideprepare
  lowercaseidentifier option charset driverlogmode driverlogfile stringmaxlength timeout connecttimeout
  defaultstringcolumnlength`
    .trim()
    .split(/\s+/),
);

const servers: ServerNames = {
  host: ['server', 'servername', 'host'],
  port: ['port'],
  database: ['database', 'db'],
  user: ['uid', 'user', 'username'],
  password: ['pwd', 'password'],
};

const postgres = (told: Told, name: string): Taken => {
  const readOnly = told.flag('readonly') === true ? true : undefined;
  const taken = postgresOf(told, name, {
    ...{ host: servers.host, port: servers.port, dbname: servers.database, user: servers.user },
    ...{ password: servers.password, sslmode: ['sslmode'] },
  });
  return taken.connection ? { connection: { ...taken.connection, readOnly } } : taken;
};

const mysql =
  (isMariaDb: boolean) =>
  (told: Told, name: string): Taken => {
    const notes: string[] = [];
    const server = told.text(...servers.host);
    const bySocket = told.has('socket') && (server === undefined || server.toLowerCase() === 'localhost');
    const verifies = told.flag('sslverify', 'sslverifycert');
    const word = told.text('sslmode', 'ssl-mode', 'ssl_mode');
    const mode =
      mysqlModeOf(word, notes) ??
      (word === undefined && verifies ? (isMariaDb ? 'verify-full' : 'verify-ca') : undefined) ??
      (word === undefined && told.flag('forcetls') ? 'require' : undefined);
    return serverOf('mysql', told, name, {
      names: { ...servers, host: bySocket ? ['socket'] : servers.host },
      tls: {
        // What leaves no socket needs no TLS.
        mode: bySocket ? (mode ?? 'disable') : mode,
        ca: told.text('sslca', 'ssl-ca', 'ssl_ca'),
        cert: told.text('sslcert', 'ssl-cert', 'ssl_cert'),
        hasKey: told.text('sslkey', 'ssl-key', 'ssl_key') !== undefined,
      },
      notes,
    });
  };

const clickhouse = (told: Told, name: string): Taken => {
  if (told.has('url'))
    return { problem: 'gives its place as a Url; write Server, Port and Proto in its place' };
  const notes: string[] = [];
  const proto = told.text('proto')?.toLowerCase();
  const word = told.text('sslmode')?.toLowerCase();
  if (proto !== 'http' && word !== undefined && (proto === undefined || word !== 'require'))
    notes.push('Its TLS was not strict; here the certificate of the server is checked.');
  return serverOf('clickhouse', told, name, {
    names: servers,
    tls: {
      mode: proto === 'http' ? 'disable' : proto === 'https' ? 'verify-full' : undefined,
      ca: told.text('calocation'),
      cert: told.text('certificatefile'),
      hasKey: told.text('privatekeyfile') !== undefined,
    },
    notes,
  });
};

const databricks = (told: Told, name: string): Taken =>
  told.has('httppath') ? databricksOf(told, name) : { problem: 'names no SQL warehouse (HTTPPath)' };

/** What the names of drivers and of their libraries have in them; those that have others in theirs come last. */
const drivers: readonly (readonly [RegExp, ((told: Told, name: string) => Taken) | null])[] = [
  [/redshift/i, null],
  [/psqlodbc|postgres/i, postgres],
  [/mariadb|maodbc/i, mysql(true)],
  [/mysql|myodbc/i, mysql(false)],
  [/clickhouse/i, clickhouse],
  [/snowflake/i, snowflakeOf],
  [/bigquery/i, bigqueryOf],
  [/databricks|spark/i, databricks],
];

/** Each data source of a file. */
export function parseOdbc(text: string): Found {
  const { sections, problems } = readIni(text, fold);
  const listed = new Map(
    sections
      .filter(({ name }) => fold(name) === 'odbcdatasources')
      .flatMap(({ pairs }) => pairs.map(([name, driver]) => [fold(name), driver] as const)),
  );
  const entries = sections
    .filter(({ name }) => !['odbcdatasources', 'odbc'].includes(fold(name)))
    .map(({ name, pairs }): Entry => {
      const where = `[${name}]`;
      const told = createTold(pairs, { fold });
      told.pass(harmless);
      const driver = told.text('driver') ?? listed.get(fold(name));
      if (driver === undefined) return { where, taken: { problem: told.problem() ?? 'names no driver' } };
      const found = drivers.find(([pattern]) => pattern.test(driver));
      if (!found?.[1])
        return {
          where,
          taken: {
            problem: found
              ? 'is for Redshift, which can’t be imported'
              : 'is for a driver of another kind of database',
          },
        };
      return { where, taken: found[1](told, name) };
    });
  return foundOf(entries, problems);
}
