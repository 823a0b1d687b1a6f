import type { Aggregate } from './kinds.ts';
import type { TimeUnit } from './time-axis.ts';

export interface ChartSeries {
  readonly name: string;
  /** One for each label; null where there is nothing to draw. */
  readonly values: readonly (number | null)[];
}

/** What is drawn, in the shape that a table has it: a label and its values. */
export interface ChartData {
  readonly axis: 'time' | 'number' | 'name';
  readonly labels: readonly string[];
  /** Where each label stands on an axis of times or numbers; empty on one of names. */
  readonly at: readonly number[];
  readonly series: readonly ChartSeries[];
  /** What was made of rows that share a place. */
  readonly how: Aggregate;
  /** The time that was put together into one place; null where each stands for itself. */
  readonly unit: TimeUnit | null;
  /** Rows that were read for it, of those that there are. */
  readonly read: number;
  readonly of: number;
  /** Places that are drawn, of those that the rows have. */
  readonly drawn: number;
  readonly places: number;
}
