import type { Entry, Turn } from '../../schedule/timetable.ts';
import { removeOverdue } from '../connections/deleted.ts';
import type { Services } from '../context.ts';
import { dropReplaced } from '../projects/replace.ts';
import { lookAtTargets } from './activity.ts';
import { expireIdle } from './expire.ts';
import { refreshDue } from './refresh.ts';
import { applyRetention } from './retention.ts';
import { renewSignIns } from './sign-ins.ts';

/** What else Headgate looks after by itself; each minds that it does not run twice at once, and never rejects. */
export interface Chores {
  readonly network: () => Promise<void>;
  readonly lentLogins: () => Promise<void>;
  readonly rotations: () => Promise<void>;
  readonly notices: () => Promise<void>;
}

/** What is over goes: deleted connections whose days are, and whatever grows. */
async function tidyUp(services: Services, now: number, stop: AbortSignal): Promise<Turn> {
  const removed = removeOverdue(services, now);
  const turn = await applyRetention(services, stop);
  return { ...turn, count: turn.count + removed };
}

/** The timetable: what is done by the clock, and how often. */
export function timetableEntries(services: Services, chores: Chores, stop: AbortSignal): readonly Entry[] {
  // Not waited for: a database that does not answer must keep nobody from closing.
  const quietly = (work: () => Promise<void>) => () => {
    void work();
    return { count: 0 };
  };
  return [
    { name: 'resume', every: 1, run: () => ({ count: services.jobs.takeUp() }) },
    { name: 'refresh', every: 1, run: () => refreshDue(services) },
    { name: 'activity', every: 5, run: () => lookAtTargets(services, stop) },
    { name: 'expire', every: 60, at: 15, run: () => expireIdle(services, stop) },
    { name: 'replaced', every: 1, run: () => dropReplaced(services, stop) },
    { name: 'tokens', every: 15, run: () => renewSignIns(services, stop) },
    { name: 'retention', every: 60, at: 40, run: (now) => tidyUp(services, now, stop) },
    { name: 'health', every: 1, run: quietly(services.health.checkDue) },
    { name: 'network', every: 1, run: quietly(chores.network) },
    { name: 'logins', every: 1, run: quietly(chores.lentLogins) },
    { name: 'rotations', every: 1, run: quietly(chores.rotations) },
    { name: 'notices', every: 1, run: quietly(chores.notices) },
  ];
}
