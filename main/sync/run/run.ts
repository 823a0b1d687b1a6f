import { createHash, randomUUID } from 'node:crypto';
import type { ErrorCode } from '../../../preload/contract/errors.ts';
import type { HeldReason } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { type DatasetSpec, ReadAnew, scopeOf, specsOf } from '../../connectors/connector.ts';
import type { SourceDatabase } from '../../connectors/database.ts';
import { connectorFor } from '../../connectors/registry.ts';
import type { Target } from '../../engines/engine.ts';
import { explainPgError } from '../../engines/postgres/postgres-client.ts';
import { createTunnels, type Tunnels } from '../../engines/ssh/tunnels.ts';
import { AppError, cancelled } from '../../errors.ts';
import { type DatasetDelta, type DeltaSpec, type DeltaState, isUsable, stateOf } from '../delta-state.ts';
import { Unproven } from '../destination/postgres/delta/unproven.ts';
import {
  type Destination,
  type DestinationSpec,
  type Ended,
  openDestination,
} from '../destination/postgres/destination.ts';
import { type Finished, rowCountsOf } from '../destination/postgres/finish/finished.ts';
import { holderOf, type Lease } from '../destination/postgres/lease.ts';
import { mayStand, stillStand } from '../destination/postgres/publish/comments.ts';
import type { Staging } from '../destination/postgres/staging.ts';
import type { Remembered } from '../read/delta.ts';
import { httpOf, readAll } from '../read/read.ts';
import type { RunDeps, RunEnd, RunResult, RunSpec } from '../run-spec.ts';
import { driftOf, type Move, movesOf } from '../shape/drift.ts';
import { type ReadDataset, review } from './guards.ts';
import { readLabels, type Told } from './labels.ts';
import { createProgress, type Progress } from './progress.ts';
import { openSourceDatabase, placeOfTarget } from './source-database.ts';

/**
 * Attempts to get the database back without any progress in between, and the longest wait before one: some two minutes,
 * which is what a standby takes to come up in the place of a server that failed.
 */
const maxAttempts = 14;
const longestWaitMs = 15_000;
/** Readings that begin anew because a source can't go on where it was cut off. */
const mostAnew = 5;

/** Columns of one table that a notice names. */
const toldColumns = 3;

/** Ways to the database that are worth another try; the last ones only when it was there a moment ago. */
const lostCodes: readonly ErrorCode[] = ['DB_LOST', 'DB_TIMEOUT', 'SSH_LOST', 'OFFLINE'];
const awayCodes: readonly ErrorCode[] = ['DB_REFUSED', 'SSH_UNREACHABLE', 'SSH_FORWARD_REFUSED'];

/** What a run has beside what it is given: its ways through jump hosts, which all its sessions share, and a source's database. */
type Deps = RunDeps & { readonly tunnels: Tunnels; readonly database: SourceDatabase | undefined };

/** Which database it is, and as whom it is read. */
const placeAndUser = ({ engine, host, port, database, user, settings, ssh }: Target): unknown[] => [
  ...[engine, host, port, database, user, settings],
  ssh.map((hop) => [hop.host, hop.port]),
];

/** What is read and how. The language of labels is not part of it: the records are the same in every one. */
const fingerprint = (spec: RunSpec): string => {
  const { language: _, ...options } = spec.options;
  const { target, ...rest } = spec.source;
  // Another database, way or user is another source; another password is not.
  const source = target === undefined ? rest : { ...rest, place: placeAndUser(target) };
  const chosen = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([source, spec.datasets, spec.keepRaw, chosen]))
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
  const source = openSourceDatabase(spec, deps);
  try {
    return await untilEnd(spec, { ...deps, tunnels, database: source?.database });
  } finally {
    tunnels.close();
    await source?.close();
  }
}

async function untilEnd(spec: RunSpec, deps: Deps): Promise<RunEnd> {
  const progress = createProgress(spec, deps);
  const exchange = progress.counting(deps.exchange);
  const lease: Lease = { schema: spec.schema, holder: holderOf(spec.jobId, randomUUID(), spec.claim) };
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
      return await attemptSync(
        { ...spec, intent, mode },
        { ...deps, exchange, intend },
        progress,
        lease,
        onOpened,
      );
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
      if (!again || attempt >= maxAttempts)
        throw awayCodes.includes(known.code) && again ? gone(known) : known;
      progress.note('warn', say('runs.databaseAgain', { attempt, why: known.said }));
      deps.log.warn('sync.reconnect', { attempt, code: known.code, message: known.message });
      const wait = Math.min(longestWaitMs, 500 * 2 ** attempt) * (0.75 + deps.random() / 4);
      await deps.clock.sleep(wait, deps.signal);
    }
  }
}

/** What can't be reached, though it was there a moment ago: nothing is wrong with the settings. */
const gone = (known: AppError): AppError =>
  new AppError('DB_LOST', say('sync.connectionLostDidNot', { message: known.message }), {
    cause: known,
  });

async function attemptSync(
  spec: RunSpec,
  deps: Deps,
  progress: Progress,
  lease: Lease,
  onOpened: () => void,
): Promise<RunEnd> {
  progress.phase('starting');
  const destination = await openDestination(placeOf(spec), lease, deps);
  try {
    const end = await runIn(destination, spec, { ...deps, signal: destination.signal }, progress, onOpened);
    await destination.close();
    return end;
  } catch (error) {
    throw await destination.close(error);
  }
}

/** What changes can be read on top of: what the last publish left, where the same is read in the same way. */
const baseOf = (spec: RunSpec): DeltaSpec['base'] => {
  const base = spec.delta?.base ?? null;
  return base !== null && isUsable(base.state, fingerprint(spec)) ? base : null;
};

const placeOf = (spec: RunSpec): DestinationSpec => ({
  target: spec.target,
  schema: spec.schema,
  dataset: spec.datasetId,
  workspace: spec.workspaceId,
  job: spec.jobId,
  fingerprint: fingerprint(spec),
  siblings: spec.siblings,
  base: baseOf(spec)?.job ?? null,
  keepRaw: spec.keepRaw,
  names: spec.names,
  readerRoles: spec.readerRoles,
  refreshViews: spec.refreshViews,
  secondColumn: spec.secondColumn,
  published: spec.published.tables,
  notes: spec.notes ?? [],
});

async function runIn(
  destination: Destination,
  spec: RunSpec,
  deps: Deps,
  progress: Progress,
  onOpened: () => void,
): Promise<RunEnd> {
  const opened = await destination.open(spec.mode);
  if (opened.kind === 'published') return publishedBefore(spec, opened);
  onOpened();
  let { staging } = opened;
  let { finished } = staging;
  for (let anew = 0; finished === null; )
    try {
      finished = await readAndFinish(destination, spec, staging, deps, progress);
    } catch (error) {
      if (error instanceof Unproven && staging.base !== null) {
        progress.fellBack(error.said);
        deps.log.info('sync.delta_unproven', { why: error.message });
      } else if (error instanceof ReadAnew && anew < mostAnew) {
        anew += 1;
        progress.note('warn', say('runs.readAnew', { why: error.said }));
        deps.log.warn('sync.read_anew', { why: error.message });
      } else throw error;
      staging = await destination.beginWhole();
    }
  await destination.requirePublishable(finished);
  const result = await describeResult(destination, spec, staging.startedAt, finished);
  if (spec.mode !== 'accept' && spec.guards.on) {
    const reasons = await reviewResult(destination, spec, finished, result);
    if (reasons.length > 0) return { kind: 'held', reasons, rowCounts: result.rowCounts };
  }
  await deps.intend(result);
  progress.phase('publishing');
  return publishResult(destination, spec, deps, finished, result);
}

/** The mark of the live schema names this job: the publish came through, only its answer was lost. */
function publishedBefore(spec: RunSpec, ended: Ended): RunEnd {
  if (spec.intent) return { kind: 'published', result: resultOf(spec.intent, ended) };
  throw new AppError('SYNC_FAILED', say('sync.publishedButWhatNot', { schema: spec.schema }), {
    advice: say('sync.publishedButWhatNot.advice'),
  });
}

/** How its datasets are read; the source is asked for what it has of its own. */
async function askedSpecs(spec: RunSpec, deps: Deps, progress: Progress): Promise<readonly DatasetSpec[]> {
  const connector = connectorFor(spec.source.type);
  const http = httpOf(spec, deps, progress);
  const { settings } = spec.source;
  const { database, signal } = deps;
  return specsOf(connector, spec.datasets, { http, database, settings, options: spec.options, signal });
}

async function readAndFinish(
  destination: Destination,
  spec: RunSpec,
  staging: Staging,
  deps: Deps,
  progress: Progress,
): Promise<Finished> {
  const specs = await askedSpecs(spec, deps, progress);
  for (const state of staging.states) {
    progress.table(state.dataset, {
      fetched: state.fetched,
      total: state.total,
      status: state.done ? 'done' : 'waiting',
    });
  }
  let asked: Promise<Told> | null = null;
  const labels = (): Promise<Told> => {
    asked ??= readLabels(spec, deps);
    return asked;
  };
  const base = staging.base === null ? null : (baseOf(spec)?.state ?? null);
  const datasets = await readAll(destination, spec, specs, staging.states, labels, deps, progress, base);
  progress.phase('finishing');
  const { descriptions, failure } = await labels();
  const notes = failure === null ? [] : [failure];
  return destination.finish({ datasets, descriptions, notes, sourceLabel: sourceLabel(spec) });
}

/** Everything the store will know about what is published, put together before it is. */
async function describeResult(
  destination: Destination,
  spec: RunSpec,
  dataAsOf: string,
  finished: Finished,
): Promise<RunResult> {
  const tables = await destination.describe(finished, `External: ${sourceLabel(spec)}`);
  const comments = mayStand(spec.published.tables, spec.names.comments ?? {}, tables);
  return {
    rowCounts: rowCountsOf(finished),
    names: { ...finished.names, comments },
    dataAsOf,
    notice: noticeOf(spec, finished, movesOf(spec.published.tables, tables)),
    tables,
    delta: spec.delta?.track ? await leftFor(destination, spec, dataAsOf) : null,
  };
}

/** What the next refresh needs, of every dataset whose changes can be found. */
async function leftFor(destination: Destination, spec: RunSpec, startedAt: string): Promise<DeltaState> {
  const left: Record<string, DatasetDelta> = {};
  for (const [dataset, saved] of await destination.delta.marks()) {
    const { mark, wholeAt, audited, auditedAt, page } = saved as unknown as Remembered;
    const layout = await destination.layout(dataset);
    left[dataset] = {
      ...{ mark, layout, audited, page },
      ...{ wholeAt: wholeAt ?? startedAt, auditedAt: auditedAt ?? startedAt },
    };
  }
  return stateOf(fingerprint(spec), left);
}

async function reviewResult(
  destination: Destination,
  spec: RunSpec,
  finished: Finished,
  result: RunResult,
): Promise<HeldReason[]> {
  const rough = new Set(
    connectorFor(spec.source.type)
      .datasets.filter(({ roughTotal }) => roughTotal)
      .map(({ name }) => name),
  );
  const place = (name: string): number => spec.datasets.indexOf(name);
  const totals = (await destination.totals()).sort((a, b) => place(a.dataset) - place(b.dataset));
  const main = totals.map(({ dataset, fetched, total }): ReadDataset => {
    // The main table's id is the name of the dataset.
    const table = Object.hasOwn(finished.names.tables, dataset)
      ? (finished.names.tables[dataset] as string)
      : dataset;
    const records = result.rowCounts[table] ?? 0;
    return {
      name: dataset,
      table,
      announced: rough.has(dataset) ? null : total,
      records,
      repeated: Math.max(0, fetched - records),
    };
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

async function publishResult(
  destination: Destination,
  spec: RunSpec,
  deps: Deps,
  finished: Finished,
  result: RunResult,
): Promise<RunEnd> {
  const now = new Date(deps.clock.now()).toISOString();
  const ended = await destination.publish(finished, {
    dataset: spec.datasetId,
    workspace: spec.workspaceId,
    schema: spec.schema,
    job: spec.jobId,
    source: `External: ${sourceLabel(spec)}`,
    dataAsOf: result.dataAsOf,
    tables: result.tables,
    before: spec.published.tables,
    drift: driftOf(spec.published.tables, result.tables, now, spec.jobId),
    readerRoles: spec.readerRoles,
    notes: spec.notes ?? [],
  });
  deps.log.info('sync.published', { tables: finished.plans.length });
  return { kind: 'published', result: resultOf(result, ended) };
}

/** What was about to be published, with what came of it. */
function resultOf(intent: RunResult, { notice, uncommented }: Ended): RunResult {
  const comments = stillStand(intent.names.comments ?? {}, intent.tables, uncommented);
  const told = [intent.notice, notice].filter((each) => each !== null);
  return {
    ...intent,
    names: { ...intent.names, comments },
    notice: told.length === 0 ? null : several(told),
  };
}

function noticeOf(spec: RunSpec, finished: Finished, moves: readonly Move[]): Said | null {
  const told = [...finished.notes];
  const rows = finished.plans.reduce((sum, plan) => sum + plan.rows, 0);
  if (rows === 0) {
    const scope = scopeOf(connectorFor(spec.source.type));
    const value = scope && spec.source.settings[scope.name];
    const datasets = { anyOf: [...spec.datasets] };
    told.push(
      scope === undefined || value === undefined
        ? say('sync.nothingSeen.source', { source: sourceLabel(spec), datasets })
        : say('sync.nothingSeen.scope', { noun: scope.noun, value, datasets }),
    );
  }
  if (finished.overflowed.length > 0) {
    told.push(say('sync.overflowed', { tables: [...finished.overflowed] }));
  }
  for (const all of Map.groupBy(moves, ({ table, to }) => `${table}\0${to}`).values()) {
    const [first] = all;
    if (first === undefined) continue;
    const columns = { quoted: all.slice(0, toldColumns).map(({ column }) => column) };
    const more = all.length - columns.quoted.length;
    told.push(
      say('sync.moved', {
        columns: more > 0 ? say('sync.andMoreColumns', { columns, more }) : columns,
        ...{ table: first.table, to: first.to },
      }),
    );
  }
  return told.length === 0 ? null : several(told);
}

const sourceLabel = (spec: RunSpec): string => {
  const settings = Object.entries(spec.source.settings).map(([name, value]) => `${name} ${value}`);
  const { title } = connectorFor(spec.source.type);
  const { target, baseUrl } = spec.source;
  const place = target === undefined ? new URL(baseUrl).host : placeOfTarget(target);
  return [title, `(${[place, ...settings].join(', ')})`].join(' ');
};
