import { useEffect, useRef, useState } from 'react';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { focusFirstInvalid } from '../../focus.ts';
import { formatCountdown } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { Panel } from '../dialogs.tsx';
import { Note } from '../error-notice.tsx';
import { RadioField, TextField } from '../fields.tsx';
import { Spinner } from '../icons.tsx';
import { useNotify } from '../toasts.tsx';
import { useSeat } from './lock-session.tsx';
import { OtherError, OwnPassphrase } from './reauth.tsx';

/** The shortest reason that the core takes. */
const shortestReason = 5;

const fields = ['password', 'user'] as const;
type Secret = (typeof fields)[number];

interface RevealProps {
  readonly connectionId: string;
  /** Of the connection. */
  readonly name: string;
}

/** The way to a connection's stored user and password: past this page, which never gets to see them. */
export function RevealSecret({ connectionId, name }: RevealProps) {
  const access = useAccess();
  const [open, setOpen] = useState(false);
  const policy = useCall('policy.get', access.may('reveal_secrets') ? {} : null).data;
  const forbidden = policy?.reveal === 'forbid' ? t('reveal.forbidden') : undefined;
  return (
    <>
      <Button
        icon="review"
        aria-label={t('reveal.openOf', { name })}
        blocked={access.reason('reveal_secrets') ?? forbidden}
        onClick={() => setOpen(true)}
      >
        {t('reveal.open')}
      </Button>
      {open && <Reveal connectionId={connectionId} name={name} onClose={() => setOpen(false)} />}
    </>
  );
}

type Deed = 'show' | 'copy';
/** What came of the last try; times in milliseconds since 1970. */
type Outcome =
  | { readonly deed: 'show'; readonly field: Secret }
  | { readonly deed: 'copy'; readonly field: Secret; readonly until: number };

function Reveal({ connectionId, name, onClose }: RevealProps & { onClose: () => void }) {
  const { session } = useSeat();
  const notify = useNotify();
  const [field, setField] = useState<Secret>('password');
  const [reason, setReason] = useState('');
  const [problems, setProblems] = useState<{ reason?: string }>({});
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [under, setUnder] = useState<Deed | null>(null);
  const form = useRef<HTMLDivElement>(null);
  const now = useNow(500);
  const hand = useAction(async (client, signal, deed: Deed) => {
    const input = { connectionId, field, reason: reason.trim() };
    return deed === 'show'
      ? client.secrets.reveal(input, { signal })
      : client.secrets.copy(input, { signal });
  });
  // A window that is closed leaves nothing on the screen.
  const { cancel } = hand;
  useEffect(() => cancel, [cancel]);

  const run = async (deed: Deed): Promise<void> => {
    if (hand.busy) return;
    const found = reason.trim().length < shortestReason ? { reason: t('reveal.reasonMissing') } : {};
    setProblems(found);
    setOutcome(null);
    if (Object.keys(found).length > 0) {
      focusFirstInvalid(form.current);
      return;
    }
    setUnder(deed);
    const answer = await hand.run(deed);
    setUnder(null);
    if (!answer) return;
    setOutcome(deed === 'show' ? { deed, field } : { deed, field, until: Date.parse(answer.until) });
  };
  const copied = outcome?.deed === 'copy' && outcome.until > now ? outcome : null;
  const close = () => {
    if (copied) notify.done(t('reveal.copiedToast'));
    onClose();
  };
  const blocked = session?.hasPassphrase === false ? t('reauth.none') : undefined;
  return (
    <Panel
      open
      title={t('reveal.title', { name })}
      lead={t('reveal.lead')}
      saved={outcome !== null}
      onClose={close}
      onSubmit={() => void run('show')}
      footer={
        under === 'show' ? (
          <Button key="hide" onClick={cancel}>
            {t('reveal.hide')}
          </Button>
        ) : (
          <>
            <Button key="close" tone="quiet" onClick={close}>
              {t('action.close')}
            </Button>
            <Button
              key="copy"
              icon="copy"
              busy={under === 'copy'}
              blocked={blocked}
              onClick={() => void run('copy')}
            >
              {t('reveal.copy')}
            </Button>
            <Button key="show" tone="primary" icon="review" type="submit" blocked={blocked}>
              {t('reveal.show')}
            </Button>
          </>
        )
      }
    >
      <div className="form" ref={form}>
        <RadioField
          legend={t('reveal.which')}
          value={field}
          onChange={setField}
          options={fields.map((value) => ({ value, label: t(`reveal.field.${value}`) }))}
        />
        <TextField
          label={t('reveal.reason')}
          help={t('reveal.reasonHelp')}
          maxLength={500}
          value={reason}
          onChange={setReason}
          error={problems.reason}
        />
        <OwnPassphrase error={hand.error} />
        <div role="status">
          {under === 'show' && (
            <div className="waiting">
              <Spinner size={18} />
              <span>{t('reveal.showing')}</span>
            </div>
          )}
          {outcome?.deed === 'show' && (
            <Note tone="ok">
              <p>{t('reveal.gone')}</p>
            </Note>
          )}
          {outcome?.deed === 'copy' && !copied && (
            <Note tone="ok">
              <p>{t('reveal.cleared')}</p>
            </Note>
          )}
          {copied && (
            <Note tone="info">
              <p>
                {t('reveal.copied')}{' '}
                <span className="number countdown" role="timer" aria-label={t('reveal.timeLeft')}>
                  {formatCountdown(copied.until - now)}
                </span>
              </p>
            </Note>
          )}
        </div>
        <OtherError error={hand.error} />
        <ul className="small-print muted">
          <li>{t('reveal.printShow')}</li>
          <li>{t('reveal.printCopy')}</li>
          <li>{t('reveal.printLog')}</li>
        </ul>
      </div>
    </Panel>
  );
}
