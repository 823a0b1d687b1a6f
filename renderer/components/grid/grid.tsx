import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { QueryColumn } from '../../../preload/contract/models.ts';
import { rowHeightAt, useDensity } from '../../density.ts';
import { formatNumber } from '../../format.ts';
import { moved, type Place, type Range, rangeOf, scaleOf } from './grid-moves.ts';
import type { GridRows } from './grid-rows.ts';
import { Head } from './head.tsx';
import { Row } from './row.tsx';
import type { Widths } from './use-widths.ts';

/** Rows that are drawn above and below what is seen, unless one has jumped there: then all of them are new. */
const spare = 4;
/** Rows before the last one at which the next page is asked for. */
const near = 200;

export interface GridSelection {
  readonly active: Place;
  readonly range: Range;
}

/** How a grid looks where it is not the usual one, at the normal density. */
export interface GridLook {
  readonly rowHeight: number;
  readonly headHeight: number;
}
const usualLook: GridLook = { rowHeight: 27, headHeight: 46 };

export interface GridProps {
  readonly columns: readonly QueryColumn[];
  readonly rows: GridRows;
  /** How many of them there are by now. */
  readonly count: number;
  readonly label: string;
  readonly widths: Widths;
  readonly look?: GridLook;
  /** The first columns that stay where they are when one scrolls sideways. */
  readonly frozen?: number;
  /** Rows of the whole table, where it is known and not all of them can be scrolled through. */
  readonly total?: number | undefined;
  /** What stands at the top of a column; its name and type unless given. */
  readonly head?: (column: number) => ReactNode;
  /** A value as it is read; as it is unless given. */
  readonly text?: (value: string, column: number) => string;
  /** What stands for NULL: the word, or a faint sign where rows are looked at and not programs written. */
  readonly nothing: 'word' | 'sign';
  /** Which way the column is in order. */
  readonly sorted?: { readonly column: number; readonly direction: 'up' | 'down' } | undefined;
  /** A column that somebody looked for. */
  readonly marked?: number | undefined;
  /** Brings a place into view whenever it is another object. */
  readonly seek?: Place | null;
  readonly onNearEnd?: () => void;
  readonly onView?: (from: number, to: number) => void;
  readonly onSelect: (selection: GridSelection) => void;
  readonly onCopy: () => void;
  readonly onOpen: (place: Place) => void;
  /** Keys that the grid has no use for; true where one was used. */
  readonly onKey?: (event: KeyboardEvent, active: Place) => boolean;
  /** A menu is asked for at a place; row -1 is the head. */
  readonly onMenu?: (place: Place, at: Element) => void;
  readonly onHead?: (column: number) => void;
}

/** Rows of any number: only what is seen is drawn, in both directions. */
export function Grid(props: GridProps) {
  const { columns, rows, count, label, widths: kept, look = usualLook, frozen = 0 } = props;
  const { headHeight } = look;
  const rowHeight = rowHeightAt(useDensity(), look.rowHeight);
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, left: 0, height: 400, width: 800, jumped: false });
  const { widths, resize, fit } = kept;
  const [chosen, setActive] = useState<Place>({ row: 0, column: 0 });
  const [from_, setAnchor] = useState<Place>({ row: 0, column: 0 });
  const last = { row: Math.max(0, count - 1), column: Math.max(0, columns.length - 1) };
  // A column was hidden, or there are fewer rows: the active cell is one that is there.
  const active = within(chosen, last);
  const anchor = within(from_, last);
  const range = rangeOf(active, anchor);

  const gutter = 20 + String(Math.max(count, props.total ?? 0)).length * 8;
  const lefts = useMemo(() => {
    let at = gutter;
    return widths.map((width) => {
      at += width;
      return at - width;
    });
  }, [widths, gutter]);
  const total = (lefts.at(-1) ?? gutter) + (widths.at(-1) ?? 0);
  /** Where the columns begin that move. */
  const still = frozen === 0 ? gutter : (lefts[frozen - 1] ?? gutter) + (widths[frozen - 1] ?? 0);

  const seen = Math.max(rowHeight, view.height - headHeight);
  const scale = scaleOf(count, rowHeight, seen);
  const logicalTop = view.top * scale.ratio;
  const firstSeen = Math.floor(logicalTop / rowHeight);
  const lastSeen = Math.min(count - 1, Math.ceil((logicalTop + seen) / rowHeight));
  const around = view.jumped ? 0 : spare;
  const from = Math.max(0, firstSeen - around);
  const to = Math.min(count - 1, lastSeen + around);
  const { firstColumn, lastColumn } = columnsSeen(
    lefts,
    widths,
    frozen,
    view.left + still,
    view.left + view.width,
  );

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

  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    if (lastSeen >= count - near) latest.current.onNearEnd?.();
  }, [lastSeen, count]);
  useEffect(() => latest.current.onView?.(firstSeen, Math.max(firstSeen, lastSeen)), [firstSeen, lastSeen]);

  // Before the next key: what is copied then is what is selected now, however fast the keys come.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the places by their numbers, not as objects
  useLayoutEffect(() => {
    latest.current.onSelect({ active, range });
  }, [active.row, active.column, anchor.row, anchor.column]);

  /** Scrolls as little as needed for a cell to be seen. */
  const reveal = (place: Place) => {
    const element = scroller.current;
    if (!element) return;
    const top = place.row * rowHeight;
    const logical = element.scrollTop * scale.ratio;
    if (top < logical) element.scrollTop = top / scale.ratio;
    else if (top + rowHeight > logical + seen)
      element.scrollTop = Math.ceil((top + rowHeight - seen) / scale.ratio);
    if (place.column < frozen) return;
    const left = lefts[place.column] ?? 0;
    const width = widths[place.column] ?? 0;
    if (left - still < element.scrollLeft) element.scrollLeft = left - still;
    else if (left + width > element.scrollLeft + view.width)
      element.scrollLeft = Math.min(left - still, left + width - view.width);
  };
  const choose = (place: Place, extend: boolean) => {
    setActive(place);
    if (!extend) setAnchor(place);
    reveal(place);
  };
  const seek = props.seek ?? null;
  const sought = useRef<Place | null>(null);
  useLayoutEffect(() => {
    // Once there is room to scroll to it.
    if (seek === null || sought.current === seek || view.width === 0) return;
    sought.current = seek;
    choose(within(seek, last), false);
  });

  // A pane that opens beside the rows takes no cell out of sight that one looked at.
  const wide = useRef(view.width);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another width asks for it
  useLayoutEffect(() => {
    const before = wide.current;
    wide.current = view.width;
    const at = scroller.current?.scrollLeft ?? 0;
    const left = lefts[active.column] ?? 0;
    const wasSeen = left - still >= at && left + (widths[active.column] ?? 0) <= at + before;
    if (view.width < before && wasSeen) reveal(active);
  }, [view.width]);

  // The row at the top stays there when rows become higher or lower.
  const high = useRef(rowHeight);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element) element.scrollTop *= rowHeight / high.current;
    high.current = rowHeight;
  }, [rowHeight]);

  const menuAt = (place: Place): void => {
    const cell = scroller.current?.querySelector(`[data-row="${place.row}"] [data-column="${place.column}"]`);
    const head = scroller.current?.querySelector(`[data-head="${place.column}"]`);
    const element = cell ?? head ?? scroller.current;
    if (element) props.onMenu?.(place, element);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const far = event.ctrlKey || event.metaKey;
    const asksMenu = event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);
    if (event.altKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      resize(active.column, (widths[active.column] ?? 0) + (event.key === 'ArrowRight' ? 24 : -24));
    } else if (far && event.key.toLowerCase() === 'c') props.onCopy();
    else if (far && event.key.toLowerCase() === 'a') {
      setAnchor({ row: 0, column: 0 });
      setActive(last);
    } else if (asksMenu && props.onMenu) menuAt(active);
    else if (event.key === 'Enter') props.onOpen(active);
    else if (props.onKey?.(event, active)) {
      // It was used.
    } else {
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
  const onContextMenu = (event: MouseEvent) => {
    if (!props.onMenu) return;
    const place = placeOf(event.target);
    const head = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-head]') : null;
    const at = place ?? (head ? { row: -1, column: Number(head.dataset['head']) } : null);
    if (!at || !(event.target instanceof Element)) return;
    event.preventDefault();
    const inside =
      at.row >= range.top && at.row <= range.bottom && at.column >= range.left && at.column <= range.right;
    if (!inside) {
      setActive({ row: Math.max(0, at.row), column: at.column });
      setAnchor({ row: Math.max(0, at.row), column: at.column });
    }
    props.onMenu(at, event.target);
  };

  // Rows that leave lend their elements to those that come: nothing is made or thrown away while one scrolls.
  const pool = 2 ** Math.ceil(Math.log2(Math.max(1, Math.ceil(view.height / rowHeight) + 2 * spare + 2)));
  const drawnRows: number[] = [];
  for (let row = from; row <= to; row++) drawnRows.push(row);
  // Rows do not move while one scrolls, unless there are more than a browser can scroll through.
  const shift = scale.ratio === 1 ? 0 : view.top - logicalTop;
  const shared = { columns, lefts, widths, total, gutter, frozen, first: firstColumn, last: lastColumn };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table of a million rows can't be drawn; the grid says which of them is shown
    <div
      className="result-grid"
      role="grid"
      ref={scroller}
      tabIndex={0}
      translate="no"
      style={{ '--grid-row': `${rowHeight}px`, '--grid-head': `${headHeight}px` } as React.CSSProperties}
      aria-label={label}
      aria-rowcount={(props.total ?? count) + 1}
      aria-colcount={columns.length}
      aria-multiselectable="true"
      aria-activedescendant={
        count === 0 || columns.length === 0 ? undefined : `cell-${active.row}-${active.column}`
      }
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
      onContextMenu={onContextMenu}
      onDoubleClick={({ target }) => {
        const place = placeOf(target);
        if (place) props.onOpen(place);
      }}
    >
      <Head
        {...shared}
        active={active.column}
        onResize={resize}
        onFit={fit}
        content={props.head}
        sorted={props.sorted?.column}
        direction={props.sorted?.direction}
        marked={props.marked}
        onHead={props.onHead}
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
              {...shared}
              key={row % pool}
              row={row}
              rows={rows}
              stamp={rows.stamp?.(row) ?? 1}
              y={row * rowHeight + shift}
              active={row === active.row ? active.column : -1}
              left={selected ? range.left : -1}
              right={selected ? range.right : -1}
              marked={props.marked}
              text={props.text}
              nothing={props.nothing}
            />
          );
        })}
      </div>
    </div>
  );
}

const within = (place: Place, last: Place): Place => ({
  row: Math.min(place.row, last.row),
  column: Math.min(place.column, last.column),
});

/** The first and the last of the columns that move and are seen between two places. */
function columnsSeen(
  lefts: readonly number[],
  widths: readonly number[],
  frozen: number,
  left: number,
  right: number,
): { firstColumn: number; lastColumn: number } {
  let [low, high] = [frozen, Math.max(frozen, lefts.length - 1)];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lefts[middle] ?? 0) + (widths[middle] ?? 0) > left) high = middle;
    else low = middle + 1;
  }
  const firstColumn = low;
  let lastColumn = firstColumn;
  while (lastColumn + 1 < lefts.length && (lefts[lastColumn + 1] ?? 0) < right) lastColumn++;
  return { firstColumn, lastColumn: Math.min(lastColumn, lefts.length - 1) };
}
