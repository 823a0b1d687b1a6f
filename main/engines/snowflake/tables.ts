import { byRules, type TableReading } from '../tables.ts';
import { ident } from './sql.ts';

/** Snowflake as a source: a session prints times in UTC and with all their digits. */
export const tables: TableReading = {
  ident,
  column: byRules(
    [
      [
        /^number\(\d+,\s*0\)$/,
        (type) => ({ type: Number(/\d+/.exec(type)?.[0]) <= 18 ? 'bigint' : 'numeric' }),
      ],
      [/^(?:number.*|float|decfloat)$/, { type: 'numeric' }],
      [/^boolean$/, { type: 'boolean' }],
      [/^date$/, { type: 'date' }],
      [/^time$/, { type: 'time' }],
      [/^timestamp_ntz$/, { type: 'timestamp' }],
      [/^timestamp_l?tz$/, { type: 'timestamptz' }],
      [/^(?:variant|object|array|map)$/, { type: 'json', select: (column) => `TO_JSON(${column})` }],
      [
        /^(?:geography|geometry|vector.*|interval.*)$/,
        (type) => ({ type: 'text', asText: type.toLowerCase(), select: (column) => `${column}::VARCHAR` }),
      ],
    ],
    /^(?:varchar|text|string|char).*$/,
  ),
};
