import { type FormEvent, useState } from 'react';
import type { KeySlot, VaultStatus } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { RadioField } from '../../components/fields.tsx';
import { OtherError, TypedOutside, WaitNote, waitOf } from '../../components/session/reauth.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';

type Way = 'passphrase' | 'recovery' | 'keychain';

/** What a person can try: what is asked for, and what opens by itself once it is there again. */
function waysOf(status: VaultStatus, slots: readonly KeySlot[]): Way[] {
  const first: Way = status.sealedBy === 'passphrase' ? 'passphrase' : 'keychain';
  const more = slots.map(
    ({ kind }): Way => (kind === 'passphrase' || kind === 'recovery' ? kind : 'keychain'),
  );
  return [...new Set([first, ...more])];
}

interface UnlockProps {
  readonly status: VaultStatus;
  readonly slots: readonly KeySlot[];
  /** Called once something opened. */
  readonly onDone?: () => void;
}

/** Opens the vault; where it is open, shows that what is entered would open it. */
export function Unlock({ status, slots, onDone }: UnlockProps) {
  const notify = useNotify();
  const ways = waysOf(status, slots);
  const [chosen, setChosen] = useState<Way | null>(null);
  const way = chosen ?? (ways[0] as Way);
  const now = useNow(1000);
  const unlock = useAction((client, signal) =>
    client.vault.unlock(way === 'keychain' ? {} : { by: way }, { signal }),
  );
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (unlock.busy) return;
    const after = await unlock.run();
    if (!after || after.state === 'locked') return;
    notify.done(t('vault.unlockedToast'));
    onDone?.();
  };
  const until = waitOf(unlock.error);
  return (
    <form className="form vault-unlock" noValidate onSubmit={(event) => void submit(event)}>
      {ways.length > 1 && (
        <RadioField<Way>
          legend={t('vault.openWith')}
          value={way}
          onChange={(next) => {
            setChosen(next);
            unlock.reset();
          }}
          options={ways.map((value) => ({ value, label: t(`vault.way.${value}`) }))}
        />
      )}
      {way !== 'keychain' && (
        <TypedOutside>
          {t(way === 'recovery' ? 'vault.recoveryOutside' : 'vault.passphraseOutside')}
        </TypedOutside>
      )}
      {until !== null && <WaitNote until={until} now={now} />}
      <OtherError error={unlock.error} />
      <div className="actions">
        <Button
          tone="primary"
          type="submit"
          icon="unlock"
          busy={unlock.busy}
          blocked={until !== null && until > now ? t('reauth.wait') : undefined}
        >
          {t(way === 'keychain' ? 'vault.tryKeychain' : 'vault.unlock')}
        </Button>
        {unlock.busy && <Button onClick={unlock.cancel}>{t('action.cancel')}</Button>}
      </div>
    </form>
  );
}
