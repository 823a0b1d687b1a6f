import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';

/** The schema in which everybody who reads the target finds what Headgate put there. */
export const catalogueSchema = 'headgate';
/** What is planned for datasets; see `schedule.ts`. */
export const scheduleTable = 'schedule';
/** What people say about tables and columns, and the view that shows it; see `notes.ts`. */
export const notesTable = 'notes';
/** Sign-ins that several workspaces share, sealed; see `sign-ins.ts`. */
export const signInsTable = 'sign_ins';
export const dictionaryView = 'dictionary';

/** Whether there is a table of that qualified name. */
export async function isThere(client: PgClient, table: string): Promise<boolean> {
  const { rows } = await client.query<{ found: string | null }>('SELECT to_regclass($1)::text AS found', [
    table,
  ]);
  return rows[0]?.found != null;
}
