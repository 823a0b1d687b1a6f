import { useEffect, useMemo, useRef, useState } from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { AuditEntry, AuditFilter } from '../../../preload/contract/models.ts';
import { useAction, useCall } from '../../api.ts';

/** So many entries come at once. */
export const pageOfEntries = 100;

/** New ones put before those that are known; without a way to know that nothing is missing between, only the new ones. */
export function merged(
  known: readonly AuditEntry[],
  newest: readonly AuditEntry[],
  whole: boolean,
): AuditEntry[] {
  // All that there is: what was known besides is gone.
  if (whole) return [...newest];
  const first = known[0];
  const joins = first === undefined || newest.some(({ seq }) => seq <= first.seq);
  if (!joins) return [...newest];
  const there = new Set(newest.map(({ seq }) => seq));
  return [...newest, ...known.filter(({ seq }) => !there.has(seq))].sort((a, b) => b.seq - a.seq);
}

interface Entries {
  /** Newest first; undefined before the first answer. */
  readonly data: readonly AuditEntry[] | undefined;
  readonly error: WireError | undefined;
  readonly reload: () => void;
  /** Whether there are older ones than those. */
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly reading: boolean;
  readonly moreError: WireError | undefined;
}

/**
 * The entries that fit, from the newest on, a page more with each `more`. The log only grows at its new end, so what was read
 * of it stays as it is: the next page begins before the oldest entry that is known.
 */
export function useEntries(filter: AuditFilter): Entries {
  // One more than is shown tells whether there are older ones.
  const list = useCall('audit.list', { ...filter, limit: pageOfEntries + 1 });
  const [known, setKnown] = useState<readonly AuditEntry[]>([]);
  const [ended, setEnded] = useState(false);
  const answered = useRef(list.data);
  const newest = list.data;
  useEffect(() => {
    if (newest === undefined || newest === answered.current) return;
    answered.current = newest;
    setKnown((before) => merged(before, newest.slice(0, pageOfEntries), newest.length <= pageOfEntries));
  }, [newest]);
  const page = useAction((client, signal, before: number) =>
    client.audit.list({ ...filter, before, limit: pageOfEntries + 1 }, { signal }),
  );
  const data = useMemo(
    () =>
      list.data === undefined ? undefined : known.length > 0 ? known : list.data.slice(0, pageOfEntries),
    [list.data, known],
  );
  const last = data?.at(-1);
  const hasMore = !ended && (list.data?.length ?? 0) > pageOfEntries;
  const more = async (): Promise<void> => {
    if (last === undefined) return;
    const older = await page.run(last.seq);
    if (!older) return;
    setKnown((before) => [...(before.length > 0 ? before : (data ?? [])), ...older.slice(0, pageOfEntries)]);
    if (older.length <= pageOfEntries) setEnded(true);
  };
  return {
    ...{ data, error: list.error, reload: list.reload, hasMore },
    more: () => void more(),
    reading: page.busy,
    moreError: page.error,
  };
}
