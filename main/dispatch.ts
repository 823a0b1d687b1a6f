import type { z } from 'zod';
import { type CallName, callNames } from '../preload/contract/channels.ts';
import type { Envelope } from '../preload/contract/errors.ts';
import { methods } from '../preload/contract/methods.ts';
import type { Person } from '../preload/contract/models.ts';
import { rolePermissions, rolesWith } from '../preload/contract/permissions.ts';
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
/** A message of zod for people: where and what, without the value that was given. */
const explainIssues = (error: z.ZodError): string =>
  error.issues
    .slice(0, 5)
    .map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`))
    .join('; ');

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
    if (person.roles.some((role) => rolePermissions[role].includes(permission))) return null;
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
    if (error instanceof AppError && error.kind !== 'system') {
      log.info('call.refused', { name, code: error.code, message: error.message });
      const wire = error.toWire();
      return { ok: false, error: { ...wire, message: deps.redactor.text(wire.message) } };
    }
    const correlationId = deps.newId().slice(0, 8);
    log.error('call.failed', { name, correlationId, error });
    const known =
      error instanceof AppError
        ? error
        : new AppError('INTERNAL', 'Something went wrong inside Headgate.', { cause: error });
    const wire = known.toWire();
    return { ok: false, error: { ...wire, message: deps.redactor.text(wire.message), correlationId } };
  };

  return {
    async call(name, input, callId, person) {
      if (!isCallName(name)) {
        return toEnvelope('unknown', new AppError('CALL_UNKNOWN', 'There is no such call.'));
      }
      const controller = new AbortController();
      if (running.has(callId)) {
        return toEnvelope(name, new AppError('INPUT_INVALID', 'A call with this id is already running.'));
      }
      running.set(callId, controller);
      const { changes } = methods[name];
      const record = (outcome: 'ok' | 'refused' | 'failed', details: string): void =>
        audit.record({ person: person.name, action: name, subject: subjectOf(input), outcome, details });
      try {
        const refusal = refuse(name, person);
        if (refusal) {
          record('refused', refusal.code);
          throw refusal;
        }
        const data = await run(name, input, { person, signal: controller.signal });
        if (changes) record('ok', '');
        return { ok: true, data };
      } catch (error) {
        const known =
          controller.signal.aborted && !(error instanceof AppError)
            ? new AppError('CANCELLED', 'The call was cancelled.')
            : error;
        const envelope = toEnvelope(name, known);
        if (changes && !envelope.ok && envelope.error.code !== 'PERMISSION_DENIED') {
          try {
            record('failed', envelope.error.code);
          } catch (cause) {
            log.error('audit.failed', { name, error: cause });
          }
        }
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
