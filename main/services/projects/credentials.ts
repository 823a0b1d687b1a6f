import type { Person } from '../../../preload/contract/models.ts';
import { rolesWith } from '../../../preload/contract/permissions.ts';
import { holds } from '../../access/grants.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { AppError } from '../../errors.ts';
import { fractionsOf } from '../../host.ts';
import { type OAuthClient, revokeToken, type TokenSet } from '../../oauth/endpoint.ts';
import { signIn } from '../../oauth/flow.ts';
import { originOf, sealedTokens } from '../../oauth/tokens.ts';
import type { Owner } from '../../store/data/credentials.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';
import { sourceHttp } from './source-http.ts';

/** How long the source may take to revoke tokens when somebody disconnects; they are destroyed here either way. */
const revokeMs = 10_000;

/** The OAuth client of a source. */
export function oauthClientOf(source: StoredSource): OAuthClient {
  return {
    baseUrl: source.baseUrl,
    clientId: source.clientId,
    endpoints: connectorFor(source.sourceType).oauth,
  };
}

const endpointDepsOf = ({ network, host }: Pick<Services, 'network' | 'host'>, source: StoredSource) => {
  const { clock, log } = host;
  return { exchange: network.exchangeFor(source), clock, random: fractionsOf(host.random), log };
};

/**
 * Takes the tokens of sign-ins that are about to be deleted out of the vault; the function that this returns is to be called
 * once they are, and revokes them at their sources, as far as those answer in time.
 */
export async function revocation(
  services: Pick<Services, 'store' | 'vault' | 'network' | 'host'>,
  credentialIds: readonly string[],
): Promise<() => Promise<void>> {
  const { store, vault, host } = services;
  const found: { id: string; source: StoredSource; refreshToken: string }[] = [];
  for (const id of credentialIds) {
    const source = store.sources.get(store.credentials.get(id).sourceId);
    // A vault that stays locked keeps nobody from deleting.
    const secrets = await vault.get(id).catch(() => null);
    const refreshToken = secrets?.['refreshToken'] ?? '';
    const origin = originOf(source.baseUrl);
    // Not even to be revoked is it sent to another server than its own.
    if (refreshToken !== '' && (secrets?.['origin'] ?? origin) === origin)
      found.push({ id, source, refreshToken });
  }
  return async () => {
    for (const id of credentialIds) vault.delete(id);
    const signal = AbortSignal.timeout(revokeMs);
    await Promise.all(
      found.map(({ id, source, refreshToken }) =>
        revokeToken(oauthClientOf(source), refreshToken, {
          ...endpointDepsOf(services, source),
          signal,
        }).catch((error: unknown) => host.log.warn('credential.revoke_failed', { credentialId: id, error })),
      ),
    );
  };
}

/** What a project is read with is decided by who manages it: everybody's next refresh has that account's rights. */
function insistProjectAdmin(person: Person): void {
  if (holds(person, 'manage_projects')) return;
  throw new AppError(
    'PERMISSION_DENIED',
    `A project’s own sign-in needs the role ${rolesWith('manage_projects').join(' or ')}.`,
  );
}

/** Sign-ins: the person's own and those of projects. */
export function credentialService(services: Services): Handlers<'credentials'> {
  const { store, vault, tokens, host, emit } = services;
  const changed = (): void => emitChanged(services, 'credentials', 'sources', 'datasets');

  /** Who signed in, asked with the new tokens before anything is stored under a name. */
  const identify = (source: StoredSource, fresh: TokenSet, signal: AbortSignal) => {
    const connector = connectorFor(source.sourceType);
    const http = sourceHttp(services, source, {
      current: () => Promise.resolve(fresh.accessToken),
      renew: () =>
        Promise.reject(new AppError('OAUTH_FAILED', 'The source refused the tokens it just handed out.')),
    });
    return connector.identity(http, signal);
  };

  return {
    'credentials.list': (_, { person }) => store.credentials.listFor(person.id),
    async 'credentials.signIn'({ sourceId, projectId }, { person, signal }) {
      const source = store.sources.get(sourceId);
      if (projectId !== undefined) {
        store.projects.get(projectId);
        insistProjectAdmin(person);
      }
      // Before the person is sent to the browser: tokens that can't be sealed would be lost.
      await vault.unlock();
      const fresh = await signIn(oauthClientOf(source), {
        ...endpointDepsOf(services, source),
        bytes: host.random,
        openUrl: (url) => host.openUrl(url),
        onUrl: (url) => emit('signIn.opened', { sourceId, url }),
        signal,
      });
      // Sealed before they are used for anything: what a crash leaves behind is then at least not in the clear.
      const sealedId = services.newId();
      await vault.put(sealedId, sealedTokens(fresh, source.baseUrl));
      try {
        const identity = await identify(source, fresh, signal);
        const owner: Owner = projectId === undefined ? { personId: person.id } : { projectId };
        const known = store.credentials.findOwned(sourceId, owner);
        const fields = {
          ...identity,
          scopes: fresh.scopes,
          accessExpiresAt: new Date(host.clock.now() + fresh.expiresIn * 1000).toISOString(),
        };
        if (!known) return store.credentials.create(sealedId, sourceId, owner, fields, services.now());
        // The owner signed in before: the credential stays, its tokens are replaced.
        await tokens.keep(known.id, fresh, source.baseUrl);
        vault.delete(sealedId);
        return store.credentials.renew(known.id, fields, services.now());
      } catch (error) {
        vault.delete(sealedId);
        throw error;
      } finally {
        changed();
      }
    },
    async 'credentials.disconnect'({ id }, { person }) {
      const credential = store.credentials.get(id);
      if (credential.personId !== null && credential.personId !== person.id) {
        throw new AppError('PERMISSION_DENIED', 'This sign-in belongs to somebody else.');
      }
      if (credential.projectId !== null) insistProjectAdmin(person);
      const revoke = await revocation(services, [id]);
      store.credentials.delete(id);
      changed();
      await revoke();
      return {};
    },
  };
}
