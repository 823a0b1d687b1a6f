import {
  createContext,
  Fragment,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { Session } from '../../../preload/contract/models.ts';
import { toWireError, useApi, useEvent } from '../../api.ts';

export interface Seat {
  /** Undefined until the core has said who sits here. */
  readonly session: Session | undefined;
  /** Whether somebody is signed in and the session is not locked. */
  readonly open: boolean;
  readonly error: WireError | undefined;
  reload(): void;
  /** What a call about the session answered, which is newer than anything read before. */
  take(session: Session): void;
}

const SeatContext = createContext<Seat | null>(null);

export function useSeat(): Seat {
  const seat = useContext(SeatContext);
  if (!seat) throw new Error('no SeatProvider above this component');
  return seat;
}

const holderOf = ({ person, locked }: Session): string | null => (locked ? null : (person?.id ?? null));

/**
 * Knows who sits here. When that changes – locked, signed in, somebody else – everything below is made anew and nothing
 * that was read before is kept: not in lists, not in dialogs, not in messages in the corner.
 */
export function SeatProvider({ children }: { children: ReactNode }) {
  const api = useApi();
  const [state, setState] = useState<{ session?: Session; error?: WireError; turn: number }>({ turn: 0 });
  const held = useRef<Session | undefined>(undefined);
  /** Counts what was taken: an answer that was asked for before it is an old one. */
  const taken = useRef(0);

  const take = useCallback(
    (session: Session) => {
      taken.current++;
      const before = held.current;
      held.current = session;
      const another = before !== undefined && holderOf(before) !== holderOf(session);
      if (another) api.forget();
      setState(({ turn }) => ({ session, turn: another ? turn + 1 : turn }));
    },
    [api],
  );
  const reload = useCallback(() => {
    const asked = taken.current;
    api.client.session.state().then(
      (session) => asked === taken.current && take(session),
      (error: unknown) => setState((known) => ({ ...known, error: toWireError(error) })),
    );
  }, [api, take]);
  useEffect(reload, [reload]);
  useEffect(() => api.onLocked(reload), [api, reload]);
  useEvent('session.changed', take);

  const { session, error, turn } = state;
  const seat = useMemo(
    () => ({
      session,
      open: session !== undefined && holderOf(session) !== null,
      error: session ? undefined : error,
      reload,
      take,
    }),
    [session, error, reload, take],
  );
  return (
    <SeatContext value={seat}>
      <Fragment key={turn}>{children}</Fragment>
    </SeatContext>
  );
}

/** How often the core is told that somebody is there; the shortest idle lock is a minute. */
const touchEveryMs = 30_000;
const inputs = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/** Tells the core that somebody is at the keyboard: at once, then at most every 30 seconds while there is input. */
export function useTouch(): void {
  const { client } = useApi();
  const { session, open } = useSeat();
  const wanted = open && session?.hasPassphrase === true;
  useEffect(() => {
    if (!wanted) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let since = false;
    const touch = () => {
      since = false;
      timer = setTimeout(() => {
        timer = undefined;
        if (since) touch();
      }, touchEveryMs);
      // A refusal because it is locked shows the lock screen already; anything else is not the person's concern.
      client.session.touch().catch(() => undefined);
    };
    const heard = ({ isTrusted }: Event) => {
      if (!isTrusted) return;
      if (timer === undefined) touch();
      else since = true;
    };
    for (const name of inputs) window.addEventListener(name, heard, { capture: true, passive: true });
    return () => {
      clearTimeout(timer);
      for (const name of inputs) window.removeEventListener(name, heard, { capture: true });
    };
  }, [client, wanted]);
}
