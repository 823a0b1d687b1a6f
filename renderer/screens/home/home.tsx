import type { ConnectionPage, Dataset } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Card, Loaded, Page } from '../../components/page.tsx';
import { formatNumber } from '../../format.ts';
import { useLive, useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import {
  connectionCounts,
  connectionOverview,
  freshness,
  totalRows,
  urgency,
  wantsSomebody,
  withLiveJob,
} from '../../state.ts';
import { Attention } from './attention.tsx';
import { DatasetLine } from './dataset-line.tsx';
import { Guide } from './guide.tsx';

export function Home() {
  const info = useCall('app.info', {});
  const datasets = useCall('datasets.list', {});
  const connections = useCall('connections.list', connectionOverview);
  const now = useNow();
  const live = useLive();
  const firstRun = info.data?.firstRun ?? false;
  const shown = datasets.data
    ?.map((each) => withLiveJob(each, live))
    .sort((a, b) => urgency(a, now) - urgency(b, now) || a.projectName.localeCompare(b.projectName));
  return (
    <Page
      title={firstRun ? t('home.welcome') : t('home.title')}
      lead={
        datasets.error && !datasets.data
          ? t('home.leadUnknown')
          : leadOf(firstRun, shown, connections.data, now)
      }
    >
      {firstRun && <Guide datasets={shown ?? []} connections={connections.data} />}
      {!firstRun && <Attention datasets={shown ?? []} now={now} />}
      {!(firstRun && !datasets.error && !shown?.length) && (
        <Loaded call={{ ...datasets, data: shown }}>
          {(list) => (
            <>
              <Summary datasets={list} connections={connections.data} now={now} />
              {list.length > 0 && (
                <Card title={t('home.datasets')} flush>
                  <ul className="lines">
                    {list.map((dataset) => (
                      <DatasetLine key={dataset.id} dataset={dataset} />
                    ))}
                  </ul>
                </Card>
              )}
            </>
          )}
        </Loaded>
      )}
    </Page>
  );
}

/** The whole workspace in one sentence. */
function leadOf(
  firstRun: boolean,
  datasets: readonly Dataset[] | undefined,
  connections: ConnectionPage | undefined,
  now: number,
): string {
  if (firstRun) return t('home.welcomeLead');
  if (!datasets || !connections) return t('state.loading');
  const states = datasets.map((each) => freshness(each, now));
  const wanting = states.filter((state) => wantsSomebody.includes(state)).length;
  const failing = connectionCounts(connections).failing;
  if (wanting + failing > 0) return t('home.leadAttention', { count: wanting + failing });
  if (states.includes('running') || states.includes('waiting')) return t('home.leadRunning');
  if (states.includes('stale')) return t('home.leadStale');
  if (datasets.length === 0) return t('home.leadNothing');
  return t('home.leadFine');
}

interface SummaryProps {
  readonly datasets: readonly Dataset[];
  readonly connections: ConnectionPage | undefined;
  readonly now: number;
}

function Summary({ datasets, connections, now }: SummaryProps) {
  const counts = connections && connectionCounts(connections);
  const fresh = datasets.filter((each) => freshness(each, now) === 'fresh').length;
  const rows = datasets.reduce((sum, each) => sum + totalRows(each.rowCounts), 0);
  return (
    <dl className="tiles">
      <div className="tile">
        <dt>{t('home.tileFresh')}</dt>
        <dd>
          <a href={href('sync')}>
            {t('home.tileFreshValue', { fresh: formatNumber(fresh), all: formatNumber(datasets.length) })}
          </a>
        </dd>
      </div>
      <div className="tile">
        <dt>{t('home.tileConnections')}</dt>
        <dd>
          <a href={href('connections')}>
            {counts ? t('home.tileConnectionsOk', { ok: counts.ok, all: counts.all }) : t('state.none')}
          </a>
          {counts && counts.failing > 0 && (
            <span className="tone-bad tile-more">
              {t('home.tileConnectionsFailing', { count: counts.failing })}
            </span>
          )}
        </dd>
      </div>
      <div className="tile">
        <dt>{t('home.tileRows')}</dt>
        <dd>
          <a href={href('data')}>{formatNumber(rows)}</a>
        </dd>
      </div>
    </dl>
  );
}
