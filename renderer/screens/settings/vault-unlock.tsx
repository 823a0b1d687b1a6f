import { type FormEvent, useRef, useState } from 'react';
import type { KeySlot, VaultStatus } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { OtherError, PassphraseField, WaitNote, waitOf } from '../../components/session/reauth.tsx';
import { useWrongLeadsBack } from '../../components/session/reauth-passphrase.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
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
  const [typed, setTyped] = useState('');
  const [missing, setMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const now = useNow(1000);
  const unlock = useAction((client) =>
    client.vault.unlock(
      way === 'recovery' ? { recoveryKey: typed } : way === 'passphrase' ? { passphrase: typed } : {},
    ),
  );
  useWrongLeadsBack(unlock.error?.code, form);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const empty = way !== 'keychain' && typed === '';
    setMissing(empty);
    if (empty) {
      focusFirstInvalid(form.current);
      return;
    }
    const after = await unlock.run();
    // A recovery key is long: who mistyped one group corrects it.
    if (way === 'passphrase' || after) setTyped('');
    if (!after || after.state === 'locked') return;
    notify.done(t('vault.unlockedToast'));
    onDone?.();
  };
  const until = waitOf(unlock.error);
  const wrong = unlock.error?.code === 'PASSPHRASE_WRONG';
  const field = {
    value: typed,
    onChange: setTyped,
    error:
      missing && typed === ''
        ? t('field.required')
        : wrong && (typed === '' || way === 'recovery')
          ? t(way === 'recovery' ? 'vault.recoveryWrong' : 'vault.passphraseWrong')
          : undefined,
  };
  return (
    <form className="form vault-unlock" ref={form} noValidate onSubmit={(event) => void submit(event)}>
      {ways.length > 1 && (
        <RadioField<Way>
          legend={t('vault.openWith')}
          value={way}
          onChange={(next) => {
            setChosen(next);
            setTyped('');
            unlock.reset();
          }}
          options={ways.map((value) => ({ value, label: t(`vault.way.${value}`) }))}
        />
      )}
      {way === 'passphrase' && (
        <PassphraseField label={t('vault.passphrase')} help={t('vault.passphraseHelp')} {...field} />
      )}
      {way === 'recovery' && (
        <TextField
          label={t('vault.recoveryKey')}
          help={t('vault.recoveryHelp')}
          autoComplete="off"
          spellCheck={false}
          maxLength={1024}
          {...field}
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
          {t(way === 'keychain' ? 'vault.tryKeychain' : 'vault.unlock')}
        </Button>
      </div>
    </form>
  );
}
