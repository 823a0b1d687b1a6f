import { useState } from 'react';
import type { ConnectionDetail, LeasedLogin, LeaseSettings } from '../../../preload/contract/models.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Box, Panel } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { TextField } from '../../components/fields.tsx';
import type { IconName } from '../../components/icons.tsx';
import { Card, Loaded } from '../../components/page.tsx';
import { Status, type Tone } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatDuration, formatMoment } from '../../format.ts';
import { useNow, useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';

const look: Record<LeasedLogin['state'], { tone: Tone; icon: IconName }> = {
  active: { tone: 'ok', icon: 'check' },
  ending: { tone: 'warn', icon: 'warning' },
  ended: { tone: 'muted', icon: 'stop' },
};

/** Logins of the database that a connection lends: whether it does, to whom, and taking them back. */
export function LeasesPanel({ connection }: { connection: ConnectionDetail }) {
  const [asking, setAsking] = useState<'settings' | 'get' | null>(null);
  const { lease, may } = connection;
  const action =
    may === 'manage' ? (
      <Button small onClick={() => setAsking('settings')}>
        {lease ? t('leases.change') : t('leases.turnOn')}
      </Button>
    ) : undefined;
  return (
    <Card title={t('leases.title')} action={action}>
      <div className="stack">
        <p className="muted">{t('leases.lead')}</p>
        {lease ? (
          <>
            <p>
              {t('leases.on', { role: lease.readerRole, time: formatDuration(lease.minutes * 60_000) })}{' '}
              {t('leases.onSync')}
            </p>
            {may !== 'see' && (
              <p>
                <Button icon="key" onClick={() => setAsking('get')}>
                  {t('leases.get')}
                </Button>
              </p>
            )}
          </>
        ) : (
          <p>
            {t('leases.off')} {may === 'manage' ? '' : t('leases.offReader')}
          </p>
        )}
        {may !== 'see' && <Leased connectionId={connection.id} />}
      </div>
      {asking === 'settings' && <Settings connection={connection} onClose={() => setAsking(null)} />}
      {asking === 'get' && <Get connection={connection} onClose={() => setAsking(null)} />}
    </Card>
  );
}

function Leased({ connectionId }: { connectionId: string }) {
  const list = useCall('leases.list', { connectionId });
  return (
    <Loaded call={list} rows={2}>
      {(leases) =>
        leases.length === 0 ? (
          <p className="muted">{t('leases.noneYet')}</p>
        ) : (
          <div className="table-wrap">
            <table className="table table-stack">
              <thead>
                <tr>
                  <th scope="col">{t('leases.user')}</th>
                  <th scope="col">{t('leases.person')}</th>
                  <th scope="col">{t('leases.state')}</th>
                  <th scope="col">{t('leases.until')}</th>
                  <th scope="col" className="cell-actions">
                    <span className="visually-hidden">{t('table.actions')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {leases.slice(0, 100).map((lease) => (
                  <LeaseRow key={lease.id} lease={lease} />
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Loaded>
  );
}

function LeaseRow({ lease }: { lease: LeasedLogin }) {
  const notify = useNotify();
  const end = useAction((client, signal) => client.leases.end({ id: lease.id }, { signal }));
  const run = async () => {
    if (await end.run()) notify.done(t('leases.endedToast', { user: lease.user }));
  };
  return (
    <tr>
      <th scope="row" className="code" translate="no">
        {lease.user}
      </th>
      <td data-label={t('leases.person')}>{lease.personName}</td>
      <td data-label={t('leases.state')}>
        <Status {...look[lease.state]}>{t(`leases.state.${lease.state}`)}</Status>
        {lease.state === 'ending' && <span className="cell-note">{t('leases.endingHelp')}</span>}
        {end.error && <ErrorNotice error={end.error} urgent />}
      </td>
      <td data-label={t('leases.until')}>
        <Time at={lease.validUntil} form="moment" />
      </td>
      <td className="cell-actions">
        {lease.state !== 'ended' && (
          <Button
            small
            busy={end.busy}
            aria-label={t('leases.endOf', { user: lease.user })}
            onClick={() => void run()}
          >
            {t('leases.end')}
          </Button>
        )}
      </td>
    </tr>
  );
}

interface DialogProps {
  readonly connection: ConnectionDetail;
  readonly onClose: () => void;
}

function Settings({ connection, onClose }: DialogProps) {
  const notify = useNotify();
  const [role, setRole] = useState(connection.lease?.readerRole ?? '');
  const [minutes, setMinutes] = useState(String(connection.lease?.minutes ?? 60));
  const [problems, setProblems] = useState<{ role?: string; minutes?: string }>({});
  const save = useAction((client, _signal, lease: LeaseSettings | null) =>
    client.connections.update({ id: connection.id, lease }),
  );
  const done = useWhileThere(onClose);
  const submit = async () => {
    const number = Number(minutes);
    const fits = Number.isInteger(number) && number >= 5 && number <= 1440;
    const found = {
      ...(role.trim() === '' ? { role: t('field.required') } : {}),
      ...(fits ? {} : { minutes: t('leases.minutesInvalid') }),
    };
    setProblems(found);
    if (Object.keys(found).length === 0) await send({ readerRole: role.trim(), minutes: number });
  };
  const send = async (lease: LeaseSettings | null) => {
    if (!(await save.run(lease))) return;
    notify.done(t('leases.savedToast'));
    done();
  };
  return (
    <Panel
      open
      title={t('leases.settingsTitle', { name: connection.name })}
      lead={t('leases.lead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          {connection.lease && (
            <Button tone="danger" busy={save.busy} onClick={() => void send(null)}>
              {t('leases.turnOff')}
            </Button>
          )}
          <Button tone="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button tone="primary" type="submit" busy={save.busy}>
            {t('action.save')}
          </Button>
        </>
      }
    >
      <div className="form">
        {save.error && <ErrorNotice error={save.error} urgent />}
        <TextField
          label={t('leases.reader')}
          help={t('leases.readerHelp')}
          translate="no"
          value={role}
          onChange={setRole}
          error={problems.role}
        />
        <TextField
          label={t('leases.minutes')}
          inputMode="numeric"
          value={minutes}
          onChange={setMinutes}
          error={problems.minutes}
        />
      </div>
    </Panel>
  );
}

function Get({ connection, onClose }: DialogProps) {
  const notify = useNotify();
  const now = useNow();
  const mint = useAction((client, signal, deliver: 'copy' | 'show') =>
    client.leases.mint({ connectionId: connection.id, deliver }, { signal }),
  );
  const done = useWhileThere(onClose);
  const run = async (deliver: 'copy' | 'show') => {
    const made = await mint.run(deliver);
    if (!made) return;
    notify.done(
      deliver === 'copy'
        ? t('leases.copiedToast', { user: made.user })
        : t('leases.madeToast', { user: made.user, time: formatMoment(made.validUntil, now) }),
    );
    done();
  };
  return (
    <Box
      open
      title={t('leases.getTitle', { name: connection.name })}
      onClose={onClose}
      footer={
        <>
          <Button tone="quiet" onClick={mint.busy ? mint.cancel : onClose}>
            {t('action.cancel')}
          </Button>
          <Button busy={mint.busy} onClick={() => void run('show')}>
            {t('leases.show')}
          </Button>
          <Button tone="primary" icon="copy" busy={mint.busy} onClick={() => void run('copy')}>
            {t('leases.copy')}
          </Button>
        </>
      }
    >
      <p>{t('leases.getText')}</p>
      {mint.error && <ErrorNotice error={mint.error} urgent />}
    </Box>
  );
}
