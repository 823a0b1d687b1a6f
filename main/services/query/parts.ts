import type { QueryParameters } from '../../../preload/contract/models.ts';
import type { OpenAnswer } from '../../engines/engine.ts';
import type { Prepared } from '../../query/check/prepared.ts';
import type { OpenQuery, QueryDeps, QueryPlace, QueryRequest } from '../../query/run/query.ts';
import type { Caller } from '../context.ts';
import type { AskedOver } from './over-connection.ts';
import type { AskedIn } from './place.ts';
import type { Readable } from './readable.ts';

export interface Asked {
  readonly sql: string;
  readonly parameters?: QueryParameters | undefined;
}

/** An entry of the history; it ends once, however often it is told. */
export interface Entry {
  readonly id: string;
  /** Milliseconds since it began. */
  ms(): number;
  end(outcome: 'done' | 'stopped', rows: number, tables: readonly string[] | null): void;
  failed(error: unknown): void;
}

/** What the calls of the query room share. */
export interface QueryParts {
  /** Begins an entry of the history. Fails with QUERY_LIMIT. */
  begin(where: AskedIn, asked: Asked, caller: Caller): Promise<Entry>;
  /** Opens it over a connection. Fails like `askOver`. */
  openOver(connectionId: string, asked: AskedOver, caller: Caller): Promise<OpenAnswer>;
  /** Reads the statement. Fails with QUERY_REFUSED. */
  prepare(asked: Asked): Promise<Prepared>;
  /** Where a query of this person runs, once there is room for it. */
  placeFor(
    readable: Readable,
    timeoutSeconds: number | undefined,
    caller: Caller,
  ): Promise<{ readonly deps: QueryDeps; readonly place: QueryPlace }>;
  /** Opens it there. Fails like `openQuery`. */
  openAs(
    readable: Readable,
    input: Omit<QueryRequest, keyof QueryPlace> & { readonly timeoutSeconds?: number | undefined },
    caller: Caller,
  ): Promise<OpenQuery>;
}

export const namesOf = ({ tables }: Pick<OpenQuery, 'tables'>): string[] =>
  tables.map(({ schema, name }) => `${schema}.${name}`);
