import type { Person, Policy, Session } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Host, Question } from '../host.ts';
import type { Store } from '../store/index.ts';
import { createAgentSession } from './agent-session.ts';
import { type Audit, createAudit } from './audit.ts';
import { type Background, createBackground, recordOrTell } from './background.ts';
import { createGrants, type Grants } from './grants.ts';
import { type Cost, createPassphrases, type Passphrases } from './passphrases.ts';
import { createPolicy, type WorkspacePolicy } from './policy.ts';
import { createSeats, type Seat, type Seats } from './seats.ts';
import { createSession, type LockCause } from './session.ts';
import { type AskedSeat, createTyped, type Typed } from './typed.ts';

/** Who asks, and from where. */
export interface SeatedPerson {
  readonly person: Person;
  readonly seat: Seat;
}

/** Who can be asked; the asking ends with the signal. */
export interface AskedPerson extends SeatedPerson, AskedSeat {}

/** Who sits here, what they may, and the log of what they did. */
export interface Access {
  readonly audit: Audit;
  readonly background: Background;
  readonly grants: Grants;
  readonly passphrases: Passphrases;
  readonly typed: Typed;
  readonly seats: Seats;
  readonly workspacePolicy: WorkspacePolicy;
  /** What holds now; the computer's policy file included. */
  policy(): Policy;
  /**
   * Asks the person again before something that a stranger at an open desk must not do; see `Typed.known`. Fails with
   * PASSPHRASE_NEEDED where none is set, and with PASSPHRASE_WRONG or TOO_MANY_TRIES: it counts like a sign-in; with LOCKED
   * where the session was locked meanwhile.
   */
  reauthenticate(who: AskedPerson, passphrase: string | undefined, what: Question): Promise<void>;
  /** For work that takes its time before it tells something. Fails with LOCKED. */
  insistSeated(who: SeatedPerson): void;
}

export function createAccess(deps: {
  host: Pick<
    Host,
    'kind' | 'clock' | 'random' | 'desk' | 'log' | 'redactor' | 'fixedPolicy' | 'idleLockAtMost'
  >;
  store: Store;
  now: () => string;
  onChanged: (seat: Seat, session: Session) => void;
  /** A person's session at a seat was locked, taken over, deleted or left. */
  onEnded: (seat: Seat, personId: string) => void;
  /** An entry was written to the log. */
  onRecorded?: () => void;
  /** Lower in tests that sign in often. */
  passphraseCost?: Cost;
}): Access {
  const { host, store } = deps;
  const audit = createAudit(store, deps.now, deps.onRecorded);
  const background = createBackground({ audit, host });
  const workspacePolicy = createPolicy(store, host);
  const passphrases = createPassphrases({
    store,
    now: () => host.clock.now(),
    random: host.random,
    ...(deps.passphraseCost ? { cost: deps.passphraseCost } : {}),
  });
  /** What a person asks for is written by `dispatch`; the rest locks without a call. */
  const recordLock = ({ name: person }: Person, cause: LockCause): void => {
    if (cause === 'person') return;
    const entry = { person, action: 'session.lock', subject: '', outcome: 'ok', details: cause } as const;
    recordOrTell(audit, host.log, entry);
  };
  const seats = createSeats({
    own: { kind: host.kind === 'electron' ? 'window' : 'terminal', desk: host.desk },
    sessionFor: (told) =>
      createSession({
        store,
        passphrases,
        clock: host.clock,
        desk: host.desk,
        log: host.log,
        idleMinutes: () => workspacePolicy.current().idleLockMinutes,
        onLocked: recordLock,
        ...told,
      }),
    agentSessionFor: (onEnded) =>
      createAgentSession({
        store,
        now: () => host.clock.now(),
        idleLockMinutes: () => workspacePolicy.current().idleLockMinutes,
        onEnded,
      }),
    onChanged: deps.onChanged,
    onEnded: deps.onEnded,
  });
  const insistSeated = ({ person, seat }: SeatedPerson): void => {
    if (seat.session.person()?.id !== person.id) throw new AppError('LOCKED', say('people.sessionLocked'));
  };
  const typed = createTyped(host.redactor);
  return {
    insistSeated,
    audit,
    background,
    grants: createGrants(store),
    passphrases,
    typed,
    seats,
    workspacePolicy,
    policy: workspacePolicy.current,
    async reauthenticate(who, given, what) {
      const { person } = who;
      if (store.people.passphrase(person.id) === null) {
        throw new AppError('PASSPHRASE_NEEDED', say('people.yourProfileNoPassphrase'));
      }
      const asked = {
        ...what,
        label: say('asks.yourPassphrase'),
        waitUntil: () => passphrases.waitUntil(person.id),
      };
      await typed.known(who, given, asked, (entered) => passphrases.check(person.id, entered));
      // The check takes a moment, in which the session may have been locked or taken over.
      insistSeated(who);
    },
  };
}
