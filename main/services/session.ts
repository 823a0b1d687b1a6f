import type { Handlers, Services } from './context.ts';

/** Who sits at this workspace. */
export function sessionService({ access, host }: Services): Handlers<'session'> {
  const { session } = access;
  return {
    'session.state': () => session.state(),
    async 'session.signIn'({ personId, passphrase }) {
      const forget = host.redactor.add(passphrase);
      try {
        await session.signIn(personId, passphrase);
      } finally {
        forget();
      }
      return session.state();
    },
    'session.lock'() {
      session.lock();
      return session.state();
    },
    'session.touch'() {
      session.touch();
      return {};
    },
  };
}
