import { type RefObject, useEffect, useRef } from 'react';
import { useAction } from '../../api.ts';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { Panel } from '../dialogs.tsx';
import { Note } from '../error-notice.tsx';
import { useNotify } from '../toasts.tsx';
import { useSeat } from './lock-session.tsx';
import { NewPassphrase, OtherError, OwnPassphrase, useNewPassphrase } from './reauth.tsx';

/** Leads back to the field when the passphrase in it was not the right one. */
export function useWrongLeadsBack(code: string | undefined, form: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (code === 'PASSPHRASE_WRONG') focusFirstInvalid(form.current);
  }, [code, form]);
}

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
  const made = useNewPassphrase();
  const form = useRef<HTMLDivElement>(null);
  const set = useAction((client) =>
    client.people.setPassphrase({
      id: person.id,
      next: made.next,
    }),
  );
  const close = useWhileThere(() => {
    onClose();
    onDone?.();
  });
  const submit = async (): Promise<void> => {
    const isFine = made.isFine();
    if (!isFine) {
      focusFirstInvalid(form.current);
      return;
    }
    if (!(await set.run())) return;
    made.clear();
    notify.done(own ? t('passphrase.ownToast') : t('passphrase.otherToast', { name: person.name }));
    close();
  };
  const title = !own
    ? t('passphrase.otherTitle', { name: person.name })
    : t(asked ? 'passphrase.changeTitle' : 'passphrase.setTitle');
  return (
    <Panel
      open
      title={title}
      lead={t(first ? 'passphrase.firstLead' : own ? 'passphrase.ownLead' : 'passphrase.otherLead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            tone="primary"
            type="submit"
            busy={set.busy}
            blocked={own || asked ? undefined : t('reauth.none')}
          >
            {t(first ? 'passphrase.saveAndGoOn' : 'passphrase.save')}
          </Button>
        </>
      }
    >
      <div className="form" ref={form}>
        {(asked || !own) && (
          <OwnPassphrase
            error={set.error}
            help={t(own ? 'passphrase.presentHelp' : 'passphrase.yoursHelp')}
          />
        )}
        <NewPassphrase label={t('passphrase.new')} {...made.field} />
        {own && (
          <Note tone={asked ? 'info' : 'warn'}>
            <p>{t('passphrase.forgotten')}</p>
            {!asked && <p>{t('passphrase.firstTime')}</p>}
          </Note>
        )}
        <OtherError error={set.error} stillWorks={t('passphrase.unchanged')} />
      </div>
    </Panel>
  );
}
