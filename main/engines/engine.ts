import type { ConnectionTest, LandedRows, LandedTable } from '../../preload/contract/models.ts';

/** Where a database is and how to get in; lives only as long as one piece of work. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tlsMode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  readonly tlsCa: string | null;
  readonly user: string;
  readonly password: string;
}

/** Code that talks to one kind of database. It never sees the store or the vault; secrets come in as arguments. */
export interface Engine {
  readonly type: 'postgres';
  /** Opens a session and looks at what matters for a sync. A refused login is an answer, not an exception. */
  test(target: Target, at: string, signal: AbortSignal): Promise<ConnectionTest>;
  /** The tables of a schema with columns, comments and exact row counts as published. */
  tables(target: Target, schema: string, signal: AbortSignal): Promise<Omit<LandedTable, 'rows'>[]>;
  /** The first rows of a table in key order, as text. */
  rows(
    target: Target,
    schema: string,
    table: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<LandedRows>;
  /** Drops a schema, but only one that carries this dataset's ownership mark; true when there was one. */
  dropOwnedSchema(target: Target, schema: string, datasetId: string, signal: AbortSignal): Promise<boolean>;
}
