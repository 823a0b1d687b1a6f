import { say } from '../../../preload/messages/said.ts';
import { oneLine } from '../../one-line.ts';
import type { Handlers, Services } from '../context.ts';

/** Who sits at the place that asks. */
export function sessionService({ access, store }: Services): Handlers<'session'> {
  const { passphrases, typed } = access;
  return {
    'session.state': (_, { seat }) => seat.session.state(),
    async 'session.signIn'({ personId, passphrase }, caller) {
      const { session } = caller.seat;
      const profile = store.people.find(personId);
      if (profile === null || !profile.hasPassphrase) {
        // There is nothing to ask for; it is answered, and counted, as a wrong one.
        await session.signIn(personId, passphrase ?? '');
        return session.state();
      }
      const asked = {
        title: session.owner()?.id === personId ? say('asks.unlock.title') : say('asks.signIn.title'),
        what: say('asks.profile', { name: oneLine(profile.name) }),
        label: say('asks.yourPassphrase'),
        waitUntil: () => passphrases.waitUntil(personId),
      };
      await typed.known(caller, passphrase, asked, (entered) => session.signIn(personId, entered));
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
