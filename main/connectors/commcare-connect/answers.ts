import { say } from '../../../preload/messages/said.ts';
import { parseDocument, type Value } from '../document.ts';
import { AskAgain } from '../http.ts';

/** One page of a list. */
export interface ListPage {
  readonly records: readonly Value[];
  /** Primary key of its last row, where the next page begins; null at the end. */
  readonly next: number | null;
}

function allObjects(list: Value): Value[] {
  const records = list.items();
  if (!records.every((record) => record.kind === 'object')) throw new SyntaxError('not a list of objects');
  return records;
}

/** Whole numbers up to 2^53: primary keys of PostgreSQL's integer types, as far as anybody has them. */
const wholeNumber = (text: string): number => (/^\d{1,16}$/.test(text) ? Number(text) : Number.NaN);

/** The `id` of a row. */
export const idOf = (record: Value): number => wholeNumber(record.get('id')?.text() ?? '');

/** A page of a list in version 2.0, in the order that was asked for. Throws a SyntaxError for anything else, such as half of one. */
export function listPage(body: Buffer, order: 'forward' | 'reverse' = 'forward'): ListPage {
  const root = parseDocument(body);
  const list = root.get('results');
  const next = root.get('next');
  // Without `next` the end of the list can't be told from a page that lost something.
  if (list?.kind !== 'array' || (next?.kind !== 'string' && next?.kind !== 'null'))
    throw new SyntaxError('not a page of a list');
  if (next.kind === 'null') return { records: allObjects(list), next: null };
  // An address of the server's own making: only its position is used, never the address.
  const place = URL.parse(next.text(), 'http://localhost')?.searchParams;
  const last = wholeNumber(place?.get('last_id') ?? '');
  if (Number.isNaN(last)) throw new SyntaxError('next without a position');
  if ((place?.get('cursor_order') ?? order) !== order) throw noProgress('a list');
  return { records: allObjects(list), next: last };
}

/** A bare array, which is how the labs records come. */
export function bareArray(body: Buffer): Value[] {
  const root = parseDocument(body);
  if (root.kind !== 'array') throw new SyntaxError('not a list');
  return allObjects(root);
}

/** One object. */
export function oneObject(body: Buffer): Value {
  const root = parseDocument(body);
  if (root.kind !== 'object') throw new SyntaxError('not an object');
  return root;
}

/** What `opp_org_program_list/` says: everything the account can see, in one answer. */
export interface Everything {
  readonly organizations: readonly Value[];
  readonly opportunities: readonly Value[];
  readonly programs: readonly Value[];
}

export function everything(body: Buffer): Everything {
  const root = parseDocument(body);
  const [organizations, opportunities, programs] = ['organizations', 'opportunities', 'programs'].map(
    (name) => {
      const list = root.get(name);
      if (list?.kind !== 'array') throw new SyntaxError(`no list of ${name}`);
      return allObjects(list);
    },
  ) as [Value[], Value[], Value[]];
  return { organizations, opportunities, programs };
}

/** A page that begins where it was not asked to, or whose `next` leads back or past what it shows. */
export function noProgress(what: string): AskAgain {
  return new AskAgain(say('connect.commcareConnectSentPage', { what }));
}
