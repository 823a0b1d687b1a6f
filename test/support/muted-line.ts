import { connect, createServer, type Socket } from 'node:net';

/* A line to a server that can fall silent without anybody being told: what a firewall that forgets does. */

export interface MutedLine {
  readonly port: number;
  /** From now on nothing arrives on either side, and new connections are taken but lead nowhere. */
  mute(): void;
  /** The same as soon as a client has sent this text, which still arrives; the answer does not. */
  muteAfter(text: string): void;
  /** The connection that sends this text first waits before it, until `letGo`. */
  holdBefore(text: string): void;
  readonly holds: boolean;
  letGo(): void;
  /** New connections get through again; what was silent stays so. */
  unmute(): void;
  close(): Promise<void>;
}

export async function startMutedLine(to: number): Promise<MutedLine> {
  const open = new Set<Socket>();
  let era = 0;
  let silent = false;
  let wanted: string | null = null;
  let held: string | null = null;
  let go: (() => void) | null = null;
  const mute = (): void => {
    silent = true;
    wanted = null;
    era += 1;
  };
  const server = createServer((socket) => {
    const born = era;
    const deaf = (): boolean => silent || born !== era;
    open.add(socket.on('error', () => {}));
    if (silent) return;
    const on = connect(to, '127.0.0.1').on('error', () => {});
    open.add(on);
    socket.on('data', (piece: Buffer) => {
      if (deaf()) return;
      if (held !== null && piece.includes(held)) {
        held = null;
        go = () => void on.write(piece);
        return;
      }
      on.write(piece);
      if (wanted !== null && piece.includes(wanted)) mute();
    });
    on.on('data', (piece: Buffer) => void (deaf() || socket.write(piece)));
    socket.on('close', () => void (deaf() || on.destroy()));
    on.on('close', () => void (deaf() || socket.destroy()));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as { port: number }).port,
    mute,
    muteAfter(text) {
      wanted = text;
    },
    holdBefore(text) {
      held = text;
    },
    get holds() {
      return go !== null;
    },
    letGo() {
      go?.();
      go = null;
    },
    unmute() {
      silent = false;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
