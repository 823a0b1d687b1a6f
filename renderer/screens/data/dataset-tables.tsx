import { Tabs } from '@base-ui/react/tabs';
import { type ReactNode, useId } from 'react';
import type { Dataset, LandedTable } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { Loaded } from '../../components/page.tsx';
import { TextWithTimes, Time } from '../../components/time.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { type Arranged, arrange } from './arrange.ts';
import { RowGrid, rawLast } from './row-grid.tsx';

interface DatasetTablesProps {
  readonly dataset: Dataset;
  readonly table: string | undefined;
  /** The other datasets, below the tables of this one. */
  readonly children: ReactNode;
}

export function DatasetTables({ dataset, table, children }: DatasetTablesProps) {
  const tables = useCall('datasets.tables', { id: dataset.id });
  const first = tables.data && [...arrange(tables.data).values()].flat()[0]?.table;
  const chosen = tables.data?.find((each) => each.name === table) ?? first;
  return (
    <>
      <nav className="browser-side" aria-label={t('data.tables')}>
        <p className="browser-dataset browser-current">
          {t('dataset.name', { project: dataset.projectName, source: dataset.sourceName })}
          <span className="cell-note">
            <Identifier
              text={dataset.schemaName}
              copyLabel={t('links.copySchema', { name: dataset.schemaName })}
            />
          </span>
          {dataset.dataAsOf !== null && (
            <span className="cell-note">
              <Time at={dataset.dataAsOf} form="moment" say={(time) => t('data.asOf', { time })} />
            </span>
          )}
        </p>
        <Loaded call={tables} rows={5}>
          {(list) =>
            [...arrange(list)].map(
              ([group, members]) =>
                members.length > 0 && (
                  <TableGroup
                    key={group}
                    title={t(`data.group.${group}`)}
                    dataset={dataset}
                    members={members}
                    chosen={chosen?.name}
                  />
                ),
            )
          }
        </Loaded>
      </nav>
      {chosen ? (
        <TableDetail key={chosen.name} dataset={dataset} table={chosen} />
      ) : (
        // The place stays, so that nothing moves into it.
        <div className="browser-detail">
          {tables.error && <p className="muted">{t('data.unreachable', { name: dataset.connectionName })}</p>}
        </div>
      )}
      {children}
    </>
  );
}

interface TableGroupProps {
  readonly title: string;
  readonly dataset: Dataset;
  readonly members: readonly Arranged[];
  readonly chosen: string | undefined;
}

function TableGroup({ title, dataset, members, chosen }: TableGroupProps) {
  const id = useId();
  return (
    <section className="browser-group">
      <h3 id={id}>{title}</h3>
      <ul aria-labelledby={id}>
        {members.map(({ table, depth, prefix }) => (
          <li key={table.name}>
            <a
              className={`browser-table browser-depth-${Math.min(depth, 3)}`}
              href={href('data', dataset.id, table.name)}
              aria-current={table.name === chosen ? 'true' : undefined}
              title={table.name}
            >
              <span className="code identifier-text" translate="no">
                {/* Below its parent only what is its own is seen: the end of a name tells siblings apart. */}
                {prefix !== '' && <span className="visually-hidden">{prefix}</span>}
                {table.name.slice(prefix.length)}
              </span>
              <span className="number muted">{formatNumber(table.rows)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function TableDetail({ dataset, table }: { dataset: Dataset; table: LandedTable }) {
  const qualified = `${dataset.schemaName}.${table.name}`;
  return (
    <section className="browser-detail" aria-label={qualified}>
      <header className="browser-head">
        <h2 className="code" translate="no">
          <Breakable text={qualified} />
        </h2>
        <CopyButton text={qualified} label={t('data.copyName')} />
        <p className="muted number">
          {t('data.size', { rows: formatNumber(table.rows), columns: table.columns.length })}
        </p>
        <a
          href={href('dictionary', dataset.id, table.name)}
          aria-label={t('dictionary.openOf', { name: table.name })}
        >
          {t('dictionary.title')}
        </a>
      </header>
      {table.comment !== null && (
        <p className="muted">
          <TextWithTimes text={table.comment} />
        </p>
      )}
      <Tabs.Root defaultValue="rows">
        <Tabs.List className="tabs" aria-label={t('data.views')}>
          <Tabs.Tab className="tab" value="rows">
            {t('data.rowsTab')}
          </Tabs.Tab>
          <Tabs.Tab className="tab" value="columns">
            {t('data.columnsTab')}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rows" className="tab-panel">
          <RowGrid dataset={dataset} table={table} />
        </Tabs.Panel>
        <Tabs.Panel value="columns" className="tab-panel">
          <Columns table={table} />
        </Tabs.Panel>
      </Tabs.Root>
    </section>
  );
}

function Columns({ table }: { table: LandedTable }) {
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('data.column')}</th>
            <th scope="col">{t('data.type')}</th>
            <th scope="col">{t('data.origin')}</th>
          </tr>
        </thead>
        <tbody>
          {rawLast(table.columns).map((column) => (
            <tr key={column.name}>
              <th scope="row" className="cell-code">
                <Identifier text={column.name} copyLabel={t('data.copyColumn', { name: column.name })} />
              </th>
              <td data-label={t('data.type')} className="cell-code muted" translate="no">
                {column.type}
              </td>
              <td data-label={t('data.origin')} className="cell-wrap" translate="no">
                {column.comment ?? <span className="muted">{t('state.none')}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
