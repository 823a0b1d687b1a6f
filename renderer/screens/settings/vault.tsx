import { type FormEvent, useRef, useState } from 'react';
import type { VaultStatus } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { type MenuEntry, RowMenu } from '../../components/menu.tsx';
import { Card } from '../../components/page.tsx';
import { PublicKey } from '../../components/public-key.tsx';
import { OtherError, PassphraseField, WaitNote, waitOf } from '../../components/reauth.tsx';
import { useWrongLeadsBack } from '../../components/reauth-passphrase.tsx';
import { Status } from '../../components/status.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { vaultLook } from '../../components/vault-state.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useNow, useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { ChangeProtection } from './vault-protection.tsx';
import { Wipe } from './vault-wipe.tsx';

type Opened = 'rotate' | 'protection' | 'wipe';

/** How secrets are kept here: the state, what it means, and what can be done about it. */
export function Vault({ status }: { status: VaultStatus }) {
  const blocked = useAccess().reason('manage_vault');
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
            <p>{status.explanation}</p>
          </Note>
        )}
        {locked && <Unlock byPassphrase={status.sealedBy === 'passphrase'} />}
        {!locked && <Backend status={status} />}
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
        <PublicKey blocked={shut} />
      </div>
      {opened === 'rotate' && <Rotate status={status} onClose={close} />}
      {opened === 'protection' && <ChangeProtection status={status} onClose={close} />}
      {opened === 'wipe' && <Wipe status={status} onClose={close} />}
    </Card>
  );
}

/** What this computer offers is not what sealed the vault: said, with what one may want to do about it. */
function Backend({ status }: { status: VaultStatus }) {
  const { sealedBy, available } = status;
  if (sealedBy === null || available === null || sealedBy === available) return null;
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

function Unlock({ byPassphrase }: { byPassphrase: boolean }) {
  const notify = useNotify();
  const [passphrase, setPassphrase] = useState('');
  const [missing, setMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const now = useNow(1000);
  const unlock = useAction((client) => client.vault.unlock(byPassphrase ? { passphrase } : {}));
  useWrongLeadsBack(unlock.error?.code, form);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setMissing(byPassphrase && passphrase === '');
    if (byPassphrase && passphrase === '') {
      focusFirstInvalid(form.current);
      return;
    }
    const status = await unlock.run();
    setPassphrase('');
    if (status && status.state !== 'locked') notify.done(t('vault.unlockedToast'));
  };
  const until = waitOf(unlock.error);
  return (
    <form className="form vault-unlock" ref={form} noValidate onSubmit={(event) => void submit(event)}>
      {byPassphrase && (
        <PassphraseField
          label={t('vault.passphrase')}
          help={t('vault.passphraseHelp')}
          value={passphrase}
          onChange={setPassphrase}
          error={
            missing && passphrase === ''
              ? t('field.required')
              : unlock.error?.code === 'PASSPHRASE_WRONG' && passphrase === ''
                ? t('vault.passphraseWrong')
                : undefined
          }
        />
      )}
      {until !== null && <WaitNote until={until} now={now} />}
      <OtherError error={unlock.error} />
      <div>
        <Button
          tone="primary"
          type="submit"
          icon="unlock"
          busy={unlock.busy}
          blocked={until !== null && until > now ? t('reauth.wait') : undefined}
        >
          {t(byPassphrase ? 'vault.unlock' : 'vault.tryKeychain')}
        </Button>
      </div>
    </form>
  );
}

function Rotate({ status, onClose }: { status: VaultStatus; onClose: () => void }) {
  const notify = useNotify();
  const rotate = useAction((client) => client.vault.rotate());
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
      title={t('vault.rotateTitle')}
      confirm={t('vault.rotate')}
      busy={rotate.busy}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <p>{t('vault.rotateText', { count: status.secrets })}</p>
      {rotate.error && <ErrorNotice error={rotate.error} stillWorks={t('vault.rotateFailed')} urgent />}
    </Confirm>
  );
}
