import { randomUUID } from 'node:crypto';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { firstRows, openAnswer, type RowSource, timedOut } from '../answer.ts';
import { type Asked, type AskingReader, type ReaderDeps, type Target, wipeTarget } from '../engine.ts';
import { createPool } from '../pool.ts';
import { createTunnels } from '../ssh/tunnels.ts';
import { type BigquerySession, openBigquery } from './bigquery-client.ts';
import { BigqueryRefused, explainBigqueryError, explainStatement } from './bigquery-errors.ts';
import { structureOf } from './structure.ts';
import { type Field, textOfCell, typeOf } from './values.ts';

/** Telling the service to stop takes no longer than this. */
const cancelMs = 3000;
/** The service is asked again after so long whether a job is done; it answers sooner when it is. */
const pollMs = 10_000;
const pageRows = 1000;
const gigabyte = 1_000_000_000;
/** What a query may read where the connection does not say. */
const usualGigabytes = 10;

interface Job {
  readonly statistics?: {
    readonly totalBytesProcessed?: string;
    readonly query?: { readonly statementType?: string };
  };
}
interface Results {
  readonly jobComplete: boolean;
  readonly jobReference?: { readonly jobId: string; readonly location?: string };
  readonly schema?: { readonly fields?: readonly Field[] };
  readonly rows?: readonly { readonly f: readonly { readonly v: unknown }[] }[];
  readonly pageToken?: string;
}

/** Bytes that one query may be billed for. */
const ceilingOf = (target: Target): number => {
  const told = Number(target.settings['maxGigabytes'] ?? '');
  return Math.round((Number.isFinite(told) && told > 0 ? told : usualGigabytes) * gigabyte);
};

/** Reads for the window: looking is by lists that cost nothing, and a query is estimated before it runs and bounded when it does. */
export function createReader({ target: openTarget, settings, clock }: ReaderDeps): AskingReader {
  const tunnels = createTunnels();
  const answerMs = pollMs + (settings.statementTimeoutSeconds + settings.connectTimeoutSeconds) * 1000;
  let place: Target | null = null;
  const open = async (signal: AbortSignal): Promise<BigquerySession> => {
    const target = await openTarget();
    try {
      place = target;
      return await openBigquery(target, signal, { tunnels, answerMs, now: () => clock.now() });
    } finally {
      wipeTarget(target);
    }
  };
  const pool = createPool<BigquerySession>({
    settings,
    clock,
    open,
    cut: (session) => session.cut(),
    end: async (session) => session.cut(),
    async cancel({ job }) {
      if (job === null) return;
      const other = await open(AbortSignal.timeout(cancelMs));
      try {
        await endJob(other, job);
      } finally {
        other.cut();
      }
    },
  });
  const explained = (error: unknown): unknown => (place ? explainBigqueryError(error, place) : error);
  return {
    structure: (signal) =>
      pool.use(signal, async (session) => {
        try {
          return await structureOf(session);
        } catch (error) {
          throw explained(error);
        }
      }),
    async ask(asked, signal) {
      const explain = (error: unknown): unknown =>
        (error instanceof BigqueryRefused ? explainStatement(error, asked.timeoutMs) : undefined) ??
        explained(error);
      const { answer } = await openAnswer<RowSource>(
        asked,
        {
          lend: (ending, work) =>
            pool.use(ending, async (session) => {
              try {
                await work(await opened(session, asked, place ? ceilingOf(place) : 0));
              } catch (error) {
                // It is over here, and would go on there.
                if (error instanceof AppError && error.code === 'QUERY_TIMEOUT')
                  await endJob(session, session.job).catch(() => {});
                throw explain(error);
              } finally {
                session.cut();
              }
            }),
          explain,
        },
        signal,
      );
      return answer;
    },
    doubt() {
      pool.doubt();
      tunnels.doubt();
    },
    async close() {
      await pool.close();
      tunnels.close();
    },
  };
}

/** Has the service end a job; it may still bill what was read by then. */
async function endJob(session: BigquerySession, job: BigquerySession['job']): Promise<void> {
  if (job === null) return;
  const at = job.location === undefined ? '' : `?location=${encodeURIComponent(job.location)}`;
  await session.post(`/jobs/${encodeURIComponent(job.jobId)}/cancel${at}`, {}, true);
}

/** What the service makes of a statement without running it, which is free. Fails with QUERY_REFUSED and QUERY_TOO_LARGE. */
async function insistReading(session: BigquerySession, sql: string, ceiling: number): Promise<void> {
  const job = await session.post<Job>('/jobs', {
    configuration: { dryRun: true, query: { query: sql, useLegacySql: false } },
    jobReference: { projectId: session.project, ...(session.location && { location: session.location }) },
  });
  if (job.statistics?.query?.statementType !== 'SELECT')
    throw new AppError('QUERY_REFUSED', say('engines.query.onlySelect'), {
      query: { reason: 'not_reading' },
    });
  const bytes = Number(job.statistics.totalBytesProcessed ?? 0);
  if (bytes > ceiling)
    throw new AppError(
      'QUERY_TOO_LARGE',
      say('engines.query.overCeiling', { reads: bytes / gigabyte, ceiling: ceiling / gigabyte }),
      { advice: say('engines.query.overCeiling.advice'), query: { trouble: 'too_many' } },
    );
}

async function opened(session: BigquerySession, asked: Asked, ceiling: number): Promise<RowSource> {
  const sql = asked.sql.replace(/[\s;]+$/, '');
  if (sql === '')
    throw new AppError('QUERY_REFUSED', say('engines.query.empty'), { query: { reason: 'empty' } });
  await insistReading(session, sql, ceiling);
  const started = performance.now();
  let page = await session.post<Results>('/queries', {
    query: sql,
    // It is true unless told otherwise.
    useLegacySql: false,
    timeoutMs: pollMs,
    maxResults: pageRows,
    maximumBytesBilled: String(ceiling),
    jobTimeoutMs: String(asked.timeoutMs),
    requestId: randomUUID(),
    formatOptions: { useInt64Timestamp: true },
    ...(session.location && { location: session.location }),
  });
  session.job = page.jobReference ?? null;
  const { jobId = '', location } = page.jobReference ?? {};
  const next = (pageToken?: string): Promise<Results> =>
    session.get<Results>(`/queries/${encodeURIComponent(jobId)}`, {
      ...{ location, pageToken, maxResults: String(pageRows), timeoutMs: String(pollMs) },
      'formatOptions.useInt64Timestamp': 'true',
    });
  while (!page.jobComplete) {
    if (performance.now() - started > asked.timeoutMs) throw timedOut(asked.timeoutMs);
    page = await next();
  }
  const fields = page.schema?.fields ?? [];
  const rowsOf = ({ rows = [] }: Results): (string | null)[][] =>
    rows.map(({ f }) => fields.map((field, at) => textOfCell(field, f[at]?.v)));
  let waiting = rowsOf(page);
  let { pageToken } = page;
  const fetch = async (count: number): Promise<(string | null)[][]> => {
    while (waiting.length < count && pageToken !== undefined) {
      const more = await next(pageToken);
      ({ pageToken } = more);
      waiting = [...waiting, ...rowsOf(more)];
    }
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return taken;
  };
  const first = await fetch(firstRows);
  return {
    role: session.account,
    warnings: [],
    columns: fields.map((field) => ({ name: field.name, type: typeOf(field) })),
    first,
    more: first.length === firstRows,
    fetch,
  };
}
