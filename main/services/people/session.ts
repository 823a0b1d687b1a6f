import type { Handlers, Services } from '../context.ts';

/** Who sits at the place that asks. */
export function sessionService({ host }: Services): Handlers<'session'> {
  return {
    'session.state': (_, { seat }) => seat.session.state(),
    async 'session.signIn'({ personId, passphrase }, { seat: { session } }) {
      const forget = host.redactor.add(passphrase);
      try {
        await session.signIn(personId, passphrase);
      } finally {
        forget();
      }
      return session.state();
    },
    'session.lock'(_, { seat: { session } }) {
      session.lock();
      return session.state();
    },
    'session.touch'(_, { seat }) {
      seat.session.touch();
      return {};
    },
  };
}
