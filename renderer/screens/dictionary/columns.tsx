import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Dataset, DictionaryColumn } from '../../../preload/contract/models.ts';
import { Identifier } from '../../components/identifier.tsx';
import { formatNumber, formatPercent } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import type { Hit } from './find.ts';

/** So many rows are added whenever the end comes near: more than two screens, drawn within a frame or two. */
const step = 120;
/** How far below the window the end may come before more are added. */
const ahead = '1200px';

/** Grows with the scrolling, so that a table of thousands of columns is there at once. */
function useGrowing(all: number) {
  const [shown, setShown] = useState(step);
  const end = useRef<HTMLDivElement>(null);
  const rest = all > shown;
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at anew after every growth: the end may still be near
  useEffect(() => {
    const element = end.current;
    if (!element || !rest) return undefined;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setShown((known) => known + step),
      { rootMargin: ahead },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [rest, shown]);
  return { shown, end };
}

interface GrowingTableProps<T> {
  readonly label: string;
  readonly titles: readonly { readonly text: string; readonly number?: boolean }[];
  readonly items: readonly T[];
  readonly found?: boolean;
  readonly row: (item: T) => ReactNode;
  readonly keyOf: (item: T) => string;
}

function GrowingTable<T>({ label, titles, items, found, row, keyOf }: GrowingTableProps<T>) {
  const { shown, end } = useGrowing(items.length);
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a table element can not be left out of the layout while out of sight
    <div
      className={found ? 'columns columns-found' : 'columns'}
      role="table"
      aria-label={label}
      aria-rowcount={items.length + 1}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div className="columns-row columns-head" role="row">
        {titles.map(({ text, number }) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          <span key={text} role="columnheader" className={number ? 'columns-number' : undefined}>
            {text}
          </span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div className="columns-body" role="rowgroup">
        {items.slice(0, shown).map((item, index) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          <div className="columns-row" role="row" key={keyOf(item)} aria-rowindex={index + 2}>
            {row(item)}
          </div>
        ))}
      </div>
      <div ref={end} aria-hidden="true" />
    </div>
  );
}

interface CellProps {
  readonly kind?: 'name' | 'type' | 'number';
  readonly title?: string;
  readonly children: ReactNode;
}

function Cell({ kind, title, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as in GrowingTable
    <div
      role="cell"
      className={kind && `columns-${kind}`}
      translate={kind === 'name' || kind === 'type' ? 'no' : undefined}
      data-label={title}
    >
      {children}
    </div>
  );
}

/** The columns of one table with everything that is known of them. */
export function ColumnList({ columns, label }: { columns: readonly DictionaryColumn[]; label: string }) {
  return (
    <GrowingTable
      label={label}
      items={columns}
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
            <Meaning column={column} />
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
    <GrowingTable
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
            <a href={href('dictionary', dataset.id, table.name)} onClick={onOpen}>
              {table.name}
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

function Meaning({ column }: { column: DictionaryColumn }) {
  const { label, description, sourcePath } = column;
  if (label === null && description === null && sourcePath === null) {
    return <span className="muted">{t('state.none')}</span>;
  }
  return (
    <>
      {label !== null && <p>{label}</p>}
      {description !== null && description !== label && <p className="muted">{description}</p>}
      {sourcePath !== null && (
        <p className="cell-note code" translate="no">
          {sourcePath}
        </p>
      )}
    </>
  );
}
