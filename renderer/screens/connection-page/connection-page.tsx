import { useState } from 'react';
import { engineTraits } from '../../../preload/contract/engines.ts';
import type { ConnectionDetail } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { RevealSecret } from '../../components/session/reveal-secret.tsx';
import { Tag } from '../../components/status.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { later } from '../../later.tsx';
import { go, href, type Route } from '../../router.ts';
import { ExportDialog } from '../connection-export/export-dialog.tsx';
import { SealDialog } from '../connection-export/seal-dialog.tsx';
import { EditConnection } from '../connections/edit-connection.tsx';
import { type FixField, secretField } from '../connections/fixes.ts';
import {
  EnvironmentTag,
  HealthFacts,
  HealthStatus,
  manageBlocked,
  needsSecret,
} from '../connections/health.tsx';
import { DeleteConnection, DuplicateConnection } from '../connections/row-dialogs.tsx';
import { Facts } from './facts.tsx';
import { History } from './history.tsx';
import { RotationWizard, Undo } from './rotation.tsx';
import { TestCard } from './test-card.tsx';
import { WhereUsed } from './usage.tsx';

type PanelProps = { readonly connection: ConnectionDetail };
const panels = {
  structure: later<PanelProps>(() => import('./structure.tsx').then((file) => file.StructurePanel)),
  people: later<PanelProps>(() => import('./grants.tsx').then((file) => file.GrantsPanel)),
  leases: later<PanelProps>(() => import('./leases.tsx').then((file) => file.LeasesPanel)),
};
type PanelName = keyof typeof panels;
const panelNames: readonly PanelName[] = ['structure', 'people', 'leases'];

/** `#/connections/<id>`: how one connection is, who uses it, and what can be done with it; `?tab=` for its parts. */
export function ConnectionPage({ route }: { route: Route }) {
  const id = route.parts[1] ?? '';
  const detail = useCall('connections.get', { id });
  const back = { href: href('connections'), label: t('page.toList') };
  if (detail.error?.code === 'NOT_FOUND') {
    return (
      <Page title={t('page.gone')} back={back}>
        <Empty
          icon="database"
          title={t('page.gone')}
          action={
            <a className="button button-primary" href={href('connections')}>
              {t('page.toList')}
            </a>
          }
        >
          {t('page.goneText')}
        </Empty>
      </Page>
    );
  }
  if (!detail.data) {
    return (
      <Page title={t('connections.title')} back={back}>
        <Loaded call={detail} rows={6}>
          {() => null}
        </Loaded>
      </Page>
    );
  }
  // Another title: the page begins anew, so that the reading starts at it.
  return <Known key="known" connection={detail.data} error={detail.error} route={route} />;
}

type Asking = 'edit' | 'rotate' | 'duplicate' | 'delete' | 'export' | 'seal';

interface KnownProps {
  readonly connection: ConnectionDetail;
  readonly error: ReturnType<typeof useCall<'connections.get'>>['error'];
  readonly route: Route;
}

function Known({ connection, error, route }: KnownProps) {
  const access = useAccess();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [at, setAt] = useState<FixField>();
  const close = () => setAsking(null);
  const edit = (field?: FixField) => {
    setAt(field);
    setAsking('edit');
  };
  const toList = useWhileThere(() => go(href('connections'), true));
  const { id, name } = connection;
  const test = useAction((client, signal) => client.connections.test({ id }, { signal }));
  const blocked = manageBlocked(connection);
  const exportBlocked = access.reason('manage_database_connections');
  const tab = panelNames.find((each) => each === route.query.get('tab'));
  const Panel = tab && panels[tab].Screen;
  const here = href('connections', id);
  return (
    <Page
      title={name}
      back={{ href: href('connections'), label: t('page.toList') }}
      action={
        <div className="actions">
          {!engineTraits[connection.engine].lands && connection.state === 'active' && (
            <a className="button button-plain" href={href('query', id)}>
              {t('page.ask')}
            </a>
          )}
          <Button icon="edit" blocked={blocked} onClick={() => edit()}>
            {t('page.edit')}
          </Button>
          <Button icon="key" blocked={blocked} onClick={() => setAsking('rotate')}>
            {t('page.rotate')}
          </Button>
          <RowMenu
            label={t('table.moreFor', { name })}
            entries={[
              {
                label: t('connections.duplicate'),
                icon: 'copy',
                blocked,
                onSelect: () => setAsking('duplicate'),
              },
              {
                label: t('connections.export'),
                icon: 'external',
                blocked: exportBlocked,
                onSelect: () => setAsking('export'),
              },
              {
                label: t('connections.seal'),
                icon: 'lock',
                blocked: access.reason('reveal_secrets'),
                onSelect: () => setAsking('seal'),
              },
              {
                label: t('action.delete'),
                icon: 'trash',
                danger: true,
                blocked,
                onSelect: () => setAsking('delete'),
              },
            ]}
          />
        </div>
      }
    >
      <div className="connection-head">
        <EnvironmentTag environment={connection.environment} />
        <HealthStatus connection={connection} testing={test.busy} />
        {connection.state === 'active' && !test.busy && <HealthFacts health={connection.health} />}
        {connection.engine !== 'postgres' && <Tag>{engineTraits[connection.engine].title}</Tag>}
        {connection.readOnly && <Tag>{t('connections.readOnly')}</Tag>}
        {connection.access === 'granted' && <Tag>{t('connections.restricted')}</Tag>}
        <span className="code" translate="no">
          <Breakable text={`${connection.host}:${connection.port}/${connection.database}`} />
        </span>
      </div>
      {error && <ErrorNotice error={error} stillWorks={t('error.showingOld')} />}
      {!connection.hasSecret && (
        <Note tone="warn">
          <p className="notice-title">{needsSecret(connection)}</p>
          <p>{t('page.needsSecret')}</p>
          <div className="actions">
            <Button small icon="key" blocked={blocked} onClick={() => edit(secretField(connection))}>
              {t('connections.enterSecret')}
            </Button>
          </div>
        </Note>
      )}
      {connection.state !== 'active' && <TurnedOff connection={connection} />}
      {connection.undoableUntil !== null && (
        <Note tone="info">
          <Undo id={id} until={connection.undoableUntil} said="rotate.undoOnPage" blocked={blocked} />
        </Note>
      )}
      <nav className="tabs" aria-label={t('page.tabs')}>
        <a className="tab" href={here} aria-current={tab ? undefined : 'page'}>
          {t('page.tab.overview')}
        </a>
        {panelNames
          .filter((each) => each !== 'leases' || engineTraits[connection.engine].leases)
          .map((each) => (
            <a
              key={each}
              className="tab"
              href={`${here}?tab=${each}`}
              aria-current={each === tab ? 'page' : undefined}
            >
              {t(`page.tab.${each}`)}
            </a>
          ))}
      </nav>
      {Panel ? (
        <Panel
          key={`${tab} ${connection.host}:${connection.port}/${connection.database}`}
          connection={connection}
        />
      ) : (
        <div className="stack">
          <TestCard connection={connection} test={test} onFix={edit} />
          <History connection={connection} />
          <WhereUsed connection={connection} />
          <Facts
            connection={connection}
            secret={access.may('reveal_secrets') ? <RevealSecret connectionId={id} name={name} /> : undefined}
          />
        </div>
      )}
      {asking === 'edit' && <EditConnection id={id} name={name} at={at} onClose={close} />}
      {asking === 'rotate' && <RotationWizard connection={connection} onClose={close} />}
      {asking === 'duplicate' && <DuplicateConnection connection={connection} onClose={close} />}
      {asking === 'export' && <ExportDialog ids={[id]} onClose={close} />}
      {asking === 'seal' && <SealDialog ids={[id]} onClose={close} />}
      {asking === 'delete' && <DeleteConnection connection={connection} onClose={close} onDeleted={toList} />}
    </Page>
  );
}

function TurnedOff({ connection }: { connection: ConnectionDetail }) {
  const notify = useNotify();
  const activate = useAction((client) => client.connections.update({ id: connection.id, state: 'active' }));
  const run = async () => {
    if (await activate.run()) notify.done(t('page.activated', { name: connection.name }));
  };
  return (
    <Note tone="info">
      <p>{t(connection.state === 'archived' ? 'page.archived' : 'page.off')}</p>
      <div className="actions">
        <Button small busy={activate.busy} blocked={manageBlocked(connection)} onClick={() => void run()}>
          {t('page.activate')}
        </Button>
      </div>
      {activate.error && <ErrorNotice error={activate.error} urgent />}
    </Note>
  );
}
