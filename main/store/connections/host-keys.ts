import { createHash } from 'node:crypto';
import type { HostKey } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Db } from '../db.ts';

interface Row extends Omit<HostKey, 'fingerprint'> {
  readonly key: string;
}

/** As `ssh-keygen -l` prints it. */
export function fingerprintOf(key: string): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;
}

/** Keys of SSH servers that somebody accepted. */
export function hostKeyRepository(db: Db) {
  const columns = 'id, host, port, type, key, accepted_by AS acceptedBy, accepted_at AS acceptedAt';
  const list = db.prepare(`SELECT ${columns} FROM ssh_host_keys ORDER BY host, port, type`);
  const put = db.prepare(`INSERT INTO ssh_host_keys (id, host, port, type, key, accepted_by, accepted_at)
    VALUES (@id, @host, @port, @type, @key, @acceptedBy, @acceptedAt) ON CONFLICT (host, port, type) DO NOTHING`);
  const find = db.prepare(`SELECT ${columns} FROM ssh_host_keys WHERE host = ? AND port = ? AND type = ?`);
  const remove = db.prepare('DELETE FROM ssh_host_keys WHERE id = ?');
  const view = ({ key, ...rest }: Row): HostKey => ({ ...rest, fingerprint: fingerprintOf(key) });
  return {
    list: (): HostKey[] => (list.all() as Row[]).map(view),
    /** In the form of OpenSSH's known_hosts. */
    knownHosts: (): string =>
      (list.all() as Row[])
        .map(({ host, port, type, key }) => `${port === 22 ? host : `[${host}]:${port}`} ${type} ${key}\n`)
        .join(''),
    /** Fails with IN_USE where another key of that kind was accepted before: that one must be forgotten first. */
    accept(item: Row): HostKey {
      put.run(item);
      const kept = find.get(item.host, item.port, item.type) as Row;
      if (kept.key !== item.key) {
        throw new AppError(
          'IN_USE',
          say('store.anotherKeyAcceptedBefore', { host: item.host, port: String(item.port) }),
          {
            advice: say('store.anotherKeyAcceptedBefore.advice'),
          },
        );
      }
      return view(kept);
    },
    /** Fails with NOT_FOUND. */
    forget(id: string): void {
      if (remove.run(id).changes === 0) throw new AppError('NOT_FOUND', say('store.keyNotKnown'));
    },
  };
}
