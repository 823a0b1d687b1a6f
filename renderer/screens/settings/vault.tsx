import { useState } from 'react';
import type { KeySlot, VaultStatus } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { type MenuEntry, RowMenu } from '../../components/menu.tsx';
import { Card } from '../../components/page.tsx';
import { PublicKey } from '../../components/session/public-key.tsx';
import { Status } from '../../components/status.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { vaultLook } from '../../shell/vault-state.tsx';
import { ChangeProtection } from './vault-protection.tsx';
import { Slots, slotName } from './vault-slots.tsx';
import { Unlock } from './vault-unlock.tsx';
import { Wipe } from './vault-wipe.tsx';

type Opened = 'rotate' | 'protection' | 'wipe';

/** How secrets are kept here: the state, what it means, and what can be done about it. */
export function Vault({ status }: { status: VaultStatus }) {
  const blocked = useAccess().reason('manage_vault');
  const slots = useCall('vault.slots', {}).data ?? [];
  const [opened, setOpened] = useState<Opened | null>(null);
  const close = () => setOpened(null);
  const look = vaultLook[status.state];
  const locked = status.state === 'locked';
  const shut = locked ? t('vault.lockedFirst') : undefined;
  const entries: MenuEntry[] = [
    {
      label: t('vault.wipeOpen'),
      icon: 'trash',
      danger: true,
      blocked,
      onSelect: () => setOpened('wipe'),
    },
  ];
  return (
    <Card
      title={t('vault.title')}
      action={
        <div className="actions">
          <Button
            small
            icon="key"
            blocked={blocked ?? (locked ? t('vault.lockedRotate') : undefined)}
            onClick={() => setOpened('rotate')}
          >
            {t('vault.rotate')}
          </Button>
          <Button small icon="lock" blocked={blocked ?? shut} onClick={() => setOpened('protection')}>
            {t('vault.change')}
          </Button>
          <RowMenu label={t('table.moreFor', { name: t('vault.title') })} entries={entries} />
        </div>
      }
    >
      <div className="stack">
        <div className="stack-tight">
          <p>
            <Status tone={look.tone} icon={look.icon}>
              {t(`vault.state.${status.state}`)}
            </Status>
          </p>
          <p className="muted">{t(`vault.explain.${status.state}`)}</p>
        </div>
        {status.explanation !== null && (
          <Note tone={locked ? 'bad' : 'warn'}>
            <p>{sentence(status.said, status.explanation)}</p>
          </Note>
        )}
        {locked && <Unlock status={status} slots={slots} />}
        {!locked && <Backend status={status} slots={slots} />}
        <dl className="facts facts-line">
          <div>
            <dt>{t('vault.protector')}</dt>
            <dd>{status.protector}</dd>
          </div>
          <div>
            <dt>{t('vault.secrets')}</dt>
            <dd>{t('vault.secretCount', { count: status.secrets })}</dd>
          </div>
          <div>
            <dt>{t('vault.keyVersion')}</dt>
            <dd>{status.keyVersion}</dd>
          </div>
        </dl>
        {status.state !== 'session_only' && <Slots slots={slots} blocked={blocked ?? shut} shut={locked} />}
        <PublicKey blocked={shut} />
      </div>
      {opened === 'rotate' && <Rotate status={status} slots={slots} onClose={close} />}
      {opened === 'protection' && <ChangeProtection status={status} onClose={close} />}
      {opened === 'wipe' && <Wipe status={status} onClose={close} />}
    </Card>
  );
}

/** What this computer offers is not what sealed the vault: said, with what one may want to do about it. */
function Backend({ status, slots }: { status: VaultStatus; slots: readonly KeySlot[] }) {
  const { sealedBy, available } = status;
  if (sealedBy === null || available === null || sealedBy === available) return null;
  if (slots.some(({ kind }) => kind === available)) return null;
  return (
    <Note tone="info">
      <p>
        {t('vault.otherBackend', {
          sealed: t(`vault.kind.${sealedBy}`),
          offered: t(`vault.kind.${available}`),
        })}
      </p>
      <p>{t('vault.otherBackendDo')}</p>
    </Note>
  );
}

function Rotate({
  status,
  slots,
  onClose,
}: {
  status: VaultStatus;
  slots: readonly KeySlot[];
  onClose: () => void;
}) {
  const notify = useNotify();
  const dropped = slots.filter(({ keptByRotation }) => !keptByRotation);
  const rotate = useAction((client) => client.vault.rotate({ dropping: dropped.map(({ id }) => id) }));
  const done = useWhileThere(onClose);
  const confirm = async () => {
    const renewed = await rotate.run();
    if (!renewed) return;
    done();
    notify.done(t('vault.rotatedToast', { count: renewed.secrets, version: renewed.keyVersion }));
  };
  return (
    <Confirm
      open
      danger={dropped.length > 0}
      title={t('vault.rotateTitle')}
      confirm={t(dropped.length > 0 ? 'vault.rotateDropping' : 'vault.rotate')}
      busy={rotate.busy}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <p>{t('vault.rotateText', { count: status.secrets })}</p>
      {dropped.length > 0 && (
        <Note tone="warn">
          <p>{t('vault.rotateDrops')}</p>
          <ul className="bullets">
            {dropped.map((slot) => (
              <li key={slot.id}>{slotName(slot)}</li>
            ))}
          </ul>
          <p>{t('vault.rotateDropsDo')}</p>
        </Note>
      )}
      {rotate.error && <ErrorNotice error={rotate.error} stillWorks={t('vault.rotateFailed')} urgent />}
    </Confirm>
  );
}
