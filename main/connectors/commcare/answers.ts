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

/** A page of one of HQ's lists of version 1. */
export interface ListPage {
  readonly records: readonly Value[];
  /** How many rows the request's filters leave; null when the source does not say. */
  readonly total: number | null;
  /** Where it begins, as the source tells it; null when it does not. */
  readonly offset: number | null;
  /** Only the query of the address that the source gives, where it points to is not its business; null at the end. */
  readonly next: string | null;
}

/** Throws a SyntaxError for anything else than a page; where a `next` is of an unknown kind, it can't be told from the end. */
export function answerOf(body: Buffer): ListPage {
  const { root, records } = listAnswer(body, 'objects');
  const meta = root.get('meta');
  if (meta?.kind !== 'object') throw new SyntaxError('not a list');
  const [total, offset] = ['total_count', 'offset'].map((name) => {
    const found = meta.get(name);
    return found?.kind === 'number' ? Number(found.text()) : null;
  }) as [number | null, number | null];
  const next = meta.get('next');
  if (next !== undefined && next.kind !== 'string' && next.kind !== 'null')
    throw new SyntaxError('a next of an unknown kind');
  const address = next?.text() ?? '';
  return {
    records,
    total,
    offset,
    next: address === '' ? null : address.slice(address.indexOf('?') + 1),
  };
}
