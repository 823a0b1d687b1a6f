import type { Structure, StructureChange } from '../../../preload/contract/models.ts';
import type { Db } from '../db.ts';

export type KnownStructure = Omit<Structure, 'warning'>;

/** The structure of each database as it was read last. */
export function connectionStructureRepository(db: Db) {
  const get = db.prepare('SELECT * FROM connection_structures WHERE connection_id = ?');
  const put =
    db.prepare(`INSERT INTO connection_structures (connection_id, at, structure, changes, changes_since)
    VALUES (@id, @at, @structure, @changes, @changesSince)
    ON CONFLICT (connection_id) DO UPDATE SET at = excluded.at, structure = excluded.structure,
      changes = excluded.changes, changes_since = excluded.changes_since`);
  const remove = db.prepare('DELETE FROM connection_structures WHERE connection_id = ?');
  return {
    find(id: string): KnownStructure | null {
      const row = get.get(id) as Record<string, string> | undefined;
      if (!row) return null;
      return {
        at: row['at'] as string,
        ...(JSON.parse(row['structure'] as string) as Pick<Structure, 'schemas' | 'cut'>),
        changes: JSON.parse(row['changes'] as string) as StructureChange[],
        changesSince: row['changes_since'] ?? null,
      };
    },
    put({ schemas, cut, ...rest }: KnownStructure, id: string): void {
      put.run({
        id,
        at: rest.at,
        structure: JSON.stringify({ schemas, cut }),
        changes: JSON.stringify(rest.changes),
        changesSince: rest.changesSince,
      });
    },
    forget: (id: string): void => void remove.run(id),
  };
}
