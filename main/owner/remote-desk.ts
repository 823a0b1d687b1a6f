import { z } from 'zod';
import type { WireError } from '../../preload/contract/errors.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError, cancelled, errorOf } from '../errors.ts';
import type { Desk } from '../host.ts';
import type { DeskDeed, FromClient, FromOwner } from './wire.ts';

/** An error for the other side; what is none of ours says no more than that. */
export const wireOf = (error: unknown): WireError =>
  (error instanceof AppError
    ? error
    : new AppError('INTERNAL', say('owner.somethingWentWrongInside'))
  ).toWire();

/** What a desk writes; it is another process. */
const written = z.strictObject({ language: z.string().max(20), texts: z.array(z.string()) });

export interface RemoteDesk {
  readonly desk: Desk;
  /** What the client says of what its desk was asked for. */
  take(said: Extract<FromClient, { say: 'done' | 'next' }>): void;
  /** The client is gone: whatever waits for its desk fails. */
  close(): void;
}

/** A piece as it is said: bytes stand in a line of JSON as base64, which costs less than to make them a text and back. */
const said = (piece: string | Uint8Array): { text: string } | { bytes: string } =>
  typeof piece === 'string'
    ? { text: piece }
    : { bytes: Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('base64') };

/** A desk at the other end of a connection: what is shown, asked or saved there stays there. */
export function createRemoteDesk(tell: (message: FromOwner) => void, onPower: Desk['onPower']): RemoteDesk {
  type Pieces = AsyncIterator<string | Uint8Array>;
  interface Deed {
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: Error) => void;
    readonly pieces: Pieces | null;
  }
  const open = new Map<number, Deed>();
  let last = 0;
  let closed = false;
  const gone = (): AppError => new AppError('NOT_HERE', say('owner.whoeverAskedGone'));

  const ask = async (
    what: DeskDeed,
    args: readonly unknown[],
    signal?: AbortSignal,
    pieces: Pieces | null = null,
  ): Promise<unknown> => {
    if (closed) throw gone();
    if (signal?.aborted) throw cancelled();
    last += 1;
    const deed = last;
    const undo = (): void => tell({ say: 'undo', deed });
    signal?.addEventListener('abort', undo, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        open.set(deed, { resolve, reject, pieces });
        tell({ say: 'do', deed, what, args: [...args] });
      });
    } finally {
      signal?.removeEventListener('abort', undo);
      open.delete(deed);
      // Whoever makes the pieces may hold something open until they are taken or left.
      await pieces?.return?.().catch(() => {});
    }
  };
  async function* oneText(text: string): AsyncGenerator<string, void> {
    yield text;
  }
  const next = async (deed: number, pieces: Pieces): Promise<void> => {
    try {
      const { done, value } = await pieces.next();
      tell({ say: 'piece', deed, ...(!done && said(value)) });
    } catch (error) {
      // The desk passes on what the text failed with; here the error itself is passed on, with its cause.
      open.get(deed)?.reject(error as Error);
      tell({ say: 'piece', deed, error: wireOf(error) });
    }
  };

  return {
    desk: {
      notify: (title, text) => void ask('notify', [title, text]).catch(() => {}),
      write: async (told) => written.parse(await ask('write', [told])),
      reveal: async (title, secret, ms, signal) => void (await ask('reveal', [title, secret, ms], signal)),
      copy: async (secret) => void (await ask('copy', [secret])),
      clearCopied: async (secret) => void (await ask('clearCopied', [secret])),
      async save(name, content) {
        const pieces = typeof content === 'string' ? oneText(content) : content;
        const path = await ask('save', [name], undefined, pieces[Symbol.asyncIterator]());
        return typeof path === 'string' ? path : null;
      },
      // Nothing but a clear yes is one.
      confirm: async (question, signal) =>
        (await ask('confirm', [question], signal).catch((error: unknown) => {
          if (error instanceof AppError && error.code === 'NOT_ASKED') throw error;
          return false;
        })) === true,
      async askTyped(question, signal) {
        const typed = await ask('askTyped', [question], signal);
        return typeof typed === 'string' ? typed : null;
      },
      handOut: async (title, text, name, signal) =>
        (await ask('handOut', [title, text, name], signal)) === true,
      onPower,
    },
    take(said) {
      const deed = open.get(said.deed);
      if (deed === undefined) return;
      if (said.say === 'next') {
        if (deed.pieces !== null) void next(said.deed, deed.pieces);
        return;
      }
      if (said.error) deed.reject(errorOf(said.error));
      else deed.resolve(said.value);
    },
    close() {
      closed = true;
      for (const { reject } of open.values()) reject(gone());
    },
  };
}
