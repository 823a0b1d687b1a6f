import { useEffect, useMemo, useRef, useState } from 'react';
import type { Dataset, DescribedTable, RowFilter } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { Switch } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { Empty, SkeletonRows, useHeading } from '../../components/page.tsx';
import { formatMoment } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { arrangeColumns, type ShownColumn } from './columns.ts';
import { FilterBox, FilterChips } from './filters.tsx';
import { Inspector, type Looked } from './inspector.tsx';
import type { Pane } from './pane.ts';
import { RowGrid } from './row-grid.tsx';
import { selectRows } from './select.ts';
import { useQueryRoom } from './use-query-room.ts';
import { useRows } from './use-rows.ts';
import { useNamesFirst, useView } from './use-view.ts';

/** So long a column that somebody looked for stands out. */
const tintMs = 2000;

export interface TableViewProps {
  readonly dataset: Dataset;
  readonly table: string;
  readonly title: string;
  /** The language of the title, where the source says which one it is. */
  readonly lang: string | undefined;
  /** Name of the column that the address asks for. */
  readonly column: string | null;
  readonly pane: Pane;
  readonly onPane: (pane: Pane) => void;
}

/** One table: its rows, and beside them what is known of a column or all of a row. */
export function TableView(props: TableViewProps) {
  const { dataset } = props;
  const described = useCall('datasets.dictionary', { id: dataset.id });
  const person = useCall('app.info', {}).data?.person;
  const known = described.data?.tables.find(({ name }) => name === props.table);
  if (dataset.status === 'expired') {
    return (
      <Frame {...props}>
        <Empty icon="archive" title={t('browse.goneTitle')}>
          {t('browse.expired', { source: dataset.sourceName })}{' '}
          <a href={href('sync')}>{t('data.emptyAction')}</a>
        </Empty>
      </Frame>
    );
  }
  if (!Object.hasOwn(dataset.rowCounts, props.table))
    return <NoTables dataset={dataset} onBack={() => props.onPane('tree')} />;
  if (person === undefined || (described.data === undefined && described.error === undefined)) {
    return (
      <Frame {...props}>
        <SkeletonRows rows={10} label={t('state.loading')} />
      </Frame>
    );
  }
  return <Described {...props} key={person.id} personId={person.id} known={known} />;
}

interface DescribedProps extends TableViewProps {
  readonly personId: string;
  readonly known: DescribedTable | undefined;
}

function Described(props: DescribedProps) {
  const { dataset, table, known, column, personId, pane, onPane } = props;
  const [view, change] = useView(personId, `${dataset.id} ${table}`);
  const [namesFirst, setNamesFirst] = useNamesFirst();
  const [filters, setFilters] = useState<readonly RowFilter[]>([]);
  const [filtering, setFiltering] = useState<{ column: string; at: number | null } | null>(null);
  const [looked, setLooked] = useState<Looked | null>(
    column === null ? null : { kind: 'column', name: column },
  );
  const described = useMemo(() => new Map((known?.columns ?? []).map((each) => [each.name, each])), [known]);
  const all = useMemo(() => known && arrangeColumns(known.columns, described), [known, described]);
  // What was looked for is shown, also where it is folded away or hidden.
  const isShown = (each: ShownColumn): boolean =>
    each.name === column || (!view.hidden.includes(each.name) && (view.technical || !each.technical));
  const visible = all?.filter(isShown);
  const asked = {
    ...{ id: dataset.id, table, order: view.order, filters: [...filters] },
    columns: visible && visible.length > 0 ? visible.map(({ name }) => name) : null,
  };
  const { call, rows, atTop } = useRows(asked, visible?.length ?? 40);
  const kept = useRef(rows);
  useEffect(() => {
    if (rows) kept.current = rows;
  }, [rows]);
  // What was seen stays until the other order or the other columns are there.
  const now = rows ?? kept.current;
  const first = now?.first;
  const columns = useMemo(() => {
    if (!first) return [];
    const arranged = all ?? arrangeColumns(first.columns, described);
    const places = new Map(arranged.map((each) => [each.name, each]));
    return first.columns.map(
      ({ name, type }): ShownColumn =>
        places.get(name) ?? { name, type, title: null, lang: undefined, technical: false },
    );
  }, [first, all, described]);
  const [tinted, setTinted] = useState(column);
  useEffect(() => {
    setTinted(column);
    if (column !== null) setLooked({ kind: 'column', name: column });
    const timer = setTimeout(() => setTinted(null), tintMs);
    return () => clearTimeout(timer);
  }, [column]);
  const toQuery = useQueryRoom(dataset);
  const place = { schema: dataset.schemaName, table, dataAsOf: dataset.dataAsOf };
  const count = useCall(
    'datasets.count',
    filters.length > 0 ? { id: dataset.id, table, filters: [...filters] } : null,
  );
  const total =
    filters.length === 0 ? (now?.first.total ?? null) : count.data?.exact ? count.data.rows : null;
  const estimate = count.data && !count.data.exact ? count.data.rows : null;
  const technical = all?.filter((each) => each.technical).length ?? 0;
  const open = (next: Looked): void => {
    setLooked(next);
  };
  return (
    <>
      <Frame
        {...props}
        tools={
          <>
            <Switch label={t('browse.flip')} checked={namesFirst} onChange={setNamesFirst} />
            {columns.length > 0 && (
              <Button small onClick={() => setFiltering({ column: columns[0]?.name ?? '', at: null })}>
                {t('browse.filter')}
              </Button>
            )}
            {technical > 0 && (
              <Button
                small
                aria-pressed={view.technical}
                onClick={() => change({ technical: !view.technical })}
              >
                {t('browse.technical', { count: technical })}
              </Button>
            )}
            {view.hidden.length > 0 && (
              <Button
                small
                onClick={({ currentTarget }) => {
                  change({ hidden: [] });
                  focusRows(currentTarget);
                }}
              >
                {t('browse.showHidden', { count: view.hidden.length })}
              </Button>
            )}
            {toQuery && (
              <Button
                small
                icon="query"
                onClick={() => toQuery(props.title, selectRows(place, columns, filters, view.order))}
              >
                {t('browse.query')}
              </Button>
            )}
          </>
        }
      >
        <FilterChips
          filters={filters}
          columns={all ?? columns}
          onEdit={(at) => setFiltering({ column: filters[at]?.column ?? '', at })}
          onRemove={(at, button) => {
            setFilters(filters.filter((_, each) => each !== at));
            focusRows(button);
          }}
        />
        {now?.isOld && (
          <Note tone="info">
            <p>
              {t('browse.renewed')}{' '}
              <Button
                small
                icon="sync"
                onClick={({ currentTarget }) => {
                  now.renew();
                  focusRows(currentTarget);
                }}
              >
                {t('browse.showNew')}
              </Button>
            </p>
          </Note>
        )}
        {call.error && (
          <ErrorNotice
            error={call.error}
            stillWorks={now ? t('error.showingOld') : t('data.unreachable', { name: dataset.connectionName })}
            actions={
              <Button small icon="sync" onClick={call.reload}>
                {t('action.tryAgain')}
              </Button>
            }
          />
        )}
        {!now && !call.error && <SkeletonRows rows={12} label={t('state.loading')} />}
        {now && (
          <RowGrid
            rows={now}
            columns={columns}
            view={view}
            onView={change}
            namesFirst={namesFirst}
            onFlip={() => setNamesFirst(!namesFirst)}
            tinted={tinted}
            sought={column}
            total={total}
            estimate={estimate}
            isCounting={count.loading && count.data === undefined}
            isFiltered={filters.length > 0}
            table={table}
            title={props.title}
            looked={looked}
            onLook={open}
            onInspect={() => onPane('inspector')}
            onFilter={(name) => setFiltering({ column: name, at: null })}
            onFilterBy={(filter) => setFilters([...filters, filter])}
            atTop={atTop}
          />
        )}
      </Frame>
      {looked !== null && (
        <Inspector
          dataset={dataset}
          table={table}
          looked={looked}
          columns={columns}
          described={described}
          filters={filters}
          place={place}
          toQuery={toQuery && ((sql) => toQuery(props.title, sql))}
          isAlone={pane === 'inspector'}
          onBack={() => onPane('grid')}
          onClose={() => {
            setLooked(null);
            onPane('grid');
          }}
        />
      )}
      {filtering !== null && (
        <FilterBox
          columns={all ?? columns}
          start={
            filtering.at === null ? { column: filtering.column } : (filters[filtering.at] ?? { column: '' })
          }
          onClose={() => setFiltering(null)}
          onDone={(filter) => {
            setFilters(
              filtering.at === null
                ? [...filters, filter]
                : filters.map((each, at) => (at === filtering.at ? filter : each)),
            );
            setFiltering(null);
          }}
        />
      )}
    </>
  );
}

/** What was pressed goes; whoever pressed it goes on in the rows, or at the title where there are none. */
function focusRows(pressed: Element): void {
  const pane = pressed.closest('.data-middle');
  (pane?.querySelector<HTMLElement>('[role="grid"]') ?? pane?.querySelector<HTMLElement>('h1'))?.focus();
}

interface FrameProps extends TableViewProps {
  readonly tools?: React.ReactNode;
  readonly children: React.ReactNode;
}

/** The middle pane: what it shows, how fresh that is, what can be done, and below it the rows or why there are none. */
function Frame({ dataset, table, title, lang, onPane, tools, children }: FrameProps) {
  const heading = useHeading(title);
  return (
    <section className="data-middle" aria-label={title} data-pane="grid" tabIndex={-1}>
      <header className="data-head">
        <div className="data-back">
          <IconButton icon="chevronRight" label={t('browse.toTables')} onClick={() => onPane('tree')} />
        </div>
        <h1 ref={heading} tabIndex={-1} lang={lang}>
          {title}
        </h1>
        {title !== table && (
          <span className="code muted data-name" translate="no">
            {table}
          </span>
        )}
        <AsOf dataset={dataset} />
        <nav className="data-links" aria-label={t('browse.aboutTable')}>
          <a href={href('dictionary', dataset.id, table)}>{t('dictionary.title')}</a>
          <a href={`${href('dictionary', dataset.id)}?changes`}>{t('dictionary.changesTab')}</a>
        </nav>
        <div className="data-tools">{tools}</div>
      </header>
      {children}
    </section>
  );
}

/** Up to when it is complete; late where it should have been refreshed by now. */
function AsOf({ dataset }: { dataset: Dataset }) {
  const now = useNow();
  if (dataset.dataAsOf === null) return null;
  const isLate = dataset.freshUntil !== null && Date.parse(dataset.freshUntil) < now;
  const time = formatMoment(dataset.dataAsOf, now);
  return (
    <span className={`tag tone-${isLate ? 'warn' : 'ok'} data-as-of`}>
      <Icon name={isLate ? 'warning' : 'check'} size={14} />
      <time dateTime={dataset.dataAsOf}>{t(isLate ? 'browse.lateUpTo' : 'browse.upTo', { time })}</time>
    </span>
  );
}

/** There is no such table, or none at all. */
export function NoTables({ dataset, onBack }: { dataset: Dataset | undefined; onBack: () => void }) {
  const heading = useHeading(t('data.title'));
  return (
    <section className="data-middle" aria-label={t('data.title')} data-pane="grid" tabIndex={-1}>
      <header className="data-head">
        <div className="data-back">
          <IconButton icon="chevronRight" label={t('browse.toTables')} onClick={onBack} />
        </div>
        <h1 ref={heading} tabIndex={-1}>
          {t('data.title')}
        </h1>
      </header>
      <Empty icon="table" title={t('browse.goneTitle')}>
        {dataset ? t('browse.goneText', { source: dataset.sourceName }) : t('browse.goneDataset')}
      </Empty>
    </section>
  );
}
