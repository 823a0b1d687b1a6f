import type { SharedTable } from '../../oauth/shared-table.ts';
import {
  freeShare,
  readShare,
  takeShare,
  writeShare,
} from '../../sync/destination/postgres/catalogue/sign-ins.ts';
import { withTarget } from '../connections/targets.ts';
import type { Services } from '../context.ts';

/** The table of shared sign-ins in the databases of connections. */
export function createSharedTable(services: Pick<Services, 'store' | 'vault' | 'host'>): SharedTable {
  return {
    read: (connectionId, share) => withTarget(services, connectionId, (target) => readShare(target, share)),
    take: (connectionId, share, holder) =>
      withTarget(services, connectionId, (target) => takeShare(target, share, holder)),
    free: (connectionId, share, holder) =>
      withTarget(services, connectionId, (target) => freeShare(target, share, holder)),
    write: (connectionId, share, before, next, holder) =>
      withTarget(services, connectionId, (target) => writeShare(target, share, before, next, holder)),
  };
}
