import { z } from 'zod';
import { byId, done, type Method, nothing } from '../method.ts';
import { agentGrant, id, instant, mostAgentDays } from '../models.ts';

const grantInput = {
  projectId: id,
  name: z.string().trim().min(1).max(60),
  mayRefresh: z.boolean().default(false),
  days: z.int().min(1).max(mostAgentDays).default(90),
};

/** Agents that read a project for a person, each with a token of its own. */
export const agentMethods = {
  /** Takes an agent's seat by its token; of no use at any other seat. Fails with LOCKED, whatever is the matter with it. */
  'agents.enter': {
    permission: 'view',
    changes: true,
    open: true,
    input: z.strictObject({ token: z.string().min(1).max(200) }),
    output: agentGrant,
  },
  /** One's own; of everybody for who manages people. */
  'agents.list': { permission: 'view', changes: false, input: nothing, output: z.array(agentGrant) },
  /**
   * Lets an agent read a project for whoever asks. The token is told this once, and only at a terminal: fails with NOT_HERE in
   * a window.
   */
  'agents.grant': {
    permission: 'query_data',
    changes: true,
    input: z.strictObject(grantInput),
    output: z.strictObject({ grant: agentGrant, token: z.string() }),
  },
  /**
   * The same at a window, which never gets the token: it goes into a file that the person chooses and only they can read, or
   * into the clipboard for a while. They confirm it outside the page. `path` and `until` say where the token is; without a
   * file, which is where its dialog was closed, there is no grant. Fails with CANCELLED.
   */
  'agents.letIn': {
    permission: 'query_data',
    changes: true,
    input: z.strictObject({ ...grantInput, keep: z.enum(['file', 'clipboard']) }),
    output: z.strictObject({
      grant: agentGrant.nullable(),
      path: z.string().nullable(),
      until: instant.nullable(),
    }),
  },
  /** Ends what it has open too. One's own; anybody's for who manages people. Fails with NOT_FOUND. */
  'agents.revoke': { permission: 'view', changes: true, input: byId, output: done },
} as const satisfies Record<string, Method>;
