import { useEffect, useMemo, useRef, useState } from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { Input } from '../../../preload/contract/methods.ts';
import type { Job } from '../../../preload/contract/models.ts';
import { toWireError, useApi, useCall } from '../../api.ts';

export interface RunPages {
  /** Newest first, as far as they are read; undefined before the first answer. */
  readonly data: readonly Job[] | undefined;
  readonly error: WireError | undefined;
  readonly more: boolean;
  readonly busy: boolean;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

/**
 * The history of runs, page by page. The newest page is read again when something changes; what came before it is over and
 * stays as it is. `ahead`: so many pages are read without being asked for. With `wanted` null nothing is asked.
 */
export function useRunPages(
  wanted: Omit<Input<'syncs.list'>, 'before' | 'limit'> | null,
  limit: number,
  ahead = 1,
): RunPages {
  const { client } = useApi();
  const newest = useCall('syncs.list', wanted && { ...wanted, limit });
  const key = JSON.stringify(wanted);
  const [older, setOlder] = useState<{ key: string; pages: readonly (readonly Job[])[] }>({ key, pages: [] });
  const [state, setState] = useState<{ busy: boolean; error: WireError | undefined }>({
    ...{ busy: false, error: undefined },
  });
  const reading = useRef<string | null>(null);
  const pages = older.key === key ? older.pages : [];
  const last = pages.at(-1) ?? newest.data;
  const more = last !== undefined && last.length === limit;
  const before = last?.at(-1)?.id;

  const loadMore = () => {
    if (!more || before === undefined || wanted === null || reading.current === before) return;
    reading.current = before;
    setState({ busy: true, error: undefined });
    client.syncs.list({ ...wanted, before, limit }).then(
      (page) => {
        setOlder((known) => ({ key, pages: [...(known.key === key ? known.pages : []), page] }));
        setState({ busy: false, error: undefined });
      },
      (error: unknown) => {
        reading.current = null;
        setState({ busy: false, error: toWireError(error) });
      },
    );
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is read next is told by how many pages are there
  useEffect(() => {
    if (more && !state.busy && state.error === undefined && pages.length + 1 < ahead) loadMore();
  }, [more, before, pages.length, state.busy, ahead]);

  const data = useMemo(() => {
    if (!newest.data) return undefined;
    const seen = new Set<string>();
    // The newest page moves on over the ones before it.
    return [newest.data, ...pages].flat().filter(({ id }) => !seen.has(id) && seen.add(id));
  }, [newest.data, pages]);
  return {
    ...{ data, more, loadMore, busy: state.busy, reload: newest.reload },
    error: newest.error ?? state.error,
  };
}
