import { placeOf } from '../../../preload/contract/conninfo-place.ts';
import { connectionAt } from '../url.ts';
import { lacks, type Taken, type Told, take } from './told.ts';

/** What a tool calls the things that libpq has keywords for. */
export type Keywords = Readonly<Record<string, readonly string[]>>;

/** A connection to PostgreSQL, with libpq's rules for what its keywords mean. */
export function postgresOf(
  told: Told,
  name: string,
  keywords: Keywords,
  /** What a tool says in other words than libpq. */
  further: ReadonlyMap<string, string> = new Map(),
): Taken {
  const values = new Map(further);
  for (const [keyword, names] of Object.entries(keywords)) {
    const value = told.text(...names);
    // Tools that speak of libpq's modes spell them as they like.
    if (value) values.set(keyword, keyword === 'sslmode' ? value.toLowerCase() : value);
  }
  if (!(values.get('host') || values.get('hostaddr'))) return lacks(told, 'host');
  const hasKey = values.delete('sslkey');
  const { connection, problem } = connectionAt(placeOf(values));
  if (!connection) return { problem };
  const notes = [...connection.notes];
  if (hasKey) notes.push('The key of the client certificate (sslkey) must be chosen by hand.');
  if (!values.get('dbname'))
    notes.push('No database was told; the one that PostgreSQL has for its user was taken.');
  return take(told, { ...connection, name }, notes);
}
