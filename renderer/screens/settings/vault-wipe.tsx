import { useRef, useState } from 'react';
import type { VaultStatus } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Confirm } from '../../components/dialogs.tsx';
import { TextField } from '../../components/fields.tsx';
import { useSeat } from '../../components/session/lock-session.tsx';
import { OtherError, OwnPassphrase } from '../../components/session/reauth.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';

/** What has to be typed; the core asks for the same word. */
const word = 'WIPE';

/** Destroys every secret, after it was said what goes and what stays, a typed word and the passphrase. */
export function Wipe({ status, onClose }: { status: VaultStatus; onClose: () => void }) {
  const notify = useNotify();
  const { session } = useSeat();
  const asked = session?.hasPassphrase === true;
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const wipe = useAction((client) => client.vault.wipe({ confirm: word }));
  const done = useWhileThere(onClose);
  const confirm = async (): Promise<void> => {
    setTried(true);
    if (typed.trim() !== word) {
      focusFirstInvalid(form.current);
      return;
    }
    if (!(await wipe.run())) return;
    done();
    notify.done(t('vault.wipedToast'));
  };
  return (
    <Confirm
      open
      danger
      title={t('vault.wipeTitle')}
      confirm={t('vault.wipeConfirm')}
      busy={wipe.busy}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <div className="form" ref={form}>
        <div className="stack-tight">
          <h3>{t('vault.wipeLost')}</h3>
          <ul className="bullets">
            <li>{t('vault.wipeSecrets', { count: status.secrets })}</li>
            <li>{t('vault.wipeSignIns')}</li>
            <li>{t('vault.wipeKeyPair')}</li>
          </ul>
          <h3>{t('vault.wipeStays')}</h3>
          <p>{t('vault.wipeStaysText')}</p>
        </div>
        <TextField
          label={t('vault.wipeType', { word })}
          value={typed}
          onChange={setTyped}
          autoCapitalize="characters"
          error={tried && typed.trim() !== word ? t('vault.wipeTypeMissing', { word }) : undefined}
        />
        {asked && <OwnPassphrase error={wipe.error} />}
        <OtherError error={wipe.error} stillWorks={t('vault.wipeFailed')} />
      </div>
    </Confirm>
  );
}
