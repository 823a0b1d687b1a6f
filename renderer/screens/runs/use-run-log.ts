import { useCallback, useEffect, useRef, useState } from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { Job, RunLog } from '../../../preload/contract/models.ts';
import { toWireError, useApi } from '../../api.ts';

type Entry = RunLog['entries'][number];

/** The core writes what a run says down once a second; it is asked as often. */
const followMs = 1000;
const pageLimit = 200;

export interface FollowedLog {
  readonly entries: readonly Entry[] | undefined;
  readonly dropped: number;
  readonly error: WireError | undefined;
  readonly reload: () => void;
}

/** Everything that a run said, page by page; while it goes on, and `follow`, what comes is added. */
export function useRunLog({ id, finishedAt, status }: Job, follow: boolean): FollowedLog {
  const { client } = useApi();
  const [log, setLog] = useState<{ entries: readonly Entry[] | undefined; dropped: number }>({
    ...{ entries: undefined, dropped: 0 },
  });
  const [error, setError] = useState<WireError>();
  const last = useRef(0);
  const reading = useRef(false);

  const read = useCallback(async () => {
    if (reading.current) return;
    reading.current = true;
    try {
      for (let more = true; more; ) {
        const page = await client.syncs.log({ id, after: last.current, limit: pageLimit });
        const seen = last.current;
        last.current = page.entries.at(-1)?.seq ?? seen;
        more = page.more;
        const fresh = page.entries.filter(({ seq }) => seq > seen);
        setLog((known) => ({ entries: [...(known.entries ?? []), ...fresh], dropped: page.dropped }));
      }
      setError(undefined);
    } catch (failure) {
      setError(toWireError(failure));
    } finally {
      reading.current = false;
    }
  }, [client, id]);

  // An end, a pause and a start are told at once; between them there is the clock.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of them is a reason to read again
  useEffect(() => {
    void read();
  }, [read, status, finishedAt]);
  useEffect(() => {
    if (finishedAt !== null || !follow) return undefined;
    const timer = setInterval(() => void read(), followMs);
    return () => clearInterval(timer);
  }, [read, finishedAt, follow]);
  return { ...log, error, reload: () => void read() };
}
