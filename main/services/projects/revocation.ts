import { connectorFor } from '../../connectors/registry.ts';
import { endSession } from '../../connectors/session.ts';
import { signInOfKind } from '../../connectors/sign-in.ts';
import { revokeToken } from '../../oauth/endpoint.ts';
import { originOf } from '../../oauth/sealed.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import type { Secrets } from '../../vault/vault.ts';
import type { Services } from '../context.ts';
import { endpointDepsOf, oauthClientOf } from './oauth-client.ts';
import { sessionDepsOf } from './typed.ts';

/** How long the source may take to revoke tokens when somebody disconnects; they are destroyed here either way. */
const revokeMs = 10_000;

type Parts = Pick<Services, 'vault' | 'network' | 'host'>;
type Revoked = 'revoked' | 'unknown' | 'shared';

/** A sign-in at its source that can be ended there; what that takes is looked up before the secrets go. */
interface Live {
  readonly id: string;
  /** Whether the source says that it is over. */
  end(parts: Parts, signal: AbortSignal): Promise<boolean>;
}

async function revoke(parts: Parts, { id, end }: Live): Promise<Revoked> {
  try {
    return (await end(parts, AbortSignal.timeout(revokeMs))) ? 'revoked' : 'unknown';
  } catch (error) {
    parts.host.log.warn('credential.revoke_failed', { credentialId: id, error });
    return 'unknown';
  }
}

/** What is to be revoked of these secrets; not even for that is a token sent to another server than its own. */
async function liveIn(
  parts: Pick<Parts, 'vault'>,
  id: string,
  source: StoredSource,
  secrets: Secrets | null,
): Promise<Live | null> {
  const origin = originOf(source.baseUrl);
  if (secrets === null || (secrets['origin'] ?? origin) !== origin) return null;
  const { refreshToken = '', accessToken = '' } = secrets;
  if (refreshToken !== '') {
    const client = await oauthClientOf(parts, source);
    return {
      id,
      async end(now, signal) {
        await revokeToken(client, refreshToken, { ...endpointDepsOf(now, source), signal });
        return true;
      },
    };
  }
  const way = signInOfKind(connectorFor(source.sourceType), 'password');
  const isSession = way?.send.as === 'session' && way.fields.every(({ name }) => secrets[name] !== undefined);
  if (!isSession || accessToken === '') return null;
  return { id, end: (now, signal) => endSession(way, accessToken, sessionDepsOf(now, source, signal)) };
}

/** Ends a pair that nobody keeps here, as far as the source answers in time. */
export async function revokeSecrets(
  parts: Parts,
  id: string,
  source: StoredSource,
  secrets: Secrets | null,
): Promise<void> {
  const live = await liveIn(parts, id, source, secrets);
  if (live) await revoke(parts, live);
}

/**
 * Takes the tokens of sign-ins that are about to be deleted out of the vault; the function that this returns is to be called
 * once they are, and revokes them at their sources, as far as those answer in time. It says whether all of them are. One that
 * other workspaces have too is only forgotten, unless it is to end `everywhere`.
 */
export async function revocation(
  services: Parts & Pick<Services, 'store' | 'shared'>,
  credentialIds: readonly string[],
  everywhere = false,
): Promise<() => Promise<Revoked>> {
  const { store, vault } = services;
  const found: Live[] = [];
  let all = true;
  let others = false;
  for (const id of credentialIds) {
    const { sourceId, kind } = store.credentials.get(id);
    const source = store.sources.get(sourceId);
    if (!everywhere && services.shared.isShared(id)) {
      others = true;
      continue;
    }
    // A vault that stays locked keeps nobody from deleting.
    const live = await vault.get(id).then(
      (secrets) => liveIn(services, id, source, secrets),
      () => null,
    );
    if (live) found.push(live);
    else if (kind === 'oauth') all = false;
  }
  return async () => {
    for (const id of credentialIds) vault.delete(id);
    const said = await Promise.all(found.map((live) => revoke(services, live)));
    if (!all || said.some((each) => each !== 'revoked')) return 'unknown';
    return others ? 'shared' : 'revoked';
  };
}
