import { useState } from 'react';
import type { VaultStatus } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { Note } from '../../components/error-notice.tsx';
import { RadioField } from '../../components/fields.tsx';
import { OtherError, TypedOutside, Waiting } from '../../components/session/reauth.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';

type Choice = 'keychain' | 'passphrase';

/** Seals the vault's key by something else: what this computer offers, or a passphrase. */
export function ChangeProtection({ status, onClose }: { status: VaultStatus; onClose: () => void }) {
  const notify = useNotify();
  const { available, sealedBy } = status;
  const offered = available !== null && available !== 'passphrase';
  const [to, setTo] = useState<Choice>(offered && sealedBy === 'passphrase' ? 'keychain' : 'passphrase');
  const change = useAction((client, signal) => client.vault.changeProtector({ to }, { signal }));
  const done = useWhileThere(onClose);
  const submit = async (): Promise<void> => {
    const changed = await change.run();
    if (!changed) return;
    done();
    notify.done(t('vault.changedToast', { protector: changed.protector }));
  };
  const same = to === 'keychain' && sealedBy === available;
  return (
    <Panel
      open
      title={t('vault.changeTitle')}
      lead={t('vault.changeLead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={change.busy ? change.cancel : onClose}>{t('action.cancel')}</Button>
          <Button
            tone="primary"
            type="submit"
            busy={change.busy}
            blocked={
              to === 'keychain' && !offered
                ? t('vault.noKeychain')
                : same
                  ? t('vault.sameProtection')
                  : undefined
            }
          >
            {t('vault.changeConfirm')}
          </Button>
        </>
      }
    >
      <div className="form">
        <RadioField<Choice>
          legend={t('vault.changeTo')}
          value={to}
          onChange={setTo}
          options={[
            {
              value: 'keychain',
              label: available === 'key_file' ? t('vault.kind.key_file') : t('vault.toKeychain'),
              help: offered ? t(`vault.toHelp.${available}`) : t('vault.noKeychain'),
            },
            { value: 'passphrase', label: t('vault.toPassphrase'), help: t('vault.toPassphraseHelp') },
          ]}
        />
        {to === 'passphrase' && (
          <>
            <TypedOutside>{t('vault.newPassphraseHelp')}</TypedOutside>
            <Note tone="warn">
              <p>{t('vault.passphraseForgotten')}</p>
            </Note>
          </>
        )}
        <Waiting error={change.error} />
        <OtherError error={change.error} stillWorks={t('vault.changeFailed')} />
      </div>
    </Panel>
  );
}
