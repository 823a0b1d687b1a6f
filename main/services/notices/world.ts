import type { World } from '../../notices/conditions.ts';
import type { StoredConnection } from '../../store/connections/connections.ts';
import type { Services } from '../context.ts';
import { heldBack } from '../timetable/outlook.ts';

const at = (instant: string | null): number | null => (instant === null ? null : Date.parse(instant));

/** Looked at by the timetable: turned on, and used by a project. */
const isWatched = ({ state, usedBy }: StoredConnection): boolean => state === 'active' && usedBy.length > 0;

/** What the store says at this moment, as the rules of `notices` take it. */
export function worldOf(
  { store, host, access }: Pick<Services, 'store' | 'host' | 'access'>,
  seen: Pick<World, 'isOffline' | 'onlineSince' | 'watchedSince'>,
): World {
  const credentials = store.credentials.everywhere();
  const ownerOf = (sourceId: string, owner: string | null): string => `${sourceId} ${owner}`;
  const signInOf = new Map(
    credentials.map(({ id, sourceId, projectId, personId }) => [
      ownerOf(sourceId, projectId ?? personId),
      id,
    ]),
  );
  const active = new Map(store.sources.list().map(({ id, isActive }) => [id, isActive]));
  const checksOff = access.policy().healthMinutes === 0;
  const ended = new Map<string, number>();
  return {
    ...seen,
    now: host.clock.now(),
    isHeldBack: store.policies.all()[heldBack] === true,
    datasets: store.datasets.everywhere().map((dataset) => ({
      id: dataset.id,
      project: dataset.projectName,
      source: dataset.sourceName,
      connectionId: dataset.connectionId,
      connection: dataset.connectionName,
      personId: dataset.personId,
      signInId: signInOf.get(ownerOf(dataset.sourceId, dataset.personId ?? dataset.projectId)) ?? null,
      plan: dataset.plan,
      isHeld: dataset.held !== null,
      isExpired: dataset.status === 'expired',
      error: dataset.error?.code ?? null,
      dataAsOf: at(dataset.dataAsOf),
      triedAt: at(dataset.lastTriedAt),
      usedAt: Date.parse(dataset.lastActivityAt),
      expiresAt: at(dataset.expiresAt),
    })),
    signIns: credentials.map((credential) => ({
      id: credential.id,
      source: credential.sourceName,
      sourceIsActive: active.get(credential.sourceId) ?? true,
      project: credential.projectName,
      personId: credential.personId,
      state: credential.state,
      signerLeft: credential.projectId !== null && credential.signedInBy?.id === null,
      endsAt: at(credential.accessExpiresAt),
    })),
    connections: store.connections.all().map((connection) => ({
      id: connection.id,
      name: connection.name,
      isActive: isWatched(connection),
      // What nobody looks at any more says nothing.
      health: checksOff ? 'unknown' : connection.health.state,
      checkedAt: at(connection.health.checkedAt),
    })),
    endedAt(key) {
      const known = ended.get(key);
      if (known !== undefined) return known;
      const found = at(store.notices.endedAt(key)) ?? 0;
      ended.set(key, found);
      return found;
    },
  };
}
