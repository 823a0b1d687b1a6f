import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { SecretBytes } from '../engine.ts';
import { saslprep } from './saslprep.ts';

const derive = promisify(pbkdf2);

/** RFC 7677 asks for at least 4096; it is also what PostgreSQL uses itself unless told otherwise (scram_iterations). */
const iterations = 4096;
const saltBytes = 16;

const hmac = (key: Buffer, message: string): Buffer => createHmac('sha256', key).update(message).digest();
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
const base64 = (bytes: Buffer): string => bytes.toString('base64');

/**
 * What PostgreSQL stores of a password (`pg_authid.rolpassword`, RFC 5803): given to ALTER ROLE in its place, so that the
 * password itself is in no statement, log or pg_stat_statements.
 */
export async function scramVerifier(
  password: SecretBytes,
  random: (bytes: number) => Buffer,
): Promise<string> {
  const salt = random(saltBytes);
  const text = saslprep(Buffer.from(password).toString('utf8'));
  const salted = await derive(text, salt, iterations, 32, 'sha256');
  const storedKey = sha256(hmac(salted, 'Client Key'));
  const serverKey = hmac(salted, 'Server Key');
  salted.fill(0);
  return `SCRAM-SHA-256$${iterations}:${base64(salt)}$${base64(storedKey)}:${base64(serverKey)}`;
}

/** What was said so far of an exchange (RFC 5802, 5), and the answer that is about to be sent without its proof. */
export interface ScramExchange {
  readonly clientNonce: string;
  readonly serverFirst: string;
  readonly withoutProof: string;
}

/** The proof that we know the password, and what the server must sign to show that it knows it; both in base64. */
export async function scramProof(
  password: string,
  { clientNonce, serverFirst, withoutProof }: ScramExchange,
): Promise<{ proof: string; serverSignature: string }> {
  const field = (name: string): string =>
    serverFirst
      .split(',')
      .find((each) => each.startsWith(`${name}=`))
      ?.slice(2) ?? '';
  const salt = Buffer.from(field('s'), 'base64');
  const salted = await derive(saslprep(password), salt, Number(field('i')), 32, 'sha256');
  const said = `n=*,r=${clientNonce},${serverFirst},${withoutProof}`;
  const clientKey = hmac(salted, 'Client Key');
  const signature = hmac(sha256(clientKey), said);
  const serverSignature = base64(hmac(hmac(salted, 'Server Key'), said));
  salted.fill(0);
  return {
    proof: base64(Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)))),
    serverSignature,
  };
}
