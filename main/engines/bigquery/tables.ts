import { byRules, type TableReading } from '../tables.ts';
import { ident } from './sql.ts';

/** BigQuery as a source. Sorting a large table costs more than reading it again, so reading goes on behind no row. */
export const tables: TableReading = {
  ident,
  column: byRules(
    [
      [/^(?:array|struct)\b/, { type: 'json' }],
      [/^int64$/, { type: 'bigint' }],
      [/^(?:numeric|bignumeric|float64)\b/, { type: 'numeric' }],
      [/^bool$/, { type: 'boolean' }],
      [/^date$/, { type: 'date' }],
      [/^time$/, { type: 'time' }],
      [/^datetime$/, { type: 'timestamp' }],
      [/^timestamp$/, { type: 'timestamptz' }],
      [/^json$/, { type: 'json' }],
    ],
    /^string\b/,
  ),
};
