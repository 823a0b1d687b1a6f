import type { Credential } from '../../../preload/contract/models.ts';
import { AppError } from '../../errors.ts';
import type { Db } from '../db.ts';

type Row = Record<string, string | number | null>;

/** Who owns a credential: a project or a person, never both. */
export type Owner = { readonly projectId: string } | { readonly personId: string };

export interface CredentialFields {
  readonly account: string;
  readonly externalUserId: string;
  readonly scopes: readonly string[];
  readonly accessExpiresAt: string;
}

/** Metadata of OAuth tokens; the tokens are in the vault under the credential's id. */
export function credentialRepository(db: Db) {
  const columns = `k.*, s.name AS source_name, p.name AS project_name FROM credentials k
    JOIN data_sources s ON s.id = k.data_source_id LEFT JOIN projects p ON p.id = k.project_id`;
  const listFor = db.prepare(
    `SELECT ${columns} WHERE k.person_id = ? OR k.project_id IS NOT NULL ORDER BY s.name COLLATE NOCASE`,
  );
  const get = db.prepare(`SELECT ${columns} WHERE k.id = ?`);
  const ofProject = db.prepare(`SELECT ${columns} WHERE k.data_source_id = ? AND k.project_id = ?`);
  const ofPerson = db.prepare(`SELECT ${columns} WHERE k.data_source_id = ? AND k.person_id = ?`);
  const ofSource = db.prepare('SELECT id FROM credentials WHERE data_source_id = ?');
  const runningOut = db.prepare(
    `SELECT ${columns} WHERE k.is_valid = 1 AND k.access_expires_at <= ? ORDER BY k.access_expires_at`,
  );
  const idsOfProject = db.prepare('SELECT id FROM credentials WHERE project_id = ?');
  const insert = db.prepare(`INSERT INTO credentials
    (id, data_source_id, project_id, person_id, account, external_user_id, scopes, access_expires_at, created_at, updated_at)
    VALUES (@id, @sourceId, @projectId, @personId, @account, @externalUserId, @scopes, @accessExpiresAt, @now, @now)`);
  const renew = db.prepare(`UPDATE credentials SET account = @account, external_user_id = @externalUserId,
    scopes = @scopes, access_expires_at = @accessExpiresAt, is_valid = 1, updated_at = @now WHERE id = @id`);
  const refreshed = db.prepare(
    'UPDATE credentials SET access_expires_at = ?, is_valid = 1, updated_at = ? WHERE id = ?',
  );
  const invalidate = db.prepare('UPDATE credentials SET is_valid = 0, updated_at = ? WHERE id = ?');
  const used = db.prepare('UPDATE credentials SET last_used_at = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM credentials WHERE id = ?');

  const read = (row: Row): Credential => ({
    id: row['id'] as string,
    sourceId: row['data_source_id'] as string,
    sourceName: row['source_name'] as string,
    projectId: row['project_id'] as string | null,
    personId: row['person_id'] as string | null,
    projectName: row['project_name'] as string | null,
    account: row['account'] as string,
    scopes: JSON.parse(row['scopes'] as string),
    state: row['is_valid'] === 1 ? 'valid' : 'expired',
    accessExpiresAt: row['access_expires_at'] as string,
    lastUsedAt: row['last_used_at'] as string | null,
    createdAt: row['created_at'] as string,
  });

  return {
    /** The person's own and every project's. */
    listFor: (personId: string): Credential[] => (listFor.all(personId) as Row[]).map(read),
    /** Fails with NOT_FOUND. */
    get(id: string): Credential {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', 'This sign-in no longer exists.');
      return read(row);
    },
    findOwned(sourceId: string, owner: Owner): Credential | null {
      const row = (
        'projectId' in owner
          ? ofProject.get(sourceId, owner.projectId)
          : ofPerson.get(sourceId, owner.personId)
      ) as Row | undefined;
      return row ? read(row) : null;
    },
    idsOfSource: (sourceId: string): string[] =>
      (ofSource.all(sourceId) as Row[]).map((row) => row['id'] as string),
    /** Valid ones whose access token runs out by then. */
    runningOut: (until: string): Credential[] => (runningOut.all(until) as Row[]).map(read),
    idsOfProject: (projectId: string): string[] =>
      (idsOfProject.all(projectId) as Row[]).map((row) => row['id'] as string),
    create(id: string, sourceId: string, owner: Owner, fields: CredentialFields, now: string): Credential {
      const { projectId = null, personId = null } = owner as { projectId?: string; personId?: string };
      insert.run({
        ...fields,
        id,
        sourceId,
        projectId,
        personId,
        scopes: JSON.stringify(fields.scopes),
        now,
      });
      return this.get(id);
    },
    /** After a new sign-in of the same owner. */
    renew(id: string, fields: CredentialFields, now: string): Credential {
      renew.run({ ...fields, id, scopes: JSON.stringify(fields.scopes), now });
      return this.get(id);
    },
    refreshed: (id: string, accessExpiresAt: string, now: string): void =>
      void refreshed.run(accessExpiresAt, now, id),
    /** Only after a definite refusal of the source. */
    invalidate: (id: string, now: string): void => void invalidate.run(now, id),
    touch: (id: string, now: string): void => void used.run(now, id),
    delete: (id: string): void => void remove.run(id),
  };
}
