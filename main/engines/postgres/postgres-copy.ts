import { cut, type PgClient } from './postgres-client.ts';

/** Rows for one `COPY … FROM STDIN`, in pieces; each piece is less than 1 GB. */
export interface CopyData {
  readonly sql: string;
  readonly data: readonly Buffer[];
}

/** Message types of PostgreSQL's protocol (docs, "Message Formats"). */
const copyData = 0x64;
const copyDone = Buffer.from([0x63, 0, 0, 0, 4]);

/** What pg's client drives a query by, as far as COPY needs it; pg does not type it. */
interface Connection {
  query(text: string): void;
  parse(message: { readonly text: string; readonly name: string }): void;
  bind(message: object): void;
  execute(message: object): void;
  sync(): void;
  readonly stream: {
    cork(): void;
    uncork(): void;
    write(piece: Buffer): boolean;
    pause(): void;
    resume(): void;
  };
}

/** What pg is handed instead of a query of its own; it sets the callback, which ends the timer that it set for an answer. */
interface Submitted {
  callback?: () => void;
  submit(connection: Connection): void;
  handleError(error: unknown): void;
  handleReadyForQuery(): void;
  readonly [handle: string]: unknown;
}

/**
 * Runs several COPYs as one query, inside the open transaction: all statements and all rows are handed to the socket
 * at once, so that the whole costs one round trip. The server takes the rows of each statement in turn; when one
 * fails it drops the rest, which the protocol provides for ("COPY Operations": later CopyData and CopyDone are ignored).
 * Rejects with the server's error. The pieces must not change until it is settled.
 */
export function copyIn(client: PgClient, copies: readonly CopyData[]): Promise<void> {
  if (copies.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const ignore = (): void => {};
    const query: Submitted = {
      submit(connection: Connection): void {
        const { stream } = connection;
        stream.cork();
        connection.query(copies.map(({ sql }) => sql).join(';'));
        for (const { data } of copies) {
          for (const piece of data) {
            const header = Buffer.allocUnsafe(5);
            header[0] = copyData;
            header.writeUInt32BE(piece.byteLength + 4, 1);
            stream.write(header);
            stream.write(piece);
          }
          stream.write(copyDone);
        }
        stream.uncork();
      },
      handleError(error: unknown) {
        query.callback?.();
        reject(error);
      },
      handleReadyForQuery() {
        query.callback?.();
        resolve();
      },
      handleCopyInResponse: ignore,
      handleCommandComplete: ignore,
      handleRowDescription: ignore,
      handleDataRow: ignore,
      handleEmptyQuery: ignore,
      handlePortalSuspended: ignore,
    };
    client.query(query as unknown as Parameters<PgClient['query']>[0]);
  });
}

/** What has come and nobody has taken yet; then the server has to wait. */
const mostWaiting = 1024 * 1024;
/** One message holds a row; so much is handed on at a time. */
const pieceBytes = 256 * 1024;
/** No bound of its own: whoever reads watches whether something comes. */
const unbounded = 2 ** 31 - 1;

/**
 * The bytes of one `COPY … TO STDOUT`, inside the open transaction, no faster than they are taken. It goes by the extended
 * protocol, so that it is one statement whatever its text says. `onRows` is told how many messages came so far, of which each is a
 * line of the answer, its head too, and at the end how many rows it were. Rejects with the server's error; whoever leaves it
 * before its end ends the session.
 */
export async function* copyOut(
  client: PgClient,
  sql: string,
  onRows: (rows: number) => void,
): AsyncGenerator<Buffer> {
  /** Rows stand one behind the other in blocks, so that a row takes no object of its own. */
  let full: Buffer[] = [];
  let block = Buffer.allocUnsafe(pieceBytes);
  let used = 0;
  let waiting = 0;
  let over = false;
  let lines = 0;
  let isCounted = false;
  let problem: unknown;
  let stream: Connection['stream'] | null = null;
  let wake = (): void => {};
  const ignore = (): void => {};
  const end = (error?: unknown): void => {
    problem ??= error;
    over = true;
    query.callback?.();
    wake();
  };
  const query: Submitted & { readonly query_timeout: number } = {
    query_timeout: unbounded,
    submit(connection: Connection): void {
      ({ stream } = connection);
      connection.parse({ text: sql, name: '' });
      connection.bind({});
      connection.execute({});
      connection.sync();
    },
    handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
      if (used + chunk.byteLength > block.byteLength) {
        full.push(block.subarray(0, used));
        block = Buffer.allocUnsafe(Math.max(pieceBytes, chunk.byteLength));
        used = 0;
      }
      lines += 1;
      // The parser goes on to use the memory that it stands in.
      used += chunk.copy(block, used);
      waiting += chunk.byteLength;
      if (waiting >= mostWaiting) stream?.pause();
      if (waiting >= pieceBytes) wake();
    },
    // pg tells nothing more of a query that failed.
    handleError: end,
    handleReadyForQuery: () => end(),
    handleCopyInResponse: ignore,
    // `COPY 1234`.
    handleCommandComplete({ text }: { readonly text: string }): void {
      isCounted = true;
      onRows(Number(text.split(' ')[1] ?? 0));
    },
    handleRowDescription: ignore,
    handleDataRow: ignore,
    handleEmptyQuery: ignore,
    handlePortalSuspended: ignore,
  };
  client.once('end', () => end(new Error('Connection terminated unexpectedly')));
  client.query(query as unknown as Parameters<PgClient['query']>[0]);
  try {
    for (;;) {
      if (!over && waiting < pieceBytes) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const taken = [...full, block.subarray(0, used)];
      full = [];
      block = Buffer.allocUnsafe(pieceBytes);
      used = 0;
      waiting = 0;
      (stream as Connection['stream'] | null)?.resume();
      if (!isCounted) onRows(lines);
      for (const piece of taken) if (piece.byteLength > 0) yield piece;
      if (over && waiting === 0) break;
    }
    if (problem !== undefined) throw problem;
  } finally {
    if (!over) cut(client);
  }
}
