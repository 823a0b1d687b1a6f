import type { Page, ReadContext, RecordShape } from '../connector.ts';
import { markAll, markOf } from '../marked.ts';
import { pinIds } from '../pins.ts';
import { largestListPage, readList, type Series } from './lists.ts';

/** Mobile workers, active and deactivated; `is_active` says which. */
export const usersShape: RecordShape = {
  key: 'id',
  keyName: 'user_id',
  columns: [
    { path: 'username', type: 'text' },
    { path: 'is_active', type: 'boolean' },
    { path: 'first_name', type: 'text' },
    { path: 'last_name', type: 'text' },
    { path: 'email', type: 'text' },
    { path: 'default_phone_number', type: 'text' },
    { path: 'primary_location', type: 'text' },
  ],
  parts: (record) => [
    {
      table: 'users',
      label: 'users',
      value: record,
      extra: { is_active: markOf(record).get('is_active') },
    },
  ],
  pin: pinIds,
  indexes: ['username'],
};

/** One list shows the active workers, the other the deactivated ones and only them; no record says which it is. */
const usersWhoAre = (active: boolean, rest: { rest?: true } = {}): Series => ({
  ...rest,
  resource: 'user/v1',
  query: active ? {} : { archived: 'true' },
  key: 'id',
  largestPage: largestListPage,
  noun: 'mobile workers',
  finish: (records) =>
    markAll(
      records,
      records.map(() => ({ is_active: active })),
    ),
});

/**
 * The active ones first: who is deactivated meanwhile comes again, and the later state is kept. Who is activated meanwhile
 * is in neither list, and is looked for among the active ones at the end.
 */
export function readUsers(base: string, context: ReadContext): AsyncGenerator<Page, void> {
  const series = [usersWhoAre(true), usersWhoAre(false), usersWhoAre(true, { rest: true })];
  return readList(base, series, context);
}

/** People who sign in to HQ itself. */
export const webUsersShape: RecordShape = {
  key: 'id',
  keyName: 'web_user_id',
  columns: [
    { path: 'username', type: 'text' },
    { path: 'first_name', type: 'text' },
    { path: 'last_name', type: 'text' },
    { path: 'email', type: 'text' },
    { path: 'role', type: 'text' },
    { path: 'is_admin', type: 'boolean' },
  ],
  parts: (record) => [{ table: 'web_users', label: 'web users', value: record }],
  // Some hundred switches, of which every release of HQ adds more.
  pin: (path) => (path[0] === 'permissions' && path.length === 1 ? 'json' : pinIds(path)),
  indexes: ['username'],
};

/** Groups of mobile workers; `users` lists the ids of the active ones. */
export const groupsShape: RecordShape = {
  key: 'id',
  keyName: 'group_id',
  columns: [
    { path: 'name', type: 'text' },
    { path: 'case_sharing', type: 'boolean' },
    { path: 'reporting', type: 'boolean' },
  ],
  parts: (record) => [{ table: 'groups', label: 'groups', value: record }],
  pin: pinIds,
  indexes: [],
};
