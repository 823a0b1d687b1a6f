import type { Dice } from '../shared/random.ts';
import { NAMES, USERNAMES } from '../shared/words.ts';
import type { Json, JsonObject } from './types.ts';

/** What the rows of one list are computed from. */
export interface RowContext {
  /** Null for lists that belong to none. */
  readonly opportunity: number | null;
  /** Primary key of the row. */
  readonly pk: number;
  readonly index: number;
  /** How often the row was edited. */
  readonly revision: number;
  readonly dice: Dice;
  /** A UUID for a text, the same every time. */
  uuid(text: string): string;
}

export type Draft = Record<string, Json>;
export type MakeRow = (context: RowContext) => JsonObject;

const START = Date.UTC(2025, 0, 6, 4, 30);
const MINUTE = 60_000;
const DAY = 86_400_000;

/** The moment of a row: a few minutes after the one before. */
export const momentOf = (index: number): number => START + index * 7 * MINUTE;
/** `2025-03-02T08:05:01Z`. */
export const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
/** `2025-03-02T08:12:00.120000Z`: Django writes microseconds where there are any. */
export const isoMicros = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
/** `2025-03-02`. */
export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const later = (ms: number, days: number): number => ms + days * DAY;

export const usernameOf = (index: number): string =>
  `${USERNAMES[index % USERNAMES.length] ?? 'asha'}_${Math.floor(index / USERNAMES.length)}`;
export const nameOf = (dice: Dice): string => dice.pick(NAMES);
/** A decimal, which the API writes as a text (§4). */
export const money = (cents: number): string => (cents / 100).toFixed(2);
