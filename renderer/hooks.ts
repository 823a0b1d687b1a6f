import { type RefObject, useEffect, useRef, useState } from 'react';
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

/** Leads the eye and the focus to the one thing in a list that another screen pointed at (`?show=<id>`). */
export function useShown<E extends HTMLElement>(shown: boolean): RefObject<E | null> {
  const element = useRef<E>(null);
  useEffect(() => {
    if (!shown) return undefined;
    // A frame later: the page takes the focus to its title first.
    const frame = requestAnimationFrame(() => {
      element.current?.scrollIntoView({ block: 'center' });
      element.current?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [shown]);
  return element;
}
