import { useCallback, useMemo, useState } from 'react';
import type { QueryColumn } from '../../../preload/contract/models.ts';
import { clampWidth, keepWidth, neededWidth, type Sampled, widthsFor } from './widths.ts';

export interface Widths {
  /** Pixels of each column. */
  readonly widths: readonly number[];
  resize(column: number, width: number): void;
  /** As wide as its first values need. */
  fit(column: number): void;
}

/** The widths of the columns of an answer, kept by name and type for the next one. */
export function useWidths(columns: readonly QueryColumn[], rows: Sampled): Widths {
  const [widths, setWidths] = useState(() => widthsFor(columns, rows, localStorage));
  const resize = useCallback(
    (column: number, width: number) => {
      const kept = clampWidth(width);
      setWidths((was) => was.map((each, at) => (at === column ? kept : each)));
      const of = columns[column];
      if (of) keepWidth(of, kept, localStorage);
    },
    [columns],
  );
  const fit = useCallback(
    (at: number) => {
      const of = columns[at];
      if (of) resize(at, neededWidth(of, at, rows));
    },
    [columns, rows, resize],
  );
  return { widths, resize, fit };
}

/** Rows that are looked at for the widths of very many columns. */
const fewSampled = 12;
const manyColumns = 200;
/** Letters of a title that a column makes room for. */
const titleLetters = 24;

/** The same for columns that come and go: each keeps its width by its name. */
export function useNamedWidths(
  columns: readonly (QueryColumn & { readonly title: string | null })[],
  rows: Sampled,
): Widths {
  const [changed, setChanged] = useState<ReadonlyMap<string, number>>(new Map());
  const needed = useMemo(() => {
    const sampled: Sampled = {
      count: columns.length > manyColumns ? Math.min(fewSampled, rows.count) : rows.count,
      value: (row, column) => rows.value(row, column),
    };
    const titled = columns.map(({ name, type, title }) => ({
      ...{
        type,
        name:
          title === null || title.length < name.length
            ? name
            : title.slice(0, titleLetters).padEnd(name.length),
      },
    }));
    return widthsFor(columns, sampled, localStorage, titled);
  }, [columns, rows]);
  const widths = useMemo(
    () => columns.map(({ name }, at) => changed.get(name) ?? needed[at] ?? clampWidth(0)),
    [columns, changed, needed],
  );
  const resize = useCallback(
    (at: number, width: number) => {
      const column = columns[at];
      if (!column) return;
      setChanged((was) => new Map(was).set(column.name, clampWidth(width)));
      keepWidth(column, width, localStorage);
    },
    [columns],
  );
  const fit = useCallback(
    (at: number) => {
      const column = columns[at];
      if (column) resize(at, neededWidth(column, at, rows));
    },
    [columns, rows, resize],
  );
  return useMemo(() => ({ widths, resize, fit }), [widths, resize, fit]);
}
