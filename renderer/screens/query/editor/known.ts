import { useEffect, useMemo, useState } from 'react';
import type { WireError } from '../../../../preload/contract/errors.ts';
import type { Dataset } from '../../../../preload/contract/models.ts';
import { useApi, useCall } from '../../../api.ts';
import type { KnownTable } from './completion.ts';

/** Datasets whose dictionaries are read for the completions; a project has fewer. */
const mostDatasets = 40;

/** The tables of a project's datasets, as their dictionaries have them; those that can't be read now are left out. */
export function useKnownTables(datasets: readonly Dataset[]): readonly KnownTable[] {
  const { client } = useApi();
  const [tables, setTables] = useState<readonly KnownTable[]>([]);
  const ready = datasets.filter(({ dataAsOf }) => dataAsOf !== null).slice(0, mostDatasets);
  const key = ready.map(({ id, dataAsOf }) => `${id} ${dataAsOf}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the datasets and what they have
  useEffect(() => {
    const left = new AbortController();
    const read = async (): Promise<void> => {
      const all = await Promise.all(
        ready.map(({ id }) => client.datasets.dictionary({ id }, { signal: left.signal }).catch(() => null)),
      );
      if (left.signal.aborted) return;
      setTables(
        all.flatMap((each) => each?.tables.map((table) => ({ schema: each.schemaName, table })) ?? []),
      );
    };
    void read();
    return () => left.abort();
  }, [client, key]);
  return tables;
}

/** The tables behind a connection, as they were read last; asked for once, and not with every look. */
export function useKnownStructure(connectionId: string): {
  readonly tables: readonly KnownTable[];
  readonly error: WireError | undefined;
} {
  const { data, error } = useCall('connections.structure', { id: connectionId });
  const tables = useMemo(
    () =>
      (data?.schemas ?? []).flatMap(({ name: schema, tables: of }) =>
        of.map(({ name, rows, comment, columns }) => ({
          schema,
          table: {
            ...{ name, rows: rows ?? 0, description: comment },
            columns: columns.map((column) => ({
              ...{ name: column.name, type: column.type, label: column.comment, note: null },
            })),
          },
        })),
      ),
    [data],
  );
  return { tables, error };
}
