import type { Structure, StructureChange } from '../../../preload/contract/models.ts';
import { AppError } from '../../errors.ts';
import type { KnownStructure } from '../../store/connections/connection-structures.ts';
import type { Handlers, Services } from '../context.ts';

/** More differences than this are no longer read one by one. */
const mostChanges = 1000;

type Read = Pick<Structure, 'schemas' | 'cut'>;
type Tables = ReadonlyMap<string, Structure['schemas'][number]['tables'][number]>;

const byName = <T extends { readonly name: string }>(items: readonly T[]): Map<string, T> =>
  new Map(items.map((item) => [item.name, item]));

/** What is different in `after`: schemas, then tables, then columns; at most a thousand. */
export function structureChanges(before: Read, after: Read): StructureChange[] {
  const found: StructureChange[] = [];
  const add = (
    kind: StructureChange['kind'],
    schema: string,
    table: string | null = null,
    rest: Partial<Pick<StructureChange, 'column' | 'before' | 'after'>> = {},
  ): void => void found.push({ kind, schema, table, column: null, before: null, after: null, ...rest });

  const compareTable = (schema: string, was: Tables, is: Tables): void => {
    for (const [table, { columns }] of is) {
      const old = was.get(table);
      if (!old) {
        add('table_added', schema, table);
        continue;
      }
      const [oldColumns, newColumns] = [byName(old.columns), byName(columns)];
      for (const { name, type } of columns) {
        const known = oldColumns.get(name);
        if (!known) add('column_added', schema, table, { column: name, after: type });
        else if (known.type !== type)
          add('column_retyped', schema, table, { column: name, before: known.type, after: type });
      }
      for (const { name, type } of old.columns)
        if (!newColumns.has(name)) add('column_removed', schema, table, { column: name, before: type });
    }
    for (const table of was.keys()) if (!is.has(table)) add('table_removed', schema, table);
  };

  const [was, is] = [byName(before.schemas), byName(after.schemas)];
  for (const name of was.keys()) if (!is.has(name)) add('schema_removed', name);
  for (const [name, { tables }] of is) {
    const old = was.get(name);
    if (!old) add('schema_added', name);
    else if (!before.cut && !after.cut) compareTable(name, byName(old.tables), byName(tables));
  }
  return found.slice(0, mostChanges);
}

/** What is in the databases behind connections, remembered for when they can't be reached. */
export function structureService(services: Services): Pick<Handlers<'connections'>, 'connections.structure'> {
  const { store } = services;

  const readLive = async (id: string, signal: AbortSignal): Promise<KnownStructure> => {
    const read = await services.readers.of(id).structure(signal);
    const before = store.structures.find(id);
    const known: KnownStructure = {
      at: services.now(),
      ...read,
      changes: before ? structureChanges(before, read) : [],
      changesSince: before?.at ?? null,
    };
    store.structures.put(known, id);
    return known;
  };

  return {
    async 'connections.structure'({ id, refresh }, { person, signal }) {
      store.connections.get(id);
      if (services.leases.isLent(person, id)) {
        // What this login may see is its own: kept neither for others nor from others.
        const read = await services.leases.readerFor(person, id).structure(signal);
        return { at: services.now(), warning: null, ...read, changes: [], changesSince: null };
      }
      const known = store.structures.find(id);
      if (known && !refresh) return { ...known, warning: null };
      try {
        return { ...(await readLive(id, signal)), warning: null };
      } catch (error) {
        if (!known || !(error instanceof AppError) || error.code === 'CANCELLED') throw error;
        return { ...known, warning: error.toWire() };
      }
    },
  };
}
