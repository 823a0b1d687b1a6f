import { useAction } from '../../api.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { Box } from '../dialogs.tsx';
import { Note } from '../error-notice.tsx';
import { useNotify } from '../toasts.tsx';
import { useSeat } from './lock-session.tsx';
import { OtherError, OwnPassphrase, TypedOutside } from './reauth.tsx';

interface SetPassphraseProps {
  /** Whose; the person who sits here, or somebody else. */
  readonly person: { readonly id: string; readonly name: string };
  readonly onClose: () => void;
  readonly onDone?: () => void;
  /** It is set because somebody else is to be added, who needs it to be there. */
  readonly first?: boolean;
}

/** Sets a passphrase: one's own (asks for the present one, where there is one) or, as a DBA, somebody else's. */
export function SetPassphrase({ person, onClose, onDone, first }: SetPassphraseProps) {
  const notify = useNotify();
  const { session } = useSeat();
  const own = session?.person?.id === person.id;
  const asked = session?.hasPassphrase === true;
  const set = useAction((client, signal) => client.people.setPassphrase({ id: person.id }, { signal }));
  const close = useWhileThere(() => {
    onClose();
    onDone?.();
  });
  const submit = async (): Promise<void> => {
    if (!(await set.run())) return;
    notify.done(own ? t('passphrase.ownToast') : t('passphrase.otherToast', { name: person.name }));
    close();
  };
  const title = !own
    ? t('passphrase.otherTitle', { name: person.name })
    : t(asked ? 'passphrase.changeTitle' : 'passphrase.setTitle');
  return (
    <Box
      open
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={set.busy ? set.cancel : onClose}>{t('action.cancel')}</Button>
          <Button
            tone="primary"
            busy={set.busy}
            blocked={own || asked ? undefined : t('reauth.none')}
            onClick={() => void submit()}
          >
            {t(first ? 'passphrase.enterAndGoOn' : 'passphrase.enter')}
          </Button>
        </>
      }
    >
      <div className="form">
        <p>{t(first ? 'passphrase.firstLead' : own ? 'passphrase.ownLead' : 'passphrase.otherLead')}</p>
        {asked || !own ? (
          <OwnPassphrase
            error={set.error}
            help={t(own ? 'passphrase.presentHelp' : 'passphrase.yoursHelp')}
          />
        ) : (
          <TypedOutside>{t('passphrase.newHelp')}</TypedOutside>
        )}
        {own && (
          <Note tone={asked ? 'info' : 'warn'}>
            <p>{t('passphrase.forgotten')}</p>
            {!asked && <p>{t('passphrase.firstTime')}</p>}
          </Note>
        )}
        <OtherError error={set.error} stillWorks={t('passphrase.unchanged')} />
      </div>
    </Box>
  );
}
