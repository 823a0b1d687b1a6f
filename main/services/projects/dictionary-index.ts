import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DictionaryTable } from '../../../preload/contract/models.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import type { Words } from '../../store/data/dictionary-search.ts';
import type { Store } from '../../store/index.ts';
import { elementOf, noteFinder, tableItself } from '../../sync/shape/notes.ts';

/** After so long a step ends, and others get their turn; what it wrote is still to be committed. */
const stepMs = 3;
/** Rows between two looks at the clock. */
const rowsAtOnce = 10;
/** A dictionary that is published anew while it is gone through is gone through again, but not for ever. */
const mostRounds = 3;
/** Characters of one text that are looked through. */
const longestText = 2000;

export interface IndexDeps {
  readonly store: Store;
  readonly newId: () => string;
  /** Milliseconds since some moment; it never goes back. */
  readonly elapsed: () => number;
}

export interface DictionaryIndex {
  /**
   * Brings what is looked through up to date with these datasets, in steps that hold nobody up; one after the other, also
   * where several ask. Ends early when `signal` is aborted; what was done stays.
   */
  bring(datasets: readonly StoredDataset[], signal: AbortSignal): Promise<void>;
}

const readable = (text: string | null | undefined): string =>
  (text ?? '').slice(0, longestText).normalize('NFC');

/** What of a table is looked through: the table itself, then its columns. */
function wordsOf(table: DictionaryTable, said: (element: string) => string | null | undefined): Words[] {
  const own: Words = {
    ...{ column: '', question: '', note: readable(said(tableItself)), name: readable(table.name) },
    ...{ rest: readable([table.dataset, table.description ?? ''].join(' ')) },
    ...{ type: null, path: null, lang: null },
  };
  return [
    own,
    ...table.columns.map((column) => ({
      column: column.name,
      question: readable(column.label),
      note: readable(said(elementOf(column))),
      name: readable(column.name),
      rest: readable([column.sourcePath ?? '', column.description ?? ''].join(' ')),
      ...{ type: column.type, path: column.sourcePath, lang: column.lang ?? null },
    })),
  ];
}

/** Keeps the words of dictionaries for the search. */
export function createDictionaryIndex({ store, newId, elapsed }: IndexDeps): DictionaryIndex {
  let tail: Promise<void> = Promise.resolve();

  /** Runs `work` again and again in short transactions until it has nothing left; false when it gave up. */
  const inSteps = async (signal: AbortSignal, work: () => 'more' | 'done' | 'lost'): Promise<boolean> => {
    for (;;) {
      const end = store.transaction(() => {
        const until = elapsed() + stepMs;
        for (;;) {
          const came = work();
          if (came !== 'more' || elapsed() > until) return came;
        }
      });
      await nextTurn();
      if (end === 'done') return true;
      if (end === 'lost' || signal.aborted) return false;
    }
  };

  /** Writes the words of a table in the place of those that were there; false when somebody else is at it. */
  const write = async (
    datasetId: string,
    table: DictionaryTable,
    rows: readonly Words[],
    digest: string,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const mine = `by ${newId()}`;
    store.words.putDigest(datasetId, table.id, mine);
    const textOf = (
      name: string,
      { column, question, note, name: called, rest, type, path, lang }: Words,
    ): string => JSON.stringify([name, column, question, note, called, rest, type, path, lang]);
    const wanted = new Map(rows.map((row) => [textOf(table.name, row), row]));
    // What is there and the same stays: to take a row out of the index costs more than to add one.
    const old = store.words.rows(datasetId, table.id).filter((row) => !wanted.delete(textOf(row.table, row)));
    const fresh = [...wanted.values()];
    let at = 0;
    return inSteps(signal, () => {
      if (store.words.digest(datasetId, table.id) !== mine) return 'lost';
      const gone = old.pop();
      if (gone !== undefined) {
        store.words.remove(gone.id);
        return 'more';
      }
      for (const row of fresh.slice(at, at + rowsAtOnce)) store.words.add(datasetId, table, row);
      at += rowsAtOnce;
      if (at < fresh.length) return 'more';
      store.words.putDigest(datasetId, table.id, digest);
      return 'done';
    });
  };

  /** Takes out what is not published any more. */
  const drop = (datasetId: string, tableId: string, signal: AbortSignal): Promise<boolean> => {
    const old = store.words.rows(datasetId, tableId);
    return inSteps(signal, () => {
      const gone = old.pop();
      if (gone === undefined) store.words.dropDigest(datasetId, tableId);
      else store.words.remove(gone.id);
      return gone === undefined ? 'done' : 'more';
    });
  };

  const round = async (dataset: StoredDataset, state: string, signal: AbortSignal): Promise<boolean> => {
    const { id } = dataset;
    const present = new Set<string>();
    for (let position = 0; ; position += 1) {
      if (store.dictionaries.state(id) !== state) return false;
      const table = store.dictionaries.table(id, position);
      if (table === null) break;
      present.add(table.id);
      // Read anew for each table: somebody may describe one while the others are gone through.
      const find = noteFinder(store.notes.ofTable(dataset, table.id));
      const rows = wordsOf(table, (element) => find(table.id, element)?.description);
      const digest = createHash('sha256')
        .update(JSON.stringify([table.name, rows]))
        .digest('base64url');
      if (store.words.digest(id, table.id) === digest) await nextTurn();
      else if (!(await write(id, table, rows, digest, signal))) return false;
      if (signal.aborted) return false;
    }
    for (const known of store.words.tables(id))
      if (!present.has(known) && !(await drop(id, known, signal))) return false;
    return store.transaction(() => {
      // Something else was said of a table that was done already, or all of it was published anew.
      const isWhole = [...present].every((table) => store.words.digest(id, table) !== null);
      if (!isWhole || store.dictionaries.state(id) !== state) return false;
      store.words.putState(id, state);
      return true;
    });
  };

  const bringOne = async (dataset: StoredDataset, signal: AbortSignal): Promise<void> => {
    for (let rounds = 0; rounds < mostRounds && !signal.aborted; rounds += 1) {
      const state = store.dictionaries.state(dataset.id);
      if (state === null || store.words.state(dataset.id) === state) return;
      try {
        if (await round(dataset, state, signal)) return;
      } catch (error) {
        // A dataset that was deleted meanwhile takes along what is written of it.
        if (store.dictionaries.state(dataset.id) !== null) throw error;
        return;
      }
    }
  };

  return {
    bring(datasets, signal) {
      const work = async (): Promise<void> => {
        for (const dataset of datasets) await bringOne(dataset, signal);
      };
      const mine = tail.then(work);
      // Whoever comes next waits for its end, however it ends.
      tail = mine.catch(() => {});
      return mine;
    },
  };
}
