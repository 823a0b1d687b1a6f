import { byRules, type TableReading } from '../tables.ts';
import { ident, literal } from './sql.ts';

/** Types of keys whose order in SQL is the order of the index, and which a literal can name (format_type's spelling). */
const ordered =
  /^(?:smallint|integer|bigint|numeric(?:\(.*\))?|date|uuid|text|character varying(?:\(\d+\))?|timestamp(?:\(\d\))? with(?:out)? time zone)$/;

/** PostgreSQL as a source: names of types as `format_type` prints them. */
export const tables: TableReading = {
  ident,
  column: byRules(
    [
      [/\[\]$/, { type: 'json', select: (column) => `to_jsonb(${column})` }],
      [/^(?:smallint|integer|bigint)$/, { type: 'bigint' }],
      [/^(?:numeric(?:\(.*\))?|real|double precision)$/, { type: 'numeric' }],
      [/^boolean$/, { type: 'boolean' }],
      [/^date$/, { type: 'date' }],
      [/^time(?:\(\d\))? without time zone$/, { type: 'time' }],
      [/^timestamp(?:\(\d\))? without time zone$/, { type: 'timestamp' }],
      [/^timestamp(?:\(\d\))? with time zone$/, { type: 'timestamptz' }],
      [/^jsonb?$/, { type: 'json' }],
    ],
    /^(?:text|character varying(?:\(\d+\))?|character(?:\(\d+\))?|uuid|name|citext)$/,
  ),
  after: (type, value) => (ordered.test(type) ? literal(value) : null),
};
