import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/*
 * The part of Snowflake's SQL API that is used, as its documentation has it: access tokens and signed ones that are good for a minute,
 * statements that are submitted once by their id, looked at, read part by part and ended. What it holds is given; SQL is looked up, not
 * understood, but for which SHOW it is.
 */

type Cell = string | null;
export interface SimColumn {
  readonly name: string;
  readonly type: string;
  readonly precision?: number;
  readonly scale?: number;
}
export interface SimAnswer {
  readonly columns: readonly SimColumn[];
  readonly rows: readonly (readonly Cell[])[];
  readonly partRows?: number;
  /** How often it is looked at before it is done; every second look is one too many for the service (429). */
  readonly looks?: number;
  readonly fails?: { readonly code: string; readonly sqlState: string; readonly message: string };
  /** Cells as they are where no format was asked for. */
  readonly raw?: readonly (readonly Cell[])[];
}
export type Shown = Readonly<Record<string, Cell>>;

interface Statement {
  readonly handle: string;
  readonly answer: SimAnswer;
  readonly rows: readonly (readonly Cell[])[];
  looks: number;
  state: 'running' | 'done' | 'ended';
}

export interface SnowflakeSimulator extends AsyncDisposable {
  /** A statement is answered so long after it was taken, in milliseconds. */
  submitMs: number;
  readonly port: number;
  readonly requests: {
    readonly method: string;
    readonly path: string;
    readonly body: Record<string, unknown> | null;
    readonly type: string;
  }[];
  readonly statements: Map<string, Statement>;
  answers: Map<string, SimAnswer>;
  /** Rows of a SHOW by how it begins, without LIKE and LIMIT. */
  shows: Map<string, readonly Shown[]>;
  /** What the next requests are refused with, so many times. */
  refuse: { status: number; body: unknown; times: number } | null;
  /** The clock of the service, in milliseconds. */
  now: () => number;
}

interface SimOptions {
  readonly token: string;
  readonly account: string;
  readonly user: string;
  readonly publicKey: string;
  readonly roles: readonly string[];
}

/** Seconds after its making in which a signed token is taken. */
const goodSeconds = 60;

export async function startSnowflake(options: SimOptions): Promise<SnowflakeSimulator> {
  const key = createPublicKey(options.publicKey);
  const print = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  /** Handles by the ids of their requests. */
  const sent = new Map<string, string>();

  const send = (answer: ServerResponse, status: number, body: unknown, packed = false) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    answer.writeHead(status, {
      'Content-Type': 'application/json',
      Date: new Date(sim.now()).toUTCString(),
      ...(packed ? { 'Content-Encoding': 'gzip' } : {}),
    });
    answer.end(packed ? gzipSync(text) : text);
  };
  const fail = (answer: ServerResponse, status: number, code: string, message: string, sqlState = '') =>
    send(answer, status, { code, message, sqlState, statementHandle: randomUUID() });
  /** The code of what is wrong with who asks. */
  const wrong = ({ headers }: IncomingMessage): string | null => {
    const told = (headers.authorization ?? '').replace(/^Bearer /, '');
    if (headers['x-snowflake-authorization-token-type'] === 'PROGRAMMATIC_ACCESS_TOKEN')
      return told === options.token ? null : '390303';
    const [head = '', claims = '', signature = ''] = told.split('.');
    try {
      const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string };
      const { iss, sub, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
        iss: string;
        sub: string;
        iat: number;
        exp: number;
      };
      const now = sim.now() / 1000;
      if (now - iat > goodSeconds || iat - now > goodSeconds || exp < now) return '394302';
      const whose = `${options.account}.${options.user}`;
      const good =
        alg === 'RS256' &&
        exp - iat <= 3600 &&
        sub === whose &&
        iss === `${whose}.SHA256:${print}` &&
        verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'));
      return good ? null : '390144';
    } catch {
      return '390144';
    }
  };
  const partsOf = ({ answer, rows }: Statement) => {
    const size = answer.partRows ?? 1000;
    return Array.from({ length: Math.max(1, Math.ceil(rows.length / size)) }, (_, n) =>
      rows.slice(n * size, (n + 1) * size),
    );
  };
  const result = (statement: Statement) => {
    const parts = partsOf(statement);
    return {
      code: '090001',
      message: 'Statement executed successfully.',
      sqlState: '00000',
      statementHandle: statement.handle,
      resultSetMetaData: {
        numRows: statement.rows.length,
        format: 'jsonv2',
        rowType: statement.answer.columns.map((column) => ({ nullable: true, ...column })),
        partitionInfo: parts.map((part) => ({ rowCount: part.length, uncompressedSize: 1 })),
      },
      data: parts[0],
    };
  };
  const running = (answer: ServerResponse, { handle }: Statement) =>
    send(answer, 202, {
      ...{ code: '333334', message: 'Asynchronous execution in progress.', statementHandle: handle },
      statementStatusUrl: `/api/v2/statements/${handle}`,
    });
  const settled = (answer: ServerResponse, statement: Statement) => {
    const { state, answer: of } = statement;
    if (state === 'ended') return fail(answer, 422, '000604', 'SQL execution canceled', '57014');
    if (of.fails) return fail(answer, 422, of.fails.code, of.fails.message, of.fails.sqlState);
    return send(answer, 200, result(statement), true);
  };
  /** What a SHOW finds. LIKE takes no heed of upper and lower case, and a backslash takes its wildcards away. */
  const shown = (sql: string): SimAnswer => {
    const [, start = '', like, limit] =
      /^(SHOW .*?)(?: LIKE '((?:[^'\\]|\\.)*)')?(?: LIMIT (\d+))?$/.exec(sql) ?? [];
    const found = sim.shows.get(start);
    if (!found)
      return {
        ...{ columns: [], rows: [] },
        fails: { code: '002003', sqlState: '02000', message: 'Object does not exist or not authorized.' },
      };
    const text = like?.replace(/\\(.)/g, '$1');
    const matcher =
      text === undefined
        ? /^/
        : new RegExp(
            `^${text.replace(/\\(.)|([%_])|([.*+?^${}()|[\]])/g, (_, taken, wild, other) => taken ?? (wild === '%' ? '.*' : wild === '_' ? '.' : `\\${other}`))}$`,
            'i',
          );
    const rows = found.filter((row) => matcher.test(row['name'] ?? '')).slice(0, Number(limit ?? 10_000));
    const names = Object.keys(found[0] ?? { name: '' });
    return {
      columns: names.map((name) => ({ name, type: 'text' })),
      rows: rows.map((row) => names.map((name) => row[name] ?? null)),
      partRows: 2,
    };
  };

  const server = createServer(async (request, answer) => {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const body = text === '' ? null : (JSON.parse(text) as Record<string, unknown>);
    const { method = '', headers } = request;
    const type = String(headers['x-snowflake-authorization-token-type'] ?? '');
    sim.requests.push({ method, path: request.url ?? '', body, type });
    if (sim.refuse) {
      const { status, body: told, times } = sim.refuse;
      sim.refuse = times <= 1 ? null : { status, body: told, times: times - 1 };
      return send(answer, status, told);
    }
    const code = wrong(request);
    if (code !== null) return fail(answer, 401, code, 'JWT token or access token is invalid.');
    for (const each of ['accept', 'content-type', 'user-agent'])
      if (headers[each] === undefined) return fail(answer, 400, '391902', `${each} is missing`);
    const isSlow = url.searchParams.get('async') === 'true' && sim.submitMs > 0;
    if (isSlow) await new Promise((done) => setTimeout(done, sim.submitMs));
    if (url.pathname === '/api/v2/statements' && method === 'POST')
      return submit(url.searchParams, body ?? {}, answer);
    const [, handle = '', isCancel] = /^\/api\/v2\/statements\/([^/]+)(\/cancel)?$/.exec(url.pathname) ?? [];
    const statement = sim.statements.get(handle);
    if (!statement) return fail(answer, 422, '000709', 'Statement not found', '02000');
    if (isCancel !== undefined) {
      if (statement.state === 'running') statement.state = 'ended';
      return send(answer, 200, { code: '000604', message: 'successfully canceled', statementHandle: handle });
    }
    const part = url.searchParams.get('partition');
    if (part !== null) return send(answer, 200, { data: partsOf(statement)[Number(part)] ?? [] }, true);
    if (statement.state === 'running' && statement.looks > 0) {
      statement.looks -= 1;
      return statement.looks % 2 === 1
        ? fail(answer, 429, '390505', 'Too many requests.')
        : running(answer, statement);
    }
    if (statement.state === 'running') statement.state = 'done';
    return settled(answer, statement);
  });

  function submit(query: URLSearchParams, body: Record<string, unknown>, answer: ServerResponse) {
    const id = query.get('requestId') ?? '';
    const again = sim.statements.get(sent.get(id) ?? '');
    if (again && query.get('retry') === 'true') return running(answer, again);
    const {
      parameters = {},
      role,
      timeout,
    } = body as {
      parameters?: Record<string, string>;
      role?: string;
      timeout?: number;
    };
    if (role !== undefined && !options.roles.includes(role))
      return fail(answer, 422, '390189', `Role '${role}' specified in the connect string does not exist.`);
    if (!timeout || parameters['multi_statement_count'] !== '1')
      return fail(answer, 422, '391911', 'A time-out, and one statement, are asked for here.');
    const sql = String(body['statement']).trim().replace(/\s+/g, ' ');
    const known: SimAnswer = sql.startsWith('SHOW ')
      ? shown(sql)
      : (sim.answers.get(sql) ?? {
          ...{ columns: [], rows: [] },
          fails: {
            code: '001003',
            sqlState: '42000',
            message: "SQL compilation error:\nsyntax error line 1 at position 7 unexpected 'selec'.",
          },
        });
    const isText = parameters['date_output_format'] === 'YYYY-MM-DD' && parameters['timezone'] === 'UTC';
    const limit = Number(parameters['rows_per_resultset'] ?? 0) || Number.POSITIVE_INFINITY;
    const statement: Statement = {
      handle: randomUUID(),
      answer: known,
      rows: (isText ? known.rows : (known.raw ?? known.rows)).slice(0, limit),
      looks: known.looks ?? 0,
      state: 'running',
    };
    sim.statements.set(statement.handle, statement);
    sent.set(id, statement.handle);
    if (query.get('async') === 'true' || statement.looks > 0) return running(answer, statement);
    statement.state = 'done';
    return settled(answer, statement);
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const sim: SnowflakeSimulator = {
    submitMs: 0,
    port: (server.address() as { port: number }).port,
    requests: [],
    statements: new Map(),
    answers: new Map(),
    shows: new Map(),
    refuse: null,
    now: Date.now,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return sim;
}
