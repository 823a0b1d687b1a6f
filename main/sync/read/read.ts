import { keepsBlanks } from '../../connectors/blanks.ts';
import type { DatasetSpec, Page } from '../../connectors/connector.ts';
import type { Document } from '../../connectors/document.ts';
import { createHttp } from '../../connectors/http.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { breathe } from '../breathe.ts';
import type { Destination, Writer } from '../destination/postgres/destination.ts';
import type { ReadDatasetState } from '../destination/postgres/finish/finish.ts';
import type { DatasetState } from '../destination/postgres/state.ts';
import { mostTables } from '../destination/postgres/writer.ts';
import type { Told } from '../run/labels.ts';
import type { Progress } from '../run/progress.ts';
import type { RunDeps, RunSpec } from '../run-spec.ts';
import type { PublishedShape } from '../shape/layout.ts';
import { createShape, type Shape } from '../shape/shape.ts';

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
    read.push(await readDataset(destination, spec, dataset, state, known, deps, progress));
  }
  return read;
}

/** Records that are flattened before the thread looks up from its work: a few milliseconds. */
const recordsAtOnce = 200;

/**
 * Reads one dataset into staging. Three things overlap: the next page is on its way while this one is flattened and
 * encoded, and the one before is being written. Never more than those three pages are in memory.
 */
async function readDataset(
  destination: Destination,
  spec: RunSpec,
  dataset: DatasetSpec,
  saved: DatasetState | null,
  known: () => Promise<PublishedShape>,
  deps: RunDeps,
  progress: Progress,
): Promise<ReadDatasetState> {
  const layout = saved ? await destination.layout(dataset.name) : [];
  const connector = connectorFor(spec.source.type);
  const begun = saved && { layout, seq: saved.seq };
  const blanks = keepsBlanks(dataset, spec.options);
  const shapeNow = async (): Promise<Shape> =>
    createShape(dataset.shape, dataset.name, begun, await known(), blanks);
  if (saved?.done) return { spec: dataset, shape: await shapeNow(), state: saved };
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
  const pages = connector.read(dataset.name, {
    http,
    settings: spec.source.settings,
    options: spec.options,
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
  let opened: Writer | null = null;
  try {
    let next = ahead();
    const shape = await shapeNow();
    const writer = destination.writer({ spec: dataset, shape }, () => progress.commit());
    opened = writer;
    const documents = new Set<Document>();
    const write = async (): Promise<void> => {
      for (const document of shape.documents) documents.add(document);
      for (const _ of writer.write(shape, dataset.name)) await breathe();
    };
    const writePart = async (): Promise<void> => {
      await write();
      const state = { dataset: dataset.name, cursor, seq: shape.seq, fetched, total, done: false };
      await writer.part({ state, changes: shape.changes });
    };
    for (;;) {
      const { value: page, done } = await next;
      if (done || !page) break;
      next = ahead();
      documents.clear();
      for (const [index, record] of page.records.entries()) {
        shape.add(record, page.keys?.[index], index > 0);
        if (shape.filled >= mostTables) await writePart();
        // Answers of the source and of the database come in meanwhile, and the next request or the next rows go out.
        if (index % recordsAtOnce === recordsAtOnce - 1) await breathe();
      }
      await write();
      if (page.spent) for (const document of documents) deps.release?.(document);
      fetched += page.records.length;
      total = page.total;
      cursor = page.cursor;
      const state = { dataset: dataset.name, cursor, seq: shape.seq, fetched, total, done: false };
      await writer.pageEnd({ state, changes: shape.changes }, () => arrived);
      progress.page(dataset.name, { fetched, total });
    }
    for (const _ of shape.complete(mostTables)) await writePart();
    // The tables are there also when the source has no page at all.
    await write();
    const state = { dataset: dataset.name, cursor, seq: shape.seq, fetched, total, done: true };
    await writer.finish({ state, changes: shape.changes });
    progress.table(dataset.name, { fetched, total: fetched, status: 'done' });
    return { spec: dataset, shape, state };
  } catch (error) {
    stop.abort();
    await opened?.undo();
    throw error;
  }
}
