import type { Link } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type Db, insistUnique } from '../db.ts';

type Row = Record<string, string | number | null>;
export type StoredLink = Omit<Link, 'dataset' | 'people' | 'signIn' | 'others'>;
type Fields = Pick<
  StoredLink,
  | 'id'
  | 'projectId'
  | 'sourceId'
  | 'credentialMode'
  | 'syncConfig'
  | 'schedule'
  | 'quietHours'
  | 'keepIdleHours'
  | 'isActive'
>;
/** What can be changed of a link. */
type Choices = Pick<
  Fields,
  'credentialMode' | 'syncConfig' | 'schedule' | 'quietHours' | 'keepIdleHours' | 'isActive'
>;

/** Links: a data source used by a project. */
export function linkRepository(db: Db) {
  const columns = `l.*, p.name AS project_name, s.name AS source_name, s.source_type
    FROM project_data_sources l JOIN data_sources s ON s.id = l.data_source_id JOIN projects p ON p.id = l.project_id`;
  const everywhere = db.prepare(
    `SELECT ${columns} ORDER BY p.name COLLATE NOCASE, s.name COLLATE NOCASE, l.id`,
  );
  const listOf = db.prepare(`SELECT ${columns} WHERE l.project_id = +? ORDER BY s.name COLLATE NOCASE`);
  const get = db.prepare(`SELECT ${columns} WHERE l.id = +?`);
  const insert = db.prepare(`INSERT INTO project_data_sources
    (id, project_id, data_source_id, credential_mode, sync_config, schedule, quiet_hours, keep_idle_hours, is_active,
     created_at, updated_at)
    VALUES (@id, @projectId, @sourceId, @credentialMode, @syncConfig, @schedule, @quietHours, @keepIdleHours, @isActive,
      @now, @now)`);
  const update =
    db.prepare(`UPDATE project_data_sources SET credential_mode = @credentialMode, sync_config = @syncConfig,
    schedule = @schedule, quiet_hours = @quietHours, keep_idle_hours = @keepIdleHours, is_active = @isActive, updated_at = @now WHERE id = @id`);
  const remove = db.prepare('DELETE FROM project_data_sources WHERE id = ?');

  const read = (row: Row): StoredLink => ({
    id: row['id'] as string,
    projectId: row['project_id'] as string,
    projectName: row['project_name'] as string,
    sourceId: row['data_source_id'] as string,
    sourceName: row['source_name'] as string,
    sourceType: row['source_type'] as StoredLink['sourceType'],
    credentialMode: row['credential_mode'] as StoredLink['credentialMode'],
    syncConfig: JSON.parse(row['sync_config'] as string),
    schedule: JSON.parse(row['schedule'] as string),
    quietHours: JSON.parse((row['quiet_hours'] as string | null) ?? 'null'),
    keepIdleHours: row['keep_idle_hours'] as number | null,
    isActive: row['is_active'] === 1,
    createdAt: row['created_at'] as string,
  });

  const written = ({
    credentialMode,
    syncConfig,
    schedule,
    quietHours,
    keepIdleHours,
    isActive,
  }: Choices) => ({
    credentialMode,
    syncConfig: JSON.stringify(syncConfig),
    schedule: JSON.stringify(schedule),
    quietHours: quietHours === null ? null : JSON.stringify(quietHours),
    keepIdleHours,
    isActive: isActive ? 1 : 0,
  });

  return {
    listOf: (projectId: string): StoredLink[] => (listOf.all(projectId) as Row[]).map(read),
    /** Of every project, by their names. */
    everywhere: (): StoredLink[] => (everywhere.all() as Row[]).map(read),
    /** Fails with NOT_FOUND. */
    get(id: string): StoredLink {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', say('store.sourceNoLongerLinked'));
      return read(row);
    },
    /** Fails with NAME_TAKEN when the project has the source already. */
    create(item: Fields, now: string): StoredLink {
      const row = { ...item, ...written(item), now };
      insistUnique(
        say('store.projectUsesDataSource'),
        () => insert.run(row),
        say('store.projectUsesDataSource.advice'),
      );
      return this.get(item.id);
    },
    update(id: string, change: Partial<Choices>, now: string): StoredLink {
      const next = { ...this.get(id), ...change };
      update.run({ id, ...written(next), now });
      return this.get(id);
    },
    delete: (id: string): void => void remove.run(id),
  };
}
