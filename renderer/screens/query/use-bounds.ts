import { useState } from 'react';
import { longestSeconds, mostQueryRows } from '../../../preload/contract/query-words.ts';
import type { Bounds } from './result/run.ts';

export const usualLimit = 10_000;
/** No time of one's own: the connection says when a query ends. */
export const usualBounds: Bounds = { limit: usualLimit, timeoutSeconds: null };

const keyOf = (personId: string): string => `headgate.query.bounds.${personId}`;
const isWithin = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;

/** What was kept of it; what is none of it is the usual. */
export function boundsOf(text: string | null): Bounds {
  try {
    const { limit, timeoutSeconds } = JSON.parse(text ?? '{}') as Record<string, unknown>;
    return {
      limit: isWithin(limit, mostQueryRows) ? limit : usualBounds.limit,
      timeoutSeconds: isWithin(timeoutSeconds, longestSeconds) ? timeoutSeconds : null,
    };
  } catch {
    return usualBounds;
  }
}

/** How many rows and how long a person lets a query go, kept on this computer for each of them. */
export function useBounds(personId: string): [Bounds, (change: Partial<Bounds>) => void] {
  const [bounds, setBounds] = useState(() => boundsOf(localStorage.getItem(keyOf(personId))));
  const change = (part: Partial<Bounds>): void => {
    const next = { ...bounds, ...part };
    setBounds(next);
    try {
      localStorage.setItem(keyOf(personId), JSON.stringify(next));
    } catch {
      // It holds for now.
    }
  };
  return [bounds, change];
}
