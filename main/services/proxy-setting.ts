import type { ProxyMode } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Host } from '../host.ts';
import { directly, type ProxyWays, wayOf, waysOver } from '../net/proxy.ts';
import type { Store } from '../store/index.ts';
import type { Vault } from '../vault/vault.ts';

/** What the workspace's managers decided about the proxy for sources. */
export interface ProxySetting {
  readonly mode: ProxyMode;
  /** Of the proxy that was entered, as `http://host:port`; null in every other mode. */
  readonly address: string | null;
  readonly user: string | null;
  /** As in `NO_PROXY`. */
  readonly exceptions: string;
  /** Where its password is in the vault; another address or another user has another one. */
  readonly secretId: string | null;
}

const usual: ProxySetting = { mode: 'system', address: null, user: null, exceptions: '', secretId: null };
const name = 'proxy';

/** What is sealed: the password, and the proxy that it is for. Whoever changes the workspace's file can't move that. */
export const sealedProxy = (password: string, address: string): Record<'password' | 'address', string> => ({
  password,
  address,
});

/** The setting, and the ways that follow from it. */
export function createProxySetting({
  host,
  store,
  vault,
}: {
  readonly host: Pick<Host, 'proxyFor'>;
  readonly store: Pick<Store, 'policies'>;
  readonly vault: Pick<Vault, 'get'>;
}) {
  const current = (): ProxySetting => {
    const stored = store.policies.all()[name];
    return { ...usual, ...(typeof stored === 'object' ? stored : {}) };
  };

  const entered = async (
    { address, user, exceptions, secretId }: ProxySetting,
    url: URL,
  ): Promise<ProxyWays> => {
    const way = wayOf(address ?? '');
    const ways = waysOver(way, exceptions, url);
    // The vault is asked only for what is used.
    if (ways === directly || way?.kind !== 'proxy' || user === null) return ways;
    const secrets = secretId === null ? null : await vault.get(secretId);
    if (secrets?.['password'] === undefined || secrets['address'] !== address) {
      throw new AppError('PROXY_LOGIN', say('services.passwordProxyNotVault'), {
        advice: say('services.passwordProxyNotVault.advice'),
      });
    }
    return [{ ...way, login: { user, password: secrets['password'] } }];
  };

  return {
    current,
    put(setting: ProxySetting): void {
      store.policies.put(name, setting);
    },
    /** Fails with PROXY_LOGIN or VAULT_* where the password of the proxy can't be had. */
    async waysTo(target: string): Promise<ProxyWays> {
      const setting = current();
      if (setting.mode === 'none') return directly;
      if (setting.mode === 'manual') return entered(setting, new URL(target));
      return host.proxyFor(target, setting.mode);
    },
  };
}
export type ProxyChoice = ReturnType<typeof createProxySetting>;
