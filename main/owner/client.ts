import { createConnection, type Socket } from 'node:net';
import type { EventName } from '../../preload/contract/channels.ts';
import type { Envelope } from '../../preload/contract/errors.ts';
import type { Job } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import { say as sentence } from '../../preload/messages/said.ts';
import type { Place } from '../app.ts';
import { AppError, errorOf } from '../errors.ts';
import type { Clock, Desk } from '../host.ts';
import { isOwned } from '../store/owner-lock.ts';
import type { Following } from '../sync/job/jobs.ts';
import { serveDesk } from './desk-server.ts';
import { findPlace, type OwnerPlace } from './place.ts';
import {
  eachLine,
  type FromClient,
  fromOwner,
  isProof,
  longestAnswer,
  longestGreeting,
  ownerHello,
  ownerProof,
  proofOf,
  say,
  wireVersion,
} from './wire.ts';

/** An owner that has just begun, or is about to end, is waited for so long. */
const patienceMs = 10_000;
const tryEveryMs = 100;
/** What is still waited for when a client leaves is asked for once more, for so long. */
const leaveMs = 2000;

export interface Joined extends Place {
  /** Leaves; what runs at the owner goes on there. */
  close(): Promise<void>;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly over: Promise<void>;
}

export interface JoinDeps {
  readonly folder: string;
  readonly version: string;
  readonly kind: 'window' | 'terminal' | 'agent';
  readonly desk: Desk;
  readonly clock: Clock;
  readonly random: (bytes: number) => Buffer;
  readonly signal: AbortSignal;
}

const unreachable = (text: Said, cause?: unknown): AppError =>
  new AppError('OWNER_UNREACHABLE', text, cause === undefined ? {} : { cause });

/**
 * Joins the process that owns a workspace, with a seat of its own; null where nobody owns it. Fails with OWNER_UNREACHABLE
 * where somebody does and can't be spoken with.
 */
export async function joinOwner(deps: JoinDeps): Promise<Joined | null> {
  const until = deps.clock.now() + patienceMs;
  for (;;) {
    const place = findPlace(deps.folder);
    const socket = place && (await connected(place.path));
    if (place && socket) return greet(socket, place, deps);
    // Nobody answers: either nobody is there, or it is on the way.
    if (!isOwned(deps.folder)) return null;
    if (deps.clock.now() >= until) throw unreachable(sentence('owner.anotherHeadgateWorkspaceOpen'));
    await deps.clock.sleep(tryEveryMs, deps.signal);
  }
}

/** Null where nobody listens there. */
const connected = (path: string): Promise<Socket | null> =>
  new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });

function greet(socket: Socket, place: OwnerPlace, deps: JoinDeps): Promise<Joined> {
  return new Promise((resolve, reject) => {
    const nonce = deps.random(16).toString('hex');
    const fail = (error: AppError): void => {
      clearTimeout(late);
      socket.destroy();
      reject(error);
    };
    const late = setTimeout(() => fail(unreachable(sentence('owner.headgateWorkspaceOpenDoes'))), patienceMs);
    const gone = (): void => fail(unreachable(sentence('owner.headgateWorkspaceOpenEndedTalk')));
    socket.on('error', gone);
    socket.once('close', gone);
    let wanted: string | null = null;
    let take: ((line: unknown) => void) | null = null;
    const hello = (line: unknown): void => {
      const read = ownerHello.safeParse(line);
      if (!read.success || read.data.headgate !== wireVersion || read.data.version !== deps.version) {
        const version = read.success ? read.data.version : 'unknown';
        fail(
          new AppError(
            'OWNER_UNREACHABLE',
            sentence('owner.workspaceOpenHeadgateVersion', {
              theirs: String(version),
              ours: String(deps.version),
            }),
            { advice: sentence('owner.workspaceOpenHeadgateVersion.advice') },
          ),
        );
        return;
      }
      wanted = proofOf(place.key, 'owner', read.data.nonce, nonce);
      const proof = proofOf(place.key, 'client', nonce, read.data.nonce);
      say(socket, { nonce, proof, kind: deps.kind });
    };
    const proven = (line: unknown): void => {
      const read = ownerProof.safeParse(line);
      if (!read.success || wanted === null || !isProof(read.data.proof, wanted)) {
        fail(unreachable(sentence('owner.whatAnswersWorkspaceNot')));
        return;
      }
      clearTimeout(late);
      socket.off('close', gone);
      const [joined, taking] = speak(socket, deps.desk, deps.clock);
      take = taking;
      resolve(joined);
    };
    eachLine(
      socket,
      () => (take === null ? longestGreeting : longestAnswer),
      (line) => (take !== null ? take(line) : wanted === null ? hello(line) : proven(line)),
    );
  });
}

/** The client's side of a connection on which both have proven themselves. */
function speak(socket: Socket, desk: Desk, clock: Clock): [Joined, (line: unknown) => void] {
  const tell = (message: FromClient): void => say(socket, message);
  const answers = new Map<string, (envelope: Envelope<unknown>) => void>();
  interface Waiting {
    readonly resolve: (job: Job) => void;
    readonly reject: (error: Error) => void;
    readonly following: Following | undefined;
  }
  const waiting = new Map<string, Waiting>();
  const listeners = new Set<(name: EventName, payload: unknown) => void>();
  const mine = serveDesk(desk, tell);
  const gone = (): AppError => unreachable(sentence('owner.headgateWorkspaceOpenEndedWhat'));
  let lastId = 0;
  const over = new Promise<void>((resolve) =>
    socket.once('close', () => {
      mine.close();
      for (const answer of answers.values()) answer({ ok: false, error: gone().toWire() });
      for (const { reject } of waiting.values()) reject(gone());
      resolve();
    }),
  );
  const take = (line: unknown): void => {
    const read = fromOwner.safeParse(line);
    // Proven to be the same version of Headgate: what is not understood here is a defect, and better not guessed at.
    if (!read.success) return void socket.destroy();
    const message = read.data;
    switch (message.say) {
      case 'answer':
        answers.get(message.id)?.(message.envelope as Envelope<unknown>);
        break;
      case 'event':
        for (const listener of listeners) listener(message.name as EventName, message.payload);
        break;
      case 'waits':
        waiting.get(message.id)?.following?.onWait?.(message.job, message.what);
        break;
      case 'ended':
        if (message.job) waiting.get(message.id)?.resolve(message.job);
        else waiting.get(message.id)?.reject(message.error ? errorOf(message.error) : gone());
        break;
      default:
        mine.take(message);
    }
  };
  const jobEnded = async (jobId: string, following?: Following): Promise<Job> => {
    if (socket.destroyed) throw gone();
    lastId += 1;
    const id = `follow ${lastId}`;
    const leave = (): void => tell({ say: 'leave', id });
    try {
      return await new Promise<Job>((resolve, reject) => {
        waiting.set(id, { resolve, reject, following });
        tell({ say: 'follow', id, jobId });
        if (following?.signal?.aborted) leave();
        else following?.signal?.addEventListener('abort', leave, { once: true });
      });
    } finally {
      following?.signal?.removeEventListener('abort', leave);
      waiting.delete(id);
    }
  };
  const joined: Joined = {
    over,
    async call(name, input, callId) {
      if (socket.destroyed) return { ok: false, error: gone().toWire() };
      try {
        return await new Promise((resolve) => {
          answers.set(callId, resolve);
          tell({ say: 'call', id: callId, name, input });
        });
      } finally {
        answers.delete(callId);
      }
    },
    cancel: (callId) => tell({ say: 'cancel', id: callId }),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    jobEnded,
    async close() {
      // Whoever waits for a job hears once more how it is; it goes on at the owner.
      const left = [...waiting.keys()].map((id) => tell({ say: 'leave', id }));
      const until = clock.now() + leaveMs;
      while (left.length > 0 && waiting.size > 0 && !socket.destroyed && clock.now() < until)
        await clock.sleep(20);
      socket.end();
      const late = setTimeout(() => socket.destroy(), leaveMs);
      await over;
      clearTimeout(late);
    },
  };
  return [joined, take];
}
