import { useCall } from '../api.ts';
import { isGood } from '../components/session/credential-state.ts';
import type { Tone } from '../components/status.tsx';
import { t } from '../i18n/index.ts';
import type { Watched } from '../watch/dataset-state.ts';
import { connectionCounts, connectionOverview } from '../watch/state.ts';

/** A small count beside an entry of the navigation. */
export interface NavMark {
  readonly tone: Tone;
  readonly count: number;
  /** What is counted, in words. */
  readonly text: string;
}

/** Counts beside the screens that want a look: failing connections, syncs that failed, want a review or run, sign-ins that ran out. */
export function useMarks(watched: readonly Watched[]): ReadonlyMap<string, NavMark> {
  const overview = useCall('connections.list', connectionOverview).data;
  const failing = overview === undefined ? 0 : connectionCounts(overview).failing;
  const states = watched.map(({ state }) => state);
  const running = states.filter(({ doing }) => doing === 'running').length;
  const held = states.filter(({ need }) => need === 'review').length;
  // What waits for a sign-in is among the credentials, a database among the connections.
  const failed = states.filter(({ doing }) => doing === 'failed').length;
  const expired = useCall('credentials.list', {}).data?.filter((each) => !isGood(each)).length ?? 0;
  const unread = useCall('notices.list', {}).data?.unread ?? 0;
  const marks = new Map<string, NavMark>();
  const mark = (path: string, tone: Tone, count: number, say: (count: number) => string): void => {
    if (count > 0 && !marks.has(path)) marks.set(path, { tone, count, text: say(count) });
  };
  mark('inbox', 'warn', unread, (count) => t('inbox.unread', { count }));
  mark('connections', 'bad', failing, (count) => t('shell.failing', { count }));
  mark('runs', 'bad', failed, (count) => t('shell.failedSyncs', { count }));
  mark('runs', 'held', held, (count) => t('shell.held', { count }));
  mark('runs', 'info', running, (count) => t('shell.running', { count }));
  mark('credentials', 'bad', expired, (count) => t('shell.expired', { count }));
  return marks;
}
