import { useState } from 'react';
import { engineTraits } from '../../../preload/contract/engines.ts';
import type { DeletedConnection } from '../../../preload/contract/models.ts';
import { keptDeletedDays } from '../../../preload/contract/retention.ts';
import { useAction, useCall } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { TextField } from '../../components/fields.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { Tag } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useNow, useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { messageOf } from '../../i18n/sentence.ts';
import { go, href } from '../../router.ts';
import { EnvironmentTag } from './health.tsx';

/** As long as the contract takes a name. */
const longestName = 200;

/** `#/connections/deleted`: what was deleted and can be restored, the latest first. */
export function Deleted() {
  const list = useCall('connections.deleted', {});
  return (
    <Page
      title={t('deleted.title')}
      lead={t('deleted.lead', { days: keptDeletedDays })}
      wide
      back={{ href: href('connections'), label: t('page.toList') }}
    >
      <Loaded call={list} rows={3}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="trash" title={t('deleted.emptyTitle')}>
              {t('deleted.emptyText', { days: keptDeletedDays })}
            </Empty>
          ) : (
            <DeletedTable all={all} />
          )
        }
      </Loaded>
    </Page>
  );
}

function DeletedTable({ all }: { all: readonly DeletedConnection[] }) {
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('connections.name')}</th>
            <th scope="col">{t('connections.address')}</th>
            <th scope="col">{t('deleted.when')}</th>
            <th scope="col">{t('deleted.removed')}</th>
            <th scope="col" className="cell-actions">
              <span className="visually-hidden">{t('table.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((each) => (
            <Row key={each.id} deleted={each} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ deleted }: { deleted: DeletedConnection }) {
  const { id, name, environment, engine, host, port, database, deletedAt, deletedBy, removedAt } = deleted;
  const notify = useNotify();
  const now = useNow();
  const [naming, setNaming] = useState(false);
  const restore = useAction((client) => client.connections.restore({ id }));
  const isTaken = restore.error?.code === 'NAME_TAKEN';
  const run = async () => {
    const back = await restore.run();
    if (back) arrive(notify.done, id, back.name);
    else setNaming(true);
  };
  return (
    <tr>
      <th scope="row" className="cell-name">
        <span className="with-tag">
          <span>{name}</span>
          <EnvironmentTag environment={environment} />
          {engine !== 'postgres' && <Tag>{engineTraits[engine].title}</Tag>}
        </span>
        {restore.error && !isTaken && <ErrorNotice error={restore.error} urgent />}
      </th>
      <td data-label={t('connections.address')} className="cell-code cell-address" translate="no">
        <Breakable text={`${host}:${port}/${database}`} />
      </td>
      <td data-label={t('deleted.when')}>
        <Time at={deletedAt} />
        <span className="cell-note">{t('deleted.by', { name: deletedBy })}</span>
      </td>
      <td data-label={t('deleted.removed')}>
        {Date.parse(removedAt) > now ? <Time at={removedAt} /> : t('deleted.over')}
      </td>
      <td className="cell-actions">
        <Button
          small
          busy={restore.busy}
          onClick={() => void run()}
          aria-label={t('deleted.restoreOf', { name })}
        >
          {t('deleted.restore')}
        </Button>
        {naming && isTaken && <OtherName deleted={deleted} onClose={() => setNaming(false)} />}
      </td>
    </tr>
  );
}

/** Where its secrets are entered. */
function arrive(done: (title: string) => void, id: string, name: string): void {
  done(t('deleted.restored', { name }));
  go(href('connections', id), true);
}

/** Its name is another one's by now. */
function OtherName({ deleted: { id, name }, onClose }: { deleted: DeletedConnection; onClose: () => void }) {
  const notify = useNotify();
  const [wanted, setWanted] = useState(() => t('deleted.suggested', { name }).slice(0, longestName));
  const restore = useAction((client) => client.connections.restore({ id, name: wanted.trim() }));
  const done = useWhileThere(onClose);
  const taken = restore.error?.code === 'NAME_TAKEN' ? messageOf(restore.error) : undefined;
  const run = async () => {
    if (wanted.trim() === '') return;
    const back = await restore.run();
    if (!back) return;
    done();
    arrive(notify.done, id, back.name);
  };
  return (
    <Panel
      open
      title={t('deleted.takenTitle', { name })}
      lead={t('deleted.takenLead')}
      onClose={onClose}
      onSubmit={() => void run()}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button tone="primary" type="submit" busy={restore.busy}>
            {t('deleted.restore')}
          </Button>
        </>
      }
    >
      <div className="form">
        {restore.error && taken === undefined && <ErrorNotice error={restore.error} urgent />}
        <TextField
          label={t('connections.name')}
          value={wanted}
          maxLength={longestName}
          error={wanted.trim() === '' ? t('field.required') : taken}
          onChange={(value) => {
            setWanted(value);
            restore.reset();
          }}
        />
      </div>
    </Panel>
  );
}
