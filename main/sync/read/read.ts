import { keepsBlanks } from '../../connectors/blanks.ts';
import type { DatasetSpec, Delta, Page, ReadContext } from '../../connectors/connector.ts';
import type { SourceDatabase } from '../../connectors/database.ts';
import { createHttp, type SourceHttp } from '../../connectors/http.ts';
import type { Json } from '../../connectors/json.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { type DeltaState, noDelta } from '../delta-state.ts';
import type { Destination, Writer } from '../destination/postgres/destination.ts';
import type { ReadDatasetState } from '../destination/postgres/finish/finish.ts';
import type { DatasetState } from '../destination/postgres/state.ts';
import type { Told } from '../run/labels.ts';
import type { Progress } from '../run/progress.ts';
import type { RunDeps, RunSpec } from '../run-spec.ts';
import type { PublishedShape } from '../shape/layout.ts';
import { createShape, type Shape } from '../shape/shape.ts';
import { type Remembered, readDelta } from './delta.ts';
import { createPour, oneAhead, type ReadingInput } from './pour.ts';

/** What reading has beside what a run is given. */
type ReadDeps = RunDeps & { readonly database: SourceDatabase | undefined };

/**
 * Reads every dataset that is not read yet into staging, one after the other. `labels` asks what the source calls
 * repeats, which has to be known before the first record is flattened; the first page is on its way meanwhile.
 */
export async function readAll(
  destination: Destination,
  spec: RunSpec,
  specs: readonly DatasetSpec[],
  states: readonly DatasetState[],
  labels: () => Promise<Told>,
  deps: ReadDeps,
  progress: Progress,
  base: DeltaState | null,
): Promise<ReadDatasetState[]> {
  progress.phase('reading');
  const { published } = destination;
  const known = async (): Promise<PublishedShape> => {
    const { repeats } = await labels();
    return { ...published, declared: repeats };
  };
  const read: ReadDatasetState[] = [];
  for (const dataset of specs) {
    const state = states.find((candidate) => candidate.dataset === dataset.name) ?? null;
    read.push(await readDataset(destination, spec, dataset, state, known, deps, progress, base));
  }
  return read;
}

/** Reads one dataset into staging: all of it, or only what changed since it was published. */
async function readDataset(
  destination: Destination,
  spec: RunSpec,
  dataset: DatasetSpec,
  saved: DatasetState | null,
  known: () => Promise<PublishedShape>,
  deps: ReadDeps,
  progress: Progress,
  base: DeltaState | null,
): Promise<ReadDatasetState> {
  const connector = connectorFor(spec.source.type);
  const blanks = keepsBlanks(dataset, spec.options);
  const stop = new AbortController();
  const signal = AbortSignal.any([destination.signal, stop.signal]);
  const http = httpOf(spec, deps, progress);
  const { settings } = spec.source;
  const context = { http, settings, options: spec.options, signal, database: deps.database };
  const delta = spec.delta?.track ? connector.delta?.(dataset.name, context) : undefined;
  const left = base?.datasets[dataset.name];
  let opened: Writer | null = null;
  const input: ReadingInput = {
    ...{ destination, saved, known, context, progress },
    spec: dataset,
    makeShape: (begun, published) => createShape(dataset.shape, dataset.name, begun, published, blanks),
    open(reading) {
      opened = destination.writer(reading, () => progress.commit());
      return opened;
    },
    ...(deps.release ? { release: deps.release } : {}),
  };
  try {
    if (!delta || !left) return await readWhole(input, (asked) => connector.read(dataset.name, asked), delta);
    const { wholeEveryDays } = spec.delta ?? noDelta;
    return await readDelta({ ...input, delta, base: left, wholeEveryDays, now: () => deps.clock.now() });
  } catch (error) {
    // The page that was on its way is not waited for.
    stop.abort();
    await (opened as Writer | null)?.undo();
    throw error;
  }
}

/** Requests of a run, whose waits and retries show in its progress. */
export function httpOf(spec: RunSpec, deps: RunDeps, progress: Progress): SourceHttp {
  return createHttp({
    baseUrl: spec.source.baseUrl,
    connector: connectorFor(spec.source.type),
    tokens: deps.tokens,
    signIn: spec.source.signIn,
    exchange: deps.exchange,
    clock: deps.clock,
    random: deps.random,
    log: deps.log,
    gate: deps.gate,
    onWait: (until) => progress.wait(until),
    onRetry: (why) => progress.retry(why),
  });
}

/** Reads everything of a dataset, and remembers for `delta` where its source stood. */
async function readWhole(
  { destination, spec, saved, known, context, progress, makeShape, open, release }: ReadingInput,
  ask: (context: ReadContext) => AsyncGenerator<Page, void>,
  delta: Delta | undefined,
): Promise<ReadDatasetState> {
  const layout = saved ? await destination.layout(spec.name) : [];
  const shapeNow = async (): Promise<Shape> => makeShape(saved && { layout, seq: saved.seq }, await known());
  if (saved?.done) return { spec, shape: await shapeNow(), state: saved };
  if (delta && !saved) {
    // Before anything is read: what changes meanwhile is found from here the next time.
    const head = await delta.head(context);
    const whole: Remembered = { ...head, wholeAt: null, audited: null, auditedAt: null, page: null };
    await destination.delta.remember(spec.name, whole as unknown as Json);
  }
  const begun = { fetched: saved?.fetched ?? 0, total: saved?.total ?? null, cursor: saved?.cursor ?? null };
  const pages = oneAhead<Page>(ask({ ...context, cursor: begun.cursor }));
  progress.table(spec.name, { status: 'reading', fetched: begun.fetched, total: begun.total });
  const first = pages.next();
  const shape = await shapeNow();
  const pour = createPour(spec, shape, open({ spec, shape }), begun, { progress, release });
  await pour.all(first, pages.next, pages.isThere);
  // The tables are there also when the source has no page at all.
  await pour.complete();
  if (delta) {
    await pour.settle(false);
    const marked = (await destination.delta.marks()).get(spec.name) as unknown as Remembered | undefined;
    // An attempt that kept nothing for the next refresh may have read the beginning.
    if (marked !== undefined) {
      const mark = delta.markAfter?.(pour.cursor, null) ?? marked.mark;
      const now: Remembered = { ...marked, mark, page: pour.page };
      await destination.delta.remember(spec.name, now as unknown as Json);
    }
  }
  const state = await pour.settle(true);
  progress.table(spec.name, { fetched: pour.fetched, total: pour.fetched, status: 'done' });
  return { spec, shape, state };
}
