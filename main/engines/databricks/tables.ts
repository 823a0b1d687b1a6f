import { byRules, type TableReading } from '../tables.ts';
import { ident } from './sql.ts';

/** Databricks as a source. Instants are asked for as microseconds, nested values as JSON whose numbers are whole. */
export const tables: TableReading = {
  ident,
  column: byRules(
    [
      [/^(?:tinyint|smallint|int|bigint|byte|short|long)$/, { type: 'bigint' }],
      [/^(?:decimal.*|float|double)$/, { type: 'numeric' }],
      [/^boolean$/, { type: 'boolean' }],
      [/^date$/, { type: 'date' }],
      [/^timestamp$/, { type: 'timestamptz', select: (column) => `unix_micros(${column})` }],
      [/^timestamp_ntz$/, { type: 'timestamp', select: (column) => `CAST(${column} AS STRING)` }],
      [/^(?:array|map|struct|variant)\b/, { type: 'json', select: (column) => `to_json(${column})` }],
      [/^binary$/, { type: 'text', asText: 'binary', select: (column) => `hex(${column})` }],
    ],
    /^(?:string|varchar\(\d+\)|char\(\d+\))/,
  ),
};
