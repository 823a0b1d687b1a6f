import { useEffect, useMemo, useState } from 'react';
import type { Connection } from '../../../preload/contract/models.ts';
import { useApi, useCall } from '../../api.ts';

/** The largest page there is. */
const pageSize = 500;
/** Nobody has more; in connections. */
const most = 10_000;

/** All connections by name, for those who look one up: the first page at once, the others as they come. */
export function useEveryConnection(state?: 'archived'): readonly Connection[] {
  const { client } = useApi();
  const wanted = state === undefined ? {} : { state };
  const first = useCall('connections.list', { ...wanted, limit: pageSize }).data;
  const [rest, setRest] = useState<readonly Connection[]>([]);
  const total = Math.min(first?.total ?? 0, most);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const read = async (): Promise<void> => {
      const found: Connection[] = [];
      for (let offset = pageSize; offset < total && !signal.aborted; offset += pageSize) {
        const filter = state === undefined ? {} : { state };
        const page = await client.connections.list({ ...filter, offset, limit: pageSize }, { signal });
        found.push(...page.items);
      }
      if (!signal.aborted) setRest(found);
    };
    // What could not be read keeps its id, as what is gone does.
    read().catch(() => undefined);
    return () => controller.abort();
  }, [client, state, total]);
  return useMemo(() => [...(first?.items ?? []), ...rest], [first, rest]);
}
