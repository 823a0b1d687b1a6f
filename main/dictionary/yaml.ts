/** A value that is written as YAML. */
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };

/** Characters that YAML does not take as they are, or takes for the end of a line, and that JSON leaves as they are. */
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A text in double quotes, which every version of YAML reads as it was, whatever is in it. */
const quoted = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replace(
    unprintable,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const scalar = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoted(value) : String(value);

const isScalar = (value: Yaml): value is string | number | boolean => typeof value !== 'object';
const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

/** Writes a value as a block of YAML. Texts are always quoted: none is taken for a number, a date or a `no`. */
export function* yamlLines(value: Yaml, indent = ''): Generator<string, void> {
  if (isScalar(value)) yield `${indent}${scalar(value)}`;
  else if (Array.isArray(value)) {
    for (const item of value as readonly Yaml[]) yield* itemLines(item, indent);
  } else {
    for (const [key, item] of Object.entries(value as { readonly [key: string]: Yaml })) {
      const name = /^[a-z_]+$/.test(key) ? key : quoted(key);
      if (isScalar(item)) yield `${indent}${name}: ${scalar(item)}`;
      else if (isEmpty(item)) yield `${indent}${name}: ${Array.isArray(item) ? '[]' : '{}'}`;
      else {
        yield `${indent}${name}:`;
        yield* yamlLines(item, `${indent}  `);
      }
    }
  }
}

/** An item of a list: what is in it begins behind the hyphen. */
function* itemLines(item: Yaml, indent: string): Generator<string, void> {
  let isFirst = true;
  for (const line of yamlLines(item, `${indent}  `)) {
    yield isFirst ? `${indent}- ${line.slice(indent.length + 2)}` : line;
    isFirst = false;
  }
}
