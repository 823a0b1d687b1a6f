import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Seat } from '../../access/seats.ts';
import { AppError } from '../../errors.ts';
import { oneLine } from '../../one-line.ts';
import type { Caller, Handlers, Services } from '../context.ts';

/** How long a secret is on the screen. */
const shownMs = 20_000;

export interface SecretService {
  readonly handlers: Handlers<'secrets'>;
  /** The session of a seat ended: what is on its screen goes. */
  readonly hideAt: (seat: Seat) => void;
}

/** Shows or copies a stored secret, past the page: no answer ever has it. */
export function secretService({ access, clipboard, host, store, vault }: Services): SecretService {
  const shown = new Map<AbortController, Seat>();

  type Asked = { connectionId: string; field: 'user' | 'password'; passphrase?: string | undefined };
  /** Everything that must be true first. The entry is written before the secret is handed over. */
  const taken = async (asked: Asked, caller: Caller): Promise<{ title: Said; secret: string }> => {
    if (access.policy().reveal === 'forbid') {
      throw new AppError('POLICY_FORBIDS', say('people.storedSecretsNotShown'));
    }
    const { name } = store.connections.get(asked.connectionId);
    await access.reauthenticate(caller, asked.passphrase, {
      title: say('asks.secret.title'),
      what: say(`asks.secret.what.${asked.field}`, { name: oneLine(name) }),
    });
    using secrets = await vault.open(asked.connectionId);
    const secret = secrets?.text(asked.field) ?? null;
    if (secret === null) {
      throw new AppError('SECRET_MISSING', say('people.notVault', { field: asked.field, name }));
    }
    caller.signal.throwIfAborted();
    // Opening takes a moment, in which somebody may have locked the session.
    access.insistSeated(caller);
    caller.record();
    return { title: say(`asks.secret.of.${asked.field}`, { name }), secret };
  };

  return {
    handlers: {
      async 'secrets.reveal'(input, caller) {
        const { title, secret } = await taken(input, caller);
        const until = new Date(host.clock.now() + shownMs).toISOString();
        const ended = new AbortController();
        shown.set(ended, caller.seat);
        try {
          const signal = AbortSignal.any([ended.signal, caller.signal]);
          await caller.seat.desk.reveal(title, secret, shownMs, signal);
        } catch (error) {
          if (!ended.signal.aborted) throw error;
        } finally {
          shown.delete(ended);
        }
        return { until };
      },
      async 'secrets.copy'(input, caller) {
        const { secret } = await taken(input, caller);
        return clipboard.lend(caller.seat.desk, secret);
      },
    },
    hideAt(seat) {
      for (const [ended, where] of shown) if (where === seat) ended.abort();
    },
  };
}
