import { useEffect, useState } from 'react';
import type { Job } from '../../preload/contract/models.ts';
import { fetchedRecords } from './state.ts';

/** Between this and now it is measured how fast a run reads. */
const spanMs = 15_000;
/** Less than this says nothing yet. */
const leastMs = 1000;

interface Sample {
  readonly at: number;
  readonly fetched: number;
}

export interface Pace {
  /** Records per second; null while that is not known. */
  readonly perSecond: number | null;
  /** Until everything that was announced is read; null where that can't be said. */
  readonly leftMs: number | null;
}

/** How fast between the first and the last of some samples. */
export function paceOf(samples: readonly Sample[], remaining: number | null): Pace {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < leastMs || last.fetched <= first.fetched)
    return { perSecond: null, leftMs: null };
  const perSecond = ((last.fetched - first.fetched) * 1000) / (last.at - first.at);
  return { perSecond, leftMs: remaining === null ? null : (remaining / perSecond) * 1000 };
}

/** What is still to be read; null while a dataset has not said how many it has. */
export function remainingOf(job: Job): number | null {
  if (job.tables.some(({ total }) => total === null)) return null;
  return job.tables.reduce((sum, { fetched, total }) => sum + Math.max(0, (total ?? 0) - fetched), 0);
}

/** How fast a run reads, from what it told in the last seconds. */
export function usePace(job: Job): Pace {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const fetched = fetchedRecords(job);
  const reads = job.status === 'running' && job.phase === 'reading' && job.waitingUntil === null;
  useEffect(() => {
    const at = Date.now();
    setSamples((known) => (reads ? [...known.filter((each) => each.at > at - spanMs), { at, fetched }] : []));
  }, [fetched, reads]);
  return reads ? paceOf(samples, remainingOf(job)) : { perSecond: null, leftMs: null };
}
