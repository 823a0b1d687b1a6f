import { say } from '../../../preload/messages/said.ts';
import { badField } from '../../errors.ts';

/** Where something is asked: in a project, or over a connection to a database that is asked in SQL of its own. */
export type AskedIn =
  | { readonly projectId: string; readonly connectionId: null }
  | { readonly projectId: null; readonly connectionId: string };

/** Fails with INPUT_INVALID unless exactly one of the two is named. */
export function askedIn(input: {
  readonly projectId?: string | undefined;
  readonly connectionId?: string | undefined;
}): AskedIn {
  const { projectId, connectionId } = input;
  if (projectId !== undefined && connectionId === undefined) return { projectId, connectionId: null };
  if (connectionId !== undefined && projectId === undefined) return { projectId: null, connectionId };
  throw badField('projectId', say('query.onePlace'));
}
