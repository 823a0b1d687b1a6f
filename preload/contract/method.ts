import { z } from 'zod';
import { id } from './models/base.ts';
import type { Permission } from './permissions.ts';

/** One call of the bridge, as data: `dispatch` decides by nothing else. */
export interface Method {
  /** What the caller's roles must allow. */
  readonly permission: Permission;
  /** Changes of state are written to the audit log by `dispatch`, under this call's name. */
  readonly changes: boolean;
  /** It only reads, but with a secret of the vault; that is written down as well. */
  readonly usesSecret?: true;
  /** Answered also while nobody is signed in or the session is locked. */
  readonly open?: true;
  /**
   * It is about one connection, whose id is in this field of the input. `use`: a restricted connection must have been
   * granted. `manage`: a grant to manage stands in for the permission.
   */
  readonly connection?: { readonly field: 'id' | 'connectionId'; readonly needs: 'use' | 'manage' };
  /** Parsed strictly: an unknown field is refused. */
  readonly input: z.ZodType;
  /** Parsed too: a field that is not declared here never leaves the main process. */
  readonly output: z.ZodType;
}

export const nothing = z.strictObject({});
export const byId = z.strictObject({ id });
export const done = z.strictObject({});
