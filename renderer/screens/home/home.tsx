import type { ConnectionPage } from '../../../preload/contract/models.ts';
import { recordCount } from '../../../preload/contract/records.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { causesOf } from '../../causes.ts';
import { Icon } from '../../components/icons.tsx';
import { Card, Loaded, Page } from '../../components/page.tsx';
import type { Watched } from '../../dataset-state.ts';
import { formatMoment, formatNumber } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { connectionCounts, connectionOverview } from '../../state.ts';
import { type Summary as Said, summarise, type World } from '../../summary.ts';
import { useWatched } from '../../use-watched.ts';
import { Attention, useFailing } from './attention.tsx';
import { DatasetLine } from './dataset-line.tsx';
import { Guide } from './guide.tsx';

export function Home() {
  const info = useCall('app.info', {}).data;
  const links = useWatched();
  const connections = useCall('connections.list', connectionOverview);
  const looksAfter = useAccess().may('run_syncs');
  const failing = useFailing();
  const now = useNow();
  const firstRun = info?.firstRun ?? false;
  const shown = links.data;
  const vault = useCall('vault.status', {}).data?.state;
  const world: World = {
    vault: vault === 'locked' ? 'locked' : vault === 'session_only' ? 'forgets' : 'keeps',
    offline: info?.offline ?? false,
  };
  // Who can do nothing about it is told that it waits, not why.
  const causes = looksAfter ? causesOf(shown ?? [], failing) : [];
  const summary = shown && summarise(shown, world, causes.length);
  // A vault that keeps nothing is said before the first password is entered.
  const isVaultSaid = !firstRun || world.vault !== 'keeps';
  return (
    <Page
      title={firstRun ? t('home.welcome') : t('home.title')}
      lead={firstRun ? t('home.welcomeLead') : links.error && !shown ? t('home.leadUnknown') : undefined}
    >
      {!firstRun && !(links.error && !shown) && (
        <p className="home-sentence" role="status">
          {summary ? <Sentence summary={summary} now={now} /> : t('state.loading')}
        </p>
      )}
      {isVaultSaid && <Attention causes={firstRun ? [] : causes} vault={world.vault} />}
      {firstRun && <Guide watched={shown ?? []} connections={connections.data} />}
      {!(firstRun && !links.error && !shown?.length) && (
        <Loaded call={{ ...links, data: shown }}>
          {(list) => (
            <>
              <Summary watched={list} connections={connections.data} />
              {list.length > 0 && (
                <Card title={t('home.datasets')} flush>
                  <ul className="lines">
                    {list.map((each) => (
                      <DatasetLine key={each.link.id} watched={each} />
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

/** The whole workspace, worst first, with the colour of the worst. */
function Sentence({ summary: { tone, parts, asOf }, now }: { summary: Said; now: number }) {
  const moment = asOf === null ? '' : formatMoment(asOf, now);
  const icons = { ok: 'checkCircle', warn: 'clock', bad: 'hand', info: 'info', muted: 'dashed' } as const;
  return (
    <span className={`home-state tone-${tone}`}>
      <Icon name={icons[tone]} size={20} />
      <span>
        {parts.map(({ part, count }) => (
          <span key={part}>
            {part === 'all' || part === 'rest'
              ? t(`summary.${part}`, { count, asOf: moment })
              : t(`summary.${part}`, { count })}{' '}
          </span>
        ))}
      </span>
    </span>
  );
}

interface SummaryProps {
  readonly watched: readonly Watched[];
  readonly connections: ConnectionPage | undefined;
}

function Summary({ watched, connections }: SummaryProps) {
  const counts = connections && connectionCounts(connections);
  // How good the data is: what is done about it meanwhile takes nothing from that.
  const upToDate = watched.filter(({ state }) => state.data === 'upToDate').length;
  const records = watched.reduce((sum, { dataset }) => sum + recordCount(dataset?.rowCounts ?? {}), 0);
  return (
    <dl className="tiles">
      <div className="tile">
        <dt>{t('home.tileFresh')}</dt>
        <dd>
          <a href={href('runs')}>
            {t('home.tileFreshValue', { fresh: formatNumber(upToDate), all: formatNumber(watched.length) })}
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
        <dt>{t('home.tileRecords')}</dt>
        <dd>
          <a href={href('data')}>{formatNumber(records)}</a>
        </dd>
      </div>
    </dl>
  );
}
