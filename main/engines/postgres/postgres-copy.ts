import type { PgClient } from './postgres-client.ts';

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
  readonly stream: { cork(): void; uncork(): void; write(piece: Buffer): boolean };
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
    const query = {
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
      handleError: reject,
      handleReadyForQuery: () => resolve(),
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
