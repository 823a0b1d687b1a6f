import type { Input } from '../../../preload/contract/methods.ts';
import type { ProxyView } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { AskSecret } from '../terminal/secret-lines.ts';
import { type Console, exits, print, type Session } from './commands.ts';

const usage = 'proxy | proxy system|environment|none | proxy ADDRESS [--user NAME] [--except LIST]\n';

function proxySaid({ mode, address, user, exceptions }: ProxyView): Said {
  if (mode !== 'manual') return say(`console.proxy.${mode}`);
  const at = { address: address ?? '' };
  const way = user === null ? say('console.proxy.noLogin', at) : say('console.proxy.login', { ...at, user });
  return exceptions === '' ? way : say('console.proxy.but', { way, exceptions });
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
    print(to, view, () => proxySaid(view));
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
    ...(user === undefined ? {} : { user, password: await ask(say('console.proxy.password', { user })) }),
  };
  return show(await api.policy.setProxy(wanted));
}
