import type { Input } from '../../../preload/contract/methods.ts';
import type { ProxyView } from '../../../preload/contract/models.ts';
import type { AskSecret } from '../terminal/secret-lines.ts';
import { type Console, exits, print, type Session } from './commands.ts';

const usage = 'proxy | proxy system|environment|none | proxy ADDRESS [--user NAME] [--except LIST]\n';

const words: Readonly<Record<ProxyView['mode'], string>> = {
  system: 'What this computer says: its environment, else its settings.',
  environment: 'What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say.',
  manual: '',
  none: 'No proxy: sources are asked directly.',
};

function proxyText({ mode, address, user, exceptions }: ProxyView): string {
  if (mode !== 'manual') return words[mode];
  const login = user === null ? 'without a sign-in' : `as ${user}`;
  return `${address}, ${login}${exceptions === '' ? '' : `, but not for ${exceptions}`}`;
}

/** `proxy …`: over what sources are reached; a password is asked for, never an argument. */
export async function proxyCommand(
  { api }: Session,
  what: string | undefined,
  { user, except }: { readonly user: string | undefined; readonly except: string | undefined },
  ask: AskSecret,
  to: Console,
): Promise<number> {
  const show = (view: ProxyView): number => {
    print(to, view, () => proxyText(view));
    return exits.done;
  };
  if (what === undefined) {
    if (user === undefined && except === undefined) return show(await api.policy.proxy());
    to.err.write(usage);
    return exits.usage;
  }
  const known = ['system', 'environment', 'none'] as const;
  const mode = known.find((each) => each === what);
  if (mode !== undefined) return show(await api.policy.setProxy({ mode }));
  const wanted: Input<'policy.setProxy'> = {
    ...{ mode: 'manual', address: what, exceptions: except ?? '' },
    ...(user === undefined ? {} : { user, password: await ask(`Password of ${user} at the proxy`) }),
  };
  return show(await api.policy.setProxy(wanted));
}
