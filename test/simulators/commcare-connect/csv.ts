import { mix32 } from '../shared/random.ts';
import type { Json, JsonObject } from './types.ts';

/** A value as Python's `repr` writes it: what version 1.0 puts into a CSV cell for anything nested (§4). */
function repr(value: Json): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    const text = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
    return text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("'", "\\'")}'`;
  }
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  const pairs = Object.entries(value as JsonObject).map(([key, item]) => `${repr(key)}: ${repr(item)}`);
  return `{${pairs.join(', ')}}`;
}

function cell(value: Json): string {
  const text = value === null ? '' : typeof value === 'string' ? value : repr(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A list in version 1.0: one CSV of everything, in no order that means anything. */
export function csvOf(indexes: readonly number[], row: (index: number) => JsonObject): string {
  const shuffled = [...indexes].sort((a, b) => mix32(a) - mix32(b));
  const [first] = shuffled;
  if (first === undefined) return '';
  const names = Object.keys(row(first)).filter((name) => name !== 'id');
  const lines = shuffled.map((index) => {
    const value = row(index);
    return names.map((name) => cell(value[name] ?? null)).join(',');
  });
  return `${[names.join(','), ...lines].join('\r\n')}\r\n`;
}
