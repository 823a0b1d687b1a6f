import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { SecretBytes } from './engine.ts';

const derive = promisify(pbkdf2);

/** RFC 7677 asks for at least 4096; it is also what PostgreSQL uses itself unless told otherwise (scram_iterations). */
const iterations = 4096;
const saltBytes = 16;

/** RFC 3454, table C.1.2: spaces beyond ASCII become a space. */
const otherSpaces = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** RFC 3454, table B.1: characters that are commonly mapped to nothing. */
// biome-ignore lint/suspicious/noMisleadingCharacterClass: each stands for itself
const nothing = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/g;

/**
 * SASLprep (RFC 4013) as far as PostgreSQL's server and libpq apply it to passwords: one that can't be prepared is taken
 * as it is by all of them.
 */
function prepare(password: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the ASCII ones
  if (/^[\x00-\x7f]*$/.test(password)) return password;
  return password.replace(otherSpaces, ' ').replace(nothing, '').normalize('NFKC');
}

/**
 * What PostgreSQL stores of a password (`pg_authid.rolpassword`, RFC 5803): given to ALTER ROLE in its place, so that the
 * password itself is in no statement, log or pg_stat_statements.
 */
export async function scramVerifier(
  password: SecretBytes,
  random: (bytes: number) => Buffer,
): Promise<string> {
  const salt = random(saltBytes);
  const text = prepare(Buffer.from(password).toString('utf8'));
  const salted = await derive(text, salt, iterations, 32, 'sha256');
  const hmac = (key: Buffer, message: string): Buffer => createHmac('sha256', key).update(message).digest();
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
  const serverKey = hmac(salted, 'Server Key');
  salted.fill(0);
  const base64 = (bytes: Buffer): string => bytes.toString('base64');
  return `SCRAM-SHA-256$${iterations}:${base64(salt)}$${base64(storedKey)}:${base64(serverKey)}`;
}
