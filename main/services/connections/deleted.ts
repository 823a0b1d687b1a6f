import type { DeletedConnection } from '../../../preload/contract/models.ts';
import { keptDeletedDays } from '../../../preload/contract/retention.ts';
import { inOneWord } from '../../access/entry.ts';
import type { DeletedRow, StoredDeleted } from '../../store/connections/deleted-connections.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';
import { detailOf } from './connections.ts';

const dayMs = 24 * 3_600_000;
const keptMs = keptDeletedDays * dayMs;

const viewOf = ({ access: _, ...row }: StoredDeleted): DeletedConnection => ({
  ...row,
  removedAt: new Date(Date.parse(row.deletedAt) + keptMs).toISOString(),
});

/** Connections that were deleted: for some days each is there without its secrets, and can be restored. */
export function deletedConnectionService(
  services: Services,
): Pick<Handlers<'connections'>, 'connections.delete' | 'connections.deleted' | 'connections.restore'> {
  const { store, vault } = services;
  const changed = (): void => emitChanged(services, 'connections');
  return {
    async 'connections.delete'({ id }, { person, signal, tell }) {
      const found = store.connections.get(id);
      tell(`name=${inOneWord(found.name)} for=${found.environment}`);
      // First what could not be taken back once the login is gone.
      if (found.usedBy.length === 0) await services.leases.endAllOf(id, signal);
      store.deletedConnections.delete(id, person.name, services.now());
      // At once, and for good: only what is no secret can be restored.
      vault.delete(id);
      services.readers.forget(id);
      changed();
      return {};
    },
    'connections.deleted'(_, { person }) {
      const may = services.access.grants.mayOfEach(person);
      return store.deletedConnections
        .list()
        .filter((each) => may(each) === 'manage')
        .map(viewOf);
    },
    async 'connections.restore'({ id, name, environment }, { person, tell }) {
      const found = store.deletedConnections.find(id);
      const as = { name: name ?? found.name, environment: environment ?? found.environment };
      tell(`name=${inOneWord(as.name)} for=${as.environment}`);
      // One that was being changed while it was deleted may have been given a secret since.
      vault.delete(id);
      store.transaction(() => {
        store.deletedConnections.restore(id, as, services.now());
        // It is found by the name that it has now.
        store.connections.update(id, {}, services.now());
      });
      changed();
      return detailOf(services, person, store.connections.get(id));
    },
  };
}

type Needs = Pick<Services, 'store' | 'vault' | 'access' | 'now' | 'emit'>;

/**
 * Removes deleted connections whose days are over, by a clock that may have been put forward or back: two looks a day apart must
 * both find them over, so that a clock which is ahead for an hour removes nothing; a clock from before a connection was made is
 * not believed; and one that was deleted in what is the future now has its days from now on. How many went.
 */
export function removeOverdue(services: Needs, now: number): number {
  const { store, vault } = services;
  const at = new Date(now).toISOString();
  let removed = 0;
  for (const row of store.deletedConnections.rows()) {
    // What a process that was killed left of its secrets.
    if (vault.has(row.id)) vault.delete(row.id);
    const next = nextOf(row, now);
    if (next === 'begin') store.deletedConnections.beginDays(row, at);
    if (next === 'over') store.deletedConnections.setOver(row, at);
    if (next === 'not over') store.deletedConnections.setOver(row, null);
    if (next === 'remove' && store.deletedConnections.remove(row)) {
      removed += 1;
      const what = `name=${inOneWord(row.name)} days=${keptDeletedDays}`;
      services.access.background.did('background.removed', `connectionId=${row.id}`, what);
    }
  }
  if (removed > 0) emitChanged(services, 'connections');
  return removed;
}

type Next = 'begin' | 'over' | 'not over' | 'remove' | 'wait';

/** What a look at a deleted connection leads to. */
function nextOf({ createdAt, deletedAt, overSince }: DeletedRow, now: number): Next {
  const age = now - Date.parse(deletedAt);
  if (now < Date.parse(createdAt)) return 'wait';
  if (age < 0) return 'begin';
  const since = overSince === null ? null : Date.parse(overSince);
  if (age < keptMs) return since === null ? 'wait' : 'not over';
  if (since === null || since > now) return 'over';
  return now - since >= dayMs ? 'remove' : 'wait';
}
