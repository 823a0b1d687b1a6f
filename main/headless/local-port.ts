import { createHash, timingSafeEqual } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';

/* What the ports of this computer that Headgate answers on have in common. */

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether what is shown is the secret; how long that takes says nothing of it. */
export function secretCheck(secret: string): (shown: string) => boolean {
  const wanted = digest(secret);
  return (shown) => timingSafeEqual(digest(shown), wanted);
}

/** Where a server listens, and what a Host header that means it says. */
export interface LocalPort {
  readonly port: number;
  readonly hosts: readonly string[];
}

/**
 * Listens on a port of 127.0.0.1; 0 takes a free one. `option` is the one that asked for it. Fails with INPUT_INVALID where the
 * port can't be had.
 */
export async function listenHere(server: Server, port: number, option: string): Promise<LocalPort> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? say('command.port.taken') : say('command.port.refused');
      reject(
        new AppError('INPUT_INVALID', say('command.portCanNot', { port: String(port), option, why }), {
          ...{ cause, advice: say('command.portCanNot.advice') },
        }),
      );
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
  });
  const at = (server.address() as AddressInfo).port;
  return { port: at, hosts: [`127.0.0.1:${at}`, `localhost:${at}`] };
}
