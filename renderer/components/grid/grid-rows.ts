/** The values that a grid shows. */
export interface GridRows {
  /** Null is NULL; undefined where the row is not here yet. */
  value(row: number, column: number): string | null | undefined;
  /** Another number whenever what is known of the row changed; where there is none, a row never changes. */
  stamp?(row: number): number;
}
