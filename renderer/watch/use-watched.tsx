import { createContext, type ReactNode, useContext, useMemo, useRef } from 'react';
import type { WireError } from '../../preload/contract/errors.ts';
import type { Link } from '../../preload/contract/models.ts';
import { useAccess } from '../access.ts';
import { useCall } from '../api.ts';
import { useLive, useNow } from '../hooks.ts';
import { urgency, type Watched, watch } from './dataset-state.ts';
import { withLiveJob } from './state.ts';

export interface WatchedCall {
  /** Every link, the most urgent first. One that nothing happened to is the same object as before. */
  readonly data: readonly Watched[] | undefined;
  readonly error: WireError | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

const WatchedContext = createContext<WatchedCall | null>(null);

const isAlike = (one: Watched, other: Watched): boolean =>
  one.link === other.link &&
  one.dataset?.job === other.dataset?.job &&
  one.asOf === other.asOf &&
  one.state.data === other.state.data &&
  one.state.doing === other.state.doing &&
  one.state.need === other.state.need;

const byUrgency = (a: Watched, b: Watched): number =>
  urgency(a.state) - urgency(b.state) ||
  a.link.projectName.localeCompare(b.link.projectName) ||
  a.link.sourceName.localeCompare(b.link.sourceName);

/** Reckons the states of all links, once for everything in it. */
export function Watching({ children }: { readonly children: ReactNode }) {
  const links = useCall('links.list', {});
  const access = useAccess();
  const reads = access.may('authorise_sources') && access.may('run_syncs');
  const now = useNow();
  const live = useLive();
  const before = useRef<ReadonlyMap<Link, Watched>>(new Map());
  const data = useMemo(() => {
    const known = new Map<Link, Watched>();
    for (const link of links.data ?? []) {
      const dataset = link.dataset && withLiveJob(link.dataset, live);
      const made = { ...watch(dataset === link.dataset ? link : { ...link, dataset }, reads, now), link };
      const was = before.current.get(link);
      known.set(link, was && isAlike(was, made) ? was : made);
    }
    before.current = known;
    return links.data && [...known.values()].sort(byUrgency);
  }, [links.data, live, reads, now]);
  const { error, loading, reload } = links;
  const watched = useMemo(() => ({ data, error, loading, reload }), [data, error, loading, reload]);
  return <WatchedContext value={watched}>{children}</WatchedContext>;
}

/** Every link with its state as it is now, the most urgent first; of one project where that is given. */
export function useWatched(projectId?: string): WatchedCall {
  const all = useContext(WatchedContext);
  if (!all) throw new Error('nothing watches above this component');
  return useMemo(
    () =>
      projectId === undefined
        ? all
        : { ...all, data: all.data?.filter(({ link }) => link.projectId === projectId) },
    [all, projectId],
  );
}
