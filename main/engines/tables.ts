/** As what a column is landed. What PostgreSQL can't hold, or would hold changed, is text. */
export type LandedType =
  | 'text'
  | 'boolean'
  | 'bigint'
  | 'numeric'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'json';

/** How the values of a column are read. */
export interface ColumnReading {
  readonly type: LandedType;
  /** What is selected in the place of the column, which it is given quoted: a form that loses nothing. */
  readonly select?: (column: string) => string;
  /** The name of the type, where its values become text although they are none: the column's comment says so. */
  readonly asText?: string;
}

/** How tables of a kind of database are read whole, to be landed. */
export interface TableReading {
  /** A name as the engine quotes it. */
  ident(name: string): string;
  /** By a column's type as the structure has it; every type is read somehow. */
  column(type: string): ColumnReading;
  /**
   * Where rows come in the order of the primary key without sorting them first, so that reading can go on behind a row: a value
   * of a key column as a literal that compares as the column is sorted; null for types whose literal may compare otherwise.
   */
  readonly after?: (type: string, value: string) => string | null;
}

const text: ColumnReading = { type: 'text' };

/** A rule for types that fit a pattern; the pattern is tried on the lower-case name. */
export type TypeRule = readonly [types: RegExp, reading: ColumnReading | ((type: string) => ColumnReading)];

/** The first rule that fits a type; text where none does, which is said where the type is no text. */
export function byRules(rules: readonly TypeRule[], isText: RegExp): TableReading['column'] {
  return (type) => {
    const name = type.toLowerCase();
    for (const [types, reading] of rules)
      if (types.test(name)) return typeof reading === 'function' ? reading(type) : reading;
    return isText.test(name) ? text : { type: 'text', asText: type };
  };
}
