import type { WireError } from '../../preload/contract/errors.ts';
import { useAccess } from '../access.ts';
import { useCall } from '../api.ts';
import { useLive, useNow } from '../hooks.ts';
import { urgency, type Watched, watch } from './dataset-state.ts';
import { withLiveJob } from './state.ts';

/** Every link with its state as it is now, the most urgent first; of one project where that is given. */
export function useWatched(projectId?: string): {
  data: Watched[] | undefined;
  error: WireError | undefined;
  loading: boolean;
  reload: () => void;
} {
  // The rail asks for all of them anyway, so that one answer serves every screen.
  const links = useCall('links.list', {});
  const access = useAccess();
  const reads = access.may('authorise_sources') && access.may('run_syncs');
  const now = useNow();
  const live = useLive();
  const data = links.data
    ?.filter((link) => projectId === undefined || link.projectId === projectId)
    .map((link) =>
      watch(link.dataset ? { ...link, dataset: withLiveJob(link.dataset, live) } : link, reads, now),
    )
    .sort(
      (a, b) =>
        urgency(a.state) - urgency(b.state) ||
        a.link.projectName.localeCompare(b.link.projectName) ||
        a.link.sourceName.localeCompare(b.link.sourceName),
    );
  return { ...links, data };
}
