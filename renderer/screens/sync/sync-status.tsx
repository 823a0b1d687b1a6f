import type { Dataset } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { FreshnessStatus, FreshnessText } from '../../components/data/freshness.tsx';
import { ReviewHeld } from '../../components/data/held-review.tsx';
import { JobProgress } from '../../components/data/job-progress.tsx';
import { KeepTables } from '../../components/data/keep-tables.tsx';
import { PutRight } from '../../components/data/put-right.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { Notice } from '../../components/notice.tsx';
import { Card, Empty, Loaded, Page } from '../../components/page.tsx';
import { formatNumber } from '../../format.ts';
import { useLive, useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href, hrefShowing, type Route } from '../../router.ts';
import { totalRows, urgency, withLiveJob } from '../../state.ts';
import { Announce } from './announce.tsx';
import { History } from './history.tsx';

export function SyncStatus({ route }: { route: Route }) {
  const datasets = useCall('datasets.list', {});
  const jobs = useCall('syncs.list', {});
  const live = useLive();
  const now = useNow();
  const withLive = datasets.data?.map((each) => withLiveJob(each, live));
  const running = withLive?.flatMap((each) => each.job ?? []) ?? [];
  return (
    <Page title={t('sync.title')} lead={t('sync.lead')}>
      <Announce jobs={running} />
      {running.length > 0 && (
        <Card title={t('sync.running')}>
          <div className="jobs">
            {running.map((job) => (
              <div key={job.id}>
                <h3 className="job-name">
                  {t('dataset.name', { project: job.projectName, source: job.sourceName })}
                </h3>
                <JobProgress job={job} />
              </div>
            ))}
          </div>
        </Card>
      )}
      <Loaded call={{ ...datasets, data: withLive }}>
        {(list) =>
          list.length === 0 ? (
            <Empty
              icon="sync"
              title={t('sync.emptyTitle')}
              action={
                <a className="button button-primary" href={href('projects')}>
                  {t('sync.emptyAction')}
                </a>
              }
            >
              {t('sync.emptyText')}
            </Empty>
          ) : (
            <DatasetTable datasets={[...list].sort((a, b) => urgency(a, now) - urgency(b, now))} />
          )
        }
      </Loaded>
      {datasets.data?.length !== 0 && (
        <section className="stack-tight" aria-label={t('sync.history')}>
          <h2>{t('sync.history')}</h2>
          <Loaded call={jobs}>
            {(list) => (
              <History jobs={list.map(live)} datasets={withLive ?? []} shown={route.query.get('show')} />
            )}
          </Loaded>
        </section>
      )}
    </Page>
  );
}

function DatasetTable({ datasets }: { datasets: readonly Dataset[] }) {
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('sync.dataset')}</th>
            <th scope="col">{t('sync.state')}</th>
            <th scope="col">{t('sync.tables')}</th>
            <th scope="col" className="cell-actions">
              <span className="visually-hidden">{t('table.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {datasets.map((dataset) => (
            <DatasetRow key={dataset.id} dataset={dataset} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DatasetRow({ dataset }: { dataset: Dataset }) {
  const name = t('dataset.name', { project: dataset.projectName, source: dataset.sourceName });
  return (
    <tr>
      <th scope="row" className="cell-name">
        <a href={hrefShowing(dataset.linkId, 'projects', dataset.projectId)}>{name}</a>
        <span className="cell-note">
          <Identifier
            text={dataset.schemaName}
            copyLabel={t('links.copySchema', { name: dataset.schemaName })}
          />
        </span>
      </th>
      <td data-label={t('sync.state')} className="cell-state">
        <FreshnessStatus dataset={dataset} />
        <span className="cell-note">
          <FreshnessText dataset={dataset} />
        </span>
        <Notice dataset={dataset} small />
      </td>
      <td data-label={t('sync.tables')}>
        <RowCounts counts={dataset.rowCounts} />
      </td>
      <td className="cell-actions">
        <div className="actions">
          <ReviewHeld dataset={dataset} primary />
          <PutRight dataset={dataset} />
          <KeepTables dataset={dataset} of={name} />
        </div>
      </td>
    </tr>
  );
}

/** Rows per table; the long tail of child tables is behind a disclosure. */
export function RowCounts({ counts }: { counts: Readonly<Record<string, number>> }) {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return <span className="muted">{t('sync.noRows')}</span>;
  const lines = entries.map(([table, rows]) => (
    <li key={table} className="count-line">
      <span className="code identifier-text" translate="no" title={table}>
        {table}
      </span>
      <span className="number">{formatNumber(rows)}</span>
    </li>
  ));
  if (entries.length <= 3) return <ul className="counts">{lines}</ul>;
  return (
    <details className="counts-more">
      <summary>
        {t('sync.tableCount', { tables: entries.length, rows: formatNumber(totalRows(counts)) })}
      </summary>
      <ul className="counts">{lines}</ul>
    </details>
  );
}
