import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError, errorOf } from '../errors.ts';
import type { Desk, TypedQuestion, YesNo } from '../host.ts';

import { wireOf } from './remote-desk.ts';
import type { DeskDeed, FromClient, FromOwner } from './wire.ts';

export interface DeskServer {
  /** What the owner asks this desk for, or says of it. */
  take(message: Extract<FromOwner, { say: 'do' | 'undo' | 'piece' }>): void;
  /** The owner is gone: what is shown for it goes. */
  close(): void;
}

type Piece = Extract<FromOwner, { say: 'piece' }>;

/** Does at this desk what the owner of the workspace asks for, on behalf of whoever sits here. */
export function serveDesk(desk: Desk, tell: (message: FromClient) => void): DeskServer {
  const running = new Map<number, AbortController>();
  const wanted = new Map<number, { take: (piece: Piece) => void; fail: (error: Error) => void }>();

  async function* piecesOf(deed: number, signal: AbortSignal): AsyncGenerator<string | Uint8Array, void> {
    for (;;) {
      signal.throwIfAborted();
      const piece = await new Promise<Piece>((resolve, reject) => {
        wanted.set(deed, { take: resolve, fail: reject });
        tell({ say: 'next', deed });
      }).finally(() => wanted.delete(deed));
      if (piece.error) throw errorOf(piece.error);
      if (piece.bytes !== undefined) yield Buffer.from(piece.bytes, 'base64');
      else if (piece.text !== undefined) yield piece.text;
      else return;
    }
  }
  const done = async (deed: number, what: DeskDeed, args: readonly unknown[], signal: AbortSignal) => {
    const text = (at: number): string => String(args[at] ?? '');
    // Of the same version of Headgate, as all that this owner says.
    const said = (at: number): Said => args[at] as Said;
    switch (what) {
      case 'notify':
        return desk.notify(said(0), args[1] as Said | null);
      case 'write':
        return desk.write(args[0] as readonly Said[]);
      case 'reveal':
        return desk.reveal(said(0), text(1), Number(args[2]), signal);
      case 'copy':
        return desk.copy(text(0));
      case 'clearCopied':
        return desk.clearCopied(text(0));
      case 'save':
        return desk.save(text(0), piecesOf(deed, signal));
      case 'confirm':
        return desk.confirm(args[0] as YesNo, signal);
      case 'askTyped':
        return desk.askTyped(args[0] as TypedQuestion, signal);
      case 'handOut':
        return desk.handOut(said(0), said(1), text(2), signal);
    }
  };
  const run = async (deed: number, what: DeskDeed, args: readonly unknown[]): Promise<void> => {
    const stop = new AbortController();
    running.set(deed, stop);
    try {
      const value = await done(deed, what, args, stop.signal);
      tell({ say: 'done', deed, ...(value === undefined ? {} : { value }) });
    } catch (error) {
      tell({ say: 'done', deed, error: wireOf(error) });
    } finally {
      running.delete(deed);
    }
  };
  return {
    take(message) {
      if (message.say === 'do') void run(message.deed, message.what, message.args);
      else if (message.say === 'undo') running.get(message.deed)?.abort();
      else wanted.get(message.deed)?.take(message);
    },
    close() {
      for (const stop of running.values()) stop.abort();
      for (const { fail } of wanted.values())
        fail(new AppError('OWNER_UNREACHABLE', say('owner.headgateWorkspaceOpenEnded')));
    },
  };
}
