import { useState } from 'react';
import type { Connection } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { ConnectionForm } from './connection-form.tsx';
import { ConnectionTable } from './connection-table.tsx';

export function Connections({ route }: { route: Route }) {
  const list = useCall('connections.list', {});
  const access = useAccess();
  const blocked = access.reason('manage_database_connections');
  const [editing, setEditing] = useState<Connection | 'new' | null>(null);
  const wanted = route.query.has('add') && blocked === undefined;
  const close = () => {
    setEditing(null);
    if (wanted) go(href('connections'), true);
  };
  const add = (
    <Button tone="primary" icon="plus" blocked={blocked} onClick={() => setEditing('new')}>
      {t('connections.add')}
    </Button>
  );
  const subject = editing ?? (wanted ? 'new' : null);
  return (
    <Page
      title={t('connections.title')}
      lead={t('connections.lead')}
      action={list.data?.length === 0 ? undefined : add}
    >
      <Loaded call={list}>
        {(connections) =>
          connections.length === 0 ? (
            <Empty icon="database" title={t('connections.emptyTitle')} action={add}>
              {t('connections.emptyText')}
            </Empty>
          ) : (
            <ConnectionTable
              connections={connections}
              blocked={blocked}
              shown={route.query.get('show')}
              onEdit={setEditing}
            />
          )
        }
      </Loaded>
      {subject !== null && <ConnectionForm connection={subject === 'new' ? null : subject} onClose={close} />}
    </Page>
  );
}
