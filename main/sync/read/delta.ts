import { say } from '../../../preload/messages/said.ts';
import type { DatasetSpec, Delta, SlicePage } from '../../connectors/connector.ts';
import type { Json } from '../../connectors/json.ts';
import type { DatasetDelta } from '../delta-state.ts';
import type { LocalSet } from '../destination/postgres/delta/local.ts';
import type { ReadDatasetState } from '../destination/postgres/finish/finish.ts';
import type { DatasetState } from '../destination/postgres/state.ts';
import { createPour, oneAhead, type PouredPage, type ReadingInput } from './pour.ts';
import { createVerifier, filled, type Proof } from './verify.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** At most one page in so many is read again in turn at one refresh: what is left is the whole reading's. */
const auditedShare = 80;

/** What is remembered of a dataset while it is read, and left for the next refresh. */
export interface Remembered {
  readonly mark: Json;
  /** How many records the source counted when the mark was taken. */
  readonly total: number | null;
  /** When everything was read last; null where this run does. */
  readonly wholeAt: string | null;
  readonly audited: string | null;
  /** Null: when this run began. */
  readonly auditedAt: string | null;
  /** Records of one request of its source; null where that was not seen. */
  readonly page: number | null;
}

/** Where reading the changes stands. */
interface DeltaCursor {
  /** The connector's own; null before the first page. */
  readonly changes: Json | null;
  /** Whether anything changed since the records were counted. */
  readonly beyond: boolean;
  readonly read: boolean;
}

interface DeltaInput extends ReadingInput {
  readonly delta: Delta;
  readonly base: DatasetDelta;
  readonly wholeEveryDays: number;
  readonly now: () => number;
}

/**
 * Reads what changed of a dataset since its last publish, and proves that with it the rest is what the source has. Fails
 * with Unproven where only reading everything can tell.
 */
export async function readDelta(input: DeltaInput): Promise<ReadDatasetState> {
  const { destination, spec, delta, base, saved, context, progress } = input;
  const requestsBefore = progress.requests();
  // What repeats is asked for, which may take long, while the source says where it stands.
  const known = input.known();
  known.catch(() => {});
  const isDone = saved?.done ?? false;
  const begun = isDone ? null : await rememberedOf(input);
  const published = await known;
  const before = input.makeShape({ layout: base.layout, seq: 0 }, published);
  const partial = {
    tables: before.tables.length,
    parts: before.parts.length,
    declares: (part: string, path: readonly string[]): boolean =>
      [...published.declared(part)].some((declared) => declared.join('\0') === path.join('\0')),
  };
  const shape = saved
    ? input.makeShape({ layout: await destination.layout(spec.name), seq: saved.seq }, published)
    : before;
  if (begun === null) return { spec, shape, state: saved as DatasetState, partial };
  const { remembered, isNew } = begun;
  if (isNew) await destination.delta.begin(spec, shape, stateBefore(spec));
  const cursor = (saved?.cursor ?? null) as unknown as DeltaCursor | null;
  const from = { fetched: saved?.fetched ?? 0, total: null, cursor: saved?.cursor ?? null };
  progress.table(spec.name, { status: 'reading', fetched: from.fetched, total: null });
  const writer = input.open({ spec, shape, partial });
  const pour = createPour(spec, shape, writer, from, { progress, release: input.release });
  let beyond = cursor?.beyond ?? false;
  let read = cursor?.changes ?? null;
  const saying = (now: DeltaCursor): Json => now as unknown as Json;
  const changes = async function* (): AsyncGenerator<PouredPage, void> {
    const asking = { ...context, cursor: cursor?.changes ?? null };
    for await (const page of delta.changes(asking, base.mark, remembered.mark)) {
      beyond ||= page.beyond;
      yield { ...page, total: null, cursor: saying({ changes: page.cursor, beyond, read: false }) };
    }
  };
  if (!cursor?.read) {
    const pages = oneAhead(changes());
    await pour.all(pages.next(), pages.next, pages.isThere);
    read = (pour.cursor as unknown as DeltaCursor | null)?.changes ?? null;
    pour.at({ cursor: saying({ changes: read, beyond, read: true }) });
    await pour.settle(false);
  }
  const mark = delta.markAfter?.(read, base.mark) ?? remembered.mark;
  const local = destination.delta.local(spec, shape, delta.field);
  const proof: Proof = { counted: 0, reread: 0, gone: 0 };
  const stage = async ({ records }: SlicePage) => {
    const first = shape.seq;
    await pour.one(
      { records, cursor: saying({ changes: read, beyond, read: true }), total: null, spent: true },
      () => false,
    );
    await pour.settle(false);
    return { before: first, after: shape.seq };
  };
  const counted = beyond ? null : remembered.total;
  const page = remembered.page ?? delta.pageSize;
  const verifier = createVerifier({ delta, context, local, counted, stage, proof, page });
  const audit = await auditOf(input, remembered, local);
  const audited =
    audit.pages === 0 ? remembered.audited : await verifier.audit(remembered.audited, audit.pages);
  const total = await verifier.prove();
  await destination.delta.remember(spec.name, {
    ...remembered,
    ...{ mark, audited, auditedAt: audit.at, page: verifier.page },
  } as unknown as Json);
  const { name } = spec;
  progress.delta({
    ...{ dataset: name, asked: pour.fetched, total, requests: progress.requests() - requestsBefore },
    ...{ whole: Math.max(1, Math.ceil(total / verifier.page)), counted: proof.counted },
    ...{ reread: proof.reread, audited: audit.pages, gone: proof.gone },
  });
  await pour.complete();
  pour.at({ total });
  const state = await pour.settle(true);
  progress.table(spec.name, { fetched: pour.fetched, total: pour.fetched, status: 'done' });
  return { spec, shape, state, partial };
}

/** What an attempt that was cut off remembered, or where the source stands now, which is new. */
async function rememberedOf(
  input: DeltaInput,
): Promise<{ readonly remembered: Remembered; readonly isNew: boolean }> {
  const { destination, spec, delta, base, saved, context, progress } = input;
  progress.note('info', say('runs.delta.changes', { dataset: spec.name }));
  const known = (await destination.delta.marks()).get(spec.name);
  if (saved && known !== undefined) return { remembered: known as unknown as Remembered, isNew: false };
  await destination.delta.insistAsPublished(spec, delta.field);
  const head = await delta.head(context);
  const { wholeAt, audited, auditedAt, page } = base;
  const now: Remembered = { ...head, wholeAt, audited, auditedAt, page };
  await destination.delta.remember(spec.name, now as unknown as Json);
  return { remembered: now, isNew: true };
}

const stateBefore = ({ name }: DatasetSpec): DatasetState => ({
  ...{ dataset: name, cursor: null, seq: 0, fetched: 0, total: null, done: false },
});

/** How many pages are read again in turn, so that all of them are within the days after which everything is read anyway. */
async function auditOf(
  { delta, wholeEveryDays, now }: DeltaInput,
  { auditedAt, page }: Remembered,
  local: LocalSet,
): Promise<{ readonly pages: number; readonly at: string }> {
  const since = Date.parse(auditedAt ?? '');
  const at = now();
  const records = await local.count({ from: null, until: null });
  const pages = Math.ceil(records / ((page ?? delta.pageSize) * filled));
  const msPerPage = (wholeEveryDays * dayMs) / Math.max(1, pages);
  const due = Number.isNaN(since) || since > at ? 0 : Math.floor((at - since) / msPerPage);
  const most = Math.max(1, Math.floor(pages / auditedShare));
  // What is more than a refresh does is not caught up with.
  const kept = due > most || Number.isNaN(since) || since > at ? at : since + due * msPerPage;
  return { pages: Math.min(due, most), at: new Date(kept).toISOString() };
}
