import { createHash } from 'node:crypto';
import { connectorFor } from '../connectors/registry.ts';
import { connect, cut, explainPgError, type PgClient } from '../engines/postgres-client.ts';
import { AppError, cancelled } from '../errors.ts';
import { analyzeTables, type Finished, finishTables } from './finish.ts';
import { createProgress, type Progress } from './progress.ts';
import { publish } from './publish.ts';
import { readAll } from './read.ts';
import type { RunDeps, RunResult, RunSpec } from './run-spec.ts';
import { openStaging, saveFinished } from './staging.ts';

/** Attempts to get the database back without any progress in between. */
const maxAttempts = 6;
/** A backend of a killed process holds its lock until the server notices that its client is gone. */
const lockPatienceMs = 15_000;

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
