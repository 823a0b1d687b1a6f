import { createHash } from 'node:crypto';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import type { Target } from '../engine.ts';
import { insistClearTextAllowed } from '../login/clear-text.ts';
import { isSocket } from '../wire/way.ts';

/** What one plugin answers to each thing that the server sends; null for nothing. */
type Answering = (data: Buffer) => Buffer | null;
/** As the driver takes it: a plugin is made for each sign-in. */
type Plugin = (made: unknown) => Answering;

/** Answers of caching_sha2_password (MySQL documentation, "Caching SHA-2 Pluggable Authentication"). */
const fastDone = 3;
const wantsAll = 4;

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** What proves that one knows the password, without giving it away. */
function sha2Proof(password: Uint8Array, scramble: Buffer): Buffer {
  if (password.length === 0) return Buffer.alloc(0);
  const once = sha256(password);
  const mixed = sha256(sha256(once), scramble);
  return Buffer.from(once.map((byte, at) => byte ^ (mixed[at] as number)));
}

const clearText = (password: Uint8Array): Buffer => Buffer.concat([password, Buffer.of(0)]);

/**
 * The ways to sign in that can end with the password itself being sent. A server that asks for it gets it where it is certain
 * who asks, as with PostgreSQL: the driver's own plugins would send it to any server that speaks TLS, and without TLS
 * encrypt it with whatever key the other end shows. Both fail here with DB_PASSWORD_ASKED.
 */
export function signInPlugins(target: Target, tls: () => TlsDetails): Readonly<Record<string, Plugin>> {
  const asIs = (): Buffer => {
    if (!isSocket(target)) insistClearTextAllowed(target, tls());
    return clearText(target.password);
  };
  return {
    caching_sha2_password: () => {
      let scramble: Buffer | null = null;
      return (data) => {
        if (scramble === null) {
          scramble = data.subarray(0, 20);
          return sha2Proof(target.password, scramble);
        }
        if (data[0] === fastDone) return null;
        if (data[0] === wantsAll) return asIs();
        throw new Error('an answer that the protocol does not have');
      };
    },
    sha256_password: () => () => (target.password.length === 0 ? Buffer.of(0) : asIs()),
    mysql_clear_password: () => () => asIs(),
    // Of MariaDB: PAM asks in turns; the first question is answered, and it is for the password.
    dialog: () => () => asIs(),
  };
}
