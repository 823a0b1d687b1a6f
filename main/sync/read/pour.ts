import type { AskContext, DatasetSpec, Page } from '../../connectors/connector.ts';
import type { Document } from '../../connectors/document.ts';
import type { Json } from '../../connectors/json.ts';
import { breathe } from '../breathe.ts';
import type { Destination, Writer } from '../destination/postgres/destination.ts';
import type { DatasetState } from '../destination/postgres/state.ts';
import { mostTables } from '../destination/postgres/writer.ts';
import type { Progress } from '../run/progress.ts';
import type { RunDeps } from '../run-spec.ts';
import type { PublishedShape } from '../shape/layout.ts';
import type { Shape } from '../shape/shape.ts';

/** Records that are flattened before the thread looks up from its work: a few milliseconds. */
const recordsAtOnce = 200;

/** A page as it is poured: some say which records are gone. */
export type PouredPage = Page & { readonly gone?: readonly string[] };

/** Where the reading of a dataset begins. */
export interface Begun {
  readonly fetched: number;
  readonly total: number | null;
  readonly cursor: Json | null;
}

interface PourDeps {
  readonly progress: Progress;
  readonly release: RunDeps['release'];
}

/** What reading a dataset needs, be it everything of it or only its changes. */
export interface ReadingInput {
  readonly destination: Destination;
  readonly spec: DatasetSpec;
  /** Of an earlier attempt; null where nothing is staged. */
  readonly saved: DatasetState | null;
  readonly known: () => Promise<PublishedShape>;
  readonly context: AskContext;
  readonly progress: Progress;
  /** Of what is staged already, by its layout and the number of its last record; null for nothing. */
  readonly makeShape: (
    begun: { readonly layout: readonly string[]; readonly seq: number } | null,
    published: PublishedShape,
  ) => Shape;
  /** Opens what takes the rows; whoever gave it takes back what was not committed when reading fails. */
  readonly open: (reading: Parameters<Destination['writer']>[0]) => Writer;
  readonly release?: RunDeps['release'];
}

/**
 * Takes the pages of one dataset into staging. Three things overlap: the next page is on its way while this one is
 * flattened and encoded, and the one before is being written. Never more than those three pages are in memory.
 */
export function createPour(dataset: DatasetSpec, shape: Shape, writer: Writer, begun: Begun, deps: PourDeps) {
  let { fetched, total, cursor } = begun;
  let largest = 0;
  const documents = new Set<Document>();
  const stateNow = (done: boolean): DatasetState => ({
    ...{ dataset: dataset.name, cursor, seq: shape.seq, fetched, total, done },
  });
  const write = async (): Promise<void> => {
    for (const document of shape.documents) documents.add(document);
    for (const _ of writer.write(shape, dataset.name)) await breathe();
  };
  const writePart = async (): Promise<void> => {
    await write();
    await writer.part({ state: stateNow(false), changes: shape.changes });
  };
  /** Takes one page; `isThere` tells whether the next one came. */
  const one = async (page: PouredPage, isThere: () => boolean): Promise<void> => {
    documents.clear();
    for (const [index, record] of page.records.entries()) {
      shape.add(record, page.keys?.[index], index > 0);
      if (shape.filled >= mostTables) await writePart();
      // Answers of the source and of the database come in meanwhile, and the next request or the next rows go out.
      if (index % recordsAtOnce === recordsAtOnce - 1) await breathe();
    }
    await write();
    if (page.gone) writer.gone(dataset.name, page.gone, shape.seq);
    if (page.spent) for (const document of documents) deps.release?.(document);
    largest = Math.max(largest, page.records.length);
    fetched += page.records.length + (page.gone?.length ?? 0);
    total = page.total;
    cursor = page.cursor;
    await writer.pageEnd({ state: stateNow(false), changes: shape.changes }, isThere);
    deps.progress.page(dataset.name, { fetched, total });
  };
  return {
    one,
    get fetched() {
      return fetched;
    },
    /** Records of the largest page, where there were several; null otherwise. */
    get page() {
      return largest > 0 && fetched > largest ? largest : null;
    },
    get cursor() {
      return cursor;
    },
    /** Says where reading stands, for what is saved from now on. */
    at(now: Partial<Pick<Begun, 'total' | 'cursor'>>): void {
      if (now.total !== undefined) total = now.total;
      if (now.cursor !== undefined) cursor = now.cursor;
    },
    /** `next` asks for a page, `isThere` tells whether it came; `first` is on its way already. */
    async all(
      first: Promise<IteratorResult<PouredPage, void>>,
      next: () => Promise<IteratorResult<PouredPage, void>>,
      isThere: () => boolean,
    ): Promise<void> {
      let coming = first;
      for (;;) {
        const { value: page, done } = await coming;
        if (done || !page) break;
        coming = next();
        await one(page, isThere);
      }
    },
    /** Tables that the source tells of are there also when no record was in them. */
    async complete(): Promise<void> {
      for (const _ of shape.complete(mostTables)) await writePart();
      await write();
    },
    /** Commits what was taken. */
    async settle(done: boolean): Promise<DatasetState> {
      const state = stateNow(done);
      await writer.finish({ state, changes: shape.changes });
      return state;
    },
  };
}

/** Pages one ahead: the next is asked for while the last is worked on. */
export function oneAhead<P>(pages: AsyncGenerator<P, void>) {
  let arrived = false;
  const next = (): Promise<IteratorResult<P, void>> => {
    arrived = false;
    const coming = pages.next();
    // Awaited later; a failure must not count as unhandled while the page before is worked on.
    coming.then(
      () => {
        arrived = true;
      },
      () => {},
    );
    return coming;
  };
  return { next, isThere: (): boolean => arrived };
}
