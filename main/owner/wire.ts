import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { wireError } from '../../preload/contract/errors.ts';
import { job } from '../../preload/contract/models.ts';

/*
 * What a workspace's owner and its clients on the same computer say to each other: one JSON object a line. Both know a key
 * that stands in a file which only this user can read; each proves it before anything else is said.
 */

/** Another number where one side would not understand the other. */
export const wireVersion = 5;
/** Of what is said before both have proven themselves. */
export const longestGreeting = 2000;
/** A file that is imported is the longest that a client says. */
export const longestSaid = 64 * 1024 * 1024;
/** A whole activity log is the longest that it is answered. */
export const longestAnswer = 400 * 1024 * 1024;

const id = z.string().min(1).max(100);
const number = z.int().min(0);
const nonce = z.string().min(32).max(64);
const proof = z.string().length(64);
const version = z.string().max(50);

export const ownerHello = z.strictObject({ headgate: z.number(), version, nonce });
export const clientHello = z.strictObject({ nonce, proof, kind: z.enum(['window', 'terminal', 'agent']) });
export const ownerProof = z.strictObject({ proof });

/** Things that a client's desk is asked for; the rest of a desk is the computer's. */
export const deskDeeds = [
  'notify',
  'write',
  'reveal',
  'copy',
  'clearCopied',
  'save',
  'confirm',
  'askTyped',
  'handOut',
] as const;
export type DeskDeed = (typeof deskDeeds)[number];

export const fromClient = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('call'), id, name: z.string().max(100), input: z.unknown() }),
  z.strictObject({ say: z.literal('cancel'), id }),
  /** Wants to know how a job ends; `leave` ends that waiting, not the job. */
  z.strictObject({ say: z.literal('follow'), id, jobId: z.string().max(100) }),
  z.strictObject({ say: z.literal('leave'), id }),
  /** What the desk answered. */
  z.strictObject({
    say: z.literal('done'),
    deed: number,
    value: z.unknown().optional(),
    error: wireError.optional(),
  }),
  /** The next piece of what is saved, please. */
  z.strictObject({ say: z.literal('next'), deed: number }),
]);
export type FromClient = z.infer<typeof fromClient>;

const waitsFor = z.union([
  z.strictObject({
    kind: z.literal('process'),
    owner: z.strictObject({
      ...{ id: z.string(), host: z.string(), machine: z.string(), boot: z.string() },
      ...{ pid: z.number(), start: z.number() },
    }),
  }),
  z.strictObject({ kind: z.literal('source'), until: z.string() }),
  z.strictObject({ kind: z.literal('network') }),
]);
const envelope = z.union([
  z.strictObject({ ok: z.literal(true), data: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: wireError }),
]);

export const fromOwner = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('answer'), id, envelope }),
  z.strictObject({ say: z.literal('event'), name: z.string(), payload: z.unknown() }),
  z.strictObject({ say: z.literal('waits'), id, job, what: waitsFor }),
  z.strictObject({ say: z.literal('ended'), id, job: job.optional(), error: wireError.optional() }),
  z.strictObject({ say: z.literal('do'), deed: number, what: z.enum(deskDeeds), args: z.array(z.unknown()) }),
  /** It is not wanted any more. */
  z.strictObject({ say: z.literal('undo'), deed: number }),
  /** A piece of what is saved: a text, or bytes in base64; neither after the last. */
  z.strictObject({
    say: z.literal('piece'),
    deed: number,
    text: z.string().optional(),
    bytes: z.string().optional(),
    error: wireError.optional(),
  }),
]);
export type FromOwner = z.infer<typeof fromOwner>;

/** That somebody knows the key, said for these two numbers used once, and by this side only. */
export const proofOf = (key: Buffer, side: 'owner' | 'client', mine: string, theirs: string): string =>
  createHmac('sha256', key).update(`${side} ${mine} ${theirs}`).digest('hex');
export const isProof = (said: string, wanted: string): boolean =>
  said.length === wanted.length && timingSafeEqual(Buffer.from(said), Buffer.from(wanted));

/** Says one thing. */
export const say = (socket: Socket, message: unknown): void => {
  if (!socket.destroyed && socket.writable) socket.write(`${JSON.stringify(message)}\n`);
};

/**
 * Hands on each line as it comes, parsed as JSON; the socket is destroyed at the first that is none, or is longer than
 * `longest()` bytes.
 */
export function eachLine(socket: Socket, longest: () => number, take: (line: unknown) => void): void {
  let pieces: Buffer[] = [];
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (;;) {
      const end = rest.indexOf(0x0a);
      const part = end < 0 ? rest : rest.subarray(0, end);
      length += part.length;
      if (length > longest()) return void socket.destroy();
      pieces.push(part);
      if (end < 0) return;
      const text = Buffer.concat(pieces, length).toString();
      pieces = [];
      length = 0;
      rest = rest.subarray(end + 1);
      let line: unknown;
      try {
        line = JSON.parse(text);
      } catch {
        return void socket.destroy();
      }
      take(line);
      if (socket.destroyed) return;
    }
  });
}
