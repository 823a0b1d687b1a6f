import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/** A stream that a session can be run over: what pg and TLS ask of a socket, wherever the bytes go. */
export interface Wire extends Duplex {
  /** Bytes that came in so far. */
  readonly bytesRead: number;
  ref(): unknown;
  unref(): unknown;
}

/**
 * A channel of an SSH connection as a plain stream. ssh2's own tells that it is closed only when the server has said so,
 * which a frozen one never does; this one is gone as soon as it is destroyed.
 */
export class ChannelStream extends Duplex implements Wire {
  bytesRead = 0;
  readonly #channel: ClientChannel;
  readonly #use: { ref(): void; unref(): void };
  #written: (() => void) | null = null;

  /** `use` holds the process as long as somebody waits for an answer. */
  constructor(channel: ClientChannel, use: { ref(): void; unref(): void }) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    this.#use = use;
    channel.on('data', (piece: Buffer) => {
      this.bytesRead += piece.length;
      if (!this.push(piece)) channel.pause();
    });
    channel.on('end', () => this.push(null));
    channel.on('close', () => {
      if (this.readableEnded) this.destroy();
      else this.push(null);
    });
    channel.on('error', (error: Error) => this.destroy(error));
    channel.on('drain', () => {
      const done = this.#written;
      this.#written = null;
      done?.();
    });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(piece: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#channel.write(piece)) done();
    else this.#written = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    try {
      this.#channel.close();
    } catch {
      // The connection under it is gone already.
    }
    this.#channel.resume();
    done(error);
  }

  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    this.#use.ref();
    return this;
  }
  unref(): this {
    this.#use.unref();
    return this;
  }
}
