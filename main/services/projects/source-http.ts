import { connectionOfAddress } from '../../../preload/contract/connection-address.ts';
import type { CredentialKind } from '../../../preload/contract/models.ts';
import type { AskContext } from '../../connectors/connector.ts';
import { createSourceDatabase, type SourceDatabase } from '../../connectors/database.ts';
import { createHttp, type SourceHttp, type Tokens } from '../../connectors/http.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { engineFor } from '../../engines/registry.ts';
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

/** The database that a source is; undefined for one with a server of its own. */
export function sourceDatabase(
  services: Pick<Services, 'store' | 'readers' | 'host'>,
  { baseUrl }: Pick<StoredSource, 'baseUrl'>,
): SourceDatabase | undefined {
  const connectionId = connectionOfAddress(baseUrl);
  if (connectionId === null) return undefined;
  const connection = services.store.connections.get(connectionId);
  const { clock, random } = services.host;
  return createSourceDatabase(
    connection.name,
    engineFor(connection.engine).tables,
    services.readers.of(connectionId),
    { clock, random: fractionsOf(random) },
  );
}

/** What a source is asked over with a credential that is kept. */
export function sourceVia(
  services: Pick<Services, 'network' | 'host' | 'budgets' | 'tokens' | 'store' | 'readers'>,
  source: StoredSource,
  credential: { readonly id: string; readonly kind: CredentialKind },
): Pick<AskContext, 'http' | 'database'> {
  return {
    http: sourceHttpAs(services, source, credential),
    database: sourceDatabase(services, source),
  };
}

/** Requests with a credential that is kept: its tokens are renewed and given up as those of a sync are. */
function sourceHttpAs(
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
