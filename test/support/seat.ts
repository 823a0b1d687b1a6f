import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createAccess } from '../../main/access/access.ts';
import { createAgentRules } from '../../main/access/agent-calls.ts';
import { createAuditAnchors } from '../../main/access/audit-anchors.ts';
import { createAuditSeal } from '../../main/access/audit-seal.ts';
import type { Cost } from '../../main/access/passphrases.ts';
import { type AllHandlers, createDispatch } from '../../main/dispatch.ts';
import type { Clock, Desk, Host, PowerEvent } from '../../main/host.ts';
import type { Services } from '../../main/services/context.ts';
import { agentService } from '../../main/services/people/agents.ts';
import { auditService } from '../../main/services/people/audit.ts';
import { createSecretClipboard } from '../../main/services/people/clipboard.ts';
import { grantService } from '../../main/services/people/grants.ts';
import { peopleService } from '../../main/services/people/people.ts';
import { policyService } from '../../main/services/people/policy.ts';
import { retentionService } from '../../main/services/people/retention.ts';
import { secretService } from '../../main/services/people/secrets.ts';
import { sessionService } from '../../main/services/people/session.ts';
import { openStore } from '../../main/store/index.ts';
import type { CallName } from '../../preload/contract/channels.ts';
import type { Envelope, WireError } from '../../preload/contract/errors.ts';
import type { Input, Output } from '../../preload/contract/methods.ts';
import type { Person, Session } from '../../preload/contract/models.ts';
import { roles } from '../../preload/contract/permissions.ts';
import { english } from '../../preload/messages/said.ts';
import { instant, keptLog, nothingShared, random, vaultIn } from './parts.ts';

/* A clock that a test moves, and a desk that remembers what was shown and copied. */

export interface MovedClock extends Clock {
  /** Lets time pass and everything that waited for it happen. */
  pass(ms: number): Promise<void>;
  /** The computer slept: time has passed, no timer has run. */
  jump(ms: number): void;
  readonly sleeping: number;
}

export function movedClock(start = Date.parse(instant)): MovedClock {
  let time = start;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: time + ms, wake: resolve };
        const stop = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        if (signal?.aborted) return stop();
        signal?.addEventListener('abort', stop, { once: true });
        sleepers.add(sleeper);
      }),
    async pass(ms) {
      const end = time + ms;
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.at - b.at)[0];
        if (!next || next.at > end) break;
        time = Math.max(time, next.at);
        sleepers.delete(next);
        next.wake();
        for (let n = 0; n < 5; n += 1) await turn();
      }
      time = end;
      for (let n = 0; n < 5; n += 1) await turn();
    },
    jump(ms) {
      time += ms;
    },
    get sleeping() {
      return sleepers.size;
    },
  };
}

export interface KeptDesk extends Desk {
  readonly shown: { title: string; secret: string; ms: number }[];
  readonly saved: { name: string; text: string }[];
  clipboard: string;
  /** What the person types when they are asked, one after the other; null: they close the window. */
  typing: (string | null)[];
  /** What they type once that is at its end. */
  types: string | null;
  /** What it was asked for. */
  readonly asked: string[];
  /** What is on the screen now. */
  visible: number;
  power(event: PowerEvent): void;
}

export function keptDesk(clock: Clock): KeptDesk {
  const listeners = new Set<(event: PowerEvent) => void>();
  return {
    shown: [],
    saved: [],
    clipboard: '',
    visible: 0,
    typing: [],
    types: null,
    asked: [],
    confirm: () => Promise.resolve(true),
    async askTyped({ title, what, label, problem }) {
      const said = [title, what, label, problem].map((each) => (each === null ? '' : english(each)));
      this.asked.push(said.join(' '));
      const [next] = this.typing.splice(0, 1);
      return next === undefined ? this.types : next;
    },
    notify() {},
    write: async (told) => ({ language: 'en', texts: told.map(english) }),
    async reveal(title, secret, ms, signal) {
      this.shown.push({ title: english(title), secret, ms });
      this.visible += 1;
      try {
        await clock.sleep(ms, signal);
      } finally {
        this.visible -= 1;
      }
    },
    async copy(secret) {
      this.clipboard = secret;
    },
    async clearCopied(secret) {
      if (this.clipboard === secret) this.clipboard = '';
    },
    async handOut(_, text, name) {
      this.saved.push({ name, text: english(text) });
      return true;
    },
    async save(name, text) {
      let whole = '';
      for await (const piece of typeof text === 'string' ? [text] : text)
        whole += typeof piece === 'string' ? piece : Buffer.from(piece).toString();
      this.saved.push({ name, text: whole });
      return `/saved/${name}`;
    },
    onPower(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    power(event) {
      for (const listener of listeners) listener(event);
    },
  };
}

/** scrypt as cheap as it gets: the tests are about what happens around it. */
export const cheap = { ln: 4, r: 1, p: 1 };

export type Call = (name: string, input?: unknown) => Promise<Envelope<unknown>>;

/**
 * Everything about people and sessions for real (store, vault, dispatch, services) on a clock that the test moves; the
 * other services are not there.
 */
export async function seatIn(
  folder: string,
  options: {
    clock?: MovedClock;
    fixedPolicy?: Host['fixedPolicy'];
    idleLockAtMost?: number;
    passphraseCost?: Cost;
    random?: Host['random'];
    /** A window's; a terminal's unless given. */
    kind?: Host['kind'];
  } = {},
) {
  const clock = options.clock ?? movedClock();
  const desk = keptDesk(clock);
  const { log, lines, redactor } = keptLog();
  const now = (): string => new Date(clock.now()).toISOString();
  const store = openStore(join(folder, 'headgate.db'), { now, newId: randomUUID });
  const { vault } = await vaultIn(folder, { now });
  if (store.people.list().length === 0) store.people.create(randomUUID(), 'Owner', roles, now());
  const host = {
    ...{
      kind: options.kind ?? ('headless' as const),
      clock,
      desk,
      log,
      redactor,
      random: options.random ?? random,
    },
    fixedPolicy: options.fixedPolicy ?? {},
    idleLockAtMost: options.idleLockAtMost ?? null,
  };
  const changes: Session[] = [];
  const ended: string[] = [];
  const events: [string, unknown][] = [];
  const cancelledJobs: string[] = [];
  const access = createAccess({
    host,
    store,
    now,
    onChanged: (_, session) => void changes.push(session),
    onEnded(at, personId) {
      ended.push(personId);
      secrets.hideAt(at);
      dispatch.left(at);
    },
    passphraseCost: options.passphraseCost ?? cheap,
  });
  const clipboard = createSecretClipboard({ host } as unknown as Services);
  const services = {
    ...{ host, store, vault, access, clipboard, now },
    auditSeal: createAuditSeal({ store, notes: vault.notes, now, clock, log }),
    auditAnchors: createAuditAnchors({ store, notes: vault.notes }),
    newId: () => randomUUID(),
    emit: (name: string, payload: unknown) => void events.push([name, payload]),
    jobs: { cancel: async (jobId: string) => void cancelledJobs.push(jobId) },
    // No connection here lends logins.
    leases: { endOfPerson: async () => {} },
    shared: nothingShared,
  } as unknown as Services;
  const secrets = secretService(services);
  const dispatch = createDispatch({
    handlers: {
      ...sessionService(services),
      ...peopleService(services),
      ...grantService(services),
      ...agentService(services),
      ...policyService(services),
      ...retentionService(services),
      ...auditService(services),
      ...secrets.handlers,
    } as AllHandlers,
    audit: access.audit,
    grants: access.grants,
    agents: createAgentRules({ store, now: () => clock.now() }),
    profileName: (personId) => store.people.find(personId)?.name ?? null,
    ...{ log, redactor, newId: randomUUID, now: () => clock.now() },
  });
  const call: Call = (name, input = {}) => dispatch.call(access.seats.own, name, input, randomUUID());
  return {
    ...{ access, call, changes, clipboard, clock, desk, dispatch, ended, events, lines, store, vault },
    cancelledJobs,
    owner: store.people.list()[0] as Person,
    entries: () => store.audit.list(1000).reverse(),
    async [Symbol.asyncDispose]() {
      access.seats.closeAll();
      await clipboard.close();
      vault.close();
      store.close();
    },
  };
}
export type Seat = Awaited<ReturnType<typeof seatIn>>;

/** The answer of a call that must work. */
export async function done<N extends CallName>(
  seat: Pick<Seat, 'call'>,
  name: N,
  input: Input<N>,
): Promise<Output<N>> {
  const envelope = await seat.call(name, input);
  if (!envelope.ok) throw new Error(`${name}: ${envelope.error.code}: ${envelope.error.message}`);
  return envelope.data as Output<N>;
}
/** The error of a call that must not. */
export async function refused<N extends CallName>(
  seat: Pick<Seat, 'call'>,
  name: N,
  input: Input<N>,
): Promise<WireError> {
  const envelope = await seat.call(name, input);
  if (envelope.ok) throw new Error(`${name} was answered`);
  return envelope.error;
}

export const words = { owner: 'correct horse battery', ada: 'staple of the owl', new: 'another long phrase' };

/** The first profile gets a passphrase, which a second one needs. */
export async function withPassphrase(seat: Seat): Promise<void> {
  await done(seat, 'people.setPassphrase', { id: seat.owner.id, next: words.owner });
}
