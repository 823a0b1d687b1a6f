import { type RefObject, startTransition, useCallback, useEffect, useRef, useState } from 'react';
import type { Job } from '../preload/contract/models.ts';
import { useApi, useEvent } from './api.ts';

/** The current time, renewed every `milliseconds`; for relative times and countdowns. */
export function useNow(milliseconds = 30_000): number {
  const { ticks } = useApi();
  const [now, setNow] = useState(Date.now);
  useEffect(() => ticks.every(milliseconds, () => setNow(Date.now())), [ticks, milliseconds]);
  return now;
}

/**
 * Lays the progress events over a job that was read: lists are read seldom, progress comes ten times a second. What
 * ended stays ended; otherwise a reading that came after the event knows better whether it is paused, and by whom.
 */
export function useLive(): (job: Job) => Job {
  const [live, setLive] = useState<ReadonlyMap<string, Job>>(new Map());
  // Every reading brings new objects: which ones were there before an event tells what is older.
  const order = useRef({ next: 0, of: new WeakMap<Job, number>() });
  const numberOf = (job: Job): number => {
    const { of } = order.current;
    const known = of.get(job);
    if (known !== undefined) return known;
    const given = order.current.next++;
    of.set(job, given);
    return given;
  };
  useEvent('sync.progressed', (job) => {
    numberOf(job);
    setLive((known) => new Map(known).set(job.id, job));
  });
  // The same until something is told, so that what is reckoned with it need not be reckoned again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the numbers are kept apart from drawing
  return useCallback(
    (job) => {
      const seen = live.get(job.id);
      if (!seen || job.finishedAt !== null) return job;
      if (seen.finishedAt !== null) return seen;
      const same = seen.status === job.status && seen.pausedBy === job.pausedBy;
      return same || numberOf(job) < numberOf(seen) ? seen : job;
    },
    [live],
  );
}

/**
 * How many of `total` things of a list are drawn now: at once those that fill a window, the others by so many in the moments
 * after, while keys and presses are heard in between.
 */
export function useGrowing(total: number, first: number, step = first): number {
  const [count, setCount] = useState(first);
  useEffect(() => {
    if (count >= total) return undefined;
    // Behind the frame that shows what is there already.
    const frame = requestAnimationFrame(() => startTransition(() => setCount(count + step)));
    return () => cancelAnimationFrame(frame);
  }, [count, total, step]);
  return Math.min(count, total);
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

/** Keeps the last answer while the next one is on its way, so that typing does not empty a list. */
export function useKept<T>(data: T | undefined): T | undefined {
  const kept = useRef(data);
  if (data !== undefined) kept.current = data;
  return data ?? kept.current;
}

/** The same, for as long as the component is there: what comes late must not close what was opened since. */
export function useWhileThere(act: () => void): () => void {
  const there = useRef(false);
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  return useCallback(() => {
    if (there.current) latest.current();
  }, []);
}
