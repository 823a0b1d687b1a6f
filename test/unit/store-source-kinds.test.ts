import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDb } from '../../main/store/db.ts';
import { storeMigrations } from '../../main/store/migrations/index.ts';
import { instant, storeIn, temporaryFolder } from '../support/parts.ts';

it('sign-ins of before keep their kind when there are more kinds, and their sources have found nothing yet', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'headgate.db');
  {
    const db = openDb(file, storeMigrations.slice(0, 24));
    db.exec(`INSERT INTO people (id, name, created_at) VALUES ('p', 'Ada', '${instant}');
      INSERT INTO data_sources (id, name, source_type, base_url, client_id, created_at, updated_at)
        VALUES ('s', 'HQ', 'commcare', 'https://hq.test', '', '${instant}', '${instant}'),
          ('t', 'HQ too', 'commcare', 'https://hq.test', 'c', '${instant}', '${instant}');
      INSERT INTO credentials (id, data_source_id, person_id, account, external_user_id, scopes, access_expires_at, kind,
          renewable, ended, created_at, updated_at)
        VALUES ('k', 's', 'p', 'ada', '1', '[]', '', 'api_key', 0, NULL, '${instant}', '${instant}'),
          ('o', 't', 'p', 'ada', '1', '["read"]', '${instant}', 'oauth', 1, 'revoked', '${instant}', '${instant}');`);
    db.close();
  }
  const store = storeIn(folder.path);
  try {
    expect(store.credentials.get('k')).toMatchObject({
      kind: 'api_key',
      state: 'valid',
      accessExpiresAt: null,
    });
    expect(store.credentials.get('o')).toMatchObject({
      ...{ kind: 'oauth', state: 'revoked', scopes: ['read'], accessExpiresAt: instant, renewable: true },
    });
    expect(store.sources.list().map(({ datasets }) => datasets)).toEqual([[], []]);
  } finally {
    store.close();
  }
});
