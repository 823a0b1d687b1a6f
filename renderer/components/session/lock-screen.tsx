import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { Session } from '../../../preload/contract/models.ts';
import { useAction, useApi } from '../../api.ts';
import { focusFirstInvalid } from '../../focus.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { go, href } from '../../router.ts';
import { Button } from '../button.tsx';
import { TextField } from '../fields.tsx';
import { Icon, Mark } from '../icons.tsx';
import { useSeat } from './lock-session.tsx';
import { OtherError, PassphraseField, WaitNote, waitOf } from './reauth.tsx';

/** So many profiles fit without searching. */
const fewProfiles = 6;
/** So many are drawn at once; the rest is found by name. */
const mostShown = 40;

/** The door: who can sign in, and the passphrase. Nothing of the workspace is behind it. */
export function LockScreen({ session }: { session: Session }) {
  const { take } = useSeat();
  const { client } = useApi();
  const owner = session.person;
  const only = session.profiles.length === 1 ? session.profiles[0] : undefined;
  const [chosen, setChosen] = useState<string | null>(owner?.id ?? only?.id ?? null);
  const [passphrase, setPassphrase] = useState('');
  const [missing, setMissing] = useState(false);
  /** Whose tries are used up, and until when. What the session says is about the one who tried last. */
  const [wait, setWait] = useState(() => waitFrom(session, owner?.id ?? only?.id ?? null));
  const now = useNow(1000);
  const form = useRef<HTMLFormElement>(null);
  const signIn = useAction((called, _signal, personId: string) =>
    called.session.signIn({ personId, passphrase }),
  );
  const title = t(owner ? 'lock.locked' : 'lock.signIn');
  useEffect(() => {
    document.title = t('app.windowTitle', { page: title });
  }, [title]);
  // The field is there as soon as it is known whose passphrase it is.
  const focus = () =>
    requestAnimationFrame(() =>
      form.current?.querySelector<HTMLInputElement>('input[type=password]')?.focus(),
    );
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the door closes
  useEffect(() => {
    if (chosen !== null) focus();
  }, []);

  const waiting = wait !== null && wait.personId === chosen && wait.until > now;
  const choose = (personId: string) => {
    setChosen(personId);
    setPassphrase('');
    setMissing(false);
    signIn.reset();
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (chosen === null || waiting || signIn.busy) return;
    setMissing(passphrase === '');
    if (passphrase === '') {
      focusFirstInvalid(form.current);
      return;
    }
    const opened = await signIn.run(chosen);
    setPassphrase('');
    if (opened) {
      // Where one was is nothing to somebody else.
      if (owner && owner.id !== chosen) go(href(), true);
      take(opened);
      return;
    }
    focus();
    const after = await client.session.state().catch(() => undefined);
    if (after) setWait(waitFrom(after, chosen));
  };
  const error = signIn.error;
  const until = waitOf(error);
  return (
    <main className="door" aria-labelledby="door-title">
      <div className="door-card">
        <header className="door-head">
          <Mark size={32} />
          <div>
            <h1 id="door-title">{title}</h1>
            <p className="muted">{t(owner ? 'lock.lockedLead' : 'lock.signInLead')}</p>
          </div>
        </header>
        <form
          className="form"
          ref={form}
          onSubmit={(event) => void submit(event)}
          noValidate
          aria-labelledby="door-title"
        >
          {only ? (
            <p className="door-one">
              <Icon name="user" />
              <span>{only.name}</span>
            </p>
          ) : (
            <Profiles profiles={session.profiles} chosen={chosen} onChoose={choose} onTap={focus} />
          )}
          {chosen !== null && (
            <>
              <PassphraseField
                key={chosen}
                label={t('lock.passphrase')}
                value={passphrase}
                onChange={setPassphrase}
                error={
                  missing
                    ? t('field.required')
                    : error?.code === 'PASSPHRASE_WRONG' && passphrase === ''
                      ? t('reauth.wrong')
                      : undefined
                }
              />
              {waiting && <WaitNote until={Math.max(wait.until, until ?? 0)} now={now} />}
            </>
          )}
          <OtherError error={error} />
          <Button
            tone="primary"
            type="submit"
            icon="unlock"
            busy={signIn.busy}
            blocked={chosen === null ? t('lock.chooseFirst') : waiting ? t('reauth.wait') : undefined}
          >
            {t(owner && owner.id === chosen ? 'lock.unlock' : 'lock.enter')}
          </Button>
        </form>
        <p className="door-foot muted">{t('lock.goesOn')}</p>
        <details className="door-foot muted">
          <summary>{t('lock.forgotten')}</summary>
          <p>{t('lock.forgottenText')}</p>
        </details>
      </div>
    </main>
  );
}

function waitFrom(session: Session, personId: string | null): { personId: string; until: number } | null {
  if (session.waitUntil === null || personId === null) return null;
  return { personId, until: Date.parse(session.waitUntil) };
}

interface ProfilesProps {
  readonly profiles: Session['profiles'];
  readonly chosen: string | null;
  readonly onChoose: (personId: string) => void;
  /** One was pressed: the passphrase is next. Arrow keys only move through the list. */
  readonly onTap: () => void;
}

function Profiles({ profiles, chosen, onChoose, onTap }: ProfilesProps) {
  const group = useId();
  const [wanted, setWanted] = useState('');
  const many = profiles.length > fewProfiles;
  const text = wanted.trim().toLowerCase();
  // Who was here last is at hand also where the list is long.
  const [last] = useState(chosen);
  const fitting = profiles
    .filter(({ name }) => name.toLowerCase().includes(text))
    .toSorted((a, b) => Number(b.id === last) - Number(a.id === last));
  const shown = many ? fitting.slice(0, mostShown) : profiles;
  return (
    <fieldset className="door-people">
      <legend>{t('lock.who')}</legend>
      {many && (
        <TextField
          label={t('lock.find')}
          type="search"
          value={wanted}
          onChange={setWanted}
          autoComplete="off"
        />
      )}
      <div className={many ? 'door-list door-list-long' : 'door-list'}>
        {shown.map(({ id, name }) => (
          <label key={id} className="door-person">
            <input
              type="radio"
              name={group}
              checked={id === chosen}
              onChange={() => onChoose(id)}
              // A press, not an arrow key: those have no pointer behind them.
              onClick={(event) => event.detail > 0 && onTap()}
            />
            <Icon name="user" />
            <span>{name}</span>
          </label>
        ))}
        {shown.length === 0 && <p className="muted">{t('lock.nobody', { text: wanted.trim() })}</p>}
      </div>
      {many && fitting.length > mostShown && (
        <p className="field-help">{t('lock.more', { count: fitting.length - mostShown })}</p>
      )}
    </fieldset>
  );
}
