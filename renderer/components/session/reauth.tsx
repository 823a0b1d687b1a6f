import { type ReactNode, useState } from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import { formatCountdown } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { ErrorNotice, Note } from '../error-notice.tsx';
import { CheckField, TextField } from '../fields.tsx';
import { useSeat } from './lock-session.tsx';

/** The shortest passphrase that the core takes. */
export const shortest = 10;

const instant = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/;

/** The moment that a refusal for too many tries names; null for every other error. */
export function waitOf(error: WireError | undefined): number | null {
  if (error?.code !== 'TOO_MANY_TRIES') return null;
  const [at] = instant.exec(error.message) ?? [];
  return at === undefined ? null : Date.parse(at);
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

interface PassphraseFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
  readonly autoFocus?: boolean;
}

/** A passphrase that is there already. Says when Caps Lock is on. */
export function PassphraseField({ help, ...field }: PassphraseFieldProps) {
  const [caps, setCaps] = useState(false);
  return (
    <TextField
      {...field}
      urgent
      type="password"
      autoComplete="current-password"
      maxLength={1024}
      {...(caps ? { help: t('reauth.capsLock') } : help === undefined ? {} : { help })}
      onKeyUp={(event) => setCaps(event.getModifierState('CapsLock'))}
      onBlur={() => setCaps(false)}
    />
  );
}

interface OwnPassphraseProps {
  /** What the last try was answered. */
  readonly error: WireError | undefined;
  readonly help?: ReactNode;
}

/**
 * Says that the person is asked for the passphrase again, in a window that this page has no part in; what was wrong with the
 * one that was typed there; or that there is none, and where to set one.
 */
export function OwnPassphrase({ error, help }: OwnPassphraseProps) {
  const { session } = useSeat();
  const now = useNow(1000);
  const until = waitOf(error);
  if (session?.hasPassphrase === false) return <NoPassphrase />;
  return (
    <>
      <p className="muted small-print">{help ?? t('reauth.ownHelp')}</p>
      {error?.code === 'PASSPHRASE_WRONG' && (
        <Note tone="warn">
          <p role="alert">{t('reauth.wrong')}</p>
        </Note>
      )}
      {until !== null && <WaitNote until={until} now={now} />}
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
        <a href={`${href('settings')}?show=you`}>{t('reauth.noneLink')}</a>
      </p>
    </Note>
  );
}

/** What went wrong, but for what {@link OwnPassphrase} says. */
export function OtherError({ error, stillWorks }: { error: WireError | undefined; stillWorks?: string }) {
  if (!error || error.code === 'PASSPHRASE_WRONG' || error.code === 'TOO_MANY_TRIES') return null;
  return <ErrorNotice error={error} stillWorks={stillWorks} urgent />;
}

export interface NewPassphraseValue {
  readonly next: string;
  readonly again: string;
}
export const noPassphrase: NewPassphraseValue = { next: '', again: '' };
export type NewPassphraseProblems = Partial<Record<'next' | 'again', string>>;

/** What is wrong with a passphrase that was typed twice. */
export function problemsOf({ next, again }: NewPassphraseValue): NewPassphraseProblems {
  if (next.length < shortest) return { next: t('reauth.tooShort', { count: shortest }) };
  return next === again ? {} : { again: t('reauth.differs') };
}

/** A passphrase that is being made, with what is wrong with it since somebody looked. */
export function useNewPassphrase() {
  const [value, onChange] = useState(noPassphrase);
  const [problems, setProblems] = useState<NewPassphraseProblems>({});
  return {
    next: value.next,
    /** For `NewPassphrase`. */
    field: { value, onChange, problems },
    /** Looks at it, and shows what is wrong; where it is not asked for, nothing is. */
    isFine(asked = true): boolean {
      const found = asked ? problemsOf(value) : {};
      setProblems(found);
      return Object.keys(found).length === 0;
    },
    clear: () => onChange(noPassphrase),
  };
}

const grades = ['short', 'fair', 'good', 'strong'] as const;

/** By length alone: against a slow derivation each further character counts more than a sign or a digit in it. */
function gradeOf(length: number): number {
  return length < shortest ? 0 : length < 16 ? 1 : length < 24 ? 2 : 3;
}

interface NewPassphraseProps {
  readonly label: string;
  readonly value: NewPassphraseValue;
  readonly onChange: (value: NewPassphraseValue) => void;
  readonly problems: NewPassphraseProblems;
}

/** A passphrase that is made: typed twice, with a hint how strong it is by its length. */
export function NewPassphrase({ label, value, onChange, problems }: NewPassphraseProps) {
  const [shown, setShown] = useState(false);
  const type = shown ? 'text' : 'password';
  const { length } = value.next;
  const grade = gradeOf(length);
  return (
    <>
      <TextField
        label={label}
        type={type}
        autoComplete="new-password"
        maxLength={1024}
        value={value.next}
        onChange={(next) => onChange({ ...value, next })}
        error={problems.next}
        help={
          <span className="strength" data-grade={length === 0 ? undefined : grade}>
            <span className="strength-bar" aria-hidden="true">
              {grades.map((each) => (
                <span key={each} />
              ))}
            </span>
            <span>
              {length === 0 ? t('reauth.strengthHint') : t(`reauth.strength.${grades[grade] ?? 'short'}`)}
            </span>
          </span>
        }
      />
      <TextField
        label={t('reauth.again')}
        type={type}
        autoComplete="new-password"
        maxLength={1024}
        value={value.again}
        onChange={(again) => onChange({ ...value, again })}
        error={problems.again}
      />
      <CheckField label={t('reauth.show')} checked={shown} onChange={setShown} />
    </>
  );
}
