/**
 * The names of every call and every event of the bridge, and nothing else: the preload script needs only the
 * names, so zod stays out of its bundle. `methods.ts` and `events.ts` must cover exactly these; the compiler
 * checks that.
 */
export const callNames = [
  'app.info',
  'app.setTheme',
  'vault.status',
  'vault.rotate',
  'connections.list',
  'connections.create',
  'connections.update',
  'connections.delete',
  'connections.test',
  'sources.types',
  'sources.list',
  'sources.create',
  'sources.update',
  'sources.delete',
  'sources.discover',
  'sources.choices',
  'credentials.list',
  'credentials.signIn',
  'credentials.disconnect',
  'projects.list',
  'projects.create',
  'projects.update',
  'projects.delete',
  'links.list',
  'links.create',
  'links.update',
  'links.delete',
  'datasets.list',
  'datasets.tables',
  'datasets.rows',
  'datasets.dictionary',
  'datasets.changes',
  'datasets.accept',
  'datasets.discard',
  'syncs.start',
  'syncs.pause',
  'syncs.resume',
  'syncs.cancel',
  'syncs.list',
  'audit.list',
] as const;
export type CallName = (typeof callNames)[number];

/** Cancels a running call by its id; handled by the host beside `dispatch`, never refused. */
export const cancelChannel = 'app.cancel';

export const eventNames = ['store.changed', 'sync.progressed', 'signIn.opened'] as const;
export type EventName = (typeof eventNames)[number];
