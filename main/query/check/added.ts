import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { SqlClient } from '../../engines/engine.ts';
import { parseMark } from '../../engines/postgres/ownership.ts';
import { AppError, badField } from '../../errors.ts';
import { isSystemSchema } from './functions.ts';
import type { AllowedFunction } from './names.ts';

/** What somebody wants queries to read and call besides a project's own. */
export interface Added {
  readonly schemas: readonly string[];
  readonly functions: readonly { readonly schema: string; readonly name: string }[];
}

const unfit = (field: keyof Added, why: Said): AppError =>
  new AppError('INPUT_INVALID', say('query.scopeEntry', { field, why }), {
    advice: say('query.text.advice'),
  });

/**
 * Looks at what is to be added in the database where it is, and returns the functions as they are now. Schemas of the server,
 * of Headgate and of datasets are not added: a dataset is read through its own project. Functions must be plain ones of the
 * database, that run with the rights of whoever calls them. `reserved` are schemas that are nobody's to add. Fails with
 * INPUT_INVALID and the name.
 */
export async function lookAtAdded(
  client: SqlClient,
  { schemas, functions }: Added,
  reserved: readonly string[],
): Promise<AllowedFunction[]> {
  const { rows: found } = await client.query<{ name: string; comment: string | null }>(
    `SELECT nspname AS name, obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = ANY ($1::text[])`,
    [schemas],
  );
  const comments = new Map(found.map(({ name, comment }) => [name, comment]));
  for (const schema of schemas) {
    if (isSystemSchema(schema) || reserved.includes(schema))
      throw unfit('schemas', say('query.unfit.schema', { schema }));
    const comment = comments.get(schema);
    if (comment === undefined) throw unfit('schemas', say('query.unfit.noSchema', { schema }));
    if (parseMark(comment) !== null) {
      throw badField('schemas', say('query.holdsDatasetHeadgateRead', { schema }), {
        advice: say('query.holdsDatasetHeadgateRead.advice'),
      });
    }
  }
  return functionsOf(client, functions);
}

async function functionsOf(client: SqlClient, functions: Added['functions']): Promise<AllowedFunction[]> {
  if (functions.length === 0) return [];
  const { rows } = await client.query<{
    at: string;
    kind: string;
    definer: string;
    plain: string;
    definition: string | null;
  }>(
    `SELECT w.at, p.prokind AS kind, p.prosecdef AS definer, (l.lanname NOT IN ('c', 'internal') AND NOT EXISTS (
         SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')) AS plain,
       CASE WHEN p.prokind = 'f' THEN md5(pg_get_functiondef(p.oid)) END AS definition
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (schema, name, at)
     JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_proc p ON p.pronamespace = n.oid AND p.proname = w.name
     JOIN pg_language l ON l.oid = p.prolang ORDER BY w.at, definition`,
    [functions.map(({ schema }) => schema), functions.map(({ name }) => name)],
  );
  return functions.map(({ schema, name }, at) => {
    const called = { name: `${schema}.${name}` };
    const its = rows.filter((row) => Number(row.at) - 1 === at);
    if (its.length === 0) throw unfit('functions', say('query.unfit.noFunction', called));
    if (isSystemSchema(schema) || its.some(({ plain }) => plain !== 't'))
      throw unfit('functions', say('query.unfit.servers', called));
    if (its.some(({ kind }) => kind !== 'f')) throw unfit('functions', say('query.unfit.notPlain', called));
    if (its.some(({ definer }) => definer === 't'))
      throw unfit('functions', say('query.unfit.definer', called));
    return { schema, name, definitions: its.flatMap(({ definition }) => definition ?? []) };
  });
}
