import type { VaultStatus } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { TypedOutside, Waiting } from '../../components/session/reauth.tsx';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { Unlock } from '../settings/vault-unlock.tsx';
import type { Step } from './steps.tsx';

/** Whether the vault has something to be decided before the first password is entered. */
export const needsVaultStep = (status: Pick<VaultStatus, 'state'>): boolean =>
  status.state === 'session_only' || status.state === 'locked';

/** The vault, where it keeps nothing or is shut: a passphrase, or going on in the knowledge of it. */
export function useVaultStep(status: VaultStatus | undefined, onDone: () => void, onClose: () => void): Step {
  const blocked = useAccess().reason('manage_vault');
  const locked = status?.state === 'locked';
  const slots = useCall('vault.slots', locked ? {} : null).data ?? [];
  const protect = useAction((client, signal) =>
    client.vault.changeProtector({ to: 'passphrase' }, { signal }),
  );
  const submit = async () => {
    if (locked || blocked !== undefined) return;
    if (await protect.run()) onDone();
  };
  const close = (
    <Button tone="quiet" onClick={protect.busy ? protect.cancel : onClose}>
      {t('action.cancel')}
    </Button>
  );
  if (locked && status) {
    return {
      submit: () => {},
      footer: close,
      body: (
        <>
          <Note tone="warn">
            <p className="notice-title">{t('home.vaultLocked')}</p>
            <p>{t('setup.vaultLocked')}</p>
          </Note>
          <Unlock status={status} slots={slots} onDone={onDone} />
        </>
      ),
    };
  }
  return {
    submit: () => void submit(),
    footer: (
      <>
        {close}
        <Button onClick={onDone}>{t('setup.vaultWithout')}</Button>
        <Button tone="primary" icon="lock" type="submit" busy={protect.busy} blocked={blocked}>
          {t('setup.vaultProtect')}
        </Button>
      </>
    ),
    body: (
      <>
        <Note tone="warn">
          <p className="notice-title">{t('setup.vaultForgets')}</p>
          <p>{t('setup.vaultForgetsText')}</p>
          {status?.explanation && <p className="muted">{sentence(status.said, status.explanation)}</p>}
        </Note>
        <p>{t('setup.vaultOffer')}</p>
        <TypedOutside>{t('vault.newPassphraseHelp')}</TypedOutside>
        <Waiting error={protect.error} />
        {protect.error && <ErrorNotice error={protect.error} stillWorks={t('vault.changeFailed')} urgent />}
      </>
    ),
  };
}
