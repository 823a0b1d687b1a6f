import type { DomainSpec } from './types.ts';

interface Window {
  readonly ms: number;
  readonly limit: number;
}

/** The limits for N mobile workers: `0.22N+1`/s, `3.04N+10`/min, `130.4N+30`/h, `1000N+50`/day (§2). */
export function limitsFor(n: number): readonly Window[] {
  return [
    { ms: 1000, limit: 0.22 * n + 1 },
    { ms: 60_000, limit: 3.04 * n + 10 },
    { ms: 3_600_000, limit: 130.4 * n + 30 },
    { ms: 86_400_000, limit: 1000 * n + 50 },
  ];
}

const DAY_MS = 86_400_000;

/** The times of the calls of the last day. */
class Bucket {
  readonly #windows: readonly Window[];
  #times: number[] = [];

  constructor(n: number) {
    this.#windows = limitsFor(n);
  }

  /** Seconds until every window has room for one more call; 0 when there is room now. */
  wait(now: number): number {
    let ms = 0;
    for (const window of this.#windows) {
      // The call that has to leave the window before the next one fits.
      const blocking = this.#times.at(-Math.max(1, Math.floor(window.limit)));
      if (blocking !== undefined) ms = Math.max(ms, blocking + window.ms - now);
    }
    return ms / 1000;
  }

  count(now: number): void {
    this.#times.push(now);
    if (this.#times.length % 5000 === 0) this.#times = this.#times.filter((time) => time > now - DAY_MS);
  }
}

/**
 * The throttle of §2: counted per domain over all callers, with a second bucket per billing account; a call
 * passes when either has room in every window, and throttled calls do not count.
 */
export class Throttle {
  readonly #clock: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  #bucket(key: string, n: number): Bucket {
    const bucket = this.#buckets.get(key) ?? new Bucket(n);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** Seconds to wait, 0 when the call may pass (and is counted). */
  take(spec: DomainSpec): number {
    if (spec.throttle !== true) return 0;
    const now = this.#clock();
    const buckets = [this.#bucket(`domain ${spec.name}`, spec.activeMobileWorkers ?? 0)];
    if (spec.billing !== undefined)
      buckets.push(this.#bucket(`account ${spec.billing.account}`, spec.billing.users));
    const wait = Math.min(...buckets.map((bucket) => bucket.wait(now)));
    if (wait <= 0) for (const bucket of buckets) bucket.count(now);
    return wait;
  }
}
