import { createHash } from 'node:crypto';
import {
  createHqSimulator,
  type HqSimulator,
  type HqSimulatorOptions,
} from '../simulators/commcare-hq/index.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface FormPage {
  readonly meta: {
    readonly limit: number;
    readonly offset: number;
    readonly total_count: number;
    readonly next: string | null;
    readonly previous: string | null;
  };
  readonly objects: readonly Row[];
}

export interface CasePage {
  readonly matching_records: number;
  readonly missing_records?: number;
  readonly cases: readonly Row[];
  readonly next?: string;
}

/** A running simulator with a token of its first user. */
export interface Running extends AsyncDisposable {
  readonly sim: HqSimulator;
  readonly token: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  json<T>(path: string): Promise<T>;
  text(path: string): Promise<string>;
}

export async function start(options: HqSimulatorOptions): Promise<Running> {
  const sim = await createHqSimulator(options);
  const token = sim.oauth.issueTokens().accessToken;
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(path.startsWith('http') ? path : sim.url + path, {
      headers: { Authorization: `Bearer ${token}`, ...headers },
      redirect: 'manual',
    });
  return {
    sim,
    token,
    get,
    json: async <T>(path: string) => (await (await get(path)).json()) as T,
    text: async (path) => (await get(path)).text(),
    [Symbol.asyncDispose]: () => sim.close(),
  };
}

export const SMALL = { name: 'demo', forms: 300, cases: 120, seed: 7 } as const;

export function ids(rows: readonly Row[], key = 'id'): string[] {
  return rows.map((row) => String(row[key]));
}

export function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function form(
  url: string,
  values: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(values), headers, redirect: 'manual' });
}
