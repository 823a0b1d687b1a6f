import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { type Answered, startFront } from './front-server.ts';
import type { HistoryHq } from './history-hq.ts';

/** What a request of forms is for, as a refresh by changes asks them. */
export type AskedFor = 'head' | 'changes' | 'count' | 'slice' | 'everything';

export function askedFor(query: URLSearchParams): AskedFor {
  const order = query.get('order_by');
  if (order === '-indexed_on') return 'head';
  if (order === 'received_on') return query.get('limit') === '1' ? 'count' : 'slice';
  return query.has('include_archived') ? 'changes' : 'everything';
}

/** A project space with a history, for programs of their own to read: its forms and applications; all else is the simulator's. */
export interface HistoryServer extends AsyncDisposable {
  readonly url: string;
  readonly sim: HqSimulator;
  /** Told of each request of forms, before it is answered and when the answer is made. */
  watch: ((asked: AskedFor, when: 'before' | 'after') => void | Promise<void>) | null;
}

export async function startHistory(hq: HistoryHq): Promise<HistoryServer> {
  const sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 0, cases: 0, seed: 1 }] });
  const answer = async (url: URL): Promise<Answered> => {
    const isForms = url.pathname.includes('/form/');
    const asked = askedFor(url.searchParams);
    if (isForms) await place.watch?.(asked, 'before');
    const { status, body, contentType } = await hq.exchange(
      { url: url.href } as Parameters<HistoryHq['exchange']>[0],
      new AbortController().signal,
    );
    if (isForms) await place.watch?.(asked, 'after');
    return { status, body, headers: { 'content-type': contentType ?? 'application/json' } };
  };
  const front = await startFront(sim.url, undefined, (url) =>
    /^\/a\/demo\/api\/(form|application)\//.test(url.pathname) ? answer(url) : null,
  );
  const place: HistoryServer = {
    ...{ url: front.url, sim, watch: null },
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await sim.close();
    },
  };
  return place;
}
