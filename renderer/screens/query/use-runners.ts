import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useApi } from '../../api.ts';
import type { AskPlace } from './place.ts';
import { createRunner, type Run, type Runner } from './result/run.ts';

export interface Runners {
  of(tabId: string): Runner;
  drop(tabId: string): void;
  /** Tabs in which something runs now. */
  readonly running: ReadonlySet<string>;
}

/** One runner a tab, for as long as the screen is there; what they have open at the server ends with it. */
export function useRunners(place: AskPlace): Runners {
  const { client } = useApi();
  const all = useRef(new Map<string, Runner>());
  const told = useRef(new Set<() => void>());
  const running = useRef<ReadonlySet<string>>(new Set());
  const look = () => {
    const now = [...all.current].filter(([, { state }]) => state.kind === 'running').map(([id]) => id);
    if (now.length === running.current.size && now.every((id) => running.current.has(id))) return;
    running.current = new Set(now);
    for (const listener of told.current) listener();
  };
  const latest = useRef(look);
  latest.current = look;
  const shown = useSyncExternalStore(
    useRef((listener: () => void) => {
      told.current.add(listener);
      return () => void told.current.delete(listener);
    }).current,
    () => running.current,
  );
  useEffect(() => {
    const runners = all.current;
    return () => {
      for (const runner of runners.values()) runner.close();
    };
  }, []);
  return {
    running: shown,
    of(tabId) {
      const known = all.current.get(tabId);
      if (known) return known;
      const made = createRunner(client, place, () => performance.now());
      made.subscribe(() => latest.current());
      all.current.set(tabId, made);
      return made;
    },
    drop(tabId) {
      all.current.get(tabId)?.close();
      all.current.delete(tabId);
    },
  };
}

export function useRun(runner: Runner): Run {
  return useSyncExternalStore(runner.subscribe, () => runner.state);
}
