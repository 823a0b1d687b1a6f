import { useEffect, useState } from 'react';
import type { Job } from '../preload/contract/models.ts';
import { useEvent } from './api.ts';

/** The current time, renewed every `milliseconds`; for relative times and countdowns. */
export function useNow(milliseconds = 30_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
  return now;
}

const rank: Record<Job['status'], number> = {
  queued: 0,
  paused: 1,
  running: 1,
  completed: 2,
  failed: 2,
  cancelled: 2,
};

/** Lays the progress events over a job that was read: lists are read seldom, progress comes ten times a second. */
export function useLive(): (job: Job) => Job {
  const [live, setLive] = useState<ReadonlyMap<string, Job>>(new Map());
  useEvent('sync.progressed', (job) => setLive((known) => new Map(known).set(job.id, job)));
  return (job) => {
    const seen = live.get(job.id);
    return seen && rank[seen.status] >= rank[job.status] ? seen : job;
  };
}
