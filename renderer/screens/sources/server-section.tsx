import { useId } from 'react';
import type { SourcePace, SourceTypeInfo } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { CauseItem } from '../../components/data/cause-item.tsx';
import { Note } from '../../components/error-notice.tsx';
import type { IconName } from '../../components/icons.tsx';
import { Registration } from '../../components/session/registration.tsx';
import { Status, type Tone } from '../../components/status.tsx';
import { formatList, formatMoment } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { browserWayOf, typedWayOf } from '../../source-kinds.ts';
import { SignIns } from '../credentials/sign-ins.tsx';
import { type Server, type ServerState, stateOfServer } from './servers.ts';
import { type RowActions, SourceRow } from './source-row.tsx';

const look: Record<ServerState, { tone: Tone; icon: IconName }> = {
  offline: { tone: 'muted', icon: 'dashed' },
  trouble: { tone: 'bad', icon: 'failed' },
  signIn: { tone: 'bad', icon: 'hand' },
  waits: { tone: 'info', icon: 'clock' },
  off: { tone: 'muted', icon: 'pause' },
  works: { tone: 'ok', icon: 'checkCircle' },
  unread: { tone: 'muted', icon: 'dashed' },
};

/** "CommCare HQ", with its address where it is not the usual one. */
export const nameOfServer = ({ title, host, isUsual }: Server): string =>
  isUsual ? title : t('servers.at', { title, host });

interface SectionProps extends RowActions {
  readonly server: Server;
  readonly type: SourceTypeInfo | undefined;
  readonly pace: readonly SourcePace[];
  /** The source that another screen points at. */
  readonly shown: string | null;
}

/** A server: how it is and the one thing that helps, what is read there and by whom, and the sign-ins. */
export function ServerSection({ server, type, pace, shown, ...actions }: SectionProps) {
  const title = useId();
  const browser = browserWayOf(type);
  const access = useAccess();
  const offline = useCall('app.info', {}).data?.offline ?? false;
  const now = useNow();
  const name = nameOfServer(server);
  const state = stateOfServer(server, offline, now);
  const { waitsUntil } = server;
  return (
    <section className="server" aria-labelledby={title}>
      <header className="server-head">
        <div className="server-name">
          <h2 id={title}>{name}</h2>
          {server.connectionId === null ? (
            <p className="code muted" translate="no">
              <Breakable text={server.baseUrl} />
            </p>
          ) : (
            <p>
              <a href={href('connections', server.connectionId)}>{t('servers.connection')}</a>
            </p>
          )}
        </div>
        <div className="server-state">
          <Status {...look[state]}>
            {state === 'waits' && waitsUntil !== null
              ? t('servers.state.waits', { time: formatMoment(waitsUntil, now) })
              : state === 'waits'
                ? t('servers.state.works')
                : t(`servers.state.${state}`)}
          </Status>
          <Client server={server} type={type} />
        </div>
      </header>
      {state === 'offline' ? (
        <Note tone="info">
          <p>{t('servers.offlineText')}</p>
        </Note>
      ) : (
        server.causes.length > 0 && (
          <ul className="lines server-causes">
            {server.causes.map((group) => (
              <CauseItem key={group.key} group={group} />
            ))}
          </ul>
        )
      )}
      <div className="table-wrap">
        <table className="table table-stack" aria-label={t('servers.spaces', { server: name })}>
          <thead>
            <tr>
              <th scope="col">{t('servers.source')}</th>
              <th scope="col">{t('servers.yours')}</th>
              <th scope="col">{t('servers.readBy')}</th>
              <th scope="col">{t('sources.reading')}</th>
              <th scope="col" className="cell-actions">
                <span className="visually-hidden">{t('table.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {server.sources.map((source) => (
              <SourceRow
                key={source.id}
                source={source}
                type={type}
                links={server.links.filter(({ link }) => link.sourceId === source.id)}
                pace={paceText(pace.find((each) => each.sourceId === source.id))}
                shown={source.id === shown}
                {...actions}
              />
            ))}
          </tbody>
        </table>
      </div>
      <h3>{t('servers.signIns', { server: name })}</h3>
      {server.signIns.length === 0 ? (
        <p className="muted">{t('servers.signInsNone')}</p>
      ) : (
        <SignIns credentials={server.signIns} label={t('servers.signIns', { server: name })} />
      )}
      {browser && access.may('manage_sources') && (
        <details className="registration-more">
          <summary>{t('servers.register')}</summary>
          <Registration baseUrl={server.baseUrl} page={browser.registerPath} />
        </details>
      )}
    </section>
  );
}

/** What Headgate is known as at the server. */
function Client({ server: { clientIds }, type }: { server: Server; type: SourceTypeInfo | undefined }) {
  if (browserWayOf(type) === undefined) return null;
  if (clientIds.length === 0)
    return <p className="muted">{t(typedWayOf(type) ? 'servers.clientNone' : 'servers.clientMissing')}</p>;
  return (
    <p className="muted">
      {t('servers.client')}{' '}
      <span className="code" translate="no">
        {formatList(clientIds)}
      </span>
    </p>
  );
}

const spans = { 1: 'second', 60: 'minute', 3600: 'hour' } as const;
const isSpan = (seconds: number): seconds is keyof typeof spans => Object.hasOwn(spans, seconds);

/** "Lets through about 2 requests a second": what its refusals told. */
function paceText(pace: SourcePace | undefined): string | null {
  const limits = (pace?.limits ?? []).flatMap(({ seconds, requests: count }) =>
    isSpan(seconds) ? [t(`servers.paceOf.${spans[seconds]}`, { count })] : [],
  );
  return limits.length === 0 ? null : t('servers.paceSeen', { limits: formatList(limits) });
}
