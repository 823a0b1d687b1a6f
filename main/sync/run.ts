import { createHash } from 'node:crypto';
import type { JobPhase, SourceType, TableProgress } from '../../preload/contract/models.ts';
import type { DatasetSpec, Page } from '../connectors/connector.ts';
import { createHttp, type Tokens } from '../connectors/http.ts';
import { connectorFor } from '../connectors/registry.ts';
import type { Target } from '../engines/engine.ts';
import { connect, cut, explainPgError, type PgClient } from '../engines/postgres-client.ts';
import { AppError, cancelled } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import { encodePage } from './encode.ts';
import { analyzeTables, type Finished, finishTables, type Names } from './finish.ts';
import { publish } from './publish.ts';
import { createShape, type Shape } from './shape.ts';
import { type DatasetState, openStaging, saveFinished, stagingSchema } from './staging.ts';
import { createWriter } from './writer.ts';

/** Attempts to get the database back without any progress in between. */
const maxAttempts = 6;
/** A backend of a killed process holds its lock until the server notices that its client is gone. */
const lockPatienceMs = 15_000;

/** Everything one run needs, as plain data; handed to the worker by message and dropped with it. */
export interface RunSpec {
  readonly datasetId: string;
  readonly workspaceId: string;
  readonly schema: string;
  readonly target: Target;
  readonly source: {
    readonly type: SourceType;
    readonly baseUrl: string;
    readonly settings: Readonly<Record<string, string>>;
  };
  readonly datasets: readonly string[];
  readonly keepRaw: boolean;
  readonly readerRoles: readonly string[];
  readonly names: Names;
  /** Whether the published tables hold any row: then an empty answer of the source is not believed. */
  readonly hadRows: boolean;
}

export interface RunProgress {
  readonly phase: JobPhase;
  readonly tables: readonly TableProgress[];
  readonly waitingUntil: number | null;
}

export interface RunResult {
  readonly rowCounts: Readonly<Record<string, number>>;
  readonly names: Names;
  /** ISO instant: the tables are complete up to then. */
  readonly dataAsOf: string;
  readonly notice: string | null;
}

export interface RunDeps {
  readonly tokens: Tokens;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onProgress: (progress: RunProgress) => void;
  readonly signal: AbortSignal;
}

const fingerprint = (spec: RunSpec): string =>
  createHash('sha256')
    .update(JSON.stringify([spec.source, spec.datasets, spec.keepRaw]))
    .digest('hex');

/**
 * One sync from wherever the last attempt left off to the published tables: reads page by page into the staging
 * schema, finishes, publishes. A lost database connection is taken up again by itself, from the last commit; so is
 * everything when this is called again after a crash.
 */
export async function runSync(spec: RunSpec, deps: RunDeps): Promise<RunResult> {
  const progress = createProgress(spec, deps);
  for (let attempt = 1; ; attempt += 1) {
    const before = progress.committed();
    try {
      return await attemptSync(spec, deps, progress);
    } catch (error) {
      if (deps.signal.aborted) throw cancelled();
      const known = explainPgError(error, spec.target);
      if (progress.committed() > before) attempt = 1;
      // A refused port is a wrong setting, unless the server was there a moment ago.
      const again =
        known.code === 'DB_LOST' ||
        known.code === 'DB_TIMEOUT' ||
        (known.code === 'DB_REFUSED' && attempt > 1);
      if (!again || attempt >= maxAttempts) throw known;
      deps.log.warn('sync.reconnect', { attempt, code: known.code, message: known.message });
      await deps.clock.sleep(Math.min(15_000, 500 * 2 ** attempt) * (0.5 + deps.random() / 2), deps.signal);
    }
  }
}

type Progress = ReturnType<typeof createProgress>;

function createProgress(spec: RunSpec, deps: RunDeps) {
  let phase: JobPhase = 'starting';
  let waitingUntil: number | null = null;
  let commits = 0;
  const tables = new Map<string, TableProgress>(
    spec.datasets.map((dataset) => [dataset, { dataset, fetched: 0, total: null, status: 'waiting' }]),
  );
  const tell = (): void => deps.onProgress({ phase, waitingUntil, tables: [...tables.values()] });
  return {
    phase(next: JobPhase) {
      phase = next;
      tell();
    },
    wait(until: number | null) {
      waitingUntil = until;
      tell();
    },
    table(dataset: string, change: Partial<TableProgress>) {
      tables.set(dataset, { ...(tables.get(dataset) as TableProgress), ...change });
      tell();
    },
    commit() {
      commits += 1;
    },
    committed: () => commits,
    fetched: () => [...tables.values()].reduce((sum, table) => sum + table.fetched, 0),
  };
}

async function attemptSync(spec: RunSpec, deps: RunDeps, progress: Progress): Promise<RunResult> {
  progress.phase('starting');
  const connector = connectorFor(spec.source.type);
  const client = await connect(spec.target, deps.signal, 'headgate sync');
  const stop = (): void => cut(client);
  deps.signal.addEventListener('abort', stop, { once: true });
  try {
    await prepareSession(client);
    await lockDataset(client, spec, deps);
    const staging = await openStaging(client, {
      schema: spec.schema,
      dataset: spec.datasetId,
      workspace: spec.workspaceId,
      fingerprint: fingerprint(spec),
    });
    const specs = connector.datasets.filter((dataset) => spec.datasets.includes(dataset.name));
    for (const state of staging.states) {
      progress.table(state.dataset, {
        fetched: state.fetched,
        total: state.total,
        status: state.done ? 'done' : 'waiting',
      });
    }
    let finished = staging.finished as Finished | null;
    if (finished === null) {
      const read = await readAll(client, spec, specs, staging.states, deps, progress);
      if (progress.fetched() === 0 && spec.hadRows) {
        throw new AppError(
          'SOURCE_EMPTY',
          'The source answered without a single record, though there were some before.',
        );
      }
      progress.phase('finishing');
      await client.query('BEGIN');
      finished = await finishTables(client, {
        schema: spec.schema,
        datasets: read,
        keepRaw: spec.keepRaw,
        before: spec.names,
        sourceLabel: sourceLabel(spec, connector.title),
        dataAsOf: staging.startedAt,
      });
      await saveFinished(client, spec.schema, finished);
      await client.query('COMMIT');
      await analyze(client, spec, finished, deps);
    }
    progress.phase('publishing');
    const tables = Object.keys(finished.rowCounts);
    await publish(
      client,
      {
        schema: spec.schema,
        dataset: spec.datasetId,
        workspace: spec.workspaceId,
        tables,
        readerRoles: spec.readerRoles,
      },
      deps.clock,
      deps.random,
      deps.signal,
    );
    deps.log.info('sync.published', { tables: tables.length, duplicates: finished.duplicates });
    return {
      rowCounts: finished.rowCounts,
      names: finished.names,
      dataAsOf: staging.startedAt,
      notice: noticeOf(spec, finished),
    };
  } finally {
    deps.signal.removeEventListener('abort', stop);
    await client.end().catch(() => {});
  }
}

/** Analyses on a second session too, where the server has one to spare. */
async function analyze(client: PgClient, spec: RunSpec, finished: Finished, deps: RunDeps): Promise<void> {
  const second = await connect(spec.target, deps.signal, 'headgate sync').catch(() => null);
  try {
    await analyzeTables(second ? [client, second] : [client], spec.schema, finished, (table, error) =>
      deps.log.warn('sync.analyze_failed', { table, error }),
    );
  } finally {
    await second?.end().catch(() => {});
  }
}

function noticeOf(spec: RunSpec, finished: Finished): string | null {
  const rows = Object.values(finished.rowCounts).reduce((sum, n) => sum + n, 0);
  if (rows === 0) {
    const space = spec.source.settings['domain'] ?? '';
    return `The project space “${space}” holds no ${spec.datasets.join(' and no ')} that this account can see. The tables were made empty. If you expected data, check the project space and what your role may see.`;
  }
  if (finished.overflowed > 0) {
    return `${finished.overflowed} values found no column, because a table has PostgreSQL's largest number of columns.`;
  }
  return null;
}

const sourceLabel = (spec: RunSpec, title: string): string => {
  const settings = Object.entries(spec.source.settings).map(([name, value]) => `${name} ${value}`);
  return [title, `(${[new URL(spec.source.baseUrl).host, ...settings].join(', ')})`].join(' ');
};

async function prepareSession(client: PgClient): Promise<void> {
  await client.query(
    `SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET client_min_messages = warning;
     SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET search_path = pg_catalog`,
  );
}

/** One dataset is never written by two at once, also across machines: a lock of the session in the target database. */
async function lockDataset(client: PgClient, spec: RunSpec, deps: RunDeps): Promise<void> {
  const patience = deps.clock.now() + lockPatienceMs;
  for (;;) {
    const { rows } = await client.query<{ locked: string }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
      [`headgate ${spec.schema}`],
    );
    if (rows[0]?.locked === 't') return;
    if (deps.clock.now() > patience) {
      throw new AppError('DATASET_BUSY', `The schema “${spec.schema}” is being refreshed by somebody else.`);
    }
    await deps.clock.sleep(300, deps.signal);
  }
}

async function readAll(
  client: PgClient,
  spec: RunSpec,
  specs: readonly DatasetSpec[],
  states: readonly DatasetState[],
  deps: RunDeps,
  progress: Progress,
): Promise<{ spec: DatasetSpec; shape: Shape }[]> {
  progress.phase('reading');
  const read: { spec: DatasetSpec; shape: Shape }[] = [];
  for (const dataset of specs) {
    const state = states.find((candidate) => candidate.dataset === dataset.name) ?? null;
    read.push({ spec: dataset, shape: await readDataset(client, spec, dataset, state, deps, progress) });
  }
  return read;
}

/**
 * Reads one dataset into staging. Three things overlap: the next page is on its way while this one is flattened and
 * encoded, and the one before is being written. Never more than those three pages are in memory.
 */
async function readDataset(
  client: PgClient,
  spec: RunSpec,
  dataset: DatasetSpec,
  saved: DatasetState | null,
  deps: RunDeps,
  progress: Progress,
): Promise<Shape> {
  const shape = createShape(dataset.shape, dataset.name, saved);
  if (saved?.done) return shape;
  const staging = stagingSchema(spec.schema);
  const connector = connectorFor(spec.source.type);
  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal, stop.signal]);
  const http = createHttp({
    baseUrl: spec.source.baseUrl,
    connector,
    tokens: deps.tokens,
    fetch: deps.fetch,
    clock: deps.clock,
    random: deps.random,
    log: deps.log,
    onWait: (until) => progress.wait(until),
  });
  const writer = createWriter(client, spec.schema, deps.clock, () => progress.commit());
  const pages = connector.read(dataset.name, {
    http,
    settings: spec.source.settings,
    cursor: saved?.cursor ?? null,
    signal,
  });
  let fetched = saved?.fetched ?? 0;
  let total = saved?.total ?? null;
  let cursor = saved?.cursor ?? null;
  progress.table(dataset.name, { status: 'reading', fetched, total });
  let arrived = false;
  const ahead = (): Promise<IteratorResult<Page, void>> => {
    arrived = false;
    const next = pages.next();
    // Awaited below; a failure must not count as unhandled while the page before is worked on.
    next.then(
      () => {
        arrived = true;
      },
      () => {},
    );
    return next;
  };
  let writing: Promise<void> = Promise.resolve();
  try {
    let next = ahead();
    for (;;) {
      const { value: page, done } = await next;
      if (done || !page) break;
      next = ahead();
      page.records.forEach((record, index) => {
        shape.add(record, index);
      });
      const encoded = encodePage(shape, staging, dataset.name, spec.keepRaw ? page.sources() : null);
      fetched += page.records.length;
      total = page.total;
      cursor = page.cursor;
      const state = { dataset: dataset.name, cursor, seq: shape.seq, fetched, total, done: false };
      const changed = shape.changed ? shape.save() : undefined;
      await writing;
      writing = writer.write(encoded, { ...state, shape: changed }, () => arrived);
      writing.catch(() => {});
      progress.table(dataset.name, { fetched, total });
    }
    await writing;
    await writer.finish({
      dataset: dataset.name,
      cursor,
      seq: shape.seq,
      fetched,
      total,
      done: true,
      shape: shape.save(),
    });
    progress.table(dataset.name, { fetched, total: fetched, status: 'done' });
    return shape;
  } catch (error) {
    stop.abort();
    await writing.catch(() => {});
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
