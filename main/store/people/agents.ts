import type { AgentGrant } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Db } from '../db.ts';

/** The grants of agents. A token is never here, only its hash. */
export function agentRepository(db: Db) {
  const columns = `a.id, a.name, a.person_id AS personId, p.name AS personName, a.project_id AS projectId,
    j.name AS projectName, a.may_refresh AS mayRefresh, a.created_at AS createdAt, a.expires_at AS expiresAt,
    a.last_used_at AS lastUsedAt FROM agent_grants a JOIN people p ON p.id = a.person_id JOIN projects j ON j.id = a.project_id`;
  const list = db.prepare(`SELECT ${columns} ORDER BY a.created_at DESC, a.id`);
  const byId = db.prepare(`SELECT ${columns} WHERE a.id = ?`);
  const byHash = db.prepare('SELECT id FROM agent_grants WHERE token_hash = ?').pluck();
  const create =
    db.prepare(`INSERT INTO agent_grants (id, person_id, project_id, name, token_hash, may_refresh, created_at, expires_at)
    VALUES (@id, @personId, @projectId, @name, @tokenHash, @mayRefresh, @createdAt, @expiresAt)`);
  const remove = db.prepare('DELETE FROM agent_grants WHERE id = ?');
  const anew = db.prepare(`UPDATE agent_grants SET hour_from = @now, hour_calls = 0
    WHERE id = @id AND (hour_from IS NULL OR hour_from <= @hourAgo OR hour_from > @now)`);
  const count = db.prepare(`UPDATE agent_grants SET hour_calls = hour_calls + 1, last_used_at = @now
    WHERE id = @id AND hour_calls < @most`);
  const hourFrom = db.prepare('SELECT hour_from FROM agent_grants WHERE id = ?').pluck();

  type Row = Omit<AgentGrant, 'mayRefresh'> & { mayRefresh: number };
  const read = (row: Row): AgentGrant => ({ ...row, mayRefresh: row.mayRefresh === 1 });
  const find = (id: string): AgentGrant | null => {
    const row = byId.get(id) as Row | undefined;
    return row === undefined ? null : read(row);
  };
  return {
    /** All of everybody, the newest first. */
    list: (): AgentGrant[] => (list.all() as Row[]).map(read),
    find,
    /** Fails with NOT_FOUND. */
    get(id: string): AgentGrant {
      const found = find(id);
      if (found === null) throw new AppError('NOT_FOUND', say('store.noSuchAgent'));
      return found;
    },
    /** The id of the grant whose token has this hash. */
    idOf: (tokenHash: string): string | null => (byHash.get(tokenHash) as string | undefined) ?? null,
    create(grant: {
      readonly id: string;
      readonly personId: string;
      readonly projectId: string;
      readonly name: string;
      readonly tokenHash: string;
      readonly mayRefresh: boolean;
      readonly createdAt: string;
      readonly expiresAt: string;
    }): AgentGrant {
      create.run({ ...grant, mayRefresh: grant.mayRefresh ? 1 : 0 });
      return find(grant.id) as AgentGrant;
    },
    remove: (id: string): void => void remove.run(id),
    /**
     * Counts one call, in the store, so that several processes share one count: null where it is within the limit of an hour,
     * else the instant at which the hour began.
     */
    countCall(id: string, most: number, now: string, hourAgo: string): string | null {
      anew.run({ id, now, hourAgo });
      if (count.run({ id, now, most }).changes === 1) return null;
      return (hourFrom.get(id) as string | null | undefined) ?? now;
    },
  };
}
