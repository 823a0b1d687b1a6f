import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { gone, rowsOfPieces, timedOut } from '../answer.ts';
import type { Target } from '../engine.ts';
import { type HttpWire, sendOver, textOf } from '../wire/http-line.ts';
import type { DatabricksSession } from './databricks-client.ts';
import { DatabricksRefused, StatementEnded } from './databricks-errors.ts';

/** Between two looks at a statement, in milliseconds: at first it may be done at once. */
const pauses = [50, 100, 200, 400, 800] as const;
/** Characters of one piece of an answer; they are held whole. */
const longestPiece = 256 * 1024 * 1024;
/** A link is asked for anew so often where the place does not give what it leads to. */
const mostTries = 3;
/** A link that ends so soon is not gone to. */
const linkMarginMs = 5000;
/** Nothing of these is a server's to tell us to send to another. */
const ownHeaders = new Set([
  ...['authorization', 'proxy-authorization', 'cookie', 'host', 'connection', 'content-length'],
  ...['transfer-encoding', 'upgrade', 'expect', 'te', 'trailer'],
]);

export interface Link {
  readonly chunk_index?: number;
  readonly external_link?: string;
  readonly expiration?: string;
  readonly http_headers?: Readonly<Record<string, string>>;
}
export interface Statement {
  readonly statement_id?: string;
  readonly status?: {
    readonly state?: string;
    readonly sql_state?: string;
    readonly error?: { readonly error_code?: string; readonly message?: string };
  };
  readonly manifest?: {
    readonly schema?: {
      readonly columns?: readonly {
        readonly name: string;
        readonly type_text?: string;
        readonly type_name?: string;
      }[];
    };
    readonly total_chunk_count?: number;
  };
  readonly result?: { readonly external_links?: readonly Link[] };
}
export type Row = (string | null)[];

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
export const statementPath = (id: string): string => `/api/2.0/sql/statements/${encodeURIComponent(id)}`;
export const goesOn = ({ status }: Statement): boolean =>
  status?.state === 'PENDING' || status?.state === 'RUNNING';

/**
 * Waits until a statement is done. Fails with StatementEnded, and with QUERY_TIMEOUT, which says so where the warehouse was not
 * even there.
 */
export async function untilDone(
  session: DatabricksSession,
  submitted: Statement,
  timeoutMs: number,
): Promise<Statement> {
  const started = performance.now();
  const id = submitted.statement_id ?? '';
  let found = submitted;
  for (let looks = 0; goesOn(found); looks += 1) {
    const left = timeoutMs - (performance.now() - started);
    if (left <= 0)
      throw found.status?.state === 'PENDING'
        ? new AppError('QUERY_TIMEOUT', say('engines.databricks.notStarted', { seconds: timeoutMs / 1000 }), {
            advice: say('engines.databricks.notStarted.advice'),
            query: { trouble: 'timeout' },
          })
        : timedOut(timeoutMs);
    await pause(Math.min(left, pauses[looks] ?? 1000));
    found = await session.get<Statement>(statementPath(id));
  }
  // Nothing is left to be ended there.
  session.statement = null;
  const { state = '', sql_state: sqlState = '', error } = found.status ?? {};
  if (state === 'SUCCEEDED') return found;
  throw new StatementEnded(state, error?.error_code ?? '', sqlState, error?.message ?? '');
}

/** Where a link leads. Fails where it is not reached as safely as the workspace itself. */
function placeOf(link: Link, tlsMode: Target['tlsMode']): URL {
  const url = URL.parse(link.external_link ?? '');
  const safe = url?.protocol === 'https:' || (tlsMode === 'disable' && url?.protocol === 'http:');
  if (!url || !safe || url.username !== '' || url.password !== '')
    throw new AppError('DB_ERROR', say('engines.databricks.linkUnsafe'), {
      advice: say('engines.databricks.linkUnsafe.advice'),
    });
  return url;
}

const headersOf = (link: Link): Record<string, string> =>
  Object.fromEntries(
    Object.entries(link.http_headers ?? {}).filter(([name]) => !ownHeaders.has(name.toLowerCase())),
  );

interface Pieces {
  /** Opens a line to another host, by the connection's own way. */
  readonly open: (host: string, port: number) => Promise<HttpWire>;
  readonly tlsMode: Target['tlsMode'];
  readonly now: () => number;
}

/**
 * Fetches one link. The link is the right to read what is behind it, so it and its headers stand in no error, and what signs
 * the workspace's requests is not sent there. Undefined where the place refuses it: it may have ended.
 */
async function fetched(
  session: DatabricksSession,
  link: Link,
  { open, tlsMode }: Pieces,
): Promise<string | undefined> {
  const url = placeOf(link, tlsMode);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (session.pieces?.origin !== url.origin || session.pieces.wire.ended()) {
    session.pieces?.wire.cut();
    session.pieces = null;
    session.pieces = { origin: url.origin, wire: await open(host, port) };
  }
  const answer = await sendOver(
    session.pieces.wire,
    { host, port },
    {
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      // Signed links are good for the name without a port.
      headers: { ...headersOf(link), Host: url.host, Accept: '*/*' },
    },
    session.answerMs,
  );
  if (answer.statusCode !== 200) {
    session.pieces.wire.cut();
    return undefined;
  }
  const text = await textOf(answer, longestPiece);
  if (text.length > longestPiece) {
    session.pieces.wire.cut();
    throw new AppError('QUERY_TOO_LARGE', say('engines.databricks.pieceTooLarge'), {
      advice: say('engines.databricks.pieceTooLarge.advice'),
      query: { trouble: 'too_many' },
    });
  }
  return text;
}

/** Rows of a piece. Every value is text there; a number would have been rounded by now, so it is refused. */
function rowsOf(text: string): Row[] {
  const strange = (): AppError => new AppError('DB_ERROR', say('engines.databricks.strangePiece'));
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    throw strange();
  }
  const isCell = (cell: unknown): boolean => cell === null || typeof cell === 'string';
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row) && row.every(isCell))) throw strange();
  return rows as Row[];
}

/** A link to a piece; asked for where it is not at hand. */
async function linkTo(session: DatabricksSession, id: string, piece: number): Promise<Link> {
  const { external_links: links = [] } = await session
    .get<NonNullable<Statement['result']>>(`${statementPath(id)}/result/chunks/${piece}`)
    .catch((error: unknown) => {
      // Results are kept for an hour.
      if (error instanceof DatabricksRefused && (error.status === 404 || error.status === 410)) throw gone();
      throw error;
    });
  const link = links.find(({ chunk_index: index }) => index === piece) ?? links[0];
  if (!link) throw gone();
  return link;
}

/** The pieces of an answer, one at a time, as rows that are taken as they are wanted. */
export function createRowReader(session: DatabricksSession, done: Statement, id: string, pieces: Pieces) {
  const count = done.manifest?.total_chunk_count ?? done.result?.external_links?.length ?? 0;
  const atHand = done.result?.external_links ?? [];
  const piece = async (index: number): Promise<Row[]> => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const known = tries === 0 ? atHand.find(({ chunk_index: at = 0 }) => at === index) : undefined;
      const ends = Date.parse(known?.expiration ?? '');
      const isGood = known !== undefined && !(ends < pieces.now() + linkMarginMs);
      const text = await fetched(session, isGood ? known : await linkTo(session, id, index), pieces);
      if (text !== undefined) return rowsOf(text);
    }
    throw new AppError('DB_LOST', say('engines.databricks.pieceRefused'), {
      advice: say('engines.databricks.pieceRefused.advice'),
    });
  };
  return rowsOfPieces({ held: [], next: 0, count }, piece);
}
