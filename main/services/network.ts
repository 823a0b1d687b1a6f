import { connectionOfAddress } from '../../preload/contract/connection-address.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Host } from '../host.ts';
import { areOffline, needsNetwork } from '../net/addresses.ts';
import type { Exchange } from '../net/exchange.ts';
import { directly, type ProxyWays } from '../net/proxy.ts';
import { createRequests, type Route } from '../net/requests.ts';
import type { StoredSource } from '../store/data/sources.ts';
import type { ProxyChoice } from './proxy-setting.ts';

type Reached = Pick<StoredSource, 'baseUrl' | 'tlsCa'>;

/** How sources are reached from this computer. */
export interface Network {
  /** As it is now; another one counts from the next sync on. */
  routeTo(source: Reached): Promise<Route>;
  /** Requests of the main process, which are few: each looks for its way anew, and keeps no connection open. */
  exchangeFor(source: Reached): Exchange;
  /** Whether this computer is on no network at all. */
  isOffline(): boolean;
  /** Whether work with these hosts has to wait until there is a network. */
  mustWait(hosts: readonly string[]): boolean;
}

export function createNetwork({
  host,
  proxy,
}: {
  readonly host: Pick<Host, 'addresses' | 'maybeOnline' | 'log'>;
  readonly proxy: Pick<ProxyChoice, 'waysTo'>;
}): Network {
  const waysTo = async (url: string): Promise<ProxyWays> => {
    try {
      return await proxy.waysTo(url);
    } catch (error) {
      if (error instanceof AppError) throw error;
      // A system that can't say where its proxy is has none as far as anybody knows.
      host.log.warn('network.no_proxy_told', { error });
      return directly;
    }
  };
  const routeTo: Network['routeTo'] = async ({ baseUrl, tlsCa }) => ({
    // A database is reached as its connection says.
    ways: connectionOfAddress(baseUrl) === null ? await waysTo(baseUrl) : directly,
    ca: tlsCa,
  });
  const isOffline = (): boolean => !host.maybeOnline() || areOffline(host.addresses());
  const mustWait = (hosts: readonly string[]): boolean =>
    isOffline() && hosts.some((each) => needsNetwork(each, host.addresses()));
  return {
    isOffline,
    mustWait,
    routeTo,
    exchangeFor: (source) => async (request, signal) => {
      const requests = createRequests(await routeTo(source));
      try {
        return await requests.exchange(request, signal);
      } catch (cause) {
        const { hostname, host: site } = new URL(source.baseUrl);
        if (signal.aborted || !mustWait([hostname])) throw cause;
        throw new AppError('OFFLINE', say('services.computerOfflineSoCan', { site }), { cause });
      } finally {
        requests.close();
      }
    },
  };
}
