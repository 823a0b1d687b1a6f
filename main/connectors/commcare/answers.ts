import { parseDocument, type Value } from '../document.ts';

/** A list answer: the whole of it and the objects of the list named `field`. Throws a SyntaxError for anything else. */
export function listAnswer(body: Buffer, field: string): { root: Value; records: Value[] } {
  const root = parseDocument(body);
  const list = root.get(field);
  if (list?.kind !== 'array') throw new SyntaxError(`not a list of ${field}`);
  const records = list.items();
  if (!records.every((record) => record.kind === 'object')) throw new SyntaxError('not a list of objects');
  return { root, records };
}
