import type { Person, Session } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Clock, Desk } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/index.ts';
import type { Passphrases } from './passphrases.ts';

/** What locked a session. */
export type LockCause = 'person' | 'idle' | 'lock' | 'suspend';

/** Who sits at one place: nobody, a person, or a person behind a lock. */
export interface SeatedSession {
  /** As the window shows it; while it is not open it tells names only. */
  state(): Session;
  /** Who may call; null while nobody is signed in or it is locked. */
  person(): Person | null;
  /** Whose session it is, locked or not. */
  owner(): Person | null;
  /** Takes the seat, also from behind the lock of somebody else. Fails with PASSPHRASE_WRONG or TOO_MANY_TRIES. */
  signIn(personId: string, passphrase: string): Promise<void>;
  /** Fails with PASSPHRASE_NEEDED where there is nothing to lock behind. */
  lock(): void;
  /** Somebody is at the keyboard. */
  touch(): void;
  /** Profiles or the policy have changed: tells the windows, and looks at the idle time anew. */
  changed(): void;
  close(): void;
}

export function createSession(deps: {
  store: Pick<Store, 'people'>;
  passphrases: Passphrases;
  clock: Clock;
  /** The computer's: it locks and sleeps for every seat. */
  desk: Pick<Desk, 'onPower'>;
  log: Logger;
  idleMinutes: () => number;
  /** Told of every change, with what it is now. */
  onChanged: (session: Session) => void;
  /** A session was locked; `cause` is `person` only for `lock()`. */
  onLocked: (person: Person, cause: LockCause) => void;
  /** Locked, replaced by somebody else or deleted: what the person had open for themselves ends. */
  onEnded: (personId: string) => void;
}): SeatedSession {
  const { store, passphrases, clock, log } = deps;
  let personId: string | null = null;
  let locked = false;
  let lastSeen = clock.now();
  /** Whose passphrase was tried last; the wait that the window shows is theirs. */
  let triedLast: string | null = null;
  let closed = false;
  let watch = new AbortController();

  const profiles = store.people.profiles();
  // Nobody is asked at the door while there is one profile and it has no passphrase.
  if (profiles.length === 1 && profiles[0]?.hasPassphrase === false) personId = profiles[0].id;

  const idleMs = (): number => deps.idleMinutes() * 60_000;
  /** The profile of the seat, which another process may have deleted. */
  const seated = () => (personId === null ? null : store.people.find(personId));
  /** Nobody was there for so long. A clock that was set back must not make somebody be seen in the future. */
  const idleFor = (): number => {
    lastSeen = Math.min(lastSeen, clock.now());
    return clock.now() - lastSeen;
  };
  const plain = ({ id, name, roles }: Person): Person => ({ id, name, roles });

  const shut = (cause: LockCause): void => {
    const person = seated();
    if (person === null || locked || !person.hasPassphrase) return;
    locked = true;
    watch.abort();
    log.info('session.locked', { cause });
    deps.onLocked(plain(person), cause);
    deps.onEnded(person.id);
    deps.onChanged(state());
  };

  /** Waits for the moment at which nobody was there for long enough; begun anew whenever the limit changes. */
  const watchIdle = (): void => {
    watch.abort();
    const mine = new AbortController();
    watch = mine;
    const wait = async (): Promise<void> => {
      while (!mine.signal.aborted && !closed) {
        const left = idleMs() - idleFor();
        if (left <= 0) {
          shut('idle');
          return;
        }
        await clock.sleep(left, mine.signal);
      }
    };
    if (seated()?.hasPassphrase && !locked) wait().catch(() => {});
  };

  const person = (): Person | null => {
    const found = seated();
    // Timers stand still while a computer sleeps: the time is looked at with every call too.
    if (found?.hasPassphrase && !locked && idleFor() >= idleMs()) shut('idle');
    return found === null || locked ? null : plain(found);
  };

  const state = (): Session => {
    const open = person();
    const owner = seated();
    const all = store.people.profiles();
    const asked = triedLast ?? owner?.id ?? (all.length === 1 ? all[0]?.id : undefined);
    const until = asked === undefined ? null : passphrases.waitUntil(asked);
    return {
      person: open ?? (owner && { ...plain(owner), roles: [] }),
      locked: open === null,
      profiles: all.map(({ id, name }) => ({ id, name })),
      hasPassphrase: owner?.hasPassphrase ?? false,
      idleLockMinutes: deps.idleMinutes(),
      waitUntil: until === null ? null : new Date(until).toISOString(),
    };
  };

  const stopPower = deps.desk.onPower((event) => {
    if (event === 'lock' || event === 'suspend') shut(event);
  });
  watchIdle();

  return {
    state,
    person,
    owner() {
      const found = seated();
      return found && plain(found);
    },
    async signIn(id, passphrase) {
      triedLast = id;
      await passphrases.check(id, passphrase);
      const before = personId;
      personId = id;
      locked = false;
      lastSeen = clock.now();
      if (before !== null && before !== id) deps.onEnded(before);
      watchIdle();
      deps.onChanged(state());
    },
    lock() {
      if (seated()?.hasPassphrase === false) {
        throw new AppError('PASSPHRASE_NEEDED', say('people.nothingLockBehindProfile'), {
          advice: say('people.nothingLockBehindProfile.advice'),
        });
      }
      shut('person');
    },
    touch() {
      lastSeen = clock.now();
    },
    changed() {
      watchIdle();
      deps.onChanged(state());
    },
    close() {
      closed = true;
      watch.abort();
      stopPower();
    },
  };
}
