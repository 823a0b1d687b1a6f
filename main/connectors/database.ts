import type { Structure } from '../../preload/contract/models.ts';
import type { AskingReader, OpenAnswer } from '../engines/engine.ts';
import { allRows } from '../engines/engine.ts';
import type { TableReading } from '../engines/tables.ts';
import { createPatience, type Patience, type PatienceDeps } from '../retries.ts';

/** A statement, and each page of its answer, may take so long: a large table may be sorted first. */
const statementMs = 30 * 60_000;
/** So long the next page may not be asked for: rows are written meanwhile. */
const idleMs = 10 * 60_000;

/** A database as a source: a connection that was lent, without what it signs in with. */
export interface SourceDatabase {
  /** What it is called in sentences: the connection's name, or where it is. */
  readonly place: string;
  readonly reading: TableReading;
  /** What its user may look into; read once. */
  structure(signal: AbortSignal): Promise<Pick<Structure, 'schemas' | 'cut'>>;
  /** The rows of a statement. Fails with QUERY_*, DB_* and CANCELLED. */
  rows(sql: string, signal: AbortSignal): Promise<OpenAnswer>;
  /** How often what failed is tried again, and how long is waited before. */
  patience(signal: AbortSignal): Patience;
}

/** A database over a reader of its engine, which stays whoever's it is. */
export function createSourceDatabase(
  place: string,
  reading: TableReading,
  reader: Pick<AskingReader, 'structure' | 'ask'>,
  waits: Omit<PatienceDeps, 'site' | 'signal'>,
): SourceDatabase {
  let known: Promise<Pick<Structure, 'schemas' | 'cut'>> | null = null;
  return {
    place,
    reading,
    structure(signal) {
      const asked = known ?? reader.structure(signal);
      known = asked;
      asked.catch(() => {
        known = null;
      });
      return asked;
    },
    rows: (sql, signal) => reader.ask({ sql, limit: allRows, timeoutMs: statementMs, idleMs }, signal),
    patience: (signal) => createPatience({ ...waits, site: place, signal }),
  };
}
