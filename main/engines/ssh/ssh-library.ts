import type ssh2 from 'ssh2';

export type Ssh = typeof ssh2;

/**
 * ssh2, loaded by the first session that needs a jump host. It starts WebAssembly when it is loaded, and V8 sometimes
 * ends the process when threads with WebAssembly come and go (nodejs/node#64500): syncs that need no jump host have none.
 * The bundle leaves it out, see `rolldown.config.ts`.
 */
export async function loadSsh(): Promise<Ssh> {
  return (await import('ssh2')).default;
}

/**
 * Left out of what is offered: it is what ssh2 uses WebAssembly for, and Electron's BoringSSL lacks it. Nothing may be
 * named that BoringSSL lacks, but leaving out what is not there does no harm.
 */
export const withoutChaCha = { remove: ['chacha20-poly1305@openssh.com'] } as never;
