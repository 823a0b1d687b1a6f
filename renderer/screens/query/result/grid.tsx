import {
  type KeyboardEvent,
  memo,
  type PointerEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { QueryColumn } from '../../../../preload/contract/models.ts';
import { isNumeric } from '../../../../preload/contract/query-values.ts';
import { formatNumber } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';
import { useLanguage } from '../../../language.tsx';
import { moved, type Place, type Range, rangeOf, scaleOf } from './grid-moves.ts';
import type { RowStore } from './rows.ts';
import { clampWidth, keepWidth, neededWidth, widthsFor } from './widths.ts';

const rowHeight = 27;
const headHeight = 46;
/** Rows that are drawn above and below what is seen, unless one has jumped there: then all of them are new. */
const spare = 4;
/** Rows before the last one at which the next page is asked for. */
const near = 200;
/** The narrowest letter in pixels: a cell draws no more of them than it may have room for; the viewer has the whole. */
const narrowestLetter = 3;

export interface GridSelection {
  readonly active: Place;
  readonly range: Range;
}

interface GridProps {
  readonly columns: readonly QueryColumn[];
  readonly rows: RowStore;
  /** How many of them there are by now. */
  readonly count: number;
  readonly label: string;
  readonly onNearEnd: () => void;
  readonly onSelect: (selection: GridSelection) => void;
  readonly onCopy: () => void;
  readonly onOpen: (place: Place) => void;
}

/** The rows of an answer: only what is seen is drawn, however many there are. */
export function Grid({ columns, rows, count, label, onNearEnd, onSelect, onCopy, onOpen }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, left: 0, height: 400, width: 800, jumped: false });
  const [widths, setWidths] = useState(() => widthsFor(columns, rows, localStorage));
  const [active, setActive] = useState<Place>({ row: 0, column: 0 });
  const [anchor, setAnchor] = useState<Place>({ row: 0, column: 0 });
  const range = rangeOf(active, anchor);

  const gutter = 20 + String(count).length * 8;
  const lefts = useMemo(() => {
    let at = gutter;
    return widths.map((width) => {
      at += width;
      return at - width;
    });
  }, [widths, gutter]);
  const total = (lefts.at(-1) ?? 0) + (widths.at(-1) ?? 0);

  const seen = Math.max(rowHeight, view.height - headHeight);
  const scale = scaleOf(count, rowHeight, seen);
  const logicalTop = view.top * scale.ratio;
  const firstSeen = Math.floor(logicalTop / rowHeight);
  const lastSeen = Math.min(count - 1, Math.ceil((logicalTop + seen) / rowHeight));
  const around = view.jumped ? 0 : spare;
  const from = Math.max(0, firstSeen - around);
  const to = Math.min(count - 1, lastSeen + around);
  // `0` is what stands beside the row numbers.
  const firstColumn = Math.max(
    0,
    lefts.findIndex((left, at) => left + (widths[at] ?? 0) > view.left + gutter),
  );
  const beyond = lefts.findIndex((left) => left >= view.left + view.width);
  const lastColumn = beyond < 0 ? columns.length - 1 : beyond - 1;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const measure = () =>
      setView((was) => ({ ...was, height: element.clientHeight, width: element.clientWidth }));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const latestNear = useRef(onNearEnd);
  latestNear.current = onNearEnd;
  useEffect(() => {
    if (lastSeen >= count - near) latestNear.current();
  }, [lastSeen, count]);

  const latestSelect = useRef(onSelect);
  latestSelect.current = onSelect;
  // Before the next key: what is copied then is what is selected now, however fast the keys come.
  useLayoutEffect(() => {
    latestSelect.current({ active, range: rangeOf(active, anchor) });
  }, [active, anchor]);

  /** Scrolls as little as needed for a cell to be seen. */
  const reveal = (place: Place) => {
    const element = scroller.current;
    if (!element) return;
    const top = place.row * rowHeight;
    const logical = element.scrollTop * scale.ratio;
    if (top < logical) element.scrollTop = top / scale.ratio;
    else if (top + rowHeight > logical + seen)
      element.scrollTop = Math.ceil((top + rowHeight - seen) / scale.ratio);
    const left = lefts[place.column] ?? 0;
    const width = widths[place.column] ?? 0;
    if (left - gutter < element.scrollLeft) element.scrollLeft = left - gutter;
    else if (left + width > element.scrollLeft + view.width)
      element.scrollLeft = Math.min(left - gutter, left + width - view.width);
  };
  const choose = (place: Place, extend: boolean) => {
    setActive(place);
    if (!extend) setAnchor(place);
    reveal(place);
  };
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

  const onKeyDown = (event: KeyboardEvent) => {
    const far = event.ctrlKey || event.metaKey;
    if (event.altKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      resize(active.column, (widths[active.column] ?? 0) + (event.key === 'ArrowRight' ? 24 : -24));
    } else if (far && event.key.toLowerCase() === 'c') onCopy();
    else if (far && event.key.toLowerCase() === 'a') {
      setAnchor({ row: 0, column: 0 });
      setActive({ row: count - 1, column: columns.length - 1 });
    } else if (event.key === 'Enter') onOpen(active);
    else {
      const page = Math.max(1, Math.floor(seen / rowHeight) - 1);
      const next = moved(active, event, { rows: count, columns: columns.length, page });
      if (!next) return;
      choose(next, event.shiftKey);
    }
    event.preventDefault();
  };

  const placeOf = (target: EventTarget): Place | null => {
    const cell = target instanceof Element ? target.closest<HTMLElement>('[data-column]') : null;
    const row = cell?.closest<HTMLElement>('[data-row]');
    if (!cell || !row) return null;
    return { row: Number(row.dataset['row']), column: Number(cell.dataset['column']) };
  };
  const onPointer = (event: PointerEvent, extend: boolean) => {
    const place = event.buttons === 1 ? placeOf(event.target) : null;
    if (!place) return;
    setActive(place);
    if (!extend) setAnchor(place);
  };

  // Rows that leave lend their elements to those that come: nothing is made or thrown away while one scrolls.
  const pool = 2 ** Math.ceil(Math.log2(Math.max(1, Math.ceil(view.height / rowHeight) + 2 * spare + 2)));
  const drawnRows: number[] = [];
  for (let row = from; row <= to; row++) drawnRows.push(row);
  // Rows do not move while one scrolls, unless there are more than a browser can scroll through.
  const shift = scale.ratio === 1 ? 0 : view.top - logicalTop;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table of a million rows can't be drawn; the grid says which of them is shown
    <div
      className="result-grid"
      role="grid"
      ref={scroller}
      tabIndex={0}
      translate="no"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-multiselectable="true"
      aria-activedescendant={`cell-${active.row}-${active.column}`}
      onScroll={({ currentTarget }) =>
        setView((was) => ({
          ...was,
          top: currentTarget.scrollTop,
          left: currentTarget.scrollLeft,
          jumped: Math.abs(currentTarget.scrollTop - was.top) * scale.ratio > was.height,
        }))
      }
      onKeyDown={onKeyDown}
      onPointerDown={(event) => onPointer(event, event.shiftKey)}
      onPointerOver={(event) => onPointer(event, true)}
      onDoubleClick={({ target }) => {
        const place = placeOf(target);
        if (place) onOpen(place);
      }}
    >
      <Head
        columns={columns}
        lefts={lefts}
        widths={widths}
        gutter={gutter}
        total={total}
        active={active.column}
        onResize={resize}
        onFit={fit}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div className="result-body" role="rowgroup" style={{ blockSize: scale.height, inlineSize: total }}>
        <div
          className="result-gutter"
          aria-hidden="true"
          style={{ inlineSize: gutter, blockSize: scale.height }}
        >
          {drawnRows.map((row) => (
            <span key={row % pool} style={{ transform: `translateY(${row * rowHeight + shift}px)` }}>
              {formatNumber(row + 1)}
            </span>
          ))}
        </div>
        {drawnRows.map((row) => {
          const selected = row >= range.top && row <= range.bottom;
          return (
            <Row
              key={row % pool}
              row={row}
              rows={rows}
              columns={columns}
              lefts={lefts}
              widths={widths}
              total={total}
              first={firstColumn}
              last={lastColumn}
              y={row * rowHeight + shift}
              active={row === active.row ? active.column : -1}
              left={selected ? range.left : -1}
              right={selected ? range.right : -1}
            />
          );
        })}
      </div>
    </div>
  );
}

interface HeadProps {
  readonly columns: readonly QueryColumn[];
  readonly lefts: readonly number[];
  readonly widths: readonly number[];
  readonly gutter: number;
  readonly total: number;
  readonly active: number;
  readonly onResize: (column: number, width: number) => void;
  readonly onFit: (column: number) => void;
}

const Head = memo(function Head(props: HeadProps) {
  useLanguage();
  const { columns, lefts, widths, gutter, total, active, onResize, onFit } = props;
  const dragged = useRef<{ at: number; from: number; width: number } | null>(null);
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of the grid
    <div className="result-head" role="rowgroup" style={{ inlineSize: total }}>
      {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: the grid has the focus and names the active cell */}
      <div role="row" aria-rowindex={1}>
        <span className="result-corner" aria-hidden="true" style={{ inlineSize: gutter }} />
        {columns.map((column, at) => (
          // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: an answer may have two columns of one name
            key={at}
            className={`result-column${isNumeric(column.type) ? ' result-number' : ''}${at === active ? ' result-active-column' : ''}`}
            role="columnheader"
            aria-colindex={at + 1}
            title={`${column.name} · ${column.type}`}
            style={{ insetInlineStart: lefts[at], inlineSize: widths[at] }}
          >
            {column.name}
            <span className="grid-type">{column.type}</span>
            <span
              className="result-resize"
              aria-hidden="true"
              onPointerDown={(event) => {
                event.stopPropagation();
                event.currentTarget.setPointerCapture(event.pointerId);
                dragged.current = { at, from: event.clientX, width: widths[at] ?? 0 };
              }}
              onPointerMove={({ clientX }) => {
                const drag = dragged.current;
                if (drag?.at === at) onResize(at, drag.width + clientX - drag.from);
              }}
              onPointerUp={() => {
                dragged.current = null;
              }}
              onDoubleClick={() => onFit(at)}
            />
          </span>
        ))}
      </div>
    </div>
  );
});

interface RowProps {
  readonly row: number;
  readonly rows: RowStore;
  readonly columns: readonly QueryColumn[];
  readonly lefts: readonly number[];
  readonly widths: readonly number[];
  readonly total: number;
  readonly first: number;
  readonly last: number;
  readonly y: number;
  /** The active column if the active cell is in this row, else -1; and what is selected of it. */
  readonly active: number;
  readonly left: number;
  readonly right: number;
}

const Row = memo(function Row(props: RowProps) {
  useLanguage();
  const { row, rows, columns, lefts, widths, total, first, last, y, active, left, right } = props;
  const shown: number[] = [];
  for (let at = first; at <= last; at++) shown.push(at);
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: the grid has the focus and names the active cell
    <div
      className={row % 2 === 0 ? 'result-row' : 'result-row result-odd'}
      role="row"
      aria-rowindex={row + 2}
      data-row={row}
      style={{ transform: `translateY(${y}px)`, inlineSize: total }}
    >
      {shown.map((at) => {
        const value = rows.value(row, at) ?? null;
        const numeric = isNumeric(columns[at]?.type ?? '') ? ' result-number' : '';
        const selected = at >= left && at <= right;
        return (
          // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: as above
          <span
            key={at}
            id={at === active ? `cell-${row}-${at}` : undefined}
            className={`result-cell${numeric}${selected ? ' result-selected' : ''}${at === active ? ' result-active' : ''}`}
            role="gridcell"
            aria-colindex={at + 1}
            aria-selected={selected}
            data-column={at}
            style={{ insetInlineStart: lefts[at], inlineSize: widths[at] }}
          >
            {value === null ? (
              <em className="result-null">{t('data.null')}</em>
            ) : (
              value.slice(0, Math.ceil((widths[at] ?? 0) / narrowestLetter))
            )}
          </span>
        );
      })}
    </div>
  );
});
