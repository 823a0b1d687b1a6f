import { useEffect, useRef } from 'react';
import type { Dataset, LandedTable } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Notice } from '../../components/notice.tsx';
import { Empty, Loaded } from '../../components/page.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { useRoute } from '../../router.ts';

const limit = 50;
const numeric = /^(smallint|integer|bigint|numeric|real|double precision)/;

/** The first rows as PostgreSQL prints them. NULL looks like nothing else. */
export function RowGrid({ dataset, table }: { dataset: Dataset; table: LandedTable }) {
  const shown = useRoute().query.get('column');
  const rows = useCall('datasets.rows', { id: dataset.id, table: table.name, limit });
  return (
    <Loaded call={rows} rows={8}>
      {(answer) =>
        answer.rows.length === 0 ? (
          <>
            <Notice dataset={dataset} />
            <Empty icon="table" title={t('data.noRows')}>
              {t('data.noRowsText')}
            </Empty>
          </>
        ) : (
          <>
            <section
              className="grid-wrap"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable to be scrolled by keyboard
              tabIndex={0}
              aria-label={t('data.gridLabel', { table: table.name })}
            >
              <table className="grid" translate="no">
                <thead>
                  <tr>
                    {rawLast(answer.columns).map((column) => (
                      <HeadCell key={column.name} column={column} shown={column.name === shown} />
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {answer.rows.map((row, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the answer's order is all the identity its rows have
                    <tr key={index}>
                      {rawLast(
                        answer.columns.map((column, at) => ({ ...column, value: row[at] ?? null })),
                      ).map((column) => (
                        <Cell key={column.name} value={column.value} column={column} />
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
            <p className="cell-note">
              {answer.more
                ? t('data.firstRows', { shown: answer.rows.length, all: formatNumber(table.rows) })
                : t('data.allRows', { count: answer.rows.length })}
            </p>
          </>
        )
      }
    </Loaded>
  );
}

interface HeadCellProps {
  readonly column: Column & { readonly comment: string | null };
  /** Whether the address names it: it is brought into view then. */
  readonly shown: boolean;
}

function HeadCell({ column, shown }: HeadCellProps) {
  const cell = useRef<HTMLTableCellElement>(null);
  useEffect(() => {
    if (shown) cell.current?.scrollIntoView({ inline: 'center', block: 'nearest' });
  }, [shown]);
  return (
    <th
      ref={cell}
      scope="col"
      className={shown ? 'shown' : undefined}
      aria-current={shown || undefined}
      title={column.comment ?? undefined}
    >
      {column.name}
      <span className="grid-type">{column.type}</span>
    </th>
  );
}

interface Column {
  readonly name: string;
  readonly type: string;
}

/** The untouched record is for machines. */
const isRaw = ({ name, type }: Column): boolean => name === 'raw' && type === 'jsonb';
const rawLength = 60;

/** The columns in their order, but the untouched record at the end. */
export function rawLast<C extends Column>(columns: readonly C[]): C[] {
  return [...columns.filter((column) => !isRaw(column)), ...columns.filter(isRaw)];
}

function Cell({ value, column }: { value: string | null; column: Column }) {
  if (value === null) {
    return (
      <td className="grid-null">
        <span>{t('data.null')}</span>
      </td>
    );
  }
  if (isRaw(column)) {
    return (
      <td className="grid-raw" title={value.slice(0, 400)}>
        {value.slice(0, rawLength)}
      </td>
    );
  }
  return (
    <td
      className={numeric.test(column.type) ? 'grid-number' : undefined}
      title={value.length > 40 ? value.slice(0, 400) : undefined}
    >
      {value}
    </td>
  );
}
