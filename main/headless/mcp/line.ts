import { randomUUID } from 'node:crypto';
import { type Client, createClient, type Transport } from '../../../preload/contract/client.ts';
import type { Envelope, WireError } from '../../../preload/contract/errors.ts';
import type { AgentGrant } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import type { App, Place } from '../../app.ts';
import { AppError } from '../../errors.ts';
import type { Desk } from '../../host.ts';
import type { Joined } from '../../owner/client.ts';

/** A seat of an agent that nobody sits at yet. */
interface OpenSeat extends Pick<Place, 'call' | 'cancel'> {
  /** Whether the process that it was at has ended. */
  readonly isGone: () => boolean;
  leave(): Promise<void>;
}

/** Where agents sit: at whoever owns the workspace, or in this process where nobody does. */
export interface Seating {
  /** A seat of its own. Fails with OWNER_UNREACHABLE, and with what opening a workspace fails with. */
  sit(): Promise<OpenSeat>;
  /** Closes the workspace, where it was opened here. */
  close(): Promise<void>;
}

export function createSeating(deps: {
  readonly desk: Desk;
  /** Null where nobody owns the workspace. */
  readonly join: () => Promise<Joined | null>;
  readonly open: () => Promise<App>;
}): Seating {
  let opened: Promise<App> | null = null;
  const openedHere = (): Promise<App> => {
    opened ??= deps.open();
    opened.catch(() => {
      opened = null;
    });
    return opened;
  };
  return {
    async sit() {
      const joined = await deps.join();
      if (joined === null) {
        const place = (await openedHere()).openPlace('agent', deps.desk);
        return {
          ...{ call: place.call, cancel: place.cancel, isGone: () => false },
          leave: async () => place.leave(),
        };
      }
      let gone = false;
      void joined.over.then(() => {
        gone = true;
      });
      return { call: joined.call, cancel: joined.cancel, isGone: () => gone, leave: joined.close };
    },
    async close() {
      await (await opened?.catch(() => null))?.close();
    },
  };
}

/** What one client of the protocol calls by, as long as it is there. */
export interface AgentLine {
  readonly api: Client;
  readonly grant: AgentGrant;
  /** Whether a call was answered that the grant has ended. */
  isOver(): boolean;
  leave(): Promise<void>;
}

const clientOf = (transport: Transport): Client => createClient(transport, randomUUID);
const wireOf = (error: unknown): WireError =>
  (error instanceof AppError
    ? error
    : new AppError('OWNER_UNREACHABLE', say('command.workspaceCanNotReached'))
  ).toWire();

/**
 * Takes a seat by the token. When the process that it is at ends, what runs there fails with OWNER_UNREACHABLE, and the next
 * call takes a new seat, at whoever owns the workspace then. Fails with LOCKED, whatever is the matter with the token.
 */
export async function openLine(seating: Seating, token: string): Promise<AgentLine> {
  interface Taken {
    readonly seat: OpenSeat;
    readonly grant: AgentGrant;
  }
  const take = async (): Promise<Taken> => {
    const seat = await seating.sit();
    try {
      const api = clientOf({ invoke: seat.call, cancel: seat.cancel });
      return { seat, grant: await api.agents.enter({ token }) };
    } catch (error) {
      await seat.leave();
      throw error;
    }
  };
  const first = await take();
  let now = Promise.resolve(first);
  let over = false;
  let left = false;
  /** The seat, or a new one where that is gone; calls that come meanwhile wait for the same. */
  const taken = async (): Promise<Taken> => {
    const before = now;
    const held = await before.catch(() => null);
    if (held !== null && !held.seat.isGone()) return held;
    if (now === before) now = take();
    return now;
  };
  const running = new Map<string, OpenSeat>();
  const invoke: Transport['invoke'] = async (name, input, callId): Promise<Envelope<unknown>> => {
    if (left) return { ok: false, error: new AppError('LOCKED', say('command.agentLeft')).toWire() };
    let seat: OpenSeat;
    try {
      seat = (await taken()).seat;
    } catch (error) {
      // What refuses the token says so in the same words.
      const { code, message, advice, kind } = error as Partial<WireError>;
      if (code === 'LOCKED') over = true;
      return {
        ok: false,
        error: code && message && kind ? { code, kind, message, advice: advice ?? '' } : wireOf(error),
      };
    }
    running.set(callId, seat);
    try {
      const envelope = await seat.call(name, input, callId);
      if (!envelope.ok && envelope.error.code === 'LOCKED') over = true;
      return envelope;
    } finally {
      running.delete(callId);
    }
  };
  return {
    api: clientOf({ invoke, cancel: (callId) => running.get(callId)?.cancel(callId) }),
    grant: first.grant,
    isOver: () => over,
    async leave() {
      left = true;
      await (await now.catch(() => null))?.seat.leave();
    },
  };
}
