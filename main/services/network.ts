import type { Host } from '../host.ts';
import type { Exchange } from '../net/exchange.ts';
import { createRequests, type Route } from '../net/requests.ts';
import type { StoredSource } from '../store/sources.ts';

type Reached = Pick<StoredSource, 'baseUrl' | 'tlsCa'>;

/** How sources are reached from this computer. */
export interface Network {
  /** As it is now; another one counts from the next sync on. */
  routeTo(source: Reached): Promise<Route>;
  /** Requests of the main process, which are few: each looks for its way anew, and keeps no connection open. */
  exchangeFor(source: Reached): Exchange;
}

export function createNetwork(host: Pick<Host, 'proxyFor'>): Network {
  const routeTo: Network['routeTo'] = async ({ baseUrl, tlsCa }) => ({
    ways: await host.proxyFor(baseUrl, 'system'),
    ca: tlsCa,
  });
  return {
    routeTo,
    exchangeFor: (source) => async (request, signal) => {
      const requests = createRequests(await routeTo(source));
      try {
        return await requests.exchange(request, signal);
      } finally {
        requests.close();
      }
    },
  };
}
