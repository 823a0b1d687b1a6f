import type { CredentialKind } from '../../../preload/contract/models.ts';
import { createHttp, type SourceHttp, type Tokens } from '../../connectors/http.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { fractionsOf } from '../../host.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import { budgetKey } from '../../sync/job/budget.ts';
import type { Services } from '../context.ts';

/** Authorised requests to a source for short questions from the main process. */
export function sourceHttp(
  services: Pick<Services, 'network' | 'host' | 'budgets'>,
  source: StoredSource,
  tokens: Tokens,
  signIn: CredentialKind,
): SourceHttp {
  const { clock, log, random } = services.host;
  return createHttp({
    baseUrl: source.baseUrl,
    connector: connectorFor(source.sourceType),
    tokens,
    signIn,
    exchange: services.network.exchangeFor(source),
    clock,
    random: fractionsOf(random),
    log,
    // A short question counts like the pages of a sync, and waits its turn with them.
    gate: services.budgets.gate(budgetKey(source.baseUrl, source.settings)),
  });
}

/** The same with a credential that is kept: its tokens are renewed and given up as those of a sync are. */
export function sourceHttpAs(
  services: Pick<Services, 'network' | 'host' | 'budgets' | 'tokens'>,
  source: StoredSource,
  { id, kind }: { readonly id: string; readonly kind: CredentialKind },
): SourceHttp {
  const { tokens } = services;
  const own: Tokens = {
    current: () => tokens.accessToken(id, source.baseUrl),
    renew: (stale) => tokens.renew(id, stale, source.baseUrl),
    refused: (token) => tokens.refused(id, token),
  };
  return sourceHttp(services, source, own, kind);
}
