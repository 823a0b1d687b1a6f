import { byRules, type ColumnReading, type TableReading } from '../tables.ts';
import { ident } from './sql.ts';

/** The type in what only says how a column is stored, or that it may be empty. */
function inner(type: string): string {
  const within = /^(?:Nullable|LowCardinality)\((.*)\)$/s.exec(type.trim())?.[1];
  return within === undefined ? type.trim() : inner(within);
}

const inUtc: ColumnReading = { type: 'timestamptz', select: (column) => `toTimeZone(${column}, 'UTC')` };

/** A text; bytes that are none are printed as PostgreSQL prints its own. */
const textOrBytes = (text: string, whole = text): string =>
  `if(isValidUTF8(${text}) AND position(${text}, char(0)) = 0, ${text}, concat('\\\\x', lower(hex(${whole}))))`;

const rules = byRules(
  [
    [/^(?:u?int(?:8|16|32)|int64)$/, { type: 'bigint' }],
    [/^(?:uint(?:64|128|256)|int(?:128|256)|decimal.*|float(?:32|64)|bfloat16)$/, { type: 'numeric' }],
    [/^string$/, { type: 'text', select: (column) => textOrBytes(column) }],
    [
      /^fixedstring\(\d+\)$/,
      { type: 'text', select: (column) => textOrBytes(`toStringCutToZero(${column})`, column) },
    ],
    [/^bool$/, { type: 'boolean' }],
    [/^date(?:32)?$/, { type: 'date' }],
    [/^datetime(?:64)?(?:\(.*\))?$/, inUtc],
    [
      /^(?:array|map|tuple|nested|json|object|variant|dynamic)\b/,
      { type: 'json', select: (column) => `toJSONString(${column})` },
    ],
    [
      /^aggregatefunction\b/,
      (type) => ({
        type: 'text',
        asText: type,
        select: (column) => `toString(finalizeAggregation(${column}))`,
      }),
    ],
  ],
  /^(?:string|fixedstring\(\d+\)|uuid|enum(?:8|16)\(.*\)|ipv[46])$/s,
);

/** ClickHouse as a source. Its keys sort rows and do not tell them apart, so reading goes on behind none of them. */
export const tables: TableReading = { ident, column: (type) => rules(inner(type)) };
