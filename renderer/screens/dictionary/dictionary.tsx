import { type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import type {
  Dataset,
  Dictionary as Described,
  DescribedColumn,
  DescribedTable,
} from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton, CopyTextButton } from '../../components/copy.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { TextWithTimes, Time } from '../../components/time.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { Changes } from './changes.tsx';
import { ColumnList, HitList } from './columns.tsx';
import { CoverageBar } from './coverage.tsx';
import { DescribeButton, DescribePanel, Said } from './describe.tsx';
import { Everywhere } from './everywhere.tsx';
import { ExportButtons } from './export.tsx';
import { createFinder, type Found, selectOf } from './find.ts';

/** `#/dictionary/<dataset>/<table>`: what is published, described; `?changes` for what changed. */
export function Dictionary({ route }: { route: Route }) {
  const datasets = useCall('datasets.list', {});
  return (
    <Page title={t('dictionary.title')} lead={t('dictionary.lead')} wide>
      <Loaded call={datasets}>
        {(all) => {
          const list = all.filter((each) => each.dataAsOf !== null && each.status !== 'expired');
          const chosen = list.find((each) => each.id === route.parts[1]) ?? list[0];
          return chosen ? (
            <OfDataset key={chosen.id} dataset={chosen} datasets={list} route={route} />
          ) : (
            <Empty
              icon="book"
              title={t('dictionary.emptyTitle')}
              action={
                <a className="button button-primary" href={href('runs')}>
                  {t('data.emptyAction')}
                </a>
              }
            >
              {t('dictionary.emptyText')}
            </Empty>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface OfDatasetProps {
  readonly dataset: Dataset;
  readonly datasets: readonly Dataset[];
  readonly route: Route;
}

function OfDataset({ dataset, datasets, route }: OfDatasetProps) {
  const described = useCall('datasets.dictionary', { id: dataset.id });
  const [typed, setTyped] = useState('');
  const changes = route.query.has('changes');
  const here = href('dictionary', dataset.id);
  const name = (each: Dataset) => t('dataset.name', { project: each.projectName, source: each.sourceName });
  return (
    <>
      <div className="dictionary-tools">
        {datasets.length > 1 && (
          <SelectField
            label={t('dictionary.dataset')}
            value={dataset.id}
            onChange={(id) => go(`${href('dictionary', id)}${changes ? '?changes' : ''}`)}
            options={datasets.map((each) => ({ value: each.id, label: name(each) }))}
          />
        )}
        {!changes && (
          <TextField
            label={t('dictionary.search')}
            help={t('dictionary.searchHelp')}
            type="search"
            value={typed}
            onChange={setTyped}
          />
        )}
      </div>
      <p className="dictionary-facts">
        {datasets.length === 1 && <span>{name(dataset)}</span>}
        <span className="code" translate="no">
          <Breakable text={dataset.schemaName} />
        </span>
        {dataset.dataAsOf !== null && (
          <Time at={dataset.dataAsOf} form="moment" say={(time) => t('data.asOf', { time })} />
        )}
      </p>
      {described.data !== undefined && described.data.tables.length > 0 && !changes && (
        <div className="dictionary-whole">
          <CoverageBar coverage={described.data.coverage} />
          <ExportButtons dataset={dataset} />
        </div>
      )}
      <nav className="tabs" aria-label={t('dictionary.views')}>
        <a className="tab" href={here} aria-current={changes ? undefined : 'page'}>
          {t('dictionary.tablesTab')}
        </a>
        <a className="tab" href={`${here}?changes`} aria-current={changes ? 'page' : undefined}>
          {t('dictionary.changesTab')}
        </a>
      </nav>
      {changes ? (
        <Changes dataset={dataset} />
      ) : (
        <Loaded call={described} rows={8}>
          {(answer) =>
            answer.tables.length === 0 ? (
              <Empty icon="book" title={t('dictionary.unpublishedTitle')}>
                {t('dictionary.unpublishedText')}
              </Empty>
            ) : (
              <Tables
                dataset={dataset}
                described={answer}
                typed={typed}
                wanted={route.parts[2]}
                column={route.query.get('column') ?? undefined}
                others={datasets.length > 1}
                onClear={() => setTyped('')}
              />
            )
          }
        </Loaded>
      )}
    </>
  );
}

interface TablesProps {
  readonly dataset: Dataset;
  readonly described: Described;
  readonly typed: string;
  readonly wanted: string | undefined;
  /** Name of the column in it that somebody looked for. */
  readonly column: string | undefined;
  readonly others: boolean;
  readonly onClear: () => void;
}

function Tables({ dataset, described, typed, wanted, column, others, onClear }: TablesProps) {
  const find = useMemo(() => createFinder(described), [described]);
  // Typing stays quick however many columns there are.
  const text = useDeferredValue(typed);
  const found = useMemo(() => find(text), [find, text]);
  const searching = text.trim() !== '';
  const chosen = described.tables.find(({ name }) => name === wanted) ?? described.tables[0];
  return (
    <div className="dictionary">
      <p className="visually-hidden" role="status">
        {searching ? t('dictionary.hits', { count: found.hits.length }) : ''}
      </p>
      <TableNav
        dataset={dataset}
        found={found}
        searching={searching}
        chosen={searching ? undefined : chosen?.name}
        onChoose={onClear}
      />
      {searching ? (
        <Hits dataset={dataset} found={found} text={text} more={others} onClear={onClear} />
      ) : (
        chosen && (
          <TableDetail
            key={`${chosen.id} ${column ?? ''}`}
            dataset={dataset}
            table={chosen}
            column={chosen.name === wanted ? column : undefined}
          />
        )
      )}
    </div>
  );
}

interface TableNavProps {
  readonly dataset: Dataset;
  readonly found: Found;
  readonly searching: boolean;
  readonly chosen: string | undefined;
  readonly onChoose: () => void;
}

function TableNav({ dataset, found, searching, chosen, onChoose }: TableNavProps) {
  return (
    <nav className="dictionary-side" aria-label={t('dictionary.tables')}>
      <p className="muted">
        {found.tables.length === 0
          ? t('dictionary.noTables')
          : t('dictionary.tableCount', { count: found.tables.length })}
      </p>
      <ul>
        {found.tables.map((table) => (
          <li key={table.id}>
            <a
              className="browser-table"
              href={href('dictionary', dataset.id, table.name)}
              aria-current={table.name === chosen ? 'true' : undefined}
              title={table.name}
              onClick={onChoose}
            >
              <span className="code identifier-text" translate="no">
                <Breakable text={table.name} />
              </span>
              <span className="number muted">
                {searching
                  ? t('dictionary.hitsIn', { count: found.hits.filter((hit) => hit.table === table).length })
                  : formatNumber(table.rows)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface HitsProps {
  readonly dataset: Dataset;
  readonly found: Found;
  readonly text: string;
  /** Whether there is other data that could be looked through. */
  readonly more: boolean;
  readonly onClear: () => void;
}

function Hits({ dataset, found, text, more, onClear }: HitsProps) {
  const { hits } = found;
  return (
    <Detail
      label={t('dictionary.found')}
      head={
        <>
          <h2>{t('dictionary.hits', { count: hits.length })}</h2>
          <Button small tone="quiet" onClick={onClear}>
            {t('dictionary.clear')}
          </Button>
        </>
      }
    >
      {hits.length === 0 ? (
        <p className="muted">{t('dictionary.noHitsText')}</p>
      ) : (
        <HitList hits={hits} dataset={dataset} onOpen={onClear} />
      )}
      {more && <Everywhere key={text} text={text} onOpen={onClear} />}
    </Detail>
  );
}

interface DetailOfProps {
  readonly dataset: Dataset;
  readonly table: DescribedTable;
  readonly column: string | undefined;
}

function TableDetail({ dataset, table, column }: DetailOfProps) {
  /** What is being described: a column, the table itself (null), or nothing. */
  const [describing, setDescribing] = useState<DescribedColumn | null | undefined>(undefined);
  const qualified = `${dataset.schemaName}.${table.name}`;
  return (
    <Detail
      label={qualified}
      head={
        <>
          <h2 className="code" translate="no">
            <Breakable text={table.name} />
          </h2>
          <CopyButton text={qualified} label={t('dictionary.copyTable')} />
          <div className="actions">
            <DescribeButton wide name={table.name} onPress={() => setDescribing(null)} />
            <CopyTextButton text={selectOf(dataset.schemaName, table)} label={t('dictionary.copySelect')} />
            <a className="button button-plain" href={href('data', dataset.id, table.name)}>
              {t('dictionary.rowsLink')}
            </a>
          </div>
        </>
      }
    >
      <p className="dictionary-facts">
        <span className="number">
          {t('data.size', { rows: formatNumber(table.rows), columns: table.columns.length })}
        </span>
        <span>{table.source}</span>
      </p>
      <CoverageBar coverage={table.coverage} />
      <Said note={table.note} />
      {table.description !== null && (
        <p className={table.note?.description == null ? undefined : 'muted'}>
          <TextWithTimes text={table.description} />
        </p>
      )}
      <ColumnList
        dataset={dataset}
        table={table}
        label={qualified}
        shown={column}
        onDescribe={setDescribing}
      />
      {describing !== undefined && (
        <DescribePanel
          dataset={dataset}
          table={table}
          column={describing}
          onClose={() => setDescribing(undefined)}
        />
      )}
    </Detail>
  );
}

interface DetailProps {
  readonly label: string;
  readonly head: ReactNode;
  readonly children: ReactNode;
}

function Detail({ label, head, children }: DetailProps) {
  return (
    <section className="dictionary-detail" aria-label={label}>
      <header className="browser-head">{head}</header>
      {children}
    </section>
  );
}
