import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/*
 * The part of a Databricks workspace that is used, as its documentation has it: tokens, the token endpoint of service principals,
 * who somebody is, warehouses, Unity Catalog with empty pages, statements that are submitted, looked at, fetched by links and ended. The
 * links lead to a second server, as they lead to the storage of a cloud. What it holds is given; SQL is looked up, not understood.
 */

export interface SimColumn {
  readonly name: string;
  readonly type: string;
  readonly text?: string;
}

export interface SimAnswer {
  readonly columns: readonly SimColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly chunkRows?: number;
  /** How often it is looked at, in each state, before it is done. */
  readonly pending?: number;
  readonly running?: number;
  readonly fails?: { readonly code: string; readonly sqlState: string; readonly message: string };
  /** What is at the links, where it is not the rows. */
  readonly raw?: string;
}

export interface SimTable {
  readonly name: string;
  readonly table_type: string;
  readonly comment?: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type_text: string;
    readonly nullable?: boolean;
    readonly comment?: string;
  }[];
  readonly constraints?: readonly object[];
}

interface Statement {
  readonly id: string;
  readonly sql: string;
  readonly answer: SimAnswer;
  readonly rows: readonly (readonly (string | null)[])[];
  readonly truncated: boolean;
  state: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELED';
  pending: number;
  running: number;
}

export interface DatabricksSimulator extends AsyncDisposable {
  /** A statement is answered so long after it was taken, in milliseconds. */
  submitMs: number;
  readonly port: number;
  readonly storagePort: number;
  readonly requests: { readonly method: string; readonly path: string; readonly body: unknown }[];
  /** What came to the place of the links. */
  readonly fetches: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  readonly statements: Map<string, Statement>;
  answers: Map<string, SimAnswer>;
  schemas: Map<string, readonly SimTable[]>;
  warehouse: { state: string };
  /** Links end so long after they were made, in milliseconds; negative: they have ended already, at their place too. */
  linkMs: number;
  /** Links that were told are refused at their place, this many times. */
  refusedLinks: number;
  /** What links begin with in place of the storage's own address. */
  linkBase: string | null;
  /** That many orders to end a statement are taken and not followed. */
  deafCancels: number;
  /** Paths that begin with one of these are refused. */
  refuse: Map<string, { status: number; body: unknown; headers?: Record<string, string>; times?: number }>;
  /** Whether each list begins with an empty page. */
  emptyPages: boolean;
  /** Whether statements of a stopped warehouse were submitted: it was started. */
  started: number;
}

export interface SimOptions {
  readonly token: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly catalog: string;
  readonly warehouse: string;
  readonly user: string;
}

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as { port: number }).port;
};
const stop = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
};

export async function startDatabricks(options: SimOptions): Promise<DatabricksSimulator> {
  /** Tokens that were given out to the service principal. */
  const given = new Set<string>();
  /** Links by their path, and the header that opens them. */
  const links = new Map<string, { readonly key: string; readonly ends: number; readonly text: string }>();

  const send = (answer: ServerResponse, status: number, body: unknown, headers = {}): void => {
    answer.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    answer.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const fail = (answer: ServerResponse, status: number, code: string, message: string): void =>
    send(answer, status, { error_code: code, message, details: [] });
  const chunksOf = ({ answer, rows }: Statement): (readonly (readonly (string | null)[])[])[] => {
    const size = answer.chunkRows ?? 1000;
    return Array.from({ length: Math.ceil(rows.length / size) }, (_, n) =>
      rows.slice(n * size, (n + 1) * size),
    );
  };
  const linkOf = (statement: Statement, index: number): object => {
    const chunks = chunksOf(statement);
    const path = `/results/${randomUUID()}?X-Amz-Signature=${randomUUID()}`;
    const key = randomUUID();
    const ends = Date.now() + sim.linkMs;
    links.set(path, { key, ends, text: statement.answer.raw ?? JSON.stringify(chunks[index]) });
    const more = index + 1 < chunks.length;
    return {
      chunk_index: index,
      row_offset: chunks.slice(0, index).reduce((sum, chunk) => sum + chunk.length, 0),
      row_count: chunks[index]?.length,
      byte_count: 0,
      external_link: `${sim.linkBase ?? `http://127.0.0.1:${sim.storagePort}`}${path}`,
      expiration: new Date(ends).toISOString(),
      http_headers: { 'x-storage-key': key },
      ...(more
        ? {
            next_chunk_index: index + 1,
            next_chunk_internal_link: `/api/2.0/sql/statements/${statement.id}/result/chunks/${index + 1}`,
          }
        : {}),
    };
  };
  const shown = (statement: Statement): object => {
    const { id, state, answer } = statement;
    if (state === 'FAILED' && answer.fails)
      return {
        statement_id: id,
        status: {
          state,
          error: { error_code: answer.fails.code, message: answer.fails.message },
          sql_state: answer.fails.sqlState,
        },
      };
    if (state !== 'SUCCEEDED') return { statement_id: id, status: { state } };
    const chunks = chunksOf(statement);
    return {
      statement_id: id,
      status: { state },
      manifest: {
        format: 'JSON_ARRAY',
        schema: {
          column_count: answer.columns.length,
          columns: answer.columns.map(({ name, type, text }, position) => ({
            ...{ name, position, type_name: type, type_text: text ?? type },
          })),
        },
        total_chunk_count: chunks.length,
        total_row_count: statement.rows.length,
        truncated: statement.truncated,
        chunks: chunks.map((chunk, at) => ({ chunk_index: at, row_count: chunk.length })),
      },
      result: chunks.length === 0 ? {} : { external_links: [linkOf(statement, 0)] },
    };
  };
  /** A look moves a statement on. */
  const look = (statement: Statement): void => {
    if (statement.state === 'PENDING' && statement.pending-- <= 0) statement.state = 'RUNNING';
    if (statement.state === 'RUNNING' && statement.running-- <= 0)
      statement.state = statement.answer.fails ? 'FAILED' : 'SUCCEEDED';
  };

  const main = createServer(async (request, answer) => {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const { pathname: path, searchParams: query } = url;
    const { method = '', headers } = request;
    const isForm = /urlencoded/.test(headers['content-type'] ?? '');
    const body = (
      text === '' ? null : isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text)
    ) as Record<string, unknown> | null;
    sim.requests.push({ method, path: request.url ?? '', body });
    for (const [start, refusal] of sim.refuse) {
      if (!path.startsWith(start)) continue;
      const { status, body: told, headers: more = {}, times } = refusal;
      if (times !== undefined) {
        if (times <= 1) sim.refuse.delete(start);
        else sim.refuse.set(start, { ...refusal, times: times - 1 });
      }
      return send(answer, status, told, more);
    }
    if (path === '/oidc/.well-known/oauth-authorization-server')
      return send(answer, 200, {
        authorization_endpoint: `http://127.0.0.1:${sim.port}/oidc/v1/authorize`,
        token_endpoint: `http://127.0.0.1:${sim.port}/oidc/v1/token`,
      });
    if (path === '/oidc/v1/token' && method === 'POST') {
      const login = Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
      const [id, secret] = [login.slice(0, login.indexOf(':')), login.slice(login.indexOf(':') + 1)];
      if (id !== options.clientId || secret !== options.clientSecret)
        return send(answer, 401, {
          error: 'invalid_client',
          error_description: 'Client authentication failed',
        });
      if (body?.['grant_type'] !== 'client_credentials' || body['scope'] !== 'all-apis')
        return send(answer, 400, { error: 'invalid_request' });
      const token = randomUUID();
      given.add(token);
      return send(answer, 200, { access_token: token, token_type: 'Bearer', expires_in: 3600 });
    }
    const token = (headers.authorization ?? '').replace(/^Bearer /, '');
    if (token !== options.token && !given.has(token))
      return fail(answer, 401, 'UNAUTHENTICATED', 'Credential was not sent or was of an unsupported type.');
    if (path === '/api/2.0/preview/scim/v2/Me')
      return send(answer, 200, {
        id: '1',
        userName: given.has(token) ? options.clientId : options.user,
        active: true,
      });
    const warehouse = /^\/api\/2\.0\/sql\/warehouses\/([^/]+)$/.exec(path)?.[1];
    if (warehouse !== undefined) {
      if (decodeURIComponent(warehouse) !== options.warehouse)
        return fail(answer, 404, 'RESOURCE_DOES_NOT_EXIST', `SQL warehouse ${warehouse} does not exist.`);
      return send(answer, 200, {
        ...{ id: options.warehouse, name: 'Reports', state: sim.warehouse.state },
        ...{ cluster_size: 'Small', auto_stop_mins: 10 },
      });
    }
    if (path.startsWith('/api/2.1/unity-catalog/')) return unity(path.slice(23), query, answer);
    if (path === '/api/2.0/sql/statements' || path === '/api/2.0/sql/statements/') {
      if (method !== 'POST' || !body) return fail(answer, 400, 'BAD_REQUEST', 'POST');
      if (sim.submitMs > 0) await new Promise((done) => setTimeout(done, sim.submitMs));
      return submit(body, answer);
    }
    const [, id, rest = ''] = /^\/api\/2\.0\/sql\/statements\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const statement = id === undefined ? undefined : sim.statements.get(id);
    if (!statement) return fail(answer, 404, 'NOT_FOUND', `The statement ${id ?? ''} was not found.`);
    if (rest === '/cancel' && method === 'POST') {
      if (sim.deafCancels > 0) sim.deafCancels -= 1;
      else if (statement.state === 'PENDING' || statement.state === 'RUNNING') statement.state = 'CANCELED';
      return send(answer, 200, '');
    }
    const index = /^\/result\/chunks\/(\d+)$/.exec(rest)?.[1];
    if (index !== undefined) {
      if (Number(index) >= chunksOf(statement).length)
        return fail(answer, 400, 'INVALID_PARAMETER_VALUE', 'chunk_index is out of range.');
      return send(answer, 200, { external_links: [linkOf(statement, Number(index))] });
    }
    look(statement);
    return send(answer, 200, shown(statement));
  });

  function unity(path: string, query: URLSearchParams, answer: ServerResponse) {
    const catalog = /^catalogs\/(.+)$/.exec(path)?.[1];
    if (catalog !== undefined)
      return decodeURIComponent(catalog) === options.catalog
        ? send(answer, 200, { name: options.catalog, catalog_type: 'MANAGED_CATALOG' })
        : fail(answer, 404, 'CATALOG_DOES_NOT_EXIST', `Catalog '${catalog}' does not exist.`);
    /** One item a page, and an empty page first: both are allowed. */
    const listed = (name: string, all: readonly object[]) => {
      if (query.get('max_results') !== '0')
        return fail(answer, 400, 'INVALID_PARAMETER_VALUE', 'Pages are asked for.');
      const at = query.get('page_token');
      if (at === null && sim.emptyPages) return send(answer, 200, { next_page_token: '0' });
      const next = Number(at ?? 0) + 1;
      return send(answer, 200, {
        [name]: all.slice(Number(at), next),
        ...(next < all.length ? { next_page_token: String(next) } : {}),
      });
    };
    if (path === 'schemas')
      return listed('schemas', [
        { name: 'information_schema' },
        ...[...sim.schemas.keys()].map((name) => ({ name, catalog_name: options.catalog })),
      ]);
    if (path === 'tables') {
      const tables = sim.schemas.get(query.get('schema_name') ?? '');
      if (!tables) return fail(answer, 404, 'SCHEMA_DOES_NOT_EXIST', 'The schema does not exist.');
      return listed(
        'tables',
        tables.map(({ constraints: _, columns, ...table }) => ({
          ...table,
          columns: columns.map((column, position) => ({ ...column, position })),
        })),
      );
    }
    const [, schema = '', name] = /^tables\/[^.]+\.([^.]+)\.([^.]+)$/.exec(path) ?? [];
    const table = sim.schemas.get(schema)?.find((each) => each.name === name);
    if (!table) return fail(answer, 404, 'TABLE_DOES_NOT_EXIST', 'The table does not exist.');
    const { constraints = [], ...rest } = table;
    return send(answer, 200, { ...rest, table_constraints: constraints });
  }

  function submit(body: Record<string, unknown>, answer: ServerResponse) {
    if (body['warehouse_id'] !== options.warehouse)
      return fail(
        answer,
        400,
        'INVALID_PARAMETER_VALUE',
        `${body['warehouse_id']} is not a valid endpoint id.`,
      );
    const sql = String(body['statement']);
    const limit = Number(body['row_limit'] ?? Number.POSITIVE_INFINITY);
    const known = sim.answers.get(sql.trim().replace(/\s+/g, ' ')) ?? {
      columns: [],
      rows: [],
      fails: {
        code: 'BAD_REQUEST',
        sqlState: '42601',
        message: "[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'. SQLSTATE: 42601 (line 1, pos 0)",
      },
    };
    if (sim.warehouse.state !== 'RUNNING') sim.started += 1;
    const statement: Statement = {
      id: randomUUID(),
      sql,
      answer: known,
      rows: known.rows.slice(0, limit),
      truncated: known.rows.length > limit,
      state: 'PENDING',
      pending: known.pending ?? 0,
      running: known.running ?? 0,
    };
    sim.statements.set(statement.id, statement);
    if (body['wait_timeout'] !== '0s') look(statement);
    send(answer, 200, shown(statement));
  }

  const storage = createServer((request, answer) => {
    sim.fetches.push({ path: request.url ?? '', headers: request.headers });
    const link = links.get(request.url ?? '');
    // A signed link with a second way to sign in is refused, as the storages of clouds do.
    if (request.headers.authorization !== undefined) return send(answer, 403, '<Error>Only one auth</Error>');
    if (sim.refusedLinks > 0) {
      sim.refusedLinks -= 1;
      return send(answer, 403, '<Error>Request has expired</Error>');
    }
    if (!link || link.ends < Date.now() || request.headers['x-storage-key'] !== link.key)
      return send(answer, 403, '<Error>Request has expired</Error>');
    return send(answer, 200, link.text);
  });

  const [port, storagePort] = await Promise.all([listen(main), listen(storage)]);
  const sim: DatabricksSimulator = {
    submitMs: 0,
    port,
    storagePort,
    requests: [],
    fetches: [],
    statements: new Map(),
    answers: new Map(),
    schemas: new Map(),
    warehouse: { state: 'RUNNING' },
    linkMs: 900_000,
    refusedLinks: 0,
    linkBase: null,
    deafCancels: 0,
    refuse: new Map(),
    started: 0,
    emptyPages: true,
    async [Symbol.asyncDispose]() {
      await Promise.all([stop(main), stop(storage)]);
    },
  };
  return sim;
}
