import type { WireError } from '../../preload/contract/errors.ts';
import type { Connection } from '../../preload/contract/models.ts';
import { messageOf } from '../i18n/sentence.ts';
import { currentError, needBeside, needsAttention, urgency, type Watched } from './dataset-state.ts';

/** What has to be done once, with everything that it stops. */
export type Cause =
  | {
      readonly kind: 'database';
      readonly connectionId: string;
      readonly name: string;
      readonly message: string | null;
    }
  | { readonly kind: 'signIn'; readonly expired: boolean; readonly projectId: string | null }
  | { readonly kind: 'review' }
  | { readonly kind: 'start' }
  | { readonly kind: 'error'; readonly error: WireError | null };

export interface Grouped {
  readonly key: string;
  readonly cause: Cause;
  /** What it stops; never empty but for a database that only projects without datasets use. */
  readonly stops: readonly Watched[];
}

/** Errors of the database that a dataset lives in, whichever dataset met them. */
const ofDatabase = /^DB_|^SSH_|^CONNECTION_|^SECRET_MISSING$/;

function causeOf({ dataset, link, state }: Watched): { key: string; cause: Cause } {
  const error = dataset && currentError(dataset);
  if (
    dataset &&
    (state.need === 'database' || (error && state.need !== 'review' && ofDatabase.test(error.code)))
  ) {
    const { connectionId, connectionName: name } = dataset;
    return {
      key: `database ${connectionId}`,
      cause: { kind: 'database', connectionId, name, message: error ? messageOf(error) : null },
    };
  }
  if (state.need === 'reconnect' || state.need === 'signIn') {
    const projectId = link.credentialMode === 'project' ? link.projectId : null;
    return {
      key: `signIn ${link.sourceId} ${projectId ?? ''}`,
      cause: { kind: 'signIn', expired: state.need === 'reconnect', projectId },
    };
  }
  if (state.need === 'review') return { key: `review ${link.id}`, cause: { kind: 'review' } };
  if (state.need === 'start') return { key: `start ${link.id}`, cause: { kind: 'start' } };
  return {
    key: error ? `error ${error.code} ${error.message}` : `error ${link.id}`,
    cause: { kind: 'error', error },
  };
}

/**
 * What needs attention by what causes it, most urgent first: one dead database or one expired account is one thing to do,
 * however much it stops. `failing` are connections whose last test failed; those that nobody uses are no cause.
 */
export function causesOf(
  watched: readonly Watched[],
  failing: readonly Pick<Connection, 'id' | 'name' | 'usedBy' | 'health'>[] = [],
): Grouped[] {
  const groups = new Map<string, { cause: Cause; stops: Watched[] }>();
  for (const { id, name, usedBy, health } of failing) {
    if (usedBy.length === 0) continue;
    const cause: Cause = { kind: 'database', connectionId: id, name, message: health.message };
    groups.set(`database ${id}`, { cause, stops: [] });
  }
  const wanting = watched.filter(({ state }) => needsAttention(state));
  const add = (each: Watched): void => {
    const { key, cause } = causeOf(each);
    const known = groups.get(key);
    if (known && !known.stops.some(({ link }) => link.id === each.link.id)) known.stops.push(each);
    else if (!known) groups.set(key, { cause, stops: [each] });
  };
  for (const each of wanting.sort((a, b) => urgency(a.state) - urgency(b.state))) {
    add(each);
    // A database that works again does not sign anybody in.
    const { dataset, state } = each;
    if (!dataset?.targetFails) continue;
    const besides = { ...each, state: { ...state, need: needBeside(dataset) } };
    if (needsAttention(besides.state)) add(besides);
  }
  return [...groups].map(([key, group]) => ({ key, ...group }));
}
