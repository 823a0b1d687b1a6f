import type { OpenAnswer } from '../../engines/engine.ts';
import type { Prepared } from '../../query/check/prepared.ts';
import { formatterOf } from '../../query/export/formats.ts';
import { type CopyRequest, copyQuery, isCopied } from '../../query/run/copy.ts';
import type { Caller, Handler, Services } from '../context.ts';
import { namesOf, type QueryParts } from './parts.ts';
import { askedIn } from './place.ts';
import { type Readable, readableOf } from './readable.ts';

/** Rows of one step of an export. */
const exportedAtOnce = 5000;
/** Whoever waits is told so often. */
const toldEveryMs = 200;

type Page = readonly (readonly (string | null)[])[];

/** Every row of a statement into a file, whose bytes are made no faster than they are written. */
export function exportTo(
  services: Services,
  { begin, prepare, placeFor, openAs, openOver }: QueryParts,
): Handler<'query.export'> {
  return async (input, caller) => {
    const { person, seat, signal } = caller;
    const where = askedIn(input);
    const readable = where.projectId === null ? null : readableOf(services, where.projectId, person);
    const entry = await begin(where, input, caller);
    const { format } = input;
    let tables: string[] | null = null;
    let [rows, bytes, cut] = [0, 0, 0];
    const tell = progressOf(services, caller, input.progressId);
    async function* counted(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
      for await (const piece of pieces) {
        bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.byteLength;
        yield piece;
        tell(rows, bytes);
      }
    }
    async function* pagesOf(query: OpenAnswer): AsyncGenerator<Page> {
      for (let end = 'open'; end === 'open'; ) {
        const page = await query.next(exportedAtOnce, signal);
        ({ end, soFar: rows } = page);
        yield page.rows;
      }
    }
    try {
      const statement = readable === null ? null : await prepare(input);
      // Opened once it is known where it goes: while somebody looks for a folder, no transaction stands open at the server.
      const copied = async function* (
        readable: Readable,
        statement: Prepared,
      ): AsyncGenerator<string | Uint8Array> {
        const { deps, place } = await placeFor(readable, input.timeoutSeconds, caller);
        const request: CopyRequest = {
          ...{ ...place, statement, delimiter: input.delimiter },
          onOpen: (read) => {
            tables = namesOf({ tables: read });
          },
          onRows: (count) => {
            rows = count;
          },
        };
        if (input.bom) yield '\uFEFF';
        yield* copyQuery(deps, request, signal);
      };
      /** Every row of it. */
      const opened = async (): Promise<OpenAnswer> => {
        if (readable === null || statement === null)
          return openOver(
            where.connectionId as string,
            { ...input, limit: Number.MAX_SAFE_INTEGER - 1 },
            caller,
          );
        const whole = { ...input, statement, limit: Number.MAX_SAFE_INTEGER, whole: true };
        const query = await openAs(readable, whole, caller);
        tables = namesOf(query);
        return query;
      };
      const byRows = async function* (): AsyncGenerator<string | Uint8Array> {
        const query = await opened();
        try {
          const pages = pagesOf(query);
          if (format === 'xlsx') {
            const onCut = (cells: number): void => {
              cut = cells;
            };
            // Only whoever wants a workbook needs the library for it.
            const { xlsxOf } = await import('../../query/export/xlsx.ts');
            yield* xlsxOf(query.columns, pages, { onCut });
            return;
          }
          const formatter = formatterOf(query.columns, { ...input, format });
          yield formatter.head;
          let first = true;
          for await (const page of pages) {
            yield formatter.rows(page, first);
            first = false;
          }
          yield formatter.foot;
        } finally {
          await query.close();
        }
      };
      const pieces =
        readable !== null && statement !== null && isCopied(input, statement)
          ? copied(readable, statement)
          : byRows();
      const savedTo = await seat.desk.save(`query.${format}`, counted(pieces));
      entry.end(savedTo === null ? 'stopped' : 'done', rows, tables);
      return { queryId: entry.id, savedTo, rows, bytes, cut };
    } catch (error) {
      entry.failed(error);
      throw error;
    }
  };
}

/** Tells whoever asked how much is written, not more often than anybody could read it. */
function progressOf(
  { host, emit }: Pick<Services, 'host' | 'emit'>,
  { seat }: Caller,
  progressId: string | undefined,
): (rows: number, bytes: number) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (rows, bytes) => {
    const now = host.clock.now();
    if (progressId === undefined || now - toldAt < toldEveryMs) return;
    toldAt = now;
    emit('query.exportProgressed', { progressId, rows, bytes }, seat);
  };
}
