import type { StoredDetail } from '../../store/connections/connections.ts';

/** What a connection is described by, apart from its jump hosts, whose ids are of this workspace, and its secrets. */
export function describedFields(from: StoredDetail) {
  const { engine, name, environment, description, folder, tags, state, host, port, database, settings } =
    from;
  const { hostAddress, signIn, readOnly, access, superuserReason, tlsMode, tlsCa, tlsCert, pool, lease } =
    from;
  return {
    ...{ engine, name, environment, description, folder, tags, state, host, port, database, settings },
    ...{ hostAddress, signIn, readOnly, access, superuserReason, tlsMode, tlsCa, tlsCert, pool, lease },
  };
}
