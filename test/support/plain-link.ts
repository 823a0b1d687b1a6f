import type { Client } from '../../preload/contract/client.ts';
import type { Link } from '../../preload/contract/models.ts';
import type { TestDatabase } from './database.ts';
import { createRole } from './roles.ts';
import { setUp } from './workspace.ts';

/** The forms of a simulator's space `demo`, linked by whoever is signed in, into a database as a role that owns nothing else. */
export async function linkForms(api: Client, db: TestDatabase, sourceUrl: string): Promise<Link> {
  const role = await createRole(db);
  return setUp(api, {
    postgres: { ...db.postgres, user: role.name, password: role.password },
    ...{ database: db.database, sourceUrl, domain: 'demo', datasets: ['forms'] },
  });
}
