import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/*
 * The part of BigQuery's REST interface that is used, as its documentation has it: tokens that an account signed itself, lists, dry runs,
 * jobs that take their time, pages, errors by their reason. What it holds is given; SQL is looked up, not understood.
 */

export interface SimField {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly description?: string;
  readonly fields?: readonly SimField[];
}

export interface SimAnswer {
  readonly fields: readonly SimField[];
  /** Cells as the interface has them: texts, `{f:[{v}]}`, `[{v}]`. */
  readonly rows: readonly (readonly unknown[])[];
  readonly bytes?: number;
  readonly statement?: string;
  /** How often it is asked for before it is done. */
  readonly turns?: number;
  /** Reason and sentence of the error that it ends with. */
  readonly fails?: { readonly reason: string; readonly status: number; readonly message: string };
}

export interface SimTable {
  readonly name: string;
  readonly type: 'TABLE' | 'VIEW' | 'MATERIALIZED_VIEW' | 'EXTERNAL';
  readonly description?: string;
  readonly rows?: number;
  readonly fields: readonly SimField[];
  readonly key?: readonly string[];
}

export interface BigquerySimulator extends AsyncDisposable {
  readonly port: number;
  readonly requests: {
    readonly method: string;
    readonly path: string;
    readonly scope: string;
    readonly body: unknown;
  }[];
  /** Jobs that were ended. */
  readonly cancelled: Set<string>;
  readonly running: Set<string>;
  answers: Map<string, SimAnswer>;
  datasets: Map<string, readonly SimTable[]>;
  /** What the next requests are refused with, whoever asks. */
  refuse: { status: number; reason: string; message: string } | null;
  /** The clock of the service, in milliseconds. */
  now: () => number;
}

interface SimOptions {
  readonly project: string;
  readonly location: string;
  readonly publicKey: string;
  readonly keyId: string;
  readonly email: string;
}

/** A token is refused this long before its time and after it. */
const leewaySeconds = 60;

export async function startBigquery(options: SimOptions): Promise<BigquerySimulator> {
  const key: KeyObject = createPublicKey(options.publicKey);
  const jobs = new Map<string, { readonly answer: SimAnswer; turns: number }>();
  let last = 0;

  const fail = (answer: ServerResponse, status: number, reason: string, message: string): void => {
    answer.writeHead(status, { 'Content-Type': 'application/json', Date: new Date(sim.now()).toUTCString() });
    answer.end(
      JSON.stringify({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } }),
    );
  };
  /** The scope of a good token; null for one that is none. */
  const scopeOf = (request: IncomingMessage): string | null => {
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const [head = '', claims = '', signature = ''] = token.split('.');
    try {
      const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, string>;
      const told = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
        iss: string;
        sub: string;
        scope?: string;
        aud?: string;
        iat: number;
        exp: number;
      };
      const now = sim.now() / 1000;
      const good =
        alg === 'RS256' &&
        kid === options.keyId &&
        told.iss === options.email &&
        told.sub === options.email &&
        told.exp - told.iat <= 3600 &&
        told.iat <= now + leewaySeconds &&
        told.exp >= now - leewaySeconds &&
        verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'));
      return good ? (told.scope ?? told.aud ?? '') : null;
    } catch {
      return null;
    }
  };
  const found = (sql: string): SimAnswer | undefined => sim.answers.get(sql.trim().replace(/\s+/g, ' '));
  const results = (jobId: string, query: URLSearchParams | Map<string, string>): object => {
    const job = jobs.get(jobId);
    const reference = { projectId: options.project, jobId, location: options.location };
    if (!job) return {};
    if (job.turns > 0) {
      job.turns -= 1;
      return { kind: 'bigquery#queryResponse', jobReference: reference, jobComplete: false };
    }
    sim.running.delete(jobId);
    const from = Number(query.get('pageToken') ?? 0);
    const count = Number(query.get('maxResults') ?? 100_000);
    const page = job.answer.rows.slice(from, from + count);
    const more = from + count < job.answer.rows.length;
    return {
      kind: 'bigquery#queryResponse',
      jobReference: reference,
      jobComplete: true,
      schema: { fields: job.answer.fields },
      totalRows: String(job.answer.rows.length),
      rows: page.map((row) => ({ f: row.map((v) => ({ v })) })),
      totalBytesProcessed: String(job.answer.bytes ?? 0),
      cacheHit: false,
      ...(more ? { pageToken: String(from + count) } : {}),
    };
  };
  const server = createServer(async (request, answer) => {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const body = text === '' ? null : (JSON.parse(text) as Record<string, unknown>);
    const scope = scopeOf(request);
    const send = (value: object): void => {
      answer.writeHead(200, { 'Content-Type': 'application/json', Date: new Date(sim.now()).toUTCString() });
      answer.end(JSON.stringify(value));
    };
    sim.requests.push({ method: request.method ?? '', path: request.url ?? '', scope: scope ?? '', body });
    if (sim.refuse) return fail(answer, sim.refuse.status, sim.refuse.reason, sim.refuse.message);
    if (scope === null)
      return fail(answer, 401, 'authError', 'Request had invalid authentication credentials.');
    const [, project = '', rest = ''] = /^\/bigquery\/v2\/projects\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
    if (decodeURIComponent(project) !== options.project)
      return fail(answer, 404, 'notFound', `Not found: Project ${project}`);
    const listed = <T>(all: readonly T[], of: (part: T[]) => object): void => {
      const from = Number(url.searchParams.get('pageToken') ?? 0);
      const count = Math.min(2, Number(url.searchParams.get('maxResults') ?? 50));
      send({
        ...of(all.slice(from, from + count)),
        ...(from + count < all.length ? { nextPageToken: String(from + count) } : {}),
      });
    };
    if (rest === '/datasets')
      return listed([...sim.datasets.keys()], (part) => ({
        datasets: part.map((datasetId) => ({ datasetReference: { projectId: project, datasetId } })),
      }));
    const [, dataset, table] = /^\/datasets\/([^/]+)\/tables(?:\/([^/]+))?$/.exec(rest) ?? [];
    if (dataset !== undefined) {
      const tables = sim.datasets.get(decodeURIComponent(dataset));
      if (!tables) return fail(answer, 404, 'notFound', `Not found: Dataset ${dataset}`);
      if (table === undefined)
        return listed(tables, (part) => ({
          tables: part.map(({ name, type }) => ({
            tableReference: { projectId: project, datasetId: dataset, tableId: name },
            type,
          })),
        }));
      const one = tables.find(({ name }) => name === decodeURIComponent(table));
      if (!one) return fail(answer, 404, 'notFound', `Not found: Table ${table}`);
      return send({
        tableReference: { projectId: project, datasetId: dataset, tableId: one.name },
        type: one.type,
        schema: { fields: one.fields },
        ...(one.description === undefined ? {} : { description: one.description }),
        ...(one.rows === undefined ? {} : { numRows: String(one.rows) }),
        ...(one.key === undefined ? {} : { tableConstraints: { primaryKey: { columns: one.key } } }),
      });
    }
    const cancel = /^\/jobs\/([^/]+)\/cancel$/.exec(rest)?.[1];
    if (cancel !== undefined) {
      if (/readonly$/.test(scope))
        return fail(
          answer,
          403,
          'insufficientPermissions',
          'Request had insufficient authentication scopes.',
        );
      sim.cancelled.add(cancel);
      sim.running.delete(cancel);
      return send({ kind: 'bigquery#jobCancelResponse' });
    }
    if (rest === '/jobs' && request.method === 'POST') {
      const { configuration } = body as {
        configuration: { dryRun?: boolean; query: { query: string; useLegacySql?: boolean } };
      };
      const { query, useLegacySql } = configuration.query;
      if (useLegacySql !== false)
        return fail(answer, 400, 'invalidQuery', 'Legacy SQL is not supported here.');
      const known = found(query);
      if (!known) return fail(answer, 400, 'invalidQuery', `Syntax error: Unexpected identifier at [1:1]`);
      last += 1;
      if (configuration.dryRun === true)
        return send({
          status: { state: 'DONE' },
          statistics: {
            totalBytesProcessed: String(known.bytes ?? 0),
            query: {
              statementType: known.statement ?? 'SELECT',
              totalBytesProcessed: String(known.bytes ?? 0),
            },
          },
        });
      const jobId = `job_${last}`;
      jobs.set(jobId, { answer: known, turns: known.turns ?? 0 });
      return send({
        jobReference: { projectId: project, jobId, location: options.location },
        status: { state: 'RUNNING' },
        configuration,
      });
    }
    if (rest === '/queries' && request.method === 'POST') {
      const asked = body as {
        query: string;
        useLegacySql?: boolean;
        maximumBytesBilled?: string;
        location?: string;
      };
      if (asked.useLegacySql !== false)
        return fail(answer, 400, 'invalidQuery', 'Legacy SQL is not supported here.');
      const known = found(asked.query);
      if (!known) return fail(answer, 400, 'invalidQuery', 'Syntax error: Unexpected identifier at [1:1]');
      if (asked.location !== undefined && asked.location !== options.location)
        return fail(answer, 404, 'notFound', `Not found: Dataset in location ${asked.location}`);
      if (Number(known.bytes ?? 0) > Number(asked.maximumBytesBilled ?? Number.POSITIVE_INFINITY))
        return fail(answer, 500, 'bytesBilledLimitExceeded', 'Query exceeded limit for bytes billed.');
      if (known.fails) return fail(answer, known.fails.status, known.fails.reason, known.fails.message);
      last += 1;
      const jobId = `job_${last}`;
      jobs.set(jobId, { answer: known, turns: known.turns ?? 0 });
      sim.running.add(jobId);
      return send(
        results(jobId, new Map(Object.entries(asked).map(([name, value]) => [name, String(value)]))),
      );
    }
    const jobId = /^\/queries\/([^/]+)$/.exec(rest)?.[1];
    if (jobId !== undefined) {
      const at = url.searchParams.get('location');
      if (!jobs.has(jobId) || at !== options.location)
        return fail(answer, 404, 'notFound', `Not found: Job ${project}:${jobId}`);
      if (sim.cancelled.has(jobId)) return fail(answer, 499, 'stopped', 'Job execution was cancelled');
      // A job that goes on is answered when its time is over, and sooner when it is done.
      if ((jobs.get(jobId)?.turns ?? 0) > 0) await new Promise((done) => setTimeout(done, 50));
      return send(results(jobId, url.searchParams));
    }
    return fail(answer, 404, 'notFound', `Not found: ${rest}`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const sim: BigquerySimulator = {
    port: (server.address() as { port: number }).port,
    requests: [],
    cancelled: new Set(),
    running: new Set(),
    answers: new Map([['SELECT 1', { fields: [{ name: 'f0_', type: 'INTEGER' }], rows: [['1']] }]]),
    datasets: new Map(),
    refuse: null,
    now: Date.now,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return sim;
}
