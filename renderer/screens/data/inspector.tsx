import { useState } from 'react';
import type { Dataset, DescribedColumn, RowFilter } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { CopyButton, CopyTextButton } from '../../components/copy.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { prettyJson } from '../../components/grid/copy-as.ts';
import { SkeletonRows } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { formatNumber, formatPercent } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { hrefToColumn } from '../../router.ts';
import { cellText, type ShownColumn } from './columns.ts';
import { selectRows, selectShares } from './select.ts';

/** What is beside the grid: a column, or a whole row. */
export type Looked =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'row'; readonly name: string; readonly row: number; readonly key: readonly string[] };

/** Changes that are looked through for when a column came. */
const mostChanges = 1000;
/** Letters of a value that are shown before one asks for all of it. */
const longestShown = 600;

interface InspectorProps {
  readonly dataset: Dataset;
  readonly table: string;
  readonly looked: Looked;
  readonly columns: readonly ShownColumn[];
  readonly described: ReadonlyMap<string, DescribedColumn>;
  readonly filters: readonly RowFilter[];
  readonly place: { readonly schema: string; readonly table: string; readonly dataAsOf: string | null };
  readonly toQuery: ((sql: string) => void) | null;
  /** Whether it is the only pane that there is room for. */
  readonly isAlone: boolean;
  readonly onBack: () => void;
  readonly onClose: () => void;
}

export function Inspector(props: InspectorProps) {
  const { looked, onBack, onClose } = props;
  const label = t(looked.kind === 'column' ? 'browse.question' : 'browse.row');
  return (
    <aside className="data-side" aria-label={label} data-pane="inspector" tabIndex={-1}>
      <header className="data-side-head">
        <div className="data-back">
          <IconButton icon="chevronRight" label={t('browse.toRows')} onClick={onBack} />
        </div>
        <h2>
          {looked.kind === 'column' ? label : t('browse.rowNumber', { number: formatNumber(looked.row + 1) })}
        </h2>
        <IconButton icon="close" label={t('browse.closeSide')} onClick={onClose} />
      </header>
      {looked.kind === 'column' ? (
        <OfColumn key={looked.name} {...props} name={looked.name} />
      ) : (
        <OfRow {...props} rowKey={looked.key} />
      )}
    </aside>
  );
}

function OfColumn(props: InspectorProps & { readonly name: string }) {
  const { dataset, table, name, columns, described, place, filters, toQuery } = props;
  const known = described.get(name);
  const shown = columns.find((each) => each.name === name);
  const changes = useCall('datasets.changes', { id: dataset.id, limit: mostChanges });
  const since = changes.data?.find(
    (each) =>
      each.table === table && (each.column === name || each.column === null) && /added$/.test(each.kind),
  )?.at;
  const [asked, setAsked] = useState(false);
  const type = known?.type ?? shown?.type ?? '';
  const select = selectRows(
    place,
    [{ name, type }],
    filters.filter(({ column }) => column === name),
    null,
  );
  return (
    <>
      <h3 className="data-title" lang={known?.note?.description == null ? known?.lang : undefined}>
        {known?.note?.description ?? known?.label ?? name}
      </h3>
      {known?.note?.description != null && known.label !== null && (
        <p className="muted" lang={known.lang}>
          {known.label}
        </p>
      )}
      <dl className="data-facts">
        <dt>{t('data.column')}</dt>
        <dd className="code" translate="no">
          {name} <CopyButton text={name} label={t('data.copyColumn', { name })} />
        </dd>
        {known?.sourcePath != null && (
          <>
            <dt>{t('browse.path')}</dt>
            <dd className="code" translate="no">
              {known.sourcePath}
            </dd>
          </>
        )}
        <dt>{t('data.type')}</dt>
        <dd className="code" translate="no">
          {type}
        </dd>
        {known?.nullShare != null && (
          <>
            <dt>{t('browse.filled')}</dt>
            <dd>
              {t('browse.filledOf', {
                share: formatPercent(1 - known.nullShare),
                rows: formatNumber(dataset.rowCounts[table] ?? 0),
              })}
            </dd>
          </>
        )}
        {known?.distinct != null && (
          <>
            <dt>{t('dictionary.distinct')}</dt>
            <dd>{formatNumber(Math.round(known.distinct))}</dd>
          </>
        )}
        {since !== undefined && (
          <>
            <dt>{t('browse.since')}</dt>
            <dd>
              <Time at={since} form="moment" />
            </dd>
          </>
        )}
      </dl>
      <section className="data-answers" aria-label={t('browse.answers')}>
        <h3>{t('browse.answers')}</h3>
        {asked ? (
          <Shares dataset={dataset} table={table} column={name} type={type} filters={filters} />
        ) : (
          <Button small onClick={() => setAsked(true)}>
            {t('browse.showAnswers')}
          </Button>
        )}
      </section>
      <div className="actions">
        <CopyTextButton text={select} label={t('dictionary.copySelect')} />
        {toQuery && (
          <>
            <Button icon="query" onClick={() => toQuery(select)}>
              {t('browse.query')}
            </Button>
            <Button onClick={() => toQuery(selectShares(place, name))}>{t('browse.chart')}</Button>
          </>
        )}
        <a href={hrefToColumn(name, 'dictionary', dataset.id, table)}>{t('dictionary.title')}</a>
      </div>
    </>
  );
}

interface SharesProps {
  readonly dataset: Dataset;
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly filters: readonly RowFilter[];
}

/** The most frequent values, each with its share: a bar, and the number beside it. */
function Shares({ dataset, table, column, type, filters }: SharesProps) {
  const call = useCall('datasets.distribution', { id: dataset.id, table, column, filters: [...filters] });
  if (call.error) {
    return (
      <ErrorNotice
        error={call.error}
        actions={
          <Button small icon="sync" onClick={call.reload}>
            {t('action.tryAgain')}
          </Button>
        }
      />
    );
  }
  if (!call.data) return <SkeletonRows rows={4} label={t('state.loading')} />;
  const { rows, filled, top, min, max, distinct, sampled } = call.data;
  const most = top[0]?.rows ?? 1;
  return (
    <>
      {sampled && <p className="cell-note">{t('browse.sampled', { count: formatNumber(rows) })}</p>}
      {top.length === 0 && <p className="muted">{t('browse.noAnswers')}</p>}
      <table className="data-shares">
        <caption className="visually-hidden">{t('browse.sharesOf', { column })}</caption>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">{t('browse.value')}</th>
            <th scope="col">{t('browse.share')}</th>
          </tr>
        </thead>
        <tbody>
          {top.map(({ value, rows: count }) => (
            <tr key={value}>
              <th scope="row" title={value} translate="no">
                {value === '' ? t('browse.emptyText') : cellText(value, type)}
              </th>
              <td>
                <span className="data-bar" aria-hidden="true">
                  <span style={{ inlineSize: `${(count / most) * 100}%` }} />
                </span>
                <span className="number" title={formatNumber(count)}>
                  {formatPercent(rows === 0 ? 0 : count / rows)}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="data-facts">
        <dt>{t('browse.empty')}</dt>
        <dd>{formatNumber(rows - filled)}</dd>
        {distinct !== null && (
          <>
            <dt>{t('dictionary.distinct')}</dt>
            <dd>{formatNumber(distinct)}</dd>
          </>
        )}
        {min !== null && max !== null && (
          <>
            <dt>{t('browse.ends')}</dt>
            <dd translate="no">
              {t('browse.fromTo', { from: cellText(min, type), to: cellText(max, type) })}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

/** All of one row, its values whole. */
function OfRow(props: InspectorProps & { readonly rowKey: readonly string[] }) {
  const { dataset, table, rowKey, columns, described, looked } = props;
  const call = useCall('datasets.row', { id: dataset.id, table, key: [...rowKey] });
  if (call.error) return <ErrorNotice error={call.error} />;
  if (!call.data) return <SkeletonRows rows={8} label={t('state.loading')} />;
  const { values } = call.data;
  if (values === null) return <p className="muted">{t('browse.rowGone')}</p>;
  const found = call.data.columns.map((column, at) => ({ ...column, value: values[at] ?? null }));
  const byName = new Map(found.map((each) => [each.name, each]));
  // As in the grid, and behind them what is folded away there.
  const first = columns.flatMap(({ name }) => byName.get(name) ?? []);
  const seen = new Set(columns.map(({ name }) => name));
  const ordered = [...first, ...found.filter(({ name }) => !seen.has(name))];
  return (
    <dl className="data-row">
      {ordered.map(({ name, type, value }) => {
        const known = described.get(name);
        return (
          <div key={name} className={name === looked.name ? 'shown' : undefined}>
            <dt>
              {known?.label != null && <span lang={known.lang}>{known.label}</span>}
              <span className="code muted" translate="no">
                {name}
              </span>
            </dt>
            <dd>
              <Value value={value} type={type} />
              {value !== null && value !== '' && (
                <CopyButton text={value} label={t('browse.copyOf', { name })} />
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Value({ value, type }: { value: string | null; type: string }) {
  const [all, setAll] = useState(false);
  if (value === null) return <span className="muted">{t('browse.none')}</span>;
  if (value === '') return <span className="muted">{t('browse.emptyText')}</span>;
  const text = /^jsonb?$/.test(type) ? prettyJson(value) : cellText(value, type);
  const isLong = text.length > longestShown && !all;
  return (
    <span className={/^jsonb?$/.test(type) ? 'code data-value' : 'data-value'} translate="no">
      {isLong ? `${text.slice(0, longestShown)}…` : text}
      {isLong && (
        <Button small tone="quiet" onClick={() => setAll(true)}>
          {t('browse.showAll')}
        </Button>
      )}
    </span>
  );
}
