import type { Person } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { Caller, Handlers, Services } from './context.ts';

/** How long a secret is on the screen. */
const shownMs = 20_000;

export interface SecretService {
  readonly handlers: Handlers<'secrets'>;
  /** Somebody's session ended: what is on the screen for them goes. */
  readonly hideFor: (personId: string) => void;
}

/** Shows or copies a stored secret, past the page: no answer ever has it. */
export function secretService({ access, clipboard, host, store, vault }: Services): SecretService {
  const shown = new Map<AbortController, string>();

  /** The passphrase takes a moment to check, in which somebody may have locked the session. */
  const insistSeated = (person: Person): void => {
    if (access.session.person()?.id !== person.id) throw new AppError('LOCKED', 'The session is locked.');
  };
  type Asked = { connectionId: string; field: 'user' | 'password'; passphrase?: string | undefined };
  /** Everything that must be true first. The entry is written before the secret is handed over. */
  const taken = async (asked: Asked, caller: Caller): Promise<{ title: string; secret: string }> => {
    if (access.policy().reveal === 'forbid') {
      throw new AppError('POLICY_FORBIDS', 'Stored secrets are not shown or copied in this workspace.');
    }
    const { name } = store.connections.get(asked.connectionId);
    await access.reauthenticate(caller.person, asked.passphrase);
    using secrets = await vault.open(asked.connectionId);
    const secret = secrets?.text(asked.field) ?? null;
    if (secret === null) {
      throw new AppError('SECRET_MISSING', `The ${asked.field} of “${name}” is not in the vault.`);
    }
    caller.signal.throwIfAborted();
    insistSeated(caller.person);
    caller.record();
    return { title: `${asked.field === 'user' ? 'User' : 'Password'} of “${name}”`, secret };
  };

  return {
    handlers: {
      async 'secrets.reveal'(input, caller) {
        const { title, secret } = await taken(input, caller);
        const until = new Date(host.clock.now() + shownMs).toISOString();
        const ended = new AbortController();
        shown.set(ended, caller.person.id);
        try {
          await host.desk.reveal(title, secret, shownMs, AbortSignal.any([ended.signal, caller.signal]));
        } catch (error) {
          if (!ended.signal.aborted) throw error;
        } finally {
          shown.delete(ended);
        }
        return { until };
      },
      async 'secrets.copy'(input, caller) {
        const { secret } = await taken(input, caller);
        return clipboard.lend(secret);
      },
    },
    hideFor(personId) {
      for (const [ended, whose] of shown) if (whose === personId) ended.abort();
    },
  };
}
