import type { Gate } from '../../connectors/http.ts';
import { longestNamedWaitMs } from '../../retries.ts';
import { believable } from '../../store/until.ts';

/** The windows that sources count requests in, in ms: a second, a minute, an hour. */
const windows = [1000, 60_000, 3_600_000] as const;
/** Fewer than so many requests in a window say nothing about its limit: somebody else may have used it up. */
const evidence = [1, 5, 20] as const;
/** After a refusal so much of what went through before it is asked for: just below what the source lets through. */
const share = 0.9;
/**
 * What was learnt holds until more is tried: after so long without a refusal one step more is let through, two more
 * after as long again, then three. Right below a limit that is real it is asked for rarely so; one that was learnt from a
 * few requests, or from what others used up, is left behind within minutes.
 */
const probeMs = [20_000, 60_000, 60_000] as const;
/** A step is so many requests of each window, or this share of a larger limit. */
const probeLeast = [1, 1, 10] as const;
const probeShare = 0.02;
/** Requests remembered per source; one that sends more an hour is not limited by the hour. */
const longestMemory = 20_000;
/** How old the state may be that another process may have changed. */
const reloadMs = 1000;

/** How many requests a window takes, and when that was learnt (ms since 1970). */
interface Learnt {
  readonly limit: number;
  readonly at: number;
}

/** What outlives the process. */
interface Kept {
  readonly learnt: readonly (Learnt | null)[];
  /** Nobody asks before this moment, in ms since 1970. */
  readonly blockedUntil: number;
  /** When that was said. */
  readonly blockedAt: number;
}

interface Known {
  kept: Kept;
  loadedAt: number;
  /** When requests were let through, rising. */
  times: number[];
  /** Refusals in a row, each without more than one request let through since the one before. */
  streak: number;
  sinceRefusal: number;
}

export interface BudgetDeps {
  readonly load: (key: string) => unknown;
  readonly save: (key: string, state: object) => void;
  readonly now: () => number;
}

/** What each source lets through, shared by everything in this process that asks it. */
export interface Budgets {
  gate(key: string): Gate;
  /** Nobody asks this source before `until`. */
  block(key: string, until: number): void;
  /** A person wants it asked now; what was learnt about its limits stays. */
  unblock(key: string): void;
  /** What is known of it now. */
  seen(key: string): Pace;
}

/** What a source lets through, as far as its refusals told. */
export interface Pace {
  /** So many requests go through in a window of so many seconds; the shortest window first. */
  readonly limits: readonly { readonly seconds: number; readonly requests: number }[];
  /** Nobody asks before this moment, in ms since 1970; null where anybody may. */
  readonly waitsUntil: number | null;
}

/** Sources count per host, or per connection, and what of it is read, whoever asks. */
export function budgetKey(baseUrl: string, settings: Readonly<Record<string, string>>): string {
  const place = Object.keys(settings)
    .sort()
    .map((name) => settings[name]);
  return [new URL(baseUrl).host || baseUrl, ...place].join(' ');
}

const nothing: Kept = { learnt: windows.map(() => null), blockedUntil: 0, blockedAt: 0 };

/** What was written by a clock that was wrong is not believed: neither a wait nor when something was learnt. */
function readKept(value: unknown, now: number): Kept {
  const { learnt, blockedUntil, blockedAt = 0 } = (value ?? {}) as Partial<Kept>;
  if (!Array.isArray(learnt) || typeof blockedUntil !== 'number') return nothing;
  const iso = (at: number): string => new Date(at).toISOString();
  const wait = { until: iso(blockedUntil), since: iso(blockedAt) };
  const isBlocked = believable(wait, longestNamedWaitMs, iso(now)) !== null;
  return {
    learnt: windows.map((_, at) => {
      const known = (learnt[at] as Learnt | null | undefined) ?? null;
      return known !== null && known.at > now ? { ...known, at: now } : known;
    }),
    blockedUntil: isBlocked ? blockedUntil : 0,
    blockedAt: isBlocked ? blockedAt : 0,
  };
}

/** How many of the rising times are later than `since`. */
function countSince(times: readonly number[], since: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) > since) high = middle;
    else low = middle + 1;
  }
  return times.length - low;
}

/**
 * Learns what a source lets through from its refusals: how many requests went through in the window that was full, and
 * paces below that afterwards. Which window it was follows from how long the source asks to wait; where it does not
 * say, from how often it refused in a row.
 */
export function createBudgets(deps: BudgetDeps): Budgets {
  const all = new Map<string, Known>();

  const known = (key: string): Known => {
    const now = deps.now();
    const found = all.get(key);
    if (found && now - found.loadedAt < reloadMs && now >= found.loadedAt) return found;
    const stored = deps.load(key);
    const kept = readKept(stored, now);
    const budget = found ?? { kept, loadedAt: now, times: [], streak: 0, sinceRefusal: 0 };
    budget.kept = kept;
    budget.loadedAt = now;
    // After the clock was set back, what was let through is not known any more.
    if ((budget.times.at(-1) ?? 0) > now) budget.times = [];
    all.set(key, budget);
    // Written down at once: what is put right with every look would be as wrong at the next one.
    if (stored !== null && JSON.stringify(kept) !== JSON.stringify(stored)) deps.save(key, kept);
    return budget;
  };
  const keep = (key: string, budget: Known, change: Partial<Kept>): void => {
    budget.kept = { ...budget.kept, ...change };
    deps.save(key, budget.kept);
  };
  /** A window's limit by now. While nobody may ask, nothing is learnt of what would be let through. */
  const limitNow = ({ limit, at }: Learnt, window: number, blockedUntil: number, now: number): number => {
    const quiet = Math.max(0, now - Math.max(at, blockedUntil));
    const probes = Math.floor(quiet / (probeMs[window] as number));
    const step = Math.max(probeLeast[window] as number, limit * probeShare);
    return Math.floor(limit + ((probes * (probes + 1)) / 2) * step);
  };

  /** From when on the next request fits, in ms since 1970. */
  const freeAt = ({ kept, times }: Known, now: number): number => {
    let free = kept.blockedUntil;
    windows.forEach((ms, at) => {
      const learnt = kept.learnt[at];
      if (!learnt) return;
      // The request that has to leave the window before the next one fits.
      const blocking = times.at(-limitNow(learnt, at, kept.blockedUntil, now));
      if (blocking !== undefined) free = Math.max(free, blocking + ms);
    });
    return free;
  };

  const block = (key: string, until: number): void => {
    const budget = known(key);
    if (until > budget.kept.blockedUntil) keep(key, budget, { blockedUntil: until, blockedAt: deps.now() });
  };

  return {
    gate: (key) => ({
      enter() {
        const budget = known(key);
        const now = deps.now();
        const free = freeAt(budget, now);
        if (free > now) return Promise.resolve(free);
        budget.times.push(now);
        if (budget.times.length > longestMemory) budget.times.splice(0, longestMemory / 2);
        budget.sinceRefusal += 1;
        return Promise.resolve(now);
      },
      refused(until) {
        const budget = known(key);
        const now = deps.now();
        // What was refused did not go through.
        budget.times.pop();
        budget.streak = budget.sinceRefusal <= 1 ? budget.streak + 1 : 0;
        budget.sinceRefusal = 0;
        const full =
          until === null
            ? Math.min(budget.streak, windows.length - 1)
            : windows.findIndex((ms) => ms >= until - now);
        const at = full < 0 ? windows.length - 1 : full;
        const count = countSince(budget.times, now - (windows[at] as number));
        const learnt = [...budget.kept.learnt];
        if (count >= (evidence[at] as number))
          learnt[at] = { limit: Math.max(1, Math.floor(count * share)), at: now };
        const longer = until !== null && until > budget.kept.blockedUntil;
        keep(key, budget, { learnt, ...(longer ? { blockedUntil: until, blockedAt: now } : {}) });
      },
      closed(until) {
        known(key).times.pop();
        block(key, until);
      },
    }),
    block,
    unblock(key) {
      const budget = known(key);
      if (budget.kept.blockedUntil > 0) keep(key, budget, { blockedUntil: 0, blockedAt: 0 });
    },
    seen(key) {
      const { kept } = known(key);
      const now = deps.now();
      const { learnt, blockedUntil } = kept;
      return {
        limits: windows.flatMap((ms, at) => {
          const of = learnt[at];
          return of ? [{ seconds: ms / 1000, requests: limitNow(of, at, blockedUntil, now) }] : [];
        }),
        waitsUntil: blockedUntil > now ? blockedUntil : null,
      };
    },
  };
}
