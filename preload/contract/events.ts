import { z } from 'zod';
import { type EventName, menuDeeds } from './channels.ts';
import { healthStates, id, job, named, session } from './models.ts';
import { said } from './said.ts';

/** What the main process tells the windows; parsed before it is sent, like the output of a call. */
export const events = {
  /** Something of that kind was added, changed or deleted: lists of it should be read again. `ids` says what, where it is known. */
  'store.changed': z.strictObject({
    entity: z.enum([
      'connections',
      'sources',
      'credentials',
      'projects',
      'links',
      'datasets',
      'syncs',
      'vault',
      'appearance',
      'people',
      'agents',
      'policy',
      'network',
      'audit',
      'notices',
      'sample',
    ]),
    ids: z.array(z.string()).max(100).optional(),
  }),
  /** A running job, at most 10 times a second for all jobs together; that one began, paused or ended is told at once. */
  'sync.progressed': job,
  /** How much of an export is written, told to whoever asked for it, at most 5 times a second. */
  'query.exportProgressed': z.strictObject({ progressId: id, rows: z.int(), bytes: z.int() }),
  /** Somebody signed in, or the session was locked. */
  'session.changed': session,
  /** A background check found a connection in another state than before; told once per change. */
  'connection.changedState': z.strictObject({
    connection: named,
    from: z.enum(healthStates),
    to: z.enum(healthStates),
    /** `said` in English; null where it works. */
    message: z.string().nullable(),
    said: said.optional(),
  }),
  /** What was chosen in the menu of the application, told to the window in front: where the window has a shortcut for the same. */
  'menu.chosen': z.strictObject({ deed: z.enum(menuDeeds) }),
  /** The page that was opened in the system browser, so that it can be copied when none opened. */
  'signIn.opened': z.strictObject({ sourceId: id, url: z.url() }),
} as const satisfies Record<EventName, z.ZodType>;

export type Events = { [N in EventName]: z.output<(typeof events)[N]> };
