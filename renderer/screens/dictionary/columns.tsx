import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Dataset, DescribedColumn, DescribedTable } from '../../../preload/contract/models.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { formatNumber, formatPercent } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { hrefToColumn } from '../../router.ts';
import { DescribeButton, Said, Suggested } from './describe.tsx';
import type { Hit } from './find.ts';

/** Rows that are drawn or left out together. */
const chunkRows = 40;
/** What a row that was not drawn yet is taken to be high, in pixels. */
const guessedHeight = 53;
/** How far outside the window rows are drawn, so that scrolling and Tab always find them there. */
const margin = '900px';

interface ChunkProps<T> {
  readonly items: readonly T[];
  readonly from: number;
  readonly row: (item: T) => ReactNode;
  readonly keyOf: (item: T) => string;
  /** Key of the one that somebody looked for. */
  readonly shown?: string | undefined;
}

/** Some rows of a long table; out of sight only their height is there. */
function Chunk<T>({ items, from, row, keyOf, shown }: ChunkProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const wanted = shown !== undefined && items.some((item) => keyOf(item) === shown);
  const [near, setNear] = useState(from === 0 || wanted);
  // What was looked for is in view and has the focus, wherever in the table it is.
  useEffect(() => {
    if (!wanted) return undefined;
    const frame = requestAnimationFrame(() => {
      const row = body.current?.querySelector<HTMLElement>('tr[aria-current]');
      row?.scrollIntoView({ block: 'center' });
      row?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [wanted]);
  const height = useRef(items.length * guessedHeight);
  useEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        const away = entry?.isIntersecting === false;
        // What has the focus is never taken away under somebody's hands.
        if (away && element.contains(document.activeElement)) return;
        if (away && element.childElementCount > 0) height.current = element.offsetHeight;
        setNear(!away);
      },
      { rootMargin: `${margin} 0px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <tbody ref={body} style={near ? undefined : { blockSize: height.current }}>
      {near &&
        items.map((item, index) => (
          <tr
            className={keyOf(item) === shown ? 'columns-row shown' : 'columns-row'}
            key={keyOf(item)}
            aria-rowindex={from + index + 2}
            {...(keyOf(item) === shown ? { tabIndex: -1, 'aria-current': 'true' as const } : {})}
          >
            {row(item)}
          </tr>
        ))}
    </tbody>
  );
}

interface LongTableProps<T> {
  readonly label: string;
  readonly titles: readonly { readonly text: string; readonly number?: boolean }[];
  readonly items: readonly T[];
  readonly found?: boolean;
  readonly row: (item: T) => ReactNode;
  readonly keyOf: (item: T) => string;
  readonly shown?: string | undefined;
}

/** A table of any length: only what is near the window is drawn. */
function LongTable<T>({ label, titles, items, found, row, keyOf, shown }: LongTableProps<T>) {
  const chunks = Array.from({ length: Math.ceil(items.length / chunkRows) }, (_, n) => n * chunkRows);
  return (
    <table
      className={found ? 'columns columns-found' : 'columns'}
      aria-label={label}
      aria-rowcount={items.length + 1}
    >
      <thead>
        <tr className="columns-row columns-head">
          {titles.map(({ text, number }) => (
            <th key={text} scope="col" className={number ? 'columns-number' : undefined}>
              {text}
            </th>
          ))}
        </tr>
      </thead>
      {chunks.map((from) => {
        const members = items.slice(from, from + chunkRows);
        const [first] = members;
        return (
          // Other rows in the same place are another chunk, with a height of its own.
          <Chunk
            key={first && keyOf(first)}
            items={members}
            from={from}
            row={row}
            keyOf={keyOf}
            shown={shown}
          />
        );
      })}
    </table>
  );
}

interface CellProps {
  readonly kind?: 'name' | 'type' | 'number';
  readonly title?: string;
  readonly children: ReactNode;
}

function Cell({ kind, title, children }: CellProps) {
  const identifier = kind === 'name' || kind === 'type';
  return (
    <td className={kind && `columns-${kind}`} translate={identifier ? 'no' : undefined} data-label={title}>
      {children}
    </td>
  );
}

interface ColumnListProps {
  readonly dataset: Dataset;
  readonly table: DescribedTable;
  readonly label: string;
  /** Name of the column that somebody looked for. */
  readonly shown: string | undefined;
  readonly onDescribe: (column: DescribedColumn) => void;
}

/** The columns of one table with everything that is known of them. */
export function ColumnList({ dataset, table, label, shown, onDescribe }: ColumnListProps) {
  return (
    <LongTable
      label={label}
      items={table.columns}
      shown={shown}
      keyOf={(column) => column.name}
      titles={[
        { text: t('dictionary.column') },
        { text: t('dictionary.meaning') },
        { text: t('dictionary.type') },
        { text: t('dictionary.nulls'), number: true },
        { text: t('dictionary.distinct'), number: true },
      ]}
      row={(column) => (
        <>
          <Cell kind="name">
            <Identifier text={column.name} copyLabel={t('data.copyColumn', { name: column.name })} />
          </Cell>
          <Cell>
            <div className="meaning">
              <div>
                <Meaning column={column} />
                <Suggested dataset={dataset} table={table} column={column} />
              </div>
              <DescribeButton name={column.name} onPress={() => onDescribe(column)} />
            </div>
          </Cell>
          <Cell kind="type">{column.type}</Cell>
          <Cell kind="number" title={t('dictionary.nulls')}>
            {column.nullShare === null ? t('state.none') : formatPercent(column.nullShare)}
          </Cell>
          <Cell kind="number" title={t('dictionary.distinct')}>
            {column.distinct === null ? t('state.none') : formatNumber(Math.round(column.distinct))}
          </Cell>
        </>
      )}
    />
  );
}

interface HitListProps {
  readonly hits: readonly Hit[];
  readonly dataset: Dataset;
  readonly onOpen: () => void;
}

/** Columns of any table that match what somebody looks for. */
export function HitList({ hits, dataset, onOpen }: HitListProps) {
  return (
    <LongTable
      found
      label={t('dictionary.hits', { count: hits.length })}
      items={hits}
      keyOf={({ table, column }) => `${table.id} ${column.name}`}
      titles={[
        { text: t('dictionary.table') },
        { text: t('dictionary.column') },
        { text: t('dictionary.meaning') },
        { text: t('dictionary.type') },
      ]}
      row={({ table, column }) => (
        <>
          <Cell kind="name">
            <a href={hrefToColumn(column.name, 'dictionary', dataset.id, table.name)} onClick={onOpen}>
              <Breakable text={table.name} />
            </a>
          </Cell>
          <Cell kind="name">
            <Identifier text={column.name} copyLabel={t('data.copyColumn', { name: column.name })} />
          </Cell>
          <Cell>
            <Meaning column={column} />
          </Cell>
          <Cell kind="type">{column.type}</Cell>
        </>
      )}
    />
  );
}

/** What a description says beyond label and path; in the database all three are one comment. */
function furtherText({ label, description, sourcePath }: DescribedColumn): string {
  const known = [label, sourcePath].filter((part) => part !== null).join(' — ');
  const text = description ?? '';
  return text.startsWith(known) ? text.slice(known.length).replace(/^\. /, '') : text;
}

function Meaning({ column }: { column: DescribedColumn }) {
  const { label, lang, description, sourcePath, note } = column;
  const further = furtherText(column);
  if (label === null && description === null && sourcePath === null && note === null) {
    return <span className="muted">{t('state.none')}</span>;
  }
  return (
    <>
      <Said note={note} />
      {label !== null && (
        <p className={note?.description == null ? undefined : 'muted'} lang={lang}>
          {label}
        </p>
      )}
      {further !== '' && <p className="muted">{further}</p>}
      {sourcePath !== null && (
        <p className="cell-note code" translate="no">
          {sourcePath}
        </p>
      )}
    </>
  );
}
