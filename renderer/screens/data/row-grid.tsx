import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { RowFilter } from '../../../preload/contract/models.ts';
import { jsonValue } from '../../../preload/contract/query-values.ts';
import { toWireError } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { copyText } from '../../components/copy.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { cellsText } from '../../components/grid/copy-as.ts';
import { Grid, type GridSelection } from '../../components/grid/grid.tsx';
import type { Place } from '../../components/grid/grid-moves.ts';
import type { GridRows } from '../../components/grid/grid-rows.ts';
import { literal } from '../../components/grid/sql-text.ts';
import { useNamedWidths } from '../../components/grid/use-widths.ts';
import { Empty } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { cellText, isMoment, type ShownColumn } from './columns.ts';
import { GridMenu, type MenuAt } from './grid-menu.tsx';
import type { Looked } from './inspector.tsx';
import type { Rows } from './use-rows.ts';
import type { View } from './use-view.ts';

const look = { rowHeight: 32, headHeight: 46 };
/** Rows that are copied at once. */
const mostCopied = 10_000;

export interface RowGridProps {
  readonly rows: Rows;
  readonly columns: readonly ShownColumn[];
  readonly view: View;
  readonly onView: (change: Partial<View>) => void;
  readonly namesFirst: boolean;
  readonly onFlip: () => void;
  readonly tinted: string | null;
  /** Name of the column that the address asks for. */
  readonly sought: string | null;
  /** Rows that there are, exactly; null while that is not known. */
  readonly total: number | null;
  /** About how many, where counting takes too long. */
  readonly estimate: number | null;
  readonly isCounting: boolean;
  readonly isFiltered: boolean;
  readonly table: string;
  readonly title: string;
  readonly looked: Looked | null;
  readonly onLook: (looked: Looked) => void;
  /** Shows the inspector where there is room for one pane only. */
  readonly onInspect: () => void;
  readonly onFilter: (column: string) => void;
  readonly onFilterBy: (filter: RowFilter) => void;
  readonly atTop: (is: boolean) => void;
}

/** The rows of a table, as many as there are. */
export function RowGrid(props: RowGridProps) {
  const { rows, columns, view, onView, onLook, namesFirst, total } = props;
  const { pages, first } = rows;
  const notify = useNotify();
  const [selection, setSelection] = useState<GridSelection | null>(null);
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const [seen, setSeen] = useState({ from: 0, to: 0 });
  const grid = useRef<HTMLDivElement>(null);
  const widths = useNamedWidths(
    columns,
    useMemo(() => ({ count: first.rows.length, value: (row, at) => first.rows[row]?.[at] }), [first]),
  );
  const gridRows = useMemo((): GridRows => ({ value: pages.value, stamp: pages.stamp }), [pages]);
  const frozen = Math.min(view.frozen, columns.length - 1);
  const order = first.order;
  const sorted = useMemo(() => {
    const at = columns.findIndex(({ name }) => name === order?.column);
    return order === null || at < 0 ? undefined : { column: at, direction: order.direction };
  }, [columns, order]);
  const marked = props.tinted === null ? -1 : columns.findIndex(({ name }) => name === props.tinted);
  const soughtAt = columns.findIndex(({ name }) => name === props.sought);
  const [seek, setSeek] = useState<Place | null>(null);
  useEffect(() => {
    if (soughtAt >= 0) setSeek({ row: 0, column: soughtAt });
  }, [soughtAt]);

  const { version } = first;
  const before = useRef(version);
  useEffect(() => {
    if (before.current === version) return;
    before.current = version;
    // What was published since is shown from its beginning.
    setSeek({ row: 0, column: 0 });
  }, [version]);

  const head = useCallback(
    (at: number) => (
      <HeadText
        column={columns[at]}
        namesFirst={namesFirst}
        order={sorted?.column === at ? sorted.direction : null}
      />
    ),
    [columns, namesFirst, sorted],
  );
  const text = useCallback(
    (value: string, at: number) => cellText(value, columns[at]?.type ?? 'text'),
    [columns],
  );
  const { atTop } = props;
  const onViewed = useCallback(
    (from: number, to: number) => {
      pages.view(from, to);
      setSeen({ from, to });
      atTop(from === 0);
    },
    [pages, atTop],
  );
  const lookAt = (place: Place, kind: Looked['kind']): void => {
    const column = columns[place.column];
    if (!column) return;
    if (kind === 'column') onLook({ kind, name: column.name });
    else {
      const key = pages.key(place.row);
      if (key) onLook({ kind, row: place.row, key, name: column.name });
    }
  };
  const onSelect = (next: GridSelection): void => {
    setSelection(next);
    // What is beside the grid follows, as it is: a column, or the row.
    if (props.looked) lookAt(next.active, props.looked.kind);
  };
  const told = async (value: string, count: number): Promise<void> => {
    const done = await copyText(value);
    notify.done(done ? t('browse.copied', { count }) : t('query.copyFailed'));
  };
  const copySelected = (): void => {
    const { top, bottom, left, right } = selection?.range ?? { top: 0, bottom: 0, left: 0, right: 0 };
    if (bottom - top >= mostCopied) {
      notify.done(t('query.copyTooMany', { count: mostCopied }));
      return;
    }
    const taken = Array.from({ length: bottom - top + 1 }, (_, n) => pages.row(top + n));
    if (taken.some((row) => row === null)) notify.done(t('browse.copyLater'));
    else void told(cellsText(taken.map((row) => (row ?? []).slice(left, right + 1))), taken.length);
  };
  const copyCell = (place: Place, how: 'value' | 'sql' | 'json'): void => {
    const value = pages.value(place.row, place.column);
    const type = columns[place.column]?.type ?? 'text';
    if (value === undefined) notify.done(t('browse.copyLater'));
    else
      void told(
        how === 'value' ? (value ?? '') : how === 'sql' ? literal(value, type) : jsonValue(value, type),
        1,
      );
  };
  const onKey = (event: KeyboardEvent, active: Place): boolean => {
    if (event.key === ' ') {
      lookAt(active, 'row');
      props.onInspect();
      return true;
    }
    if (event.key === '/' && !event.ctrlKey && !event.metaKey) {
      const field = event.currentTarget
        .closest('.data-room')
        ?.querySelector<HTMLInputElement>('input[type="search"]');
      // In a narrow window it is in another pane.
      if (field?.offsetParent == null) return false;
      field.focus();
      field.select();
      return true;
    }
    if (event.altKey && event.key === 'ArrowDown') {
      openMenu(
        { row: -1, column: active.column },
        event.currentTarget.querySelector(`[data-head="${active.column}"]`) ?? event.currentTarget,
      );
      return true;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === 'End' && total !== null) {
      void pages
        .toEnd(total)
        .then(() => setSeek({ row: Math.max(0, pages.count - 1), column: columns.length - 1 }));
      return true;
    }
    return false;
  };
  const openMenu = (place: Place, at: Element): void => setMenu({ ...place, at });
  useFlipKey(grid, props.onFlip);
  const focusGrid = (): void => grid.current?.querySelector<HTMLElement>('[role="grid"]')?.focus();

  if (pages.count === 0) {
    return (
      <Empty icon="table" title={t(props.isFiltered ? 'browse.nothingFits' : 'data.noRows')}>
        {t(props.isFiltered ? 'browse.nothingFitsText' : 'data.noRowsText')}
      </Empty>
    );
  }
  return (
    <div className="data-grid" ref={grid}>
      <Grid
        columns={columns}
        rows={gridRows}
        count={pages.count}
        total={total ?? undefined}
        label={t('browse.gridLabel', { table: props.title })}
        widths={widths}
        look={look}
        frozen={frozen}
        head={head}
        text={text}
        nothing="sign"
        sorted={sorted}
        marked={marked < 0 ? undefined : marked}
        seek={seek}
        onView={onViewed}
        onSelect={onSelect}
        onCopy={copySelected}
        onOpen={(place) => {
          lookAt(place, 'column');
          props.onInspect();
        }}
        onKey={onKey}
        onMenu={openMenu}
        onHead={(at) => {
          setSeek({ row: selection?.active.row ?? 0, column: at });
          lookAt({ row: 0, column: at }, 'column');
        }}
      />
      {pages.state === 'failed' && (
        <ErrorNotice
          error={toWireError(pages.error)}
          stillWorks={t('browse.pageFailed', { count: pages.known.head + pages.known.tail })}
          actions={
            <Button small icon="sync" onClick={() => pages.retry()}>
              {t('action.tryAgain')}
            </Button>
          }
        />
      )}
      <footer className="data-foot">
        <p className="number" role="status">
          {t('browse.rowsSeen', {
            from: formatNumber(seen.from + 1),
            to: formatNumber(Math.min(seen.to + 1, total ?? pages.count)),
            all: props.isCounting
              ? t('browse.counting')
              : total !== null
                ? formatNumber(total)
                : props.estimate !== null
                  ? t('browse.aboutCount', { count: formatNumber(props.estimate) })
                  : t('browse.more'),
          })}{' '}
          <span className="muted">{orderText(order, columns)}</span>
        </p>
        {pages.state === 'reading' && <span className="muted">{t('query.fetching')}</span>}
        {selection && (
          <Button small tone="quiet" onClick={(event) => openMenu(selection.active, event.currentTarget)}>
            {t('browse.columnMenu', { column: columns[selection.active.column]?.name ?? '' })}
          </Button>
        )}
      </footer>
      <GridMenu
        menu={menu}
        columns={columns}
        order={order}
        frozen={frozen}
        value={menu && menu.row >= 0 ? pages.value(menu.row, menu.column) : undefined}
        width={menu ? (widths.widths[menu.column] ?? 0) : 0}
        onClose={() => {
          setMenu(null);
          focusGrid();
        }}
        onSort={(direction) => {
          const column = menu && columns[menu.column];
          if (column) onView({ order: direction && { column: column.name, direction } });
        }}
        onFilter={() => menu && props.onFilter(columns[menu.column]?.name ?? '')}
        onFilterBy={props.onFilterBy}
        onHide={() => {
          const column = menu && columns[menu.column];
          if (column) onView({ hidden: [...view.hidden, column.name] });
        }}
        onFreeze={(count) => onView({ frozen: count })}
        onWidth={(by) => menu && widths.resize(menu.column, (widths.widths[menu.column] ?? 0) + by)}
        onFit={() => menu && widths.fit(menu.column)}
        onCopy={(how) => menu && copyCell(menu, how)}
        onRow={() => {
          if (menu) lookAt(menu, 'row');
          props.onInspect();
        }}
        onColumn={() => {
          if (menu) lookAt(menu, 'column');
          props.onInspect();
        }}
      />
    </div>
  );
}

function orderText(order: View['order'], columns: readonly ShownColumn[]): string {
  if (order === null) return t('browse.byKey');
  const known = columns.find(({ name }) => name === order.column);
  if (known && (isMoment(known.type) || known.type === 'date'))
    return t(order.direction === 'down' ? 'browse.newest' : 'browse.oldest');
  return t(order.direction === 'down' ? 'browse.byDown' : 'browse.byUp', {
    column: known?.title ?? order.column,
  });
}

interface HeadTextProps {
  readonly column: ShownColumn | undefined;
  readonly namesFirst: boolean;
  readonly order: 'up' | 'down' | null;
}

/** The question over the name, or the name over the question. */
function HeadText({ column, namesFirst, order }: HeadTextProps) {
  if (!column) return null;
  const { name, type, title, lang } = column;
  const arrow = order === null ? null : <span aria-hidden="true">{order === 'down' ? ' ↓' : ' ↑'}</span>;
  const code = (
    <span className="data-code" translate="no">
      {name}
    </span>
  );
  if (title === null) {
    return (
      <>
        {code}
        {arrow}
        <span className="grid-type">{type}</span>
      </>
    );
  }
  const words = (
    <span className="data-question" lang={lang}>
      {title}
    </span>
  );
  return (
    <>
      {namesFirst ? code : words}
      {arrow}
      <span
        className="grid-type"
        lang={namesFirst ? lang : undefined}
        translate={namesFirst ? undefined : 'no'}
      >
        {namesFirst ? title : name}
      </span>
    </>
  );
}

/** Alt alone, pressed and let go, turns the whole grid over; with another key it is that key's. */
function useFlipKey(grid: React.RefObject<HTMLDivElement | null>, onFlip: () => void): void {
  const latest = useRef(onFlip);
  latest.current = onFlip;
  useEffect(() => {
    const element = grid.current;
    if (!element) return undefined;
    let alone = false;
    const down = (event: globalThis.KeyboardEvent): void => {
      alone = event.key === 'Alt' && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      // Elsewhere it would open the menu of the window.
      if (alone) event.preventDefault();
    };
    const up = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== 'Alt' || !alone) return;
      event.preventDefault();
      alone = false;
      latest.current();
    };
    element.addEventListener('keydown', down);
    element.addEventListener('keyup', up);
    return () => {
      element.removeEventListener('keydown', down);
      element.removeEventListener('keyup', up);
    };
  });
}
