import type { JsonObject } from '../../main/connectors/json.ts';
import { type Exchange, ExchangeFailed } from '../../main/net/exchange.ts';
import { isoMicros, parseV1Date } from '../simulators/commcare-hq/time.ts';
import { nextAndPrevious, readLimit, readOffset } from '../simulators/commcare-hq/v1-list.ts';

/*
 * A project space of CommCare HQ whose forms have a history: they arrive, are edited, archived and taken back, are
 * deleted, are indexed anew, late, or by servers whose clocks differ. Its list keeps to the rules of HQ's: both ends of a
 * range are inclusive and compared in whole milliseconds, archived forms are there only when they are asked for, forms of
 * one moment have no order.
 */

export const second = 1_000_000;
export const minute = 60 * second;
export const day = 24 * 60 * minute;

export interface HistoryForm {
  readonly id: string;
  /** Microseconds since 1970. */
  readonly received: number;
  indexed: number;
  state: 'live' | 'archived';
  xmlns: string;
  answers: JsonObject;
  editedOn: number | null;
}

export interface HistoryHq {
  /** Microseconds since 1970, by the clock of the place. */
  now: number;
  readonly forms: Map<string, HistoryForm>;
  /** Most forms of a page. */
  page: number;
  /** The questions of each form, by its xmlns, as its application list has them. */
  repeats: Map<string, readonly string[]>;
  /** Told of each request; what it throws or answers takes the place of the answer. */
  fault: ((url: URL, number: number) => 'cut' | number | null) | null;
  /** How many requests of forms were asked. */
  readonly requests: number;
  /** Each with its query. */
  readonly asked: readonly URLSearchParams[];
  readonly exchange: Exchange;
  /** Forgets the requests. */
  forget(): void;
}

const json = (status: number, body: string) => ({
  status,
  contentType: 'application/json',
  retryAfter: null,
  body: Buffer.from(body),
});

const millis = (micros: number): number => Math.floor(micros / 1000);

export function historyHq(random: () => number, now = Date.UTC(2026, 0, 1) * 1000): HistoryHq {
  const forms = new Map<string, HistoryForm>();
  let asked: URLSearchParams[] = [];
  let number = 0;

  const shown = (form: HistoryForm): JsonObject => ({
    id: form.id,
    domain: 'demo',
    archived: form.state === 'archived',
    received_on: isoMicros(form.received),
    indexed_on: isoMicros(form.indexed),
    server_modified_on: isoMicros(form.indexed),
    edited_on: form.editedOn === null ? null : isoMicros(form.editedOn),
    form: { '@xmlns': form.xmlns, '@name': form.xmlns.split('/').at(-1) ?? '', ...form.answers },
  });

  const list = (url: URL) => {
    const params = new Map(url.searchParams);
    const limit = readLimit(params.get('limit'), hq.page);
    const offset = readOffset(params.get('offset'));
    if (typeof limit === 'string' || typeof offset === 'string') return json(400, '{"error":"no"}');
    let found = [...forms.values()];
    if (!params.has('include_archived')) found = found.filter(({ state }) => state === 'live');
    const times: Record<string, (form: HistoryForm) => number> = {
      received_on: ({ received }) => received,
      indexed_on: ({ indexed }) => indexed,
      server_modified_on: ({ indexed }) => indexed,
    };
    for (const [name, value] of params) {
      if (['limit', 'offset', 'order_by', 'include_archived'].includes(name)) continue;
      const [, field = '', end] = /^(.+)_(start|end)$/.exec(name) ?? [];
      const time = times[field];
      if (time !== undefined) {
        const bound = parseV1Date(value);
        if (bound === undefined)
          return json(400, `{"error":"Bad query parameter: Unknown date format: ${value}"}`);
        found = found.filter((form) =>
          end === 'start' ? millis(time(form)) >= millis(bound) : millis(time(form)) <= millis(bound),
        );
      } else if (name === 'xmlns') found = found.filter(({ xmlns }) => xmlns === value);
      else found = [];
    }
    const order = params.get('order_by') ?? '-received_on';
    const time = times[order.replace('-', '')];
    if (time === undefined) return json(400, '{"error":"No matching field for ordering on."}');
    const sign = order.startsWith('-') ? -1 : 1;
    const ties = new Map(found.map(({ id }) => [id, random()]));
    found.sort(
      (a, b) => sign * (millis(time(a)) - millis(time(b))) || (ties.get(a.id) ?? 0) - (ties.get(b.id) ?? 0),
    );
    const total = found.length;
    const objects = found.slice(offset, offset + limit).map(shown);
    const links = nextAndPrevious({ query: url.searchParams } as never, limit, offset, total);
    return json(200, JSON.stringify({ meta: { limit, offset, total_count: total, ...links }, objects }));
  };

  const applications = () => {
    const modules = [...hq.repeats].map(([xmlns, repeats]) => ({
      name: xmlns,
      forms: [
        {
          ...{ xmlns, name: xmlns.split('/').at(-1) },
          questions: repeats.map((repeat) => ({
            ...{ value: `/data/${repeat}/name`, label: 'Name', tag: 'input', repeat: `/data/${repeat}` },
          })),
        },
      ],
    }));
    return json(
      200,
      JSON.stringify({ meta: { next: null }, objects: [{ id: 'app', name: 'app', modules }] }),
    );
  };

  const hq: HistoryHq = {
    now,
    forms,
    page: 1000,
    repeats: new Map(),
    fault: null,
    get requests() {
      return asked.length;
    },
    get asked() {
      return asked;
    },
    async exchange({ url }) {
      const address = new URL(url);
      if (address.pathname.includes('/application/')) return applications();
      number += 1;
      asked.push(address.searchParams);
      const fault = hq.fault?.(address, number) ?? null;
      if (fault === 'cut') throw new ExchangeFailed('ECONNRESET');
      if (fault !== null) return { ...json(fault, ''), retryAfter: fault === 429 ? '0' : null };
      return list(address);
    },
    forget() {
      asked = [];
    },
  };
  return hq;
}
