import { type PlaceOrProblem, readPlace } from '../../preload/contract/conninfo-place.ts';
import { readEngineUrl } from '../../preload/contract/urls/engine-url.ts';
import { readWarehouseUrl } from '../../preload/contract/urls/warehouse-url.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Found, FoundConnection } from './found.ts';
import { bigqueryOf } from './kinds/bigquery.ts';
import { databricksOf } from './kinds/databricks.ts';
import { snowflakeOf } from './kinds/snowflake.ts';
import { createTold } from './kinds/told.ts';

/** What a place is as a connection, with a note on each thing that it can't keep; or why it can't be one. */
export type ConnectionOrProblem =
  | { readonly connection: FoundConnection; readonly problem?: undefined }
  | { readonly connection?: undefined; readonly problem: string };

/** A place as a connection; it is called by its database and host until a file has a name for it. */
export function connectionAt({ place, problem }: PlaceOrProblem): ConnectionOrProblem {
  if (!place) return { problem };
  const notes: string[] = [];
  if (place.hosts > 1) notes.push(`Only the first of ${place.hosts} hosts was taken.`);
  if (place.host === undefined) notes.push('No host was told; this computer was taken.');
  if (place.left.length > 0) notes.push(`Left out: ${place.left.join(', ')}.`);
  const host = place.host ?? 'localhost';
  const database = place.database ?? place.user ?? 'postgres';
  const { hostAddress, signIn, tlsMode, tlsCa, tlsCert } = place;
  return {
    connection: {
      name: `${database} on ${host}`,
      ...{ host, port: place.port, database },
      ...(hostAddress === undefined ? {} : { hostAddress }),
      ...(signIn === undefined ? {} : { signIn }),
      ...(place.user === undefined ? {} : { user: place.user }),
      ...(place.password === undefined ? {} : { password: place.password }),
      ...{ tlsMode, tlsCa, tlsCert, notes },
    },
  };
}

/** One connection URL or keyword string, with libpq's rules or, behind `jdbc:`, pgjdbc's; or a URL of another kind of database. */
export function connectionOfUrl(text: string): ConnectionOrProblem {
  const warehouse = readWarehouseUrl(text);
  if (warehouse) {
    const of = { databricks: databricksOf, snowflake: snowflakeOf, bigquery: bigqueryOf };
    const { connection, problem } = of[warehouse.engine](createTold(warehouse.told), '');
    return connection
      ? { connection: { ...connection, name: `${connection.database} on ${connection.host}` } }
      : { problem };
  }
  const other = readEngineUrl(text);
  if (!other) return connectionAt(readPlace(text));
  const { engine, host, port, database, user, password, tlsMode, left } = other;
  if (database === '') return { problem: 'names no database to begin with' };
  return {
    connection: {
      ...{ engine, name: `${database} on ${host}`, host, port, database, tlsMode },
      ...(user === '' ? {} : { user }),
      ...(password === '' ? {} : { password }),
      notes: left.length > 0 ? [`Left out: ${left.join(', ')}.`] : [],
    },
  };
}

/** Connection URLs and keyword strings, one a line. */
export function parseUrls(text: string): Found {
  const connections: FoundConnection[] = [];
  const problems: { where: string; message: string }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const { connection, problem } = connectionOfUrl(line);
    if (connection) connections.push(connection);
    else problems.push({ where: `line ${index + 1}`, message: problem });
  }
  if (connections.length === 0 && problems.length === 0)
    throw new AppError('IMPORT_UNREADABLE', say('imports.noConnectionUrlText'));
  return { connections, hosts: [], projects: [], problems };
}
