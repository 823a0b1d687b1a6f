import type { AnsweredRequest, RecordedRequest, Stats } from './types.ts';

const KEEP = 1000;

/** Counts requests and remembers the last 1000, without any header. */
export class StatsBook<K extends string> implements Stats<K> {
  readonly requests: Record<K, number>;
  readonly byStatus: Record<number, number> = {};
  bytes = 0;
  inFlight = 0;
  maxInFlight = 0;
  readonly #recent: AnsweredRequest<K>[] = [];

  constructor(kinds: readonly K[]) {
    this.requests = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<K, number>;
  }

  get recent(): readonly AnsweredRequest<K>[] {
    return this.#recent.slice(-KEEP);
  }

  begin(kind: K, method: string, path: string): RecordedRequest<K> {
    this.requests[kind] += 1;
    this.inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
    return { kind, method, path, nth: this.requests[kind] };
  }

  /** `status` 0 stands for an answer that never began. */
  end(request: RecordedRequest<K>, status: number, bytes: number): void {
    this.inFlight -= 1;
    this.bytes += bytes;
    this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
    this.#recent.push({ ...request, status, bytes });
    if (this.#recent.length > KEEP * 2) this.#recent.splice(0, KEEP);
  }

  toJSON(): Stats<K> {
    const { requests, byStatus, bytes, inFlight, maxInFlight, recent } = this;
    return { requests, byStatus, bytes, inFlight, maxInFlight, recent };
  }
}
