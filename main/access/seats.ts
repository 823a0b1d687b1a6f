import type { Session } from '../../preload/contract/models.ts';
import type { Desk } from '../host.ts';
import type { AgentSession } from './agent-session.ts';
import type { SeatedSession } from './session.ts';

/**
 * A place at this workspace: the window, or a terminal of somebody who works with it by command. Each has a session, and so
 * a person with rights, of its own, and shows and asks at its own desk.
 */
export interface Seat {
  readonly id: number;
  /**
   * A page in a window is handed nothing that opens to secrets; a terminal is the person's own; an agent reads for a person,
   * within its grant.
   */
  readonly kind: 'window' | 'terminal' | 'agent';
  readonly desk: Desk;
  readonly session: SeatedSession;
  /** At a seat of an agent, and at no other: its session, by its grant. */
  readonly agent: AgentSession | null;
}

export interface Seats {
  /** The seat of whoever started this process. */
  readonly own: Seat;
  /** One more; `close` ends it. */
  open(kind: Seat['kind'], desk: Desk): Seat;
  /** Nobody sits there any more. */
  close(seat: Seat): void;
  /** Whether this person has a seat that is not locked. */
  holds(personId: string): boolean;
  /** The desk that a person sits at, a window's before a terminal's; null where they sit nowhere, or behind a lock. */
  deskOf(personId: string): Desk | null;
  /** Ends what this person has open anywhere, e.g. because the profile is deleted. */
  end(personId: string): void;
  /** Profiles or the policy have changed: every seat looks anew. */
  changed(): void;
  closeAll(): void;
}

export function createSeats(deps: {
  own: Pick<Seat, 'kind' | 'desk'>;
  /** The session of a new seat. */
  sessionFor: (told: {
    onChanged: (session: Session) => void;
    onEnded: (personId: string) => void;
  }) => SeatedSession;
  /** The session of a new agent's seat. */
  agentSessionFor: (onEnded: (personId: string) => void) => AgentSession;
  onChanged: (seat: Seat, session: Session) => void;
  /** Locked, replaced by somebody else, deleted or left: what the person had open at this seat ends. */
  onEnded: (seat: Seat, personId: string) => void;
}): Seats {
  const all = new Set<Seat>();
  let lastId = 0;
  const open = (kind: Seat['kind'], desk: Desk): Seat => {
    lastId += 1;
    const onEnded = (personId: string): void => deps.onEnded(seat, personId);
    const agent = kind === 'agent' ? deps.agentSessionFor(onEnded) : null;
    const session = agent ?? deps.sessionFor({ onChanged: (state) => deps.onChanged(seat, state), onEnded });
    const seat: Seat = { id: lastId, kind, desk, session, agent };
    all.add(seat);
    return seat;
  };
  return {
    own: open(deps.own.kind, deps.own.desk),
    open,
    close(seat) {
      if (!all.delete(seat)) return;
      const personId = seat.session.owner()?.id;
      seat.session.close();
      if (personId !== undefined) deps.onEnded(seat, personId);
    },
    holds: (personId) => [...all].some(({ session }) => session.person()?.id === personId),
    deskOf(personId) {
      // At an agent's seat sits nobody who could be shown something.
      const theirs = [...all].filter(
        ({ kind, session }) => kind !== 'agent' && session.person()?.id === personId,
      );
      return (theirs.find(({ kind }) => kind === 'window') ?? theirs[0])?.desk ?? null;
    },
    end(personId) {
      for (const seat of all) if (seat.session.owner()?.id === personId) deps.onEnded(seat, personId);
    },
    changed() {
      for (const { session } of all) session.changed();
    },
    closeAll() {
      for (const { session } of all) session.close();
      all.clear();
    },
  };
}
