import { useEffect, useRef, useState } from 'react';
import type { Client } from '../../../preload/contract/client.ts';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { Input } from '../../../preload/contract/methods.ts';
import { type Action, useAction } from '../../api.ts';

/** The largest page there is. */
const pageSize = 500;
/** As many as can be changed at once. */
const mostIds = 10_000;
/** Steps the progress is told in; each is one call, and one entry of the log. */
const steps = 40;
const smallestStep = 4;

export interface TestProgress {
  /** Undefined while it is collected what to test. */
  readonly all: number | undefined;
  readonly done: number;
  readonly ok: number;
  readonly failed: readonly { readonly id: string; readonly name: string; readonly error: WireError }[];
}

/** The ids of all that fit, page by page. */
export async function collectIds(
  client: Client,
  filter: Omit<Input<'connections.list'>, 'offset' | 'limit'>,
  signal: AbortSignal,
  wanted: (may: 'see' | 'use' | 'manage') => boolean = () => true,
): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = 0; offset < mostIds; offset += pageSize) {
    const page = await client.connections.list({ ...filter, offset, limit: pageSize }, { signal });
    for (const each of page.items) if (wanted(each.may)) ids.push(each.id);
    if (offset + pageSize >= page.total) break;
  }
  return ids;
}

export interface TestAll {
  readonly progress: TestProgress | null;
  readonly action: Action<[ids: readonly string[] | null], boolean>;
  readonly close: () => void;
}

/** Tests many, a step at a time, so that one sees how far it is; null tests all that fit the filter. */
export function useTestAll(filter: Omit<Input<'connections.list'>, 'offset' | 'limit'>): TestAll {
  const [progress, setProgress] = useState<TestProgress | null>(null);
  const action = useAction(async (client, signal, chosen: readonly string[] | null) => {
    let state: TestProgress = { all: undefined, done: 0, ok: 0, failed: [] };
    setProgress(state);
    const ids =
      chosen ?? (await collectIds(client, { ...filter, state: 'active' }, signal, (may) => may !== 'see'));
    state = { ...state, all: ids.length };
    setProgress(state);
    const step = Math.max(smallestStep, Math.ceil(ids.length / steps));
    for (let from = 0; from < ids.length; from += step) {
      const part = ids.slice(from, from + step);
      const { tested, ok, failed } = await client.connections.testAll({ ids: part }, { signal });
      // Those that are turned off or not one's own are left out by the core.
      const all = (state.all ?? 0) - (part.length - tested);
      state = { all, done: state.done + tested, ok: state.ok + ok, failed: [...state.failed, ...failed] };
      setProgress(state);
    }
    return true;
  });
  // Nobody would see how it goes, or could stop it.
  const stop = useRef(action.cancel);
  stop.current = action.cancel;
  useEffect(() => () => stop.current(), []);
  return { progress, action, close: () => setProgress(null) };
}
