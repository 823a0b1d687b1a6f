import { randomUUID } from 'node:crypto';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { firstRows, type RowSource, timedOut } from '../answer.ts';
import { createAskingReader } from '../asking-reader.ts';
import type { Asked, AskingReader, ReaderDeps, Target } from '../engine.ts';
import { type BigquerySession, openBigquery } from './bigquery-client.ts';
import { BigqueryRefused, explainBigqueryError, explainStatement } from './bigquery-errors.ts';
import { structureOf } from './structure.ts';
import { type Field, textOfCell, typeOf } from './values.ts';

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
const ceilingOf = ({ settings }: Pick<Target, 'settings'>): number => {
  const told = Number(settings['maxGigabytes'] ?? '');
  return Math.round((Number.isFinite(told) && told > 0 ? told : usualGigabytes) * gigabyte);
};

/** Looking is by lists that cost nothing; a query is estimated before it runs and bounded when it does. */
export const createReader = (deps: ReaderDeps): AskingReader => {
  const { statementTimeoutSeconds, connectTimeoutSeconds } = deps.settings;
  const answerMs = pollMs + (statementTimeoutSeconds + connectTimeoutSeconds) * 1000;
  const now = (): number => deps.clock.now();
  return createAskingReader<BigquerySession, string>(deps, {
    open: (target, signal, tunnels) => openBigquery(target, signal, { tunnels, answerMs, now }),
    cut: (session) => session.cut(),
    end: async (session) => session.cut(),
    async cancel({ job }, over) {
      if (job !== null) await over((other) => endJob(other, job));
    },
    structure: structureOf,
    check({ sql }) {
      const text = sql.replace(/[\s;]+$/, '');
      if (text === '')
        throw new AppError('QUERY_REFUSED', say('engines.query.empty'), { query: { reason: 'empty' } });
      return text;
    },
    run: (session, sql, asked, { target }) => opened(session, sql, asked, ceilingOf(target)),
    explain: (error, target, asked) =>
      (asked !== null && error instanceof BigqueryRefused
        ? explainStatement(error, asked.timeoutMs)
        : undefined) ?? explainBigqueryError(error, target),
    async failed(session, error) {
      // It is over here, and would go on there.
      if (error instanceof AppError && error.code === 'QUERY_TIMEOUT')
        await endJob(session, session.job).catch(() => {});
    },
  });
};

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

async function opened(
  session: BigquerySession,
  sql: string,
  asked: Asked,
  ceiling: number,
): Promise<RowSource> {
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
