import { connectionOfAddress } from '../../../preload/contract/connection-address.ts';
import type { Person } from '../../../preload/contract/models.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import type { Services } from '../context.ts';

/**
 * Of a source that is read over a connection: whoever looks into it, or chooses what of it is read, must be allowed to use that
 * connection. What was chosen by somebody who was goes on being read. Fails with CONNECTION_NOT_GRANTED.
 */
export function insistLent(
  services: Pick<Services, 'access'>,
  { baseUrl }: Pick<StoredSource, 'baseUrl'>,
  person: Person,
): void {
  const lent = connectionOfAddress(baseUrl);
  if (lent !== null) services.access.grants.insistUse(person, lent);
}
