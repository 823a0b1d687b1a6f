import { useState } from 'react';
import type { Profile } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { TextField } from '../../components/fields.tsx';
import { type MenuEntry, RowMenu } from '../../components/menu.tsx';
import { Card, Loaded, Page } from '../../components/page.tsx';
import { useSeat } from '../../components/session/lock-session.tsx';
import { SetPassphrase } from '../../components/session/reauth-passphrase.tsx';
import { Status, Tag } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatNumber } from '../../format.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { go, href } from '../../router.ts';
import { PersonForm } from './person-form.tsx';
import { RoleMatrix } from './role-matrix.tsx';

/** What is open beside the list. */
type Opened =
  | { readonly kind: 'add' | 'first' }
  | { readonly kind: 'edit' | 'passphrase' | 'delete'; readonly profile: Profile };

/** From so many on they are searched. */
const manyPeople = 12;
/** So many rows are drawn; the next ones on demand. */
const pageOfPeople = 100;

export function People() {
  const people = useCall('people.list', {});
  const blocked = useAccess().reason('manage_people');
  const { session } = useSeat();
  const [opened, setOpened] = useState<Opened | null>(null);
  const close = () => setOpened(null);
  const me = session?.person;
  const add = () => setOpened({ kind: session?.hasPassphrase ? 'add' : 'first' });
  return (
    <Page
      title={t('people.title')}
      lead={t('people.lead')}
      action={
        <Button tone="primary" icon="plus" blocked={blocked} onClick={add}>
          {t('people.add')}
        </Button>
      }
    >
      <Loaded call={people} rows={3}>
        {(profiles) => <List profiles={profiles} onOpen={setOpened} />}
      </Loaded>
      <Card title={t('people.matrix')}>
        <div className="stack">
          <p className="muted">{t('people.matrixLead')}</p>
          <RoleMatrix />
        </div>
      </Card>
      {opened?.kind === 'add' && <PersonForm onClose={close} />}
      {opened?.kind === 'edit' && <PersonForm profile={opened.profile} onClose={close} />}
      {opened?.kind === 'passphrase' && <SetPassphrase person={opened.profile} onClose={close} />}
      {opened?.kind === 'delete' && <DeletePerson profile={opened.profile} onClose={close} />}
      {opened?.kind === 'first' && me && (
        <SetPassphrase person={me} onClose={close} onDone={() => setOpened({ kind: 'add' })} first />
      )}
    </Page>
  );
}

function List({ profiles, onOpen }: { profiles: readonly Profile[]; onOpen: (opened: Opened) => void }) {
  const [wanted, setWanted] = useState('');
  const [most, setMost] = useState(pageOfPeople);
  const text = wanted.trim().toLowerCase();
  const found = profiles.filter(({ name }) => name.toLowerCase().includes(text));
  return (
    <div className="stack">
      {profiles.length >= manyPeople && (
        <search className="toolbar">
          <TextField label={t('people.find')} type="search" value={wanted} onChange={setWanted} />
          <p className="muted toolbar-count" role="status">
            {t('people.count', { count: found.length })}
          </p>
        </search>
      )}
      {found.length > 0 && (
        <div className="table-wrap">
          <table className="table table-stack">
            <thead>
              <tr>
                <th scope="col">{t('people.name')}</th>
                <th scope="col">{t('people.roles')}</th>
                <th scope="col">{t('people.signIn')}</th>
                <th scope="col">{t('people.since')}</th>
                <th scope="col">
                  <span className="visually-hidden">{t('table.actions')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, most).map((profile) => (
                <Row key={profile.id} profile={profile} onOpen={onOpen} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {found.length > most && (
        <p>
          <Button onClick={() => setMost(most + pageOfPeople)}>
            {t('people.more', { count: formatNumber(found.length - most) })}
          </Button>
        </p>
      )}
    </div>
  );
}

function Row({ profile, onOpen }: { profile: Profile; onOpen: (opened: Opened) => void }) {
  const access = useAccess();
  const { session } = useSeat();
  const own = session?.person?.id === profile.id;
  const blocked = access.reason('manage_people');
  const entries: MenuEntry[] = [
    { label: t('action.edit'), icon: 'edit', blocked, onSelect: () => onOpen({ kind: 'edit', profile }) },
    {
      label: t(profile.hasPassphrase ? 'passphrase.change' : 'passphrase.set'),
      icon: 'key',
      // One's own is nobody else's business.
      blocked: own ? undefined : blocked,
      onSelect: () => onOpen({ kind: 'passphrase', profile }),
    },
    {
      label: t('people.activity'),
      icon: 'activity',
      blocked: access.reason('read_audit'),
      onSelect: () => go(`${href('activity')}?person=${encodeURIComponent(profile.name)}`),
    },
    {
      label: t('action.delete'),
      icon: 'trash',
      danger: true,
      blocked: blocked ?? (own ? t('people.notYourself') : undefined),
      onSelect: () => onOpen({ kind: 'delete', profile }),
    },
  ];
  return (
    <tr>
      <th scope="row" className="cell-name">
        <span className="with-tag">
          {profile.name}
          {own && <Tag tone="info">{t('people.you')}</Tag>}
        </span>
      </th>
      <td data-label={t('people.roles')}>
        <span className="with-tag">
          {profile.roles.map((role) => (
            <Tag key={role}>{t(`role.${role}`)}</Tag>
          ))}
          {profile.roles.length === 0 && <span className="muted">{t('people.noRole')}</span>}
        </span>
      </td>
      <td data-label={t('people.signIn')}>
        {profile.hasPassphrase ? (
          <Status tone="ok" icon="lock">
            {t('people.hasPassphrase')}
          </Status>
        ) : (
          <Status tone="warn" icon="unlock">
            {t('people.noPassphrase')}
          </Status>
        )}
      </td>
      <td data-label={t('people.since')} className="cell-time">
        <Time at={profile.createdAt} form="moment" />
      </td>
      <td className="cell-actions">
        <div className="actions">
          <RowMenu label={t('table.moreFor', { name: profile.name })} entries={entries} />
        </div>
      </td>
    </tr>
  );
}

function DeletePerson({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const notify = useNotify();
  const removal = useAction((client) => client.people.delete({ id: profile.id }));
  const done = useWhileThere(onClose);
  const confirm = async (): Promise<void> => {
    if (!(await removal.run())) return;
    done();
    notify.done(t('people.deletedToast', { name: profile.name }));
  };
  return (
    <Confirm
      open
      danger
      title={t('people.deleteTitle', { name: profile.name })}
      confirm={t('people.deleteConfirm')}
      busy={removal.busy}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <p>{t('people.deleteGoes')}</p>
      <p>{t('people.deleteStays')}</p>
      {removal.error && <ErrorNotice error={removal.error} stillWorks={t('people.unchanged')} urgent />}
    </Confirm>
  );
}
