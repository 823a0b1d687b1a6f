import type { Credential, CredentialKind } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Db } from '../db.ts';

type Row = Record<string, string | number | null>;

/** Who owns a credential: a project or a person, never both. */
export type Owner = { readonly projectId: string } | { readonly personId: string };

export interface CredentialFields {
  readonly account: string;
  readonly externalUserId: string;
  readonly scopes: readonly string[];
  /** Null for what does not run out by itself. */
  readonly accessExpiresAt: string | null;
  readonly kind?: CredentialKind;
  /** Whether something was given out to renew it with. */
  readonly renewable?: boolean;
  /** The profile whose account it is. */
  readonly signedInBy?: string;
}

/** Why a source takes a sign-in no more. */
export type Ended = 'expired' | 'revoked' | 'reauthorise';

/** One that can't be renewed is told to run out from here on. */
const expiringMs = 86_400_000;

/** Metadata of sign-ins; tokens and keys are in the vault under the credential's id. */
export function credentialRepository(db: Db, now: () => string) {
  const columns = `k.*, s.name AS source_name, p.name AS project_name, b.name AS signer_name FROM credentials k
    JOIN data_sources s ON s.id = k.data_source_id LEFT JOIN projects p ON p.id = k.project_id
    LEFT JOIN people b ON b.id = k.signed_in_by`;
  const listFor = db.prepare(
    `SELECT ${columns} WHERE k.person_id = +? OR k.project_id IS NOT NULL ORDER BY s.name COLLATE NOCASE`,
  );
  const everywhere = db.prepare(`SELECT ${columns} ORDER BY k.id`);
  const get = db.prepare(`SELECT ${columns} WHERE k.id = +?`);
  const ofProject = db.prepare(`SELECT ${columns} WHERE k.data_source_id = +? AND k.project_id = +?`);
  const ofPerson = db.prepare(`SELECT ${columns} WHERE k.data_source_id = +? AND k.person_id = +?`);
  const ofSource = db.prepare('SELECT id FROM credentials WHERE data_source_id = ?');
  const runningOut = db.prepare(
    `SELECT ${columns} WHERE k.kind = 'oauth' AND k.ended IS NULL AND k.access_expires_at <= +? ORDER BY k.access_expires_at`,
  );
  const signedBy = db.prepare(
    `SELECT ${columns} WHERE k.signed_in_by = +? AND k.project_id IS NOT NULL ORDER BY p.name COLLATE NOCASE`,
  );
  const signerLeaves = db.prepare(
    'UPDATE credentials SET signer_left = ? WHERE signed_in_by = ? AND project_id IS NOT NULL',
  );
  const idsOfProject = db.prepare('SELECT id FROM credentials WHERE project_id = ?');
  const insert = db.prepare(`INSERT INTO credentials
    (id, data_source_id, project_id, person_id, account, external_user_id, scopes, access_expires_at, kind, renewable,
     signed_in_by, created_at, updated_at)
    VALUES (@id, @sourceId, @projectId, @personId, @account, @externalUserId, @scopes, @accessExpiresAt, @kind, @renewable,
     @signedInBy, @now, @now)`);
  const renew = db.prepare(`UPDATE credentials SET account = @account, external_user_id = @externalUserId,
    scopes = @scopes, access_expires_at = @accessExpiresAt, kind = @kind, renewable = @renewable,
    signed_in_by = @signedInBy, signer_left = NULL, ended = NULL, updated_at = @now WHERE id = @id`);
  const refreshed = db.prepare(`UPDATE credentials SET access_expires_at = @accessExpiresAt,
    scopes = ifnull(@scopes, scopes), ended = NULL, updated_at = @now WHERE id = @id`);
  const invalidate = db.prepare('UPDATE credentials SET ended = ?, updated_at = ? WHERE id = ?');
  const takeRenewal = db.prepare(`UPDATE credentials SET renewed_by = @holder, renewed_until = @until
    WHERE id = @id AND (renewed_by IS NULL OR renewed_by = @holder OR renewed_until <= @now OR renewed_until > @until)`);
  const freeRenewal = db.prepare(
    'UPDATE credentials SET renewed_by = NULL, renewed_until = NULL WHERE id = ? AND renewed_by = ?',
  );
  const used = db.prepare('UPDATE credentials SET last_used_at = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM credentials WHERE id = ?');

  /** Texts of the same form are in the order of their instants. */
  const stateOf = (row: Row): Credential['state'] => {
    if (row['ended'] !== null) return row['ended'] as Ended;
    if (row['access_expires_at'] === '' || row['renewable'] === 1) return 'valid';
    const left = Date.parse(row['access_expires_at'] as string) - Date.parse(now());
    return left > expiringMs ? 'valid' : left > 0 ? 'expiring' : 'expired';
  };
  const signerOf = (row: Row): Credential['signedInBy'] => {
    const id = row['signed_in_by'] as string | null;
    const name = (id === null ? row['signer_left'] : row['signer_name']) as string | null;
    return name === null ? null : { id, name };
  };
  const read = (row: Row): Credential => ({
    id: row['id'] as string,
    kind: row['kind'] as CredentialKind,
    sourceId: row['data_source_id'] as string,
    sourceName: row['source_name'] as string,
    projectId: row['project_id'] as string | null,
    personId: row['person_id'] as string | null,
    projectName: row['project_name'] as string | null,
    account: row['account'] as string,
    scopes: JSON.parse(row['scopes'] as string),
    state: stateOf(row),
    accessExpiresAt: row['access_expires_at'] === '' ? null : (row['access_expires_at'] as string),
    renewable: row['renewable'] === 1,
    signedInBy: signerOf(row),
    lastUsedAt: row['last_used_at'] as string | null,
    createdAt: row['created_at'] as string,
  });

  const columnsOf = (fields: CredentialFields) => ({
    account: fields.account,
    externalUserId: fields.externalUserId,
    scopes: JSON.stringify(fields.scopes),
    accessExpiresAt: fields.accessExpiresAt ?? '',
    kind: fields.kind ?? 'oauth',
    renewable: (fields.renewable ?? true) ? 1 : 0,
    signedInBy: fields.signedInBy ?? null,
  });

  return {
    /** The person's own and every project's. */
    listFor: (personId: string): Credential[] => (listFor.all(personId) as Row[]).map(read),
    /** Of every project and person. */
    everywhere: (): Credential[] => (everywhere.all() as Row[]).map(read),
    /** Fails with NOT_FOUND. */
    get(id: string): Credential {
      const row = get.get(id) as Row | undefined;
      if (!row) throw new AppError('NOT_FOUND', say('store.signNoLongerExists'));
      return read(row);
    },
    /** Who it is at its source, by the source's own id. Fails with NOT_FOUND. */
    externalUserOf(id: string): string {
      this.get(id);
      return (get.get(id) as Row)['external_user_id'] as string;
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
    /** Those of projects that a person signed in with an account of their own. */
    ofProjectsBy: (personId: string): Credential[] => (signedBy.all(personId) as Row[]).map(read),
    /** Before the profile goes: projects are still read with that account. */
    signerLeaves: (personId: string, name: string): void => void signerLeaves.run(name, personId),
    idsOfProject: (projectId: string): string[] =>
      (idsOfProject.all(projectId) as Row[]).map((row) => row['id'] as string),
    create(id: string, sourceId: string, owner: Owner, fields: CredentialFields, now: string): Credential {
      const { projectId = null, personId = null } = owner as { projectId?: string; personId?: string };
      insert.run({ ...columnsOf(fields), id, sourceId, projectId, personId, now });
      return this.get(id);
    },
    /** After a new sign-in of the same owner. */
    renew(id: string, fields: CredentialFields, now: string): Credential {
      renew.run({ ...columnsOf(fields), id, now });
      return this.get(id);
    },
    /** `scopes` as the source named them; null where it did not, and they are as before. */
    refreshed: (
      id: string,
      accessExpiresAt: string | null,
      scopes: readonly string[] | null,
      now: string,
    ): void =>
      void refreshed.run({
        ...{ id, accessExpiresAt: accessExpiresAt ?? '', scopes: scopes && JSON.stringify(scopes), now },
      }),
    /** Only after a definite refusal of the source. */
    invalidate: (id: string, why: Ended, now: string): void => void invalidate.run(why, now, id),
    /**
     * Whether it is for `holder` to renew it, until then, in whatever process it is: a server may end a sign-in that is renewed
     * twice with the same token. Whoever has it may ask again for more time. One that was taken for longer than anybody takes it
     * is of a clock that was wrong.
     */
    takeRenewal: (id: string, holder: string, until: string, now: string): boolean =>
      takeRenewal.run({ id, holder, until, now }).changes > 0,
    freeRenewal: (id: string, holder: string): void => void freeRenewal.run(id, holder),
    touch: (id: string, now: string): void => void used.run(now, id),
    delete: (id: string): void => void remove.run(id),
  };
}
