import { keepsBlanks } from '../../connectors/blanks.ts';
import type { DatasetSpec, Page } from '../../connectors/connector.ts';
import { createHttp } from '../../connectors/http.ts';
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
import { createPour, oneAhead } from './pour.ts';

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
  deps: RunDeps,
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
  deps: RunDeps,
  progress: Progress,
  base: DeltaState | null,
): Promise<ReadDatasetState> {
  const connector = connectorFor(spec.source.type);
  const blanks = keepsBlanks(dataset, spec.options);
  const stop = new AbortController();
  const signal = AbortSignal.any([destination.signal, stop.signal]);
  const http = createHttp({
    baseUrl: spec.source.baseUrl,
    connector,
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
  const context = { http, settings: spec.source.settings, options: spec.options, signal };
  const delta = spec.delta?.track ? connector.delta?.(dataset.name, context) : undefined;
  const left = base?.datasets[dataset.name];
  if (delta && left) {
    const makeShape = (layout: readonly string[], seq: number, published: PublishedShape): Shape =>
      createShape(dataset.shape, dataset.name, { layout, seq }, published, blanks);
    return readDelta({
      ...{
        destination,
        spec: dataset,
        delta,
        base: left,
        saved,
        known,
        keepsBlanks: blanks,
        context,
        progress,
      },
      ...{ wholeEveryDays: (spec.delta ?? noDelta).wholeEveryDays, now: () => deps.clock.now(), makeShape },
      ...releaseOf(deps),
    });
  }
  const layout = saved ? await destination.layout(dataset.name) : [];
  const begun = saved && { layout, seq: saved.seq };
  const shapeNow = async (): Promise<Shape> =>
    createShape(dataset.shape, dataset.name, begun, await known(), blanks);
  if (saved?.done) return { spec: dataset, shape: await shapeNow(), state: saved };
  if (delta && !saved) {
    // Before anything is read: what changes meanwhile is found from here the next time.
    const head = await delta.head(context);
    const whole: Remembered = { ...head, wholeAt: null, audited: null, auditedAt: null, page: null };
    await destination.delta.remember(dataset.name, whole as unknown as Json);
  }
  const pages = oneAhead<Page>(connector.read(dataset.name, { ...context, cursor: saved?.cursor ?? null }));
  const begin = { fetched: saved?.fetched ?? 0, total: saved?.total ?? null, cursor: saved?.cursor ?? null };
  const { fetched, total } = begin;
  progress.table(dataset.name, { status: 'reading', fetched, total });
  let opened: Writer | null = null;
  try {
    const first = pages.next();
    const shape = await shapeNow();
    const writer = destination.writer({ spec: dataset, shape }, () => progress.commit());
    opened = writer;
    const pour = createPour(dataset, shape, writer, begin, { progress, ...releaseOf(deps) });
    await pour.all(first, pages.next, pages.isThere);
    // The tables are there also when the source has no page at all.
    await pour.complete();
    if (delta) {
      await pour.settle(false);
      const known = (await destination.delta.marks()).get(dataset.name) as unknown as Remembered | undefined;
      // An attempt that kept nothing for the next refresh may have read the beginning.
      if (known !== undefined) {
        const mark = delta.markAfter?.(pour.cursor, null) ?? known.mark;
        const now: Remembered = { ...known, mark, page: pour.page };
        await destination.delta.remember(dataset.name, now as unknown as Json);
      }
    }
    const state = await pour.settle(true);
    progress.table(dataset.name, { fetched: pour.fetched, total: pour.fetched, status: 'done' });
    return { spec: dataset, shape, state };
  } catch (error) {
    stop.abort();
    await opened?.undo();
    throw error;
  }
}

const releaseOf = ({ release }: RunDeps): Pick<RunDeps, 'release'> => (release ? { release } : {});
