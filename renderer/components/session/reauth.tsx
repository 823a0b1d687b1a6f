import type { ReactNode } from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import { formatCountdown } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { ErrorNotice, Note } from '../error-notice.tsx';
import { useSeat } from './lock-session.tsx';

/** The moment that a refusal for too many tries names; null for every other error. */
export function waitOf(error: WireError | undefined): number | null {
  return error?.code === 'TOO_MANY_TRIES' && error.until !== undefined ? Date.parse(error.until) : null;
}

interface WaitNoteProps {
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly now: number;
}

/** Says that no passphrase is looked at, and counts down to when one is again. Nothing once that has come. */
export function WaitNote({ until, now }: WaitNoteProps) {
  if (until <= now) return null;
  return (
    <Note tone="warn">
      <p className="notice-title" role="alert">
        {t('reauth.wait')}
      </p>
      <p>
        {t('reauth.waitNext')}{' '}
        <span className="countdown number" role="timer" aria-label={t('reauth.waitLeft')}>
          {formatCountdown(until - now)}
        </span>
      </p>
    </Note>
  );
}

/** The same, for what an action was answered last. */
export function Waiting({ error }: { error: WireError | undefined }) {
  const now = useNow(1000);
  const until = waitOf(error);
  return until === null ? null : <WaitNote until={until} now={now} />;
}

/** Says where something is typed: never on this page, which is not to be trusted with it. */
export function TypedOutside({ children }: { children: ReactNode }) {
  return <p className="muted small-print">{children}</p>;
}

interface OwnPassphraseProps {
  /** What the last try was answered. */
  readonly error: WireError | undefined;
  readonly help?: ReactNode;
}

/**
 * Says that the person is asked for the passphrase again, in a window that this page has no part in; that none is looked at
 * for a while; or that there is none, and where to set one.
 */
export function OwnPassphrase({ error, help }: OwnPassphraseProps) {
  const { session } = useSeat();
  if (session?.hasPassphrase === false) return <NoPassphrase />;
  return (
    <>
      <TypedOutside>{help ?? t('reauth.ownHelp')}</TypedOutside>
      <Waiting error={error} />
    </>
  );
}

/** What can't be asked for is set first. */
function NoPassphrase() {
  return (
    <Note tone="warn">
      <p className="notice-title">{t('reauth.none')}</p>
      <p>{t('reauth.noneText')}</p>
      <p>
        <a href={href('settings', 'you')}>{t('reauth.noneLink')}</a>
      </p>
    </Note>
  );
}

/** What went wrong, but for what {@link WaitNote} says. */
export function OtherError({ error, stillWorks }: { error: WireError | undefined; stillWorks?: string }) {
  if (!error || error.code === 'TOO_MANY_TRIES') return null;
  return <ErrorNotice error={error} stillWorks={stillWorks} urgent />;
}
