import type { z } from 'zod';
import { type CallName, callNames } from '../preload/contract/channels.ts';
import type { Envelope, FieldProblem, WireError } from '../preload/contract/errors.ts';
import type { Method } from '../preload/contract/method.ts';
import { methods } from '../preload/contract/methods.ts';
import type { AgentGrant, AuditEntry, Person } from '../preload/contract/models.ts';
import { rolesWith } from '../preload/contract/permissions.ts';
import { changeTexts, plain, type Said } from '../preload/contract/said.ts';
import { english, say } from '../preload/messages/said.ts';
import type { AgentRules } from './access/agent-calls.ts';
import type { Audit } from './access/audit.ts';
import { createRecent, resultOf, subjectOf } from './access/entry.ts';
import { type Grants, holds, notGranted } from './access/grants.ts';
import type { Seat } from './access/seats.ts';
import { AppError } from './errors.ts';
import type { Logger } from './log.ts';
import type { Redactor } from './redact.ts';
import type { Caller, Handler } from './services/context.ts';

export interface Dispatch {
  /** Runs one call of the contract, as whoever sits there. Never throws: whatever happens is an envelope. */
  call(seat: Seat, name: string, input: unknown, callId: string): Promise<Envelope<unknown>>;
  /** Ends a running call of that seat; unknown ids are ignored, the call may just have ended. */
  cancel(seat: Seat, callId: string): void;
  /**
   * The session of a seat ended or was locked: what is only read is ended, and so is what somebody is asked; what changes runs
   * to its end, unanswered.
   */
  left(seat: Seat): void;
  cancelAll(): void;
}

interface Running {
  readonly controller: AbortController;
  /** See `AskedSeat.left`. */
  readonly leaving: AbortController;
  readonly seat: Seat;
  readonly signedIn: boolean;
  readonly changes: boolean;
}

export type AllHandlers = { [N in CallName]: Handler<N> };

const isCallName = (name: string): name is CallName => (callNames as readonly string[]).includes(name);
/** Names of the caller's own making are repeated only this far: enough to find a slip, not a value put in the wrong place. */
const longestName = 24;
const nameOf = (key: PropertyKey): string => {
  const text = String(key);
  return text.length > longestName ? `${text.slice(0, longestName)}…` : text;
};

/** What zod has to say, for people: where and what, without the value that was given. */
function problemsOf(error: z.ZodError): { said: Said; fields: FieldProblem[] } {
  const problems = error.issues.slice(0, 5).map((issue) => ({
    path: issue.path.map(nameOf).join('.'),
    said:
      issue.code === 'unrecognized_keys'
        ? say('dispatch.unknownFields', { names: issue.keys.slice(0, 5).map(nameOf) })
        : plain(issue.message),
  }));
  const [first, ...others] = problems
    .map(({ path, said: why }) => (path === '' ? why : say('common.field', { path, why })))
    .reverse();
  return {
    said: others.reduce(
      (after, one) => say('common.problems', { first: one, others: after }),
      first ?? plain(''),
    ),
    fields: problems,
  };
}

/** Whether an error is what an aborted signal makes of a wait, and not something that went wrong beside it. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return error === signal.reason || name === 'AbortError' || code === 'ABORT_ERR';
}

/** Whoever calls while nobody is signed in; holds nothing. */
const nobody: Person = { id: '00000000-0000-0000-0000-000000000000', name: 'nobody', roles: [] };

/**
 * One call: who asks → permission → strict input → grant → the service → output → envelope. The output is parsed as well,
 * so that a field which is not in the contract never leaves; that is how a secret can't.
 */
export function createDispatch(deps: {
  handlers: AllHandlers;
  audit: Pick<Audit, 'record'>;
  grants: Pick<Grants, 'grantOf' | 'isRestricted'>;
  /** What holds agents to their grants. */
  agents: AgentRules;
  /** The name of a profile, for entries about signing in; null for an id that is nobody's. */
  profileName: (personId: string) => string | null;
  log: Logger;
  redactor: Redactor;
  newId: () => string;
  /** Milliseconds since 1970. */
  now: () => number;
}): Dispatch {
  const { audit, grants, log } = deps;
  const running = new Map<string, Running>();
  const recent = createRecent(deps.now);

  /** Also what makes trouble while it is looked at is a bad input, not a defect of ours. */
  const parse = (name: CallName, input: unknown): unknown => {
    let problems: ReturnType<typeof problemsOf>;
    try {
      const parsed: ReturnType<Method['input']['safeParse']> = methods[name].input.safeParse(input);
      if (parsed.success) return parsed.data;
      problems = problemsOf(parsed.error);
    } catch (cause) {
      throw new AppError('INPUT_INVALID', say('core.inputCanNotRead'), { cause });
    }
    throw new AppError('INPUT_INVALID', problems.said, { fields: problems.fields });
  };

  const connectionIn = (method: Method, parsed: unknown): string | null =>
    method.connection ? ((parsed as Record<string, string>)[method.connection.field] as string) : null;

  /** The parsed input, once it is certain that this person may make this call with it. */
  const admit = (name: CallName, input: unknown, person: Person | null): unknown => {
    const method: Method = methods[name];
    if (method.open) return parse(name, input);
    if (person === null) throw new AppError('LOCKED', say('core.nobodySignedHereSession'));
    const denied = (): AppError =>
      new AppError(
        'PERMISSION_DENIED',
        say('core.needsRole', { name, roles: { anyOf: rolesWith(method.permission) } }),
      );
    if (!holds(person, method.permission)) {
      if (method.connection?.needs !== 'manage') throw denied();
      // A grant stands in for the role; of whoever has neither, the input is not even discussed.
      let parsed: unknown;
      try {
        parsed = parse(name, input);
      } catch {
        throw denied();
      }
      if (grants.grantOf(person.id, connectionIn(method, parsed) as string) !== 'manage') throw denied();
      return parsed;
    }
    const parsed = parse(name, input);
    const connectionId = method.connection?.needs === 'use' ? connectionIn(method, parsed) : null;
    if (
      connectionId !== null &&
      grants.isRestricted(connectionId) &&
      grants.grantOf(person.id, connectionId) === null &&
      !holds(person, 'manage_database_connections')
    ) {
      throw notGranted();
    }
    return parsed;
  };

  const run = async (name: CallName, parsed: unknown, caller: Caller): Promise<unknown> => {
    const handler = deps.handlers[name] as Handler<CallName>;
    const result = await handler(parsed as never, caller);
    const output = methods[name].output.safeParse(result);
    if (output.success) return output.data;
    throw new AppError('INTERNAL', say('core.answerDoesNotFit', { name }), {
      cause: new Error(english(problemsOf(output.error).said)),
    });
  };

  const redacted = ({ message, advice, said, advised, fields, ...rest }: WireError): WireError => {
    const { text } = deps.redactor;
    return {
      ...rest,
      ...{ message: text(message), advice: text(advice) },
      ...(said && { said: changeTexts(said, text) }),
      ...(advised && { advised: changeTexts(advised, text) }),
      ...(fields && { fields: fields.map(({ path, said }) => ({ path, said: changeTexts(said, text) })) }),
    };
  };

  const toEnvelope = (name: string, error: unknown): Envelope<never> => {
    const known =
      error instanceof AppError
        ? error
        : new AppError('INTERNAL', say('core.somethingWentWrongInside'), { cause: error });
    const wire = redacted(known.toWire());
    const { message } = wire;
    if (known.kind !== 'system') {
      log.info('call.refused', { name, code: known.code, message, cause: known.cause });
      return { ok: false, error: wire };
    }
    const correlationId = deps.newId().slice(0, 8);
    log.error('call.failed', { name, correlationId, error });
    return { ok: false, error: { ...wire, correlationId } };
  };

  /** Whose entry it is: of a sign-in, the profile it was for. */
  const doerOf = (
    method: Method,
    input: unknown,
    person: Person | null,
    agent: AgentGrant | null,
  ): string => {
    // An open call that came this far was parsed.
    const asked = method.open ? (input as { personId?: unknown }).personId : undefined;
    const profile = typeof asked === 'string' ? deps.profileName(asked) : null;
    const name = profile ?? person?.name ?? nobody.name;
    return (agent === null ? name : `agent ${agent.name} of ${agent.personName}`).slice(0, 200);
  };

  return {
    async call(seat, name, input, callId) {
      const person = seat.session.person();
      const agent = seat.agent?.grant() ?? null;
      const runningId = `${seat.id} ${callId}`;
      if (!isCallName(name)) {
        return toEnvelope('unknown', new AppError('CALL_UNKNOWN', say('core.noSuchCall')));
      }
      if (running.has(runningId)) {
        return toEnvelope(name, new AppError('INPUT_INVALID', say('core.callIdAlreadyRunning')));
      }
      const controller = new AbortController();
      const leaving = new AbortController();
      const method: Method = methods[name];
      const { changes } = method;
      running.set(runningId, { controller, leaving, seat, signedIn: person !== null, changes });
      /** Behind a lock nothing is told, also of what was asked before. */
      const told = (answer: Envelope<unknown>): Envelope<unknown> => {
        if (method.open || person === null || seat.session.person()?.id === person.id) return answer;
        const text = say('core.sessionLockedBeforeAnswered');
        return toEnvelope(name, new AppError('LOCKED', text));
      };
      /** What is written down: as it was parsed, once it was; before that it may be anything. */
      let about = input;
      let admitted = false;
      /** Throws when it can't be written; the log itself may be full or gone. */
      const write = (outcome: AuditEntry['outcome'], details: string, once: boolean): void => {
        const subject = deps.redactor.text(subjectOf(about, deps.redactor.text));
        const doer = doerOf(method, admitted ? about : {}, person, agent ?? seat.agent?.grant() ?? null);
        const key = once ? JSON.stringify([person?.id, agent?.id, name, subject, outcome, details]) : null;
        if (key !== null && recent.has(key)) return;
        audit.record({ person: doer, action: name, subject, outcome, details });
        if (key !== null) recent.add(key);
      };
      const tryWrite = (outcome: AuditEntry['outcome'], details: string, once: boolean): unknown => {
        try {
          write(outcome, details, once);
          return null;
        } catch (cause) {
          log.error('audit.failed', { name, outcome, details, error: cause });
          return cause;
        }
      };
      let recorded = false;
      const said: string[] = [];
      const tell = (what: string): void => void (what !== '' && said.push(what));
      const detailed = (more: string): string =>
        deps.redactor.text([...said, more].filter((text) => text !== '').join(' '));
      const record = (): void => {
        if (tryWrite('ok', detailed(''), false) !== null) {
          const text = say('core.notDoneUnlogged', { name });
          throw new AppError('STORE_UNAVAILABLE', text);
        }
        recorded = true;
      };
      try {
        deps.agents.admit(seat, name);
        about = admit(name, input, person);
        deps.agents.within(seat, name, about, person);
        admitted = true;
        // A change: somebody is at the keyboard. Reading does not count, the window polls.
        if (method.changes && person !== null) seat.session.touch();
        const refused: Caller['refused'] = (code) => void tryWrite('refused', code, false);
        const { signal } = controller;
        const left = leaving.signal;
        const caller: Caller = { person: person ?? nobody, seat, signal, left, record, tell, refused };
        const data = deps.agents.cut(seat, name, await run(name, about, caller));
        if (recorded || !(method.changes || method.usesSecret)) return told({ ok: true, data });
        // Locking what is locked is nobody's doing.
        if (person === null && name === 'session.lock') return { ok: true, data };
        const details = detailed(method.changes ? resultOf(about, data) : '');
        const unwritten = tryWrite('ok', details, !method.changes);
        if (unwritten === null) return told({ ok: true, data });
        // It happened, and can't be undone from here; to call it done in silence would leave a hole in the log.
        const text = say('core.doneUnlogged', { name });
        return toEnvelope(name, new AppError('STORE_UNAVAILABLE', text, { cause: unwritten }));
      } catch (error) {
        const known = isAbort(error, controller.signal)
          ? new AppError('CANCELLED', say('core.callCancelled'))
          : error;
        const envelope = toEnvelope(name, known);
        if (envelope.ok) return envelope;
        const { code, kind } = envelope.error;
        // Whoever stands before a locked door has no name to be written down, and could fill the log.
        if (person === null && !admitted) return envelope;
        // Also where a service refused: somebody tried what is not theirs.
        if (kind === 'denied') tryWrite('refused', code, code === 'TOO_MANY_TRIES');
        // A malformed input changed nothing: a page that sends the same one over and over is written down once.
        // So is whoever stands before the door and closes what asks for a passphrase.
        else if (method.changes) tryWrite('failed', code, !admitted || method.open === true);
        else if (method.usesSecret && admitted) tryWrite('failed', code, true);
        return told(envelope);
      } finally {
        running.delete(runningId);
      }
    },
    cancel: (seat, callId) => running.get(`${seat.id} ${callId}`)?.controller.abort(),
    left(seat) {
      for (const call of running.values()) {
        if (call.seat !== seat || !call.signedIn) continue;
        call.leaving.abort();
        if (!call.changes) call.controller.abort();
      }
    },
    cancelAll() {
      for (const { controller } of running.values()) controller.abort();
    },
  };
}
