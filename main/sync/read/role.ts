import type { Route } from '../../net/requests.ts';

/** What a thread of a sync is there for, and how its source is reached. */
export interface Role {
  readonly does: 'sync' | 'fetch';
  readonly route: Route;
}

/** Of the data that a thread was started with. */
export const roleOf = (workerData: unknown): Role => (workerData as { readonly role: Role }).role;
/** What a thread of that role is started with. */
export const dataOf = (role: Role): { readonly role: Role } => ({ role });
