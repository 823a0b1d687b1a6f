import type { z } from 'zod';
import { type CallName, callNames } from '../preload/contract/channels.ts';
import type { Envelope } from '../preload/contract/errors.ts';
import { methods } from '../preload/contract/methods.ts';
import type { Person } from '../preload/contract/models.ts';
import { type Role, rolePermissions, rolesWith } from '../preload/contract/permissions.ts';
import type { Audit } from './access/audit.ts';
import { AppError } from './errors.ts';
import type { Logger } from './log.ts';
import type { Redactor } from './redact.ts';
import type { Caller, Handler } from './services/context.ts';

export interface Dispatch {
  /** Runs one call of the contract. Never throws: whatever happens is an envelope. */
  call(name: string, input: unknown, callId: string, person: Person): Promise<Envelope<unknown>>;
  /** Ends a running call; unknown ids are ignored, the call may just have ended. */
  cancel(callId: string): void;
  cancelAll(): void;
}

export type AllHandlers = { [N in CallName]: Handler<N> };

const isCallName = (name: string): name is CallName => (callNames as readonly string[]).includes(name);
/** Names of the caller's own making are repeated only this far: enough to find a slip, not a value put in the wrong place. */
const longestName = 24;
const nameOf = (key: PropertyKey): string => {
  const text = String(key);
  return text.length > longestName ? `${text.slice(0, longestName)}…` : text;
};

/** A message of zod for people: where and what, without the value that was given. */
const explainIssues = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map((issue) => {
      const what =
        issue.code === 'unrecognized_keys'
          ? `has a field that is not known here: ${issue.keys.slice(0, 5).map(nameOf).join(', ')}`
          : issue.message;
      return issue.path.length === 0 ? what : `${issue.path.map(nameOf).join('.')}: ${what}`;
    })
    .join('; ');

/** Whether an error is what an aborted signal makes of a wait, and not something that went wrong beside it. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return error === signal.reason || name === 'AbortError' || code === 'ABORT_ERR';
}

/** Fields whose values say what an audit entry is about; everything else of an input stays out of the log. */
const subjectFields = ['id', 'name', 'linkId', 'sourceId', 'projectId', 'connectionId'] as const;

function subjectOf(input: unknown): string {
  const fields = (input ?? {}) as Record<string, unknown>;
  return subjectFields
    .filter((field) => typeof fields[field] === 'string')
    .map((field) => `${field}=${String(fields[field]).slice(0, 200)}`)
    .join(' ');
}

/**
 * One call: who asks → permission → strict input → the service → output → envelope. The output is parsed as well, so
 * that a field which is not in the contract never leaves; that is how a secret can't.
 */
export function createDispatch(deps: {
  handlers: AllHandlers;
  audit: Audit;
  log: Logger;
  redactor: Redactor;
  newId: () => string;
}): Dispatch {
  const { audit, log } = deps;
  const running = new Map<string, AbortController>();

  const refuse = (name: CallName, person: Person): AppError | null => {
    const { permission } = methods[name];
    const may = (role: Role): boolean =>
      Object.hasOwn(rolePermissions, role) && rolePermissions[role].includes(permission);
    if (person.roles.some(may)) return null;
    return new AppError('PERMISSION_DENIED', `${name} needs the role ${rolesWith(permission).join(' or ')}.`);
  };

  const run = async (name: CallName, input: unknown, caller: Caller): Promise<unknown> => {
    const method = methods[name];
    const parsed = method.input.safeParse(input);
    if (!parsed.success) throw new AppError('INPUT_INVALID', explainIssues(parsed.error));
    const handler = deps.handlers[name] as Handler<CallName>;
    const result = await handler(parsed.data as never, caller);
    const output = method.output.safeParse(result);
    if (output.success) return output.data;
    throw new AppError('INTERNAL', `The answer of ${name} does not fit its contract.`, {
      cause: new Error(explainIssues(output.error)),
    });
  };

  const toEnvelope = (name: string, error: unknown): Envelope<never> => {
    const known =
      error instanceof AppError
        ? error
        : new AppError('INTERNAL', 'Something went wrong inside Headgate.', { cause: error });
    const { message, advice, ...rest } = known.toWire();
    const wire = { ...rest, message: deps.redactor.text(message), advice: deps.redactor.text(advice) };
    if (known.kind !== 'system') {
      log.info('call.refused', { name, code: known.code, message, cause: known.cause });
      return { ok: false, error: wire };
    }
    const correlationId = deps.newId().slice(0, 8);
    log.error('call.failed', { name, correlationId, error });
    return { ok: false, error: { ...wire, correlationId } };
  };

  return {
    async call(name, input, callId, person) {
      if (!isCallName(name)) {
        return toEnvelope('unknown', new AppError('CALL_UNKNOWN', 'There is no such call.'));
      }
      if (running.has(callId)) {
        return toEnvelope(name, new AppError('INPUT_INVALID', 'A call with this id is already running.'));
      }
      const controller = new AbortController();
      running.set(callId, controller);
      const { changes } = methods[name];
      /** Null when it is written; the log itself may be full or gone. */
      const record = (outcome: 'ok' | 'refused' | 'failed', details: string): unknown => {
        try {
          const subject = deps.redactor.text(subjectOf(input));
          audit.record({ person: person.name, action: name, subject, outcome, details });
          return null;
        } catch (cause) {
          log.error('audit.failed', { name, outcome, details, error: cause });
          return cause;
        }
      };
      try {
        const refusal = refuse(name, person);
        if (refusal) throw refusal;
        const data = await run(name, input, { person, signal: controller.signal });
        const unwritten = changes ? record('ok', '') : null;
        if (unwritten === null) return { ok: true, data };
        // It happened, and can't be undone from here; to call it done in silence would leave a hole in the log.
        const text = `${name} was done, but it could not be written to the activity log.`;
        return toEnvelope(name, new AppError('STORE_UNAVAILABLE', text, { cause: unwritten }));
      } catch (error) {
        const known = isAbort(error, controller.signal)
          ? new AppError('CANCELLED', 'The call was cancelled.')
          : error;
        const envelope = toEnvelope(name, known);
        // Also where a service refused: somebody tried what is not theirs.
        if (!envelope.ok && envelope.error.code === 'PERMISSION_DENIED')
          record('refused', envelope.error.code);
        else if (!envelope.ok && changes) record('failed', envelope.error.code);
        return envelope;
      } finally {
        running.delete(callId);
      }
    },
    cancel: (callId) => running.get(callId)?.abort(),
    cancelAll() {
      for (const controller of running.values()) controller.abort();
    },
  };
}
