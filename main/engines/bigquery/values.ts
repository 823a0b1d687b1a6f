/** A field of an answer or a table (BigQuery REST, "TableFieldSchema"). */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly description?: string;
  readonly fields?: readonly Field[];
}

/** Names of types in SQL by those of the interface. */
const names: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
};

/** The type as it is written in SQL. */
export function typeOf({ type, mode, fields = [] }: Field): string {
  const own =
    type === 'RECORD' || type === 'STRUCT'
      ? `STRUCT<${fields.map((each) => `${each.name} ${typeOf(each)}`).join(', ')}>`
      : (names[type] ?? type);
  return mode === 'REPEATED' ? `ARRAY<${own}>` : own;
}

/** Microseconds since 1970 as PostgreSQL prints an instant in UTC. */
function instantOf(micros: string): string {
  const all = BigInt(micros);
  const million = 1_000_000n;
  const rest = ((all % million) + million) % million;
  const at = new Date(Number((all - rest) / 1000n));
  const day = at.toISOString().replace('T', ' ').slice(0, 19);
  return rest === 0n ? `${day}+00` : `${day}.${String(rest).padStart(6, '0').replace(/0+$/, '')}+00`;
}

const isRaw = (type: string, text: string): boolean =>
  /^(?:INTEGER|INT64|NUMERIC|BIGNUMERIC|BOOLEAN|BOOL|JSON)$/.test(type) ||
  (/^FLOAT(?:64)?$/.test(type) && /^-?\d/.test(text));

/** A value inside of another, as JSON whose numbers are whole. */
function jsonOf(field: Field, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (field.mode === 'REPEATED') {
    const single = { ...field, mode: 'NULLABLE' };
    return `[${(value as { v: unknown }[]).map(({ v }) => jsonOf(single, v)).join(', ')}]`;
  }
  if (field.fields) {
    const cells = (value as { f: { v: unknown }[] }).f;
    return `{${field.fields.map((each, at) => `${JSON.stringify(each.name)}: ${jsonOf(each, cells[at]?.v)}`).join(', ')}}`;
  }
  const text = String(value);
  if (isRaw(field.type, text)) return text;
  return JSON.stringify(field.type === 'TIMESTAMP' ? instantOf(text) : text);
}

/** A cell as text: nothing is rounded; what is nested is JSON; bytes are hexadecimal digits as PostgreSQL prints its own. */
export function textOfCell(field: Field, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (field.mode === 'REPEATED' || field.fields) return jsonOf(field, value);
  const text = String(value);
  if (field.type === 'TIMESTAMP') return instantOf(text);
  return field.type === 'BYTES' ? `\\x${Buffer.from(text, 'base64').toString('hex')}` : text;
}
