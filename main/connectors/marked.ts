import { documentOf, Value } from './document.ts';
import type { Json } from './json.ts';

/**
 * A record together with what it does not say itself: what only its request or another list knows of it. Its bytes,
 * and so its `raw`, stay what the source sent.
 */
export class Marked extends Value {
  /** An object. */
  readonly mark: Value;

  constructor(record: Value, mark: Value) {
    super(record.document, record.at);
    this.mark = mark;
  }
}

/** Gives each record the mark of the same place in `marks`, which are objects. One document holds them all. */
export function markAll(records: readonly Value[], marks: readonly Json[]): Marked[] {
  const values = documentOf([...marks]).items();
  return records.map((record, at) => new Marked(record, values[at] as Value));
}

const nothing = documentOf({});

/** The mark of a record; an empty object where it has none. */
export function markOf(record: Value): Value {
  return record instanceof Marked ? record.mark : nothing;
}
