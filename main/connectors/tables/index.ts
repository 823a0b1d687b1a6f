import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type AskContext, defineConnector, type FoundDataset } from '../connector.ts';
import { readTable } from './read.ts';
import { descriptionsOf, specOf } from './shape.ts';
import { databaseOf, schemaOf, tablesNamed, tablesOf } from './table.ts';

/** The tables and views of the schema: none is chosen for a new link, a database has more than anybody wants landed. */
async function findTables(context: Omit<AskContext, 'options'>): Promise<FoundDataset[]> {
  return (await tablesOf(context)).map(({ name, comment, rows }) => ({
    ...{ name, label: name, description: comment ?? '', onRequest: true, total: rows, isRough: true },
  }));
}

/**
 * Tables of a database of any engine. One signs in by lending a connection of the vault; every table of a schema is a dataset,
 * landed with the types that it has there.
 */
export const tables = defineConnector({
  type: 'database_tables',
  title: 'Tables of a database',
  defaultBaseUrl: '',
  settings: [
    {
      name: 'table_schema',
      label: say('tables.schema'),
      noun: say('tables.schema.noun'),
      help: say('tables.schema.help'),
      required: true,
      isScope: true,
    },
  ],
  options: [],
  signIn: [{ kind: 'connection', fields: [] }],
  hasNoOriginals: true,
  datasets: [],
  discovery: {
    find: findTables,
    specs: async (names, context) => (await tablesNamed(names, context)).map(specOf),
  },
  isTokenFault: () => false,
  explain: () => null,
  async identity(context) {
    const { place } = databaseOf(context);
    await databaseOf(context).structure(context.signal);
    return { externalUserId: place, account: place };
  },
  async scopes(context) {
    const { schemas } = await databaseOf(context).structure(context.signal);
    return schemas.map(({ name }) => ({ value: name, label: name }));
  },
  async reaches(context) {
    if (schemaOf(context) === '') return true;
    try {
      await tablesOf(context);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'SOURCE_NO_SUCH_SPACE') return false;
      throw error;
    }
  },
  read: readTable,
  describe: async (datasets, context) =>
    (await tablesNamed(datasets, context)).flatMap((table) => [...descriptionsOf(table)]),
});
