import type { StructureTable } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import type { ColumnReading } from '../../engines/tables.ts';
import { AppError } from '../../errors.ts';
import type { AskContext } from '../connector.ts';
import type { SourceDatabase } from '../database.ts';

/** A table of a database, as it is read. */
export interface SourceTable {
  readonly schema: string;
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly comment: string | null;
    readonly reading: ColumnReading;
  }[];
  /** The columns that tell its rows apart, by whose order reading can go on; empty where it can't. */
  readonly key: readonly string[];
  /** Columns that refer to other tables. */
  readonly references: readonly string[];
  /** The places of the key's columns. */
  readonly order: readonly number[];
}

/** The database of a context; every context of this kind of source has one. */
export function databaseOf({ database }: Pick<AskContext, 'database'>): SourceDatabase {
  if (database === undefined) throw new Error('a source that is a database was asked without one');
  return database;
}

/** The schema that the source reads; empty where none is chosen yet. */
export const schemaOf = ({ settings }: Pick<AskContext, 'settings'>): string =>
  settings['table_schema'] ?? '';

/** All tables of the schema. Fails with SOURCE_NO_SUCH_SPACE where its user does not see the schema. */
export async function tablesOf(
  context: Pick<AskContext, 'database' | 'settings' | 'signal'>,
): Promise<readonly StructureTable[]> {
  const { schemas, cut } = await databaseOf(context).structure(context.signal);
  const schema = schemaOf(context);
  const found = schemas.find(({ name }) => name === schema);
  if (found) return found.tables;
  throw new AppError('SOURCE_NO_SUCH_SPACE', say('tables.noSchema', { schema }), {
    advice: say(cut ? 'tables.noSchema.cut' : 'tables.noSchema.advice'),
  });
}

/** Those tables, in the order of `names`. Fails with DATASET_GONE, naming those that are not there. */
export async function tablesNamed(
  names: readonly string[],
  context: Pick<AskContext, 'database' | 'settings' | 'signal'>,
): Promise<readonly SourceTable[]> {
  const all = new Map((await tablesOf(context)).map((table) => [table.name, table]));
  const missing = names.filter((name) => !all.has(name));
  const { cut } = await databaseOf(context).structure(context.signal);
  if (missing.length > 0)
    throw new AppError(
      'DATASET_GONE',
      say('tables.tableGone', { tables: { quoted: missing }, schema: schemaOf(context) }),
      { advice: say(cut ? 'tables.noSchema.cut' : 'tables.tableGone.advice') },
    );
  const { reading } = databaseOf(context);
  return names.map((name) => {
    const { comment, columns, primaryKey, foreignKeys } = all.get(name) as StructureTable;
    const order = primaryKey.map((key) => columns.findIndex((column) => column.name === key));
    const isOrdered = order.every((at) => at >= 0 && reading.after?.(columns[at]?.type ?? '', '1') != null);
    return {
      ...{ schema: schemaOf(context), name, comment },
      columns: columns.map((column) => ({ ...column, reading: reading.column(column.type) })),
      references: foreignKeys.flatMap((key) => key.columns),
      ...(isOrdered ? { key: primaryKey, order } : { key: [], order: [] }),
    };
  });
}
