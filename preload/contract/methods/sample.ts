import { z } from 'zod';
import { done, type Method, nothing } from '../method.ts';
import { name, sampleState } from '../models.ts';

/** The sample workspace. */
export const sampleMethods = {
  /** Everybody is told that some of what they see is a sample. */
  'demo.state': { permission: 'view', changes: false, input: nothing, output: sampleState },
  /**
   * Starts its servers, makes a connection, a project, a source and a sign-in, and begins a sync; goes on with one that was
   * stopped, and answers at once where one runs. Beside this permission it needs those of all that it makes. Whatever fails
   * or is cancelled leaves nothing behind. Fails with NOT_HERE, PERMISSION_DENIED, VAULT_* and what its parts fail with.
   */
  'demo.start': {
    permission: 'manage_database_connections',
    changes: true,
    /** What the project is called, in the language of whoever starts it. */
    input: z.strictObject({ name: name.max(60).default('Sample') }),
    output: sampleState,
  },
  /** Removes what `demo.start` made, and nothing else. Fails with IN_USE where a project of one's own uses a part of it. */
  'demo.leave': { permission: 'manage_database_connections', changes: true, input: nothing, output: done },
} as const satisfies Record<string, Method>;
