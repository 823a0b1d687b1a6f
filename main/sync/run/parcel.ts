import type { DictionaryTable } from '../../../preload/contract/models.ts';
import type { RunEnd, RunResult, RunSpec } from '../run-spec.ts';
import { columnNamesOf, createColumnNames, type Names } from '../shape/names.ts';
import { type Packed, PackedList, packList, type Tables } from '../shape/packed.ts';

/*
 * How the dictionaries of a run go from one thread to another: as they lie in the worker, which has room for them only so.
 */

interface Parcel {
  readonly pieces: readonly Packed[];
  readonly names: readonly string[];
}

/** The same with the dictionary in it as a parcel. */
type Sent<T extends { readonly tables: Tables }> = Omit<T, 'tables'> & { readonly tables: Parcel };

export type SentResult = Sent<RunResult>;
export type SentEnd = Exclude<RunEnd, { kind: 'published' }> | { kind: 'published'; result: SentResult };
export type SentSpec = Omit<RunSpec, 'published' | 'intent'> & {
  readonly published: Sent<RunSpec['published']>;
  readonly intent: SentResult | null;
};

function send<T extends { readonly tables: Tables }>({ tables, ...rest }: T): Sent<T> {
  const { pieces, names } =
    tables instanceof PackedList ? (tables as PackedList<DictionaryTable>) : packList(tables);
  return { ...rest, tables: { pieces, names } };
}

function receive<T extends { readonly tables: Parcel }>(sent: T): Omit<T, 'tables'> & { tables: Tables } {
  const { tables, ...rest } = sent;
  return { ...rest, tables: new PackedList<DictionaryTable>(tables.pieces, tables.names) };
}

export const sendResult = (result: RunResult): SentResult => send(result);
export const sendEnd = (end: RunEnd): SentEnd =>
  end.kind === 'published' ? { kind: 'published', result: send(end.result) } : end;
export const sendSpec = (spec: RunSpec): SentSpec => ({
  ...spec,
  published: send(spec.published),
  intent: spec.intent && send(spec.intent),
});

/** The names come as plain data, which is more than the worker has room for in the long run. */
function putAway(names: Names): Names {
  const columns = createColumnNames();
  for (const [id, known] of columnNamesOf(names)) columns.put(id, known);
  return { ...names, columns: columns.columns };
}

/** Where there is room for it, as plain data. */
export const unpackResult = (sent: SentResult): RunResult => {
  const { tables, ...rest } = receive(sent);
  return { ...rest, tables: [...tables] };
};
export const unpackEnd = (sent: SentEnd): RunEnd =>
  sent.kind === 'published' ? { kind: 'published', result: unpackResult(sent.result) } : sent;
export const receiveSpec = (sent: SentSpec): RunSpec => ({
  ...sent,
  names: putAway(sent.names),
  published: receive(sent.published),
  intent: sent.intent && receive(sent.intent),
});
