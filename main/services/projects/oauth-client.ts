import { say } from '../../../preload/messages/said.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { signInOfKind } from '../../connectors/sign-in.ts';
import { AppError } from '../../errors.ts';
import { fractionsOf } from '../../host.ts';
import type { OAuthClient, OAuthEndpoints } from '../../oauth/endpoint.ts';
import { originOf } from '../../oauth/sealed.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import type { Services } from '../context.ts';

/** What is sealed of a client's secret, in the record of its source: the server that it is for with it. */
export const sealedClientSecret = (clientSecret: string, baseUrl: string) => ({
  ...{ clientSecret, origin: originOf(baseUrl) },
});

export const hasClientSecret = ({ vault }: Pick<Services, 'vault'>, sourceId: string): boolean =>
  vault.has(sourceId, 'clientSecret');

/** Of a kind of source that has no OAuth. */
const noEndpoints: OAuthEndpoints = { authorizePath: '', tokenPath: '', revokePath: null, scopes: [] };

/**
 * The OAuth client of a source, with its secret where it has one; one without endpoints where the kind of source has no
 * OAuth. Fails with VAULT_*.
 */
export async function oauthClientOf(
  services: Pick<Services, 'vault'>,
  source: StoredSource,
): Promise<OAuthClient> {
  const way = signInOfKind(connectorFor(source.sourceType), 'oauth');
  const { endpoints, clientAuth } = way ?? { endpoints: noEndpoints, clientAuth: 'form' as const };
  const { id, baseUrl, clientId } = source;
  const sealed = hasClientSecret(services, id) ? await services.vault.get(id) : null;
  const value = sealed?.['origin'] === originOf(baseUrl) ? sealed['clientSecret'] : undefined;
  const secret = value === undefined ? {} : { secret: { value, by: source.clientAuth ?? clientAuth } };
  return { baseUrl, clientId, endpoints, ...secret };
}

/** Fails with INPUT_INVALID where nobody can sign in with OAuth. */
export function insistClientId({ name, clientId, sourceType }: StoredSource): void {
  const connector = connectorFor(sourceType);
  if (signInOfKind(connector, 'oauth') === undefined) {
    throw new AppError('INPUT_INVALID', say('projects.takesNoBrowser', { title: connector.title }), {
      advice: say('projects.takesNoBrowser.advice'),
    });
  }
  if (clientId !== '') return;
  throw new AppError('INPUT_INVALID', say('projects.sourceNoOauthClient', { name }), {
    advice: say('projects.sourceNoOauthClient.advice'),
  });
}

/** What requests to the OAuth endpoints of a source need. */
export const endpointDepsOf = (
  { network, host }: Pick<Services, 'network' | 'host'>,
  source: StoredSource,
) => {
  const { clock, log } = host;
  return { exchange: network.exchangeFor(source), clock, random: fractionsOf(host.random), log };
};
