import { createHash } from 'node:crypto';
import type { AgentGrant, Person, Session } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Store } from '../store/index.ts';
import type { SeatedSession } from './session.ts';

/** An agent's seat: the grant decides anew with every call whether anybody sits there. */
export interface AgentSession extends SeatedSession {
  /** Takes the seat. Fails with LOCKED, whatever is the matter with the token. */
  enter(token: string): AgentGrant;
  /** Null before `enter`, and once the grant has ended. */
  grant(): AgentGrant | null;
}

/** Calls that one grant can make within an hour. */
export const agentCallsAnHour = 300;

/** What is kept of a token. It has 256 random bits, so that nothing slower is needed. */
export const hashOfToken = (token: string): string => createHash('sha256').update(token).digest('hex');

const ended = (): AppError =>
  new AppError('LOCKED', say('people.tokenAgentNotKnown'), {
    advice: say('people.tokenAgentNotKnown.advice'),
  });

/**
 * Whose person is the one who made the grant, with the roles they have now. It ends when it is revoked, when its time is over,
 * and with its profile or its project; no lock of a window ends it, because nobody sits at one for it.
 */
export function createAgentSession(deps: {
  store: Pick<Store, 'agents' | 'people'>;
  /** Milliseconds since 1970. */
  now: () => number;
  idleLockMinutes: () => number;
  onEnded: (personId: string) => void;
}): AgentSession {
  const { store } = deps;
  let grantId: string | null = null;
  /** Whose work goes on here until the grant is seen to have ended. */
  let last: Person | null = null;
  const grant = (): AgentGrant | null => {
    const found = grantId === null ? null : store.agents.find(grantId);
    return found !== null && Date.parse(found.expiresAt) > deps.now() ? found : null;
  };
  const person = (): Person | null => {
    const personId = grant()?.personId;
    const found = personId === undefined ? null : store.people.find(personId);
    const now = found === null ? null : { id: found.id, name: found.name, roles: found.roles };
    const before = last;
    last = now;
    if (now === null && before !== null) deps.onEnded(before.id);
    return now;
  };
  const refuse = (): never => {
    throw new AppError('PERMISSION_DENIED', say('people.agentNoSessionPerson'));
  };
  return {
    enter(token) {
      if (grantId !== null) return refuse();
      const found = store.agents.idOf(hashOfToken(token));
      if (found === null) throw ended();
      grantId = found;
      const entered = grant();
      if (entered === null || person() === null) {
        grantId = null;
        throw ended();
      }
      return entered;
    },
    grant,
    person,
    owner: () => last,
    state: (): Session => ({
      person: null,
      locked: true,
      profiles: [],
      hasPassphrase: false,
      idleLockMinutes: deps.idleLockMinutes(),
      waitUntil: null,
    }),
    signIn: async () => refuse(),
    lock: refuse,
    touch() {},
    changed: () => void person(),
    close() {
      grantId = null;
    },
  };
}
