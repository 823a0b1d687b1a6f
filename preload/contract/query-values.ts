/* What PostgreSQL's own text of a value is in JSON, for the window, files and the command line alike. */

/** Whether PostgreSQL calls it a number, whose values stand to the right and without quotes. */
export const isNumeric = (type: string): boolean =>
  /^(smallint|integer|bigint|numeric|real|double precision|money|oid)\b(?!.*\[\])/.test(type);

export const isJson = (type: string): boolean => type === 'json' || type === 'jsonb';

/** A number as JSON has it; `NaN`, `Infinity` and amounts with a currency are none. */
export const plainNumber = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A value as JSON. A number stays as it was written: JavaScript would round what is beyond 2^53. */
export function jsonValue(value: string | null, type: string): string {
  if (value === null) return 'null';
  if (isNumeric(type) && plainNumber.test(value)) return value;
  if (type === 'boolean') return value === 't' || value === 'true' ? 'true' : 'false';
  return isJson(type) ? value : JSON.stringify(value);
}
