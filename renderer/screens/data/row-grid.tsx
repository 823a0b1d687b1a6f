import type { LandedTable } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Loaded } from '../../components/page.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';

const limit = 50;
const numeric = /^(smallint|integer|bigint|numeric|real|double precision)/;

/** The first rows as PostgreSQL prints them. NULL looks like nothing else. */
export function RowGrid({ datasetId, table }: { datasetId: string; table: LandedTable }) {
  const rows = useCall('datasets.rows', { id: datasetId, table: table.name, limit });
  return (
    <Loaded call={rows} rows={8}>
      {(answer) =>
        answer.rows.length === 0 ? (
          <p className="muted">{t('data.noRows')}</p>
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
                    {answer.columns.map((column) => (
                      <th key={column.name} scope="col" title={column.comment ?? undefined}>
                        {column.name}
                        <span className="grid-type">{column.type}</span>
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {answer.rows.map((row, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the answer's order is all the identity its rows have
                    <tr key={index}>
                      {row.map((value, at) => (
                        <Cell
                          key={answer.columns[at]?.name ?? at}
                          value={value}
                          number={numeric.test(answer.columns[at]?.type ?? '')}
                        />
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

function Cell({ value, number }: { value: string | null; number: boolean }) {
  if (value === null) {
    return (
      <td className="grid-null">
        <span>{t('data.null')}</span>
      </td>
    );
  }
  return (
    <td
      className={number ? 'grid-number' : undefined}
      title={value.length > 40 ? value.slice(0, 400) : undefined}
    >
      {value}
    </td>
  );
}
