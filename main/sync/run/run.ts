import { createHash, randomUUID } from 'node:crypto';
import type { ErrorCode } from '../../../preload/contract/errors.ts';
import { connectorFor } from '../../connectors/registry.ts';
import {
  connectLasting,
  cut,
  endSession,
  explainPgError,
  type PgClient,
} from '../../engines/postgres-client.ts';
import { createTunnels, type Tunnels } from '../../engines/tunnels.ts';
import { AppError, cancelled } from '../../errors.ts';
import { analyzeTables } from '../destination/postgres/analyze.ts';
import { describeTables, type PartDatasets } from '../destination/postgres/dictionary.ts';
import { type Finished, finishTables } from '../destination/postgres/finish.ts';
import { startHeartbeat } from '../destination/postgres/heartbeat.ts';
import {
  holderOf,
  type Lease,
  leaseLost,
  releaseLease,
  sessionName,
  workUnder,
} from '../destination/postgres/lease.ts';
import { publish } from '../destination/postgres/publish.ts';
import { openStaging, type Staging } from '../destination/postgres/staging.ts';
import { type DatasetState, readStates, saveFinished } from '../destination/postgres/state.ts';
import { begin, inTransaction } from '../destination/postgres/transaction.ts';
import { readAll } from '../read/read.ts';
import type { RunDeps, RunEnd, RunResult, RunSpec } from '../run-spec.ts';
import { driftOf } from '../shape/drift.ts';
import { type ReadDataset, review } from './guards.ts';
import { readLabels } from './labels.ts';
import { createProgress, type Progress } from './progress.ts';

/** Attempts to get the database back without any progress in between. */
const maxAttempts = 6;

/** Ways to the database that are worth another try; the last ones only when it was there a moment ago. */
const lostCodes: readonly ErrorCode[] = ['DB_LOST', 'DB_TIMEOUT', 'SSH_LOST'];
const awayCodes: readonly ErrorCode[] = ['DB_REFUSED', 'SSH_UNREACHABLE', 'SSH_FORWARD_REFUSED'];

/** What a run has beside what it is given: its ways through jump hosts, which all its sessions share. */
type Deps = RunDeps & { readonly tunnels: Tunnels };

/** What was finished, with what the dictionary needs to know beside it; saved in the staging schema. */
interface Prepared extends Finished {
  readonly parts: PartDatasets;
}

/** What is read and how. The language of labels is not part of it: the records are the same in every one. */
const fingerprint = (spec: RunSpec): string => {
  const { language: _, ...options } = spec.options;
  const chosen = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([spec.source, spec.datasets, spec.keepRaw, chosen]))
    .digest('hex');
};

/**
 * One sync from wherever the last attempt left off to the published tables, or to what a person has to look at: reads
 * page by page into the staging schema, finishes, reviews, publishes. A lost database connection is taken up again by
 * itself, from the last commit; so is everything when this is called again after a crash. Fails with RateLimited when
 * the source wants a longer pause.
 */
export async function runSync(spec: RunSpec, deps: RunDeps): Promise<RunEnd> {
  const tunnels = createTunnels();
  try {
    return await untilEnd(spec, { ...deps, tunnels });
  } finally {
    tunnels.close();
  }
}

async function untilEnd(spec: RunSpec, deps: Deps): Promise<RunEnd> {
  const progress = createProgress(spec, deps);
  const lease: Lease = { schema: spec.schema, holder: holderOf(spec.jobId, randomUUID()) };
  // What an attempt achieved that the next one must know.
  let { intent, mode } = spec;
  const intend = async (result: RunResult): Promise<void> => {
    await deps.intend(result);
    intent = result;
  };
  const onOpened = (): void => {
    // What is there now was read by this run; only accepting stays accepting.
    if (mode === 'anew') mode = 'continue';
  };
  for (let attempt = 1; ; attempt += 1) {
    const before = progress.committed();
    try {
      return await attemptSync({ ...spec, intent, mode }, { ...deps, intend }, progress, lease, onOpened);
    } catch (error) {
      if (deps.signal.aborted) throw cancelled();
      const known = explainPgError(error, spec.target);
      if (progress.committed() > before) attempt = 1;
      const again =
        lostCodes.includes(known.code) ||
        // Once more from the last commit: either the other one has finished, or it says who it is.
        (known.code === 'LEASE_LOST' && attempt === 1) ||
        // A refused port is a wrong setting, unless the server was there a moment ago.
        (awayCodes.includes(known.code) && attempt > 1);
      if (!again || attempt >= maxAttempts) throw known;
      deps.log.warn('sync.reconnect', { attempt, code: known.code, message: known.message });
      await deps.clock.sleep(Math.min(15_000, 500 * 2 ** attempt) * (0.5 + deps.random() / 2), deps.signal);
    }
  }
}

async function attemptSync(
  spec: RunSpec,
  given: Deps,
  progress: Progress,
  lease: Lease,
  onOpened: () => void,
): Promise<RunEnd> {
  progress.phase('starting');
  const client = await connect(spec, given);
  const lost = new AbortController();
  const deps = { ...given, signal: AbortSignal.any([given.signal, lost.signal]) };
  const stop = (): void => cut(client);
  deps.signal.addEventListener('abort', stop, { once: true });
  let heart: ReturnType<typeof startHeartbeat> | null = null;
  try {
    const opened = await openStaging(client, {
      schema: spec.schema,
      dataset: spec.datasetId,
      workspace: spec.workspaceId,
      fingerprint: fingerprint(spec),
      mode: spec.mode,
      lease,
      siblings: spec.siblings,
      demands: spec,
    });
    if (opened.published) return publishedBefore(spec);
    onOpened();
    workUnder(client, lease);
    heart = startHeartbeat(spec, lease, deps, () => lost.abort());
    const { staging } = opened;
    const finished =
      (staging.finished as Prepared | null) ?? (await readAndFinish(client, spec, staging, deps, progress));
    const result = await describeResult(client, spec, staging.startedAt, finished);
    if (spec.mode !== 'accept' && spec.guards.on) {
      const reasons = await reviewResult(client, spec, finished, result);
      if (reasons.length > 0) return { kind: 'held', reasons };
    }
    await deps.intend(result);
    progress.phase('publishing');
    await heart.stop();
    return await publishResult(client, spec, deps, result);
  } catch (error) {
    throw lost.signal.aborted && !given.signal.aborted ? leaseLost(lease) : error;
  } finally {
    deps.signal.removeEventListener('abort', stop);
    await heart?.stop();
    // Nothing is left of it after a publish, and nothing is to be had after a lost session.
    await giveBack(client, lease).catch(() => {});
    await endSession(client);
  }
}

/** Whatever was open is undone first: only the lease is written. */
async function giveBack(client: PgClient, lease: Lease): Promise<void> {
  await client.query('ROLLBACK');
  await inTransaction(client, () => releaseLease(client, lease));
}

/** The mark of the live schema names this job: the publish came through, only its answer was lost. */
function publishedBefore(spec: RunSpec): RunEnd {
  if (spec.intent) return { kind: 'published', result: spec.intent };
  throw new AppError('SYNC_FAILED', `“${spec.schema}” was published, but what was in it is not known here.`, {
    advice: 'Start the sync again; it reads everything anew.',
  });
}

async function readAndFinish(
  client: PgClient,
  spec: RunSpec,
  staging: Staging,
  deps: Deps,
  progress: Progress,
): Promise<Prepared> {
  const connector = connectorFor(spec.source.type);
  const specs = connector.datasets.filter((dataset) => spec.datasets.includes(dataset.name));
  for (const state of staging.states) {
    progress.table(state.dataset, {
      fetched: state.fetched,
      total: state.total,
      status: state.done ? 'done' : 'waiting',
    });
  }
  const read = await readAll(client, spec, specs, staging.states, deps, progress);
  progress.phase('finishing');
  const descriptions = await readLabels(spec, deps);
  await begin(client);
  const finished: Prepared = {
    ...(await finishTables(client, {
      schema: spec.schema,
      datasets: read,
      keepRaw: spec.keepRaw,
      before: spec.names,
      descriptions,
      sourceLabel: sourceLabel(spec),
      dataAsOf: staging.startedAt,
    })),
    parts: Object.fromEntries(
      read.flatMap(({ spec: { name }, shape }) => shape.parts.map(({ id }) => [id, name] as const)),
    ),
  };
  await saveFinished(client, spec.schema, finished);
  await client.query('COMMIT');
  await analyze(client, spec, finished, deps);
  return finished;
}

/** Analyses on a second session too, where the server has one to spare. */
async function analyze(client: PgClient, spec: RunSpec, finished: Finished, deps: Deps): Promise<void> {
  const second = await connect(spec, deps).catch(() => null);
  const stop = (): void => {
    if (second) cut(second);
  };
  deps.signal.addEventListener('abort', stop, { once: true });
  try {
    await analyzeTables(second ? [client, second] : [client], spec.schema, finished, (table, error) =>
      deps.log.warn('sync.analyze_failed', { table, error }),
    );
  } finally {
    deps.signal.removeEventListener('abort', stop);
    if (second) await endSession(second);
  }
}

/** Everything the store will know about what is published, put together before it is. */
async function describeResult(
  client: PgClient,
  spec: RunSpec,
  dataAsOf: string,
  finished: Prepared,
): Promise<RunResult> {
  const source = `External: ${sourceLabel(spec)}`;
  return {
    rowCounts: finished.rowCounts,
    names: finished.names,
    dataAsOf,
    notice: noticeOf(spec, finished),
    tables: await inTransaction(client, () =>
      describeTables(client, spec.schema, finished, finished.parts, source),
    ),
  };
}

async function reviewResult(client: PgClient, spec: RunSpec, finished: Prepared, result: RunResult) {
  const states = await inTransaction(client, () => readStates(client, spec.schema));
  const rough = new Set(
    connectorFor(spec.source.type)
      .datasets.filter(({ roughTotal }) => roughTotal)
      .map(({ name }) => name),
  );
  const main = states.map((state) => {
    const read = asRead(state, finished);
    return rough.has(read.name) ? { ...read, announced: null } : read;
  });
  return review({
    datasets: main,
    tables: result.tables,
    before: spec.published.tables,
    rowsBefore: spec.published.rowCounts,
    shrinkPercent: spec.guards.shrinkPercent,
    keepRaw: spec.keepRaw,
  });
}

const asRead = (state: DatasetState, finished: Prepared): ReadDataset => {
  // The main table's id is the name of the dataset.
  const table = finished.names.tables[state.dataset] ?? state.dataset;
  const records = finished.rowCounts[table] ?? 0;
  return {
    name: state.dataset,
    table,
    announced: state.total,
    records,
    repeated: Math.max(0, state.fetched - records),
  };
};

async function publishResult(
  client: PgClient,
  spec: RunSpec,
  deps: RunDeps,
  result: RunResult,
): Promise<RunEnd> {
  const tables = Object.keys(result.rowCounts);
  const now = new Date(deps.clock.now()).toISOString();
  const unwritten = await publish(
    client,
    {
      schema: spec.schema,
      dataset: spec.datasetId,
      workspace: spec.workspaceId,
      job: spec.jobId,
      tables,
      readerRoles: spec.readerRoles,
      catalogue: {
        dataset: spec.datasetId,
        workspace: spec.workspaceId,
        schema: spec.schema,
        job: spec.jobId,
        source: `External: ${sourceLabel(spec)}`,
        dataAsOf: result.dataAsOf,
        tables: result.tables,
        drift: driftOf(spec.published.tables, result.tables, now, spec.jobId),
        readerRoles: spec.readerRoles,
      },
    },
    deps.clock,
    deps.random,
    deps.signal,
  );
  deps.log.info('sync.published', { tables: tables.length });
  const notice = [result.notice, unwritten].filter((text) => text !== null).join(' ');
  return { kind: 'published', result: { ...result, notice: notice === '' ? null : notice } };
}

function noticeOf(spec: RunSpec, finished: Finished): string | null {
  const rows = Object.values(finished.rowCounts).reduce((sum, n) => sum + n, 0);
  if (rows === 0) {
    const space = spec.source.settings['domain'] ?? '';
    return `The project space “${space}” holds no ${spec.datasets.join(' and no ')} that this account can see. The tables were made empty. If you expected data, check the project space and what your role may see.`;
  }
  if (finished.overflowed.length > 0) {
    return `Some records are too wide for a row of PostgreSQL: see the column “overflow” of ${finished.overflowed.join(', ')}.`;
  }
  return null;
}

const sourceLabel = (spec: RunSpec): string => {
  const settings = Object.entries(spec.source.settings).map(([name, value]) => `${name} ${value}`);
  const { title } = connectorFor(spec.source.type);
  return [title, `(${[new URL(spec.source.baseUrl).host, ...settings].join(', ')})`].join(' ');
};

/** A session of this run. */
function connect(spec: RunSpec, { signal, tunnels }: Pick<Deps, 'signal' | 'tunnels'>): Promise<PgClient> {
  return connectLasting(spec.target, signal, { tunnels, applicationName: sessionName(spec.jobId) });
}
