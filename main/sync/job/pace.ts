import type { Job } from '../../../preload/contract/models.ts';

/** Windows are told of progress at most so often, of all jobs together: ten times a second. */
const stepMs = 100;

export interface Pace {
  readonly now: () => number;
  readonly later: (act: () => void, ms: number) => void;
}

/**
 * Tells the progress of jobs at a pace at which a window can draw: of each job the newest, in turns; that one began, paused
 * or ended at once.
 */
export function paceProgress(tell: (job: Job) => void, { now, later }: Pace): (job: Job) => void {
  const waiting = new Map<string, Job>();
  const told = new Map<string, string>();
  let [last, isPlanned] = [Number.NEGATIVE_INFINITY, false];
  const say = (job: Job): void => {
    waiting.delete(job.id);
    if (job.finishedAt === null) told.set(job.id, job.status);
    else told.delete(job.id);
    last = now();
    tell(job);
  };
  const next = (): void => {
    isPlanned = false;
    // The one that has waited longest: what comes again keeps its place.
    const [job] = waiting.values();
    if (job) say(job);
    plan();
  };
  const plan = (): void => {
    if (isPlanned || waiting.size === 0) return;
    isPlanned = true;
    later(next, Math.max(0, last + stepMs - now()));
  };
  return (job) => {
    if (job.finishedAt !== null || told.get(job.id) !== job.status) return say(job);
    waiting.set(job.id, job);
    plan();
  };
}
