import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Handlers, Services } from '../context.ts';
import { viewOf } from './lent-logins.ts';

/** As long as any other secret is shown. */
const shownMs = 20_000;

/** Leased logins for programs outside Headgate. */
export function leaseService(services: Services): Handlers<'leases'> {
  const { store } = services;
  return {
    'leases.list'({ connectionId }, { person }) {
      const may = services.access.grants.mayOfEach(person);
      return store.leases
        .list(connectionId ?? null)
        .filter(
          (lease) =>
            lease.personId === person.id || may(store.connections.get(lease.connectionId)) === 'manage',
        )
        .map(viewOf);
    },
    'leases.mint': ({ connectionId, minutes, deliver }, { person, seat, signal, record }) =>
      services.leases.mint(person, connectionId, minutes, signal, async (lease, password) => {
        // Written down before it is handed over.
        record();
        const { name, host: server, port, database } = store.connections.get(connectionId);
        const url = new URL(`postgresql://${server.includes(':') ? `[${server}]` : server}:${port}`);
        url.pathname = `/${encodeURIComponent(database)}`;
        url.username = lease.user;
        url.password = Buffer.from(password).toString();
        if (deliver === 'copy') {
          await services.clipboard.lend(seat.desk, url.href);
          return;
        }
        await seat.desk.reveal(say('asks.lease', { name }), url.href, shownMs, signal);
      }),
    async 'leases.end'({ id }, { person, signal }) {
      const lease = store.leases.get(id);
      const may = services.access.grants.mayOfEach(person);
      if (lease.personId !== person.id && may(store.connections.get(lease.connectionId)) !== 'manage')
        throw new AppError('PERMISSION_DENIED', say('connections.loginLeasedSomebodyElse'));
      return services.leases.end(id, signal);
    },
  };
}
