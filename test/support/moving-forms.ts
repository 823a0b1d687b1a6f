import { type Exchange, type ExchangeAnswer, ExchangeFailed } from '../../main/net/exchange.ts';

/*
 * A list of forms that changes whenever somebody wants it to, with the rules of CommCare HQ's: in the order of the time
 * of indexing to the millisecond, forms of one millisecond in any order, those without a time last and in no range.
 * Requests wait until they are told to be computed, and again until they are told to be delivered.
 */

interface Form {
  readonly id: string;
  version: number;
  /** Microseconds since 1970. */
  indexedOn: number | null;
  state: 'live' | 'archived' | 'gone';
}

/** A state of a form that the list showed, and between which moments. */
interface Shown {
  readonly version: number;
  readonly from: number;
  to: number;
}

/** A change that the list does not show yet. */
interface Hidden {
  readonly at: number;
  readonly form: Form;
}

export interface Pending {
  readonly url: URL;
  /** Null before it is computed. */
  body: string | null;
  /** The versions that the list showed when it was computed. */
  snapshot: ReadonlyMap<string, number>;
  /** Whether more follows. */
  more: boolean;
  settle(answer: ExchangeAnswer | null): void;
}

export interface MovingOptions {
  /** 0 ≤ n < 1. */
  readonly random: () => number;
  /** Forms to begin with. */
  readonly forms: number;
  /** How many of the first ones have no time. */
  readonly untimed: number;
  /** Longest time, in ms, that the list shows a form later than it was changed; 0 for none. */
  readonly lagMs: number;
}

const json = (status: number, body: string): ExchangeAnswer => ({
  status,
  contentType: 'application/json',
  retryAfter: null,
  body: Buffer.from(body),
});

/** As HQ writes it; older versions left out a fraction that is zero. */
function written(micros: number): string {
  const whole = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19);
  const fraction = micros % 1_000_000;
  return fraction === 0 ? `${whole}Z` : `${whole}.${String(fraction).padStart(6, '0')}Z`;
}

const millisOf = (text: string): number => Date.parse(`${text.slice(0, 23)}Z`);

export function createMovingForms({ random, forms: count, untimed, lagMs }: MovingOptions) {
  const below = (n: number): number => Math.floor(random() * n);
  const forms = new Map<string, Form>();
  const shown = new Map<string, Shown[]>();
  /** Changes that were made and are not shown yet, the oldest first. */
  const hidden: Hidden[] = [];
  const list = new Map<string, Form>();
  const pending: Pending[] = [];
  let clock = Date.parse('2025-03-01T08:00:00Z') * 1000;
  let moment = 0;

  const show = (form: Form): void => {
    moment += 1;
    const before = shown.get(form.id) ?? [];
    const last = before.at(-1);
    if (last && last.to === Number.POSITIVE_INFINITY) last.to = moment;
    if (form.state === 'live')
      before.push({ version: form.version, from: moment, to: Number.POSITIVE_INFINITY });
    shown.set(form.id, before);
    list.set(form.id, form);
  };
  /** Shows one of the hidden changes: an index has parts, and none waits for another. Those of one form keep their order. */
  const reveal = (): void => {
    const any = hidden[below(hidden.length)]?.form.id;
    const at = hidden.findIndex(({ form }) => form.id === any);
    for (const { form } of at < 0 ? [] : hidden.splice(at, 1)) show(form);
  };
  const changed = (form: Form): void => {
    forms.set(form.id, form);
    if (lagMs === 0) show(form);
    else hidden.push({ at: clock, form });
  };
  const pass = (micros: number): void => {
    clock += micros;
    while (hidden[0] && hidden[0].at < clock - lagMs * 1000) show((hidden.shift() as Hidden).form);
  };
  /** Mostly some time, sometimes less than a millisecond, sometimes to the whole second. */
  const tick = (): void => {
    const kind = below(8);
    pass(kind < 2 ? below(900) : kind === 2 ? 1_000_000 - (clock % 1_000_000) : 1000 * (1 + below(20_000)));
  };

  const add = (): void => {
    changed({ id: `form-${forms.size}`, version: 1, indexedOn: clock, state: 'live' });
  };
  /** Forms that still get the time of the one before. */
  let sameTime = 0;
  for (let n = 0; n < count; n += 1) {
    if (sameTime === 0) tick();
    sameTime = sameTime > 0 ? sameTime - 1 : below(20) === 0 ? below(30) : 0;
    add();
    reveal();
    const form = forms.get(`form-${n}`);
    if (form && n < untimed) form.indexedOn = null;
  }

  const one = (state: Form['state']): Form | undefined => {
    const all = [...forms.values()].filter((form) => form.state === state);
    return all[below(all.length)];
  };
  /** Changes something. */
  const move = (): void => {
    tick();
    const kind = below(10);
    const live = one('live');
    const archived = one('archived');
    if (kind < 2 || !live) add();
    else if (kind < 7) changed({ ...live, version: live.version + 1, indexedOn: clock });
    else if (kind === 7) changed({ ...live, state: 'gone' });
    else if (kind === 8 || !archived) changed({ ...live, state: 'archived', indexedOn: clock });
    else changed({ ...archived, version: archived.version + 1, state: 'live', indexedOn: clock });
  };

  const rowsFor = (query: URLSearchParams): Form[] => {
    const [start, end] = [query.get('indexed_on_start'), query.get('indexed_on_end')];
    const millis = ({ indexedOn }: Form): number =>
      indexedOn === null ? Number.POSITIVE_INFINITY : Math.floor(indexedOn / 1000);
    return [...list.values()]
      .filter((form) => form.state === 'live')
      .filter((form) => (start === null && end === null) || form.indexedOn !== null)
      .filter((form) => start === null || millis(form) >= millisOf(start))
      .filter((form) => end === null || millis(form) <= millisOf(end))
      .map((form) => ({ form, tie: random() }))
      .sort((a, b) => (millis(a.form) === millis(b.form) ? a.tie - b.tie : millis(a.form) - millis(b.form)))
      .map(({ form }) => form);
  };
  const compute = (request: Pending): void => {
    const query = request.url.searchParams;
    const rows = rowsFor(query);
    const [limit, offset] = ['limit', 'offset'].map((name) => Number(query.get(name) ?? 0)) as [
      number,
      number,
    ];
    const page = rows.slice(offset, offset + limit);
    const next = offset + limit < rows.length ? `?limit=${limit}&offset=${offset + limit}` : null;
    const objects = page.map(({ id, version, indexedOn }) => ({
      id,
      version,
      indexed_on: indexedOn === null ? null : written(indexedOn),
      form: { '@xmlns': 'http://forms.test/one' },
      attachments: { 'form.xml': {}, [`photo-${version}.jpg`]: {} },
    }));
    request.more = next !== null;
    request.body = JSON.stringify({ meta: { limit, offset, total_count: rows.length, next }, objects });
    request.snapshot = now();
  };

  /** The versions that the list shows. */
  const now = (): ReadonlyMap<string, number> =>
    new Map(
      [...list.values()].filter(({ state }) => state === 'live').map((form) => [form.id, form.version]),
    );

  const exchange: Exchange = ({ url }, signal) =>
    new Promise((resolve, reject) => {
      const request: Pending = {
        url: new URL(url),
        body: null,
        snapshot: new Map(),
        more: false,
        settle(answer) {
          pending.splice(pending.indexOf(request), 1);
          if (answer) resolve(answer);
          else reject(new ExchangeFailed(null));
        },
      };
      pending.push(request);
      signal.addEventListener('abort', () => pending.includes(request) && request.settle(null), {
        once: true,
      });
    });

  return {
    exchange,
    pending,
    move,
    reveal,
    compute,
    now,
    /** Hours go by. */
    pause: (): void => pass(1000 * (3_600_000 + below(3_600_000))),
    deliver: (request: Pending): void => request.settle(json(200, request.body ?? '')),
    deliverInstead: (request: Pending, body: string): void => request.settle(json(200, body)),
    fail: (request: Pending): void => request.settle(json(500, '')),
    /** The moment it is; each change that is shown is a new one. */
    moment: (): number => moment,
    /** The states that the list showed of a form. */
    shownOf: (id: string): readonly Shown[] => shown.get(id) ?? [],
    ids: (): string[] => [...shown.keys()],
  };
}
