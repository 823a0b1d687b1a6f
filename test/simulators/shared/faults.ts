import type { FaultKind, FaultRule, Faults, RecordedRequest } from './types.ts';

interface Armed {
  readonly rule: FaultRule;
  seen: number;
  left: number;
}

const FAULT_KINDS: readonly FaultKind[] = [
  'cut',
  'truncated',
  'repeat',
  'status',
  'slow',
  'wrongJson',
  'html',
  'hang',
  'resetBeforeHeaders',
];

function matcher(match: FaultRule['match'], kinds: readonly string[]): (request: RecordedRequest) => boolean {
  if (typeof match === 'string' && kinds.includes(match)) {
    return (request) => request.kind === match;
  }
  const pattern = new RegExp(match);
  return (request) => {
    pattern.lastIndex = 0;
    return pattern.test(`${request.method} ${request.path}`);
  };
}

/** The rules waiting to spoil answers; the first that matches and is due wins. */
export class FaultList<K extends string> implements Faults<K> {
  readonly #kinds: readonly K[];
  #armed: (Armed & { readonly matches: (request: RecordedRequest) => boolean })[] = [];
  fired = 0;
  latencyMs: number;

  constructor(kinds: readonly K[], latencyMs: number) {
    this.#kinds = kinds;
    this.latencyMs = latencyMs;
  }

  add(...rules: readonly FaultRule<K>[]): void {
    for (const rule of rules) {
      if (!FAULT_KINDS.includes(rule.kind)) throw new TypeError(`Unknown fault kind ${String(rule.kind)}`);
      const times = rule.times ?? 1;
      this.#armed.push({
        rule,
        matches: matcher(rule.match, this.#kinds),
        seen: 0,
        left: times === 'always' ? Number.POSITIVE_INFINITY : times,
      });
    }
  }

  clear(): void {
    this.#armed = [];
  }

  setLatency(ms: number): void {
    this.latencyMs = ms;
  }

  /** The rule to apply to a request, if any; counts the request for every rule it matches. */
  take(request: RecordedRequest): FaultRule | undefined {
    let chosen: FaultRule | undefined;
    for (const armed of this.#armed) {
      if (!armed.matches(request)) continue;
      armed.seen += 1;
      if (chosen !== undefined || armed.left <= 0 || armed.seen <= (armed.rule.after ?? 0)) continue;
      armed.left -= 1;
      chosen = armed.rule;
    }
    if (chosen !== undefined) this.fired += 1;
    return chosen;
  }
}
