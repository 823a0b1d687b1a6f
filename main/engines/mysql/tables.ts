import { byRules, type TableReading } from '../tables.ts';
import { ident } from './sql.ts';

/** A text that takes the collation of the column it is compared with. */
const literal = (value: string): string =>
  value === '' ? "''" : `_utf8mb4 0x${Buffer.from(value, 'utf8').toString('hex')}`;

const text = /^(?:(?:tiny|medium|long)?text|(?:var)?char|enum|set|uuid|inet[46])\b/;

/** MySQL and MariaDB as a source: names of types as `information_schema.columns` has them in `column_type`. */
export const tables: TableReading = {
  ident,
  column: byRules(
    [
      [/^bigint.*unsigned/, { type: 'numeric' }],
      [/^(?:tinyint|smallint|mediumint|int|bigint|year)\b/, { type: 'bigint' }],
      [/^decimal\b/, { type: 'numeric' }],
      // As it is, it is printed with six digits only.
      [/^float\b/, { type: 'numeric', select: (column) => `CAST(${column} AS DOUBLE)` }],
      [/^double\b/, { type: 'numeric' }],
      [/^datetime\b/, { type: 'timestamp' }],
      [/^timestamp\b/, { type: 'timestamptz' }],
      [/^date$/, { type: 'date' }],
      [/^time\b/, { type: 'time' }],
      [/^json$/, { type: 'json' }],
      [
        /^(?:geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection)$/,
        (type) => ({ type: 'text', asText: type, select: (column) => `ST_AsText(${column})` }),
      ],
    ],
    text,
  ),
  after(type, value) {
    if (/^(?:tinyint|smallint|mediumint|int|bigint|decimal)\b/.test(type) && /^-?\d+(?:\.\d+)?$/.test(value))
      return value;
    return /^(?:(?:var)?char|date|datetime|timestamp|uuid)\b/.test(type) ? literal(value) : null;
  },
};
