import { memo } from 'react';
import type { QueryColumn } from '../../../preload/contract/models.ts';
import { isNumeric } from '../../../preload/contract/query-values.ts';
import { t } from '../../i18n/index.ts';
import { useLanguage } from '../../language.tsx';
import type { GridRows } from './grid-rows.ts';

/** The narrowest letter in pixels: a cell draws no more of them than it may have room for; the viewer has the whole. */
const narrowestLetter = 3;

/** Where the columns are, and which of them are seen. */
export interface Shared {
  readonly columns: readonly QueryColumn[];
  readonly lefts: readonly number[];
  readonly widths: readonly number[];
  readonly total: number;
  readonly gutter: number;
  readonly frozen: number;
  readonly first: number;
  readonly last: number;
}

interface RowProps extends Shared {
  readonly row: number;
  readonly rows: GridRows;
  /** See {@link GridRows.stamp}: it is what tells that the same row has other values. */
  readonly stamp: number;
  readonly y: number;
  /** The active column if the active cell is in this row, else -1; and what is selected of it. */
  readonly active: number;
  readonly left: number;
  readonly right: number;
  readonly marked: number | undefined;
  readonly text: ((value: string, column: number) => string) | undefined;
  readonly nothing: 'word' | 'sign';
}

export const Row = memo(function Row(props: RowProps) {
  useLanguage();
  const { row, total, first, last, y, frozen, gutter, lefts, widths } = props;
  const moving: number[] = [];
  for (let at = Math.max(first, frozen); at <= last; at++) moving.push(at);
  const still = Array.from({ length: frozen }, (_, at) => at);
  const end = (lefts[frozen - 1] ?? gutter) + (widths[frozen - 1] ?? 0);
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: the grid has the focus and names the active cell
    <div
      className={row % 2 === 0 ? 'result-row' : 'result-row result-odd'}
      role="row"
      aria-rowindex={row + 2}
      data-row={row}
      style={{ transform: `translateY(${y}px)`, inlineSize: total }}
    >
      {frozen > 0 && (
        <div
          className="result-frozen"
          role="presentation"
          style={{ insetInlineStart: gutter, marginInlineStart: gutter, inlineSize: end - gutter }}
        >
          {still.map((at) => (
            <Cell key={at} {...props} at={at} start={(lefts[at] ?? 0) - gutter} />
          ))}
        </div>
      )}
      {moving.map((at) => (
        <Cell key={at} {...props} at={at} start={lefts[at] ?? 0} />
      ))}
    </div>
  );
});

function Cell(props: RowProps & { readonly at: number; readonly start: number }) {
  const { at, start, row, rows, columns, widths, active, left, right, marked, text, nothing } = props;
  const value = rows.value(row, at);
  const numeric = isNumeric(columns[at]?.type ?? '') ? ' result-number' : '';
  const selected = at >= left && at <= right;
  const width = widths[at] ?? 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: the grid has the focus and names the active cell
    <span
      id={at === active ? `cell-${row}-${at}` : undefined}
      className={`result-cell${numeric}${at === marked ? ' result-marked' : ''}${selected ? ' result-selected' : ''}${at === active ? ' result-active' : ''}`}
      role="gridcell"
      aria-colindex={at + 1}
      aria-selected={selected}
      data-column={at}
      style={{ insetInlineStart: start, inlineSize: width }}
    >
      {value === undefined ? (
        <span className="result-pending" aria-hidden="true" />
      ) : value === null ? (
        <Nothing as={nothing} />
      ) : (
        (text ? text(value, at) : value).slice(0, Math.ceil(width / narrowestLetter))
      )}
    </span>
  );
}

function Nothing({ as }: { as: 'word' | 'sign' }) {
  if (as === 'word') return <em className="result-null">{t('data.null')}</em>;
  return (
    <span className="result-none">
      <span aria-hidden="true">∅</span>
      <span className="visually-hidden">{t('data.null')}</span>
    </span>
  );
}
