import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Found, FoundConnection, Problem } from '../found.ts';
import type { Taken } from '../kinds/told.ts';

/** A named entry of a file, and what became of it. */
export interface Entry {
  readonly where: string;
  readonly taken: Taken;
}

/** Files with entries of a few lines have no reason to be longer; what reads them takes its time over larger ones. */
const mostCharacters = 262_144;

/** Fails with IMPORT_UNREADABLE. */
export function insistShort(text: string): void {
  if (text.length > mostCharacters)
    throw new AppError('IMPORT_UNREADABLE', say('imports.tooLong', { most: mostCharacters }));
}

/** What a file holds, of its entries. Fails with IMPORT_UNREADABLE where there is none. */
export function foundOf(entries: readonly Entry[], further: readonly Problem[] = []): Found {
  if (entries.length === 0 && further.length === 0)
    throw new AppError('IMPORT_UNREADABLE', say('imports.noEntries'));
  const connections: FoundConnection[] = [];
  const problems: Problem[] = [...further];
  for (const { where, taken } of entries)
    if (taken.connection) connections.push(taken.connection);
    else problems.push({ where, message: taken.problem });
  return { connections, hosts: [], projects: [], problems };
}
