import { useCall } from '../../api.ts';
import { StateBadges, WatchedText } from '../../components/data/freshness.tsx';
import { ReviewHeld } from '../../components/data/held-review.tsx';
import { JobProgress } from '../../components/data/job-progress.tsx';
import { KeepTables } from '../../components/data/keep-tables.tsx';
import { NextStep } from '../../components/data/put-right.tsx';
import { Identifier } from '../../components/identifier.tsx';
import { Notice } from '../../components/notice.tsx';
import { Card, Empty, Loaded, Page } from '../../components/page.tsx';
import type { Watched } from '../../dataset-state.ts';
import { formatNumber } from '../../format.ts';
import { useLive } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href, hrefShowing, type Route } from '../../router.ts';
import { totalRows } from '../../state.ts';
import { useWatched } from '../../use-watched.ts';
import { Announce } from './announce.tsx';
import { History } from './history.tsx';

export function SyncStatus({ route }: { route: Route }) {
  const links = useWatched();
  const jobs = useCall('syncs.list', {});
  const live = useLive();
  const datasets = links.data?.flatMap(({ dataset }) => dataset ?? []) ?? [];
  const running = datasets.flatMap(({ job }) => job ?? []);
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
      <Loaded call={links}>
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
            <LinkTable links={list} />
          )
        }
      </Loaded>
      {links.data?.length !== 0 && (
        <section className="stack-tight" aria-label={t('sync.history')}>
          <h2>{t('sync.history')}</h2>
          <Loaded call={jobs}>
            {(list) => <History jobs={list.map(live)} datasets={datasets} shown={route.query.get('show')} />}
          </Loaded>
        </section>
      )}
    </Page>
  );
}

function LinkTable({ links }: { links: readonly Watched[] }) {
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
          {links.map((each) => (
            <LinkRow key={each.link.id} watched={each} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LinkRow({ watched }: { watched: Watched }) {
  const { link, dataset, state } = watched;
  const name = t('dataset.name', { project: link.projectName, source: link.sourceName });
  return (
    <tr>
      <th scope="row" className="cell-name">
        <a href={hrefShowing(link.id, 'projects', link.projectId)}>{name}</a>
        {dataset && (
          <span className="cell-note">
            <Identifier
              text={dataset.schemaName}
              copyLabel={t('links.copySchema', { name: dataset.schemaName })}
            />
          </span>
        )}
      </th>
      <td data-label={t('sync.state')} className="cell-state">
        <StateBadges state={state} />
        <span className="cell-note">
          <WatchedText watched={watched} />
        </span>
        {dataset && <Notice dataset={dataset} small />}
      </td>
      <td data-label={t('sync.tables')}>
        <RowCounts counts={dataset?.rowCounts ?? {}} />
      </td>
      <td className="cell-actions">
        <div className="actions">
          {dataset && <ReviewHeld dataset={dataset} primary />}
          <NextStep watched={watched} />
          {dataset && <KeepTables dataset={dataset} of={name} />}
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
