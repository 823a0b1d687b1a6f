import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Session } from '../../../preload/contract/models.ts';
import { useAction, useApi } from '../../api.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { go, href } from '../../router.ts';
import { Button } from '../button.tsx';
import { TextField } from '../fields.tsx';
import { Icon, Mark, Spinner } from '../icons.tsx';
import { LanguageBar } from '../language-choice.tsx';
import { useSeat } from './lock-session.tsx';
import { OtherError, WaitNote, waitOf } from './reauth.tsx';

/** So many profiles fit without searching. */
const fewProfiles = 6;
/** So many are drawn at once; the rest is found by name. */
const mostShown = 40;

/** The door: who can sign in. The passphrase is asked for outside this page, and nothing of the workspace is behind it. */
export function LockScreen({ session }: { session: Session }) {
  const { take } = useSeat();
  const { client } = useApi();
  const owner = session.person;
  const only = session.profiles.length === 1 ? session.profiles[0] : undefined;
  /** Who was here last, or tried last. */
  const [chosen, setChosen] = useState<string | null>(owner?.id ?? only?.id ?? null);
  /** Whose tries are used up, and until when. What the session says is about the one who tried last. */
  const [wait, setWait] = useState(() => waitFrom(session, owner?.id ?? only?.id ?? null));
  const now = useNow(1000);
  const card = useRef<HTMLDivElement>(null);
  const signIn = useAction((called, signal, personId: string) =>
    called.session.signIn({ personId }, { signal }),
  );
  const title = t(owner ? 'lock.locked' : 'lock.signIn');
  useEffect(() => {
    document.title = t('app.windowTitle', { page: title });
  }, [title]);
  // One press is enough for whoever was here last.
  useEffect(() => {
    card.current?.querySelector<HTMLElement>('[data-first]')?.focus();
  }, []);

  const refused = waitOf(signIn.error);
  const until = Math.max(wait?.personId === chosen ? wait.until : 0, refused ?? 0);
  const waiting = until > now ? chosen : null;
  const enter = async (personId: string): Promise<void> => {
    if (personId === waiting || signIn.busy) return;
    setChosen(personId);
    const opened = await signIn.run(personId);
    if (opened) {
      // Where one was is nothing to somebody else.
      if (owner && owner.id !== personId) go(href(), true);
      take(opened);
      return;
    }
    const after = await client.session.state().catch(() => undefined);
    if (after) setWait(waitFrom(after, personId));
  };
  const doorOf = (personId: string): DoorProps => ({
    busy: signIn.busy && personId === chosen,
    blocked: personId === waiting ? t('reauth.wait') : undefined,
    verb: t(owner?.id === personId ? 'lock.unlock' : 'lock.enter'),
    onEnter: () => void enter(personId),
  });
  const asked = session.profiles.find(({ id }) => id === chosen);
  return (
    <main className="door" aria-labelledby="door-title">
      <div className="door-card" ref={card}>
        <header className="door-head">
          <Mark size={32} />
          <div>
            <h1 id="door-title">{title}</h1>
            <p className="muted">{t(owner ? 'lock.lockedLead' : 'lock.signInLead')}</p>
          </div>
        </header>
        <div className="form">
          {only ? (
            <Only name={only.name} door={doorOf(only.id)} />
          ) : (
            <Profiles profiles={session.profiles} last={owner?.id ?? null} doorOf={doorOf} />
          )}
          <div role="status" className="door-said">
            {signIn.busy && asked && (
              <p className="waiting">
                <Spinner size={18} />
                <span>{t('lock.outside', { name: asked.name })}</span>
              </p>
            )}
          </div>
          {signIn.busy && (
            <div>
              <Button small onClick={signIn.cancel}>
                {t('action.cancel')}
              </Button>
            </div>
          )}
          {waiting !== null && <WaitNote until={until} now={now} />}
          <OtherError error={signIn.error} />
        </div>
        <p className="door-foot muted">{t('lock.goesOn')}</p>
        <details className="door-foot muted">
          <summary>{t('lock.forgotten')}</summary>
          <p>{t('lock.forgottenText')}</p>
        </details>
        <LanguageBar />
      </div>
    </main>
  );
}

function waitFrom(session: Session, personId: string | null): { personId: string; until: number } | null {
  if (session.waitUntil === null || personId === null) return null;
  return { personId, until: Date.parse(session.waitUntil) };
}

/** The way in of one profile. */
interface DoorProps {
  /** The passphrase is being asked for. */
  readonly busy: boolean;
  readonly blocked: string | undefined;
  readonly verb: string;
  readonly onEnter: () => void;
}

function Only({ name, door }: { name: string; door: DoorProps }) {
  return (
    <>
      <p className="door-one">
        <Icon name="user" />
        <span>{name}</span>
      </p>
      <div>
        <Button
          tone="primary"
          icon="unlock"
          busy={door.busy}
          blocked={door.blocked}
          onClick={door.onEnter}
          data-first
        >
          {door.verb}
        </Button>
      </div>
    </>
  );
}

interface ProfilesProps {
  readonly profiles: Session['profiles'];
  /** Who was here last. */
  readonly last: string | null;
  readonly doorOf: (personId: string) => DoorProps;
}

function Profiles({ profiles, last, doorOf }: ProfilesProps) {
  const [wanted, setWanted] = useState('');
  const many = profiles.length > fewProfiles;
  const text = wanted.trim().toLowerCase();
  // Who was here last is at hand also where the list is long.
  const fitting = profiles
    .filter(({ name }) => name.toLowerCase().includes(text))
    .toSorted((a, b) => Number(b.id === last) - Number(a.id === last));
  const shown = many ? fitting.slice(0, mostShown) : profiles;
  const [found, second] = shown;
  const enterFound = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && found && !second) doorOf(found.id).onEnter();
  };
  return (
    <fieldset className="door-people">
      <legend>{t('lock.who')}</legend>
      {many && (
        <TextField
          label={t('lock.find')}
          type="search"
          value={wanted}
          onChange={setWanted}
          onKeyDown={enterFound}
          autoComplete="off"
        />
      )}
      <div className={many ? 'door-list door-list-long' : 'door-list'}>
        {shown.map(({ id, name }) => (
          <Person key={id} name={name} door={doorOf(id)} first={id === last} />
        ))}
        {shown.length === 0 && <p className="muted">{t('lock.nobody', { text: wanted.trim() })}</p>}
      </div>
      {many && fitting.length > mostShown && (
        <p className="field-help">{t('lock.more', { count: fitting.length - mostShown })}</p>
      )}
    </fieldset>
  );
}

function Person({ name, door, first }: { name: string; door: DoorProps; first: boolean }) {
  const { busy, blocked, verb, onEnter } = door;
  return (
    <button
      type="button"
      className="door-person"
      data-first={first || undefined}
      aria-disabled={busy || blocked !== undefined || undefined}
      aria-busy={busy || undefined}
      aria-description={blocked}
      onClick={onEnter}
    >
      <Icon name="user" />
      <span>{name}</span> <span className="door-verb">{verb}</span>
    </button>
  );
}
