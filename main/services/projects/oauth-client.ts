import { say } from '../../../preload/messages/said.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { AppError } from '../../errors.ts';
import { fractionsOf } from '../../host.ts';
import type { OAuthClient } from '../../oauth/endpoint.ts';
import { originOf } from '../../oauth/tokens.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import type { Services } from '../context.ts';

/** What is sealed of a client's secret, in the record of its source: the server that it is for with it. */
export const sealedClientSecret = (clientSecret: string, baseUrl: string) => ({
  ...{ clientSecret, origin: originOf(baseUrl) },
});

export const hasClientSecret = ({ vault }: Pick<Services, 'vault'>, sourceId: string): boolean =>
  vault.has(sourceId, 'clientSecret');

/** The OAuth client of a source, with its secret where it has one. Fails with VAULT_*. */
export async function oauthClientOf(
  services: Pick<Services, 'vault'>,
  source: StoredSource,
): Promise<OAuthClient> {
  const { oauth: endpoints, clientAuth } = connectorFor(source.sourceType);
  const { id, baseUrl, clientId } = source;
  const sealed = hasClientSecret(services, id) ? await services.vault.get(id) : null;
  const value = sealed?.['origin'] === originOf(baseUrl) ? sealed['clientSecret'] : undefined;
  const secret = value === undefined ? {} : { secret: { value, by: source.clientAuth ?? clientAuth } };
  return { baseUrl, clientId, endpoints, ...secret };
}

/** Fails with INPUT_INVALID where nobody can sign in with OAuth. */
export function insistClientId({ name, clientId }: StoredSource): void {
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
