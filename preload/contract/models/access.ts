import { z } from 'zod';
import { roles } from '../permissions.ts';
import { longestTyped, shortestPassphrase } from '../typed.ts';
import { id, instant, name } from './base.ts';

export const person = z.strictObject({ id, name: z.string(), roles: z.array(z.enum(roles)) });
export type Person = z.infer<typeof person>;

/** Spaces and every script are fine. */
export const newPassphrase = z
  .string()
  .min(shortestPassphrase, `at least ${shortestPassphrase} characters`)
  .max(longestTyped);
/** One that is entered to be checked. Given at a terminal; the window asks for it in one of its own. */
export const passphrase = z.string().max(longestTyped);

export const profile = z.strictObject({
  id,
  name: z.string(),
  roles: z.array(z.enum(roles)),
  /** Without one nobody is asked at the door; only the first profile may be so, while it is the only one. */
  hasPassphrase: z.boolean(),
  createdAt: instant,
});
export type Profile = z.infer<typeof profile>;

export const profileInput = z.strictObject({
  name,
  roles: z.array(z.enum(roles)).min(1, 'choose at least one').max(roles.length),
  /** At a terminal; the window asks for it in one of its own. */
  passphrase: newPassphrase.optional(),
});

/** Who sits at this workspace. */
export const session = z.strictObject({
  /** Null while nobody is signed in. */
  person: person.nullable(),
  /** Everything but signing in is refused while it is locked. */
  locked: z.boolean(),
  /** Who can sign in. */
  profiles: z.array(z.strictObject({ id, name: z.string() })),
  /** Whether the signed-in person can be asked for a passphrase. */
  hasPassphrase: z.boolean(),
  idleLockMinutes: z.int(),
  /** No passphrase is looked at before this time: there were too many wrong ones. */
  waitUntil: instant.nullable(),
});
export type Session = z.infer<typeof session>;

export const grantLevels = ['use', 'manage'] as const;
export const grant = z.strictObject({
  connectionId: id,
  personId: id,
  personName: z.string(),
  level: z.enum(grantLevels),
  grantedBy: z.string(),
  at: instant,
});
export type Grant = z.infer<typeof grant>;

/** An agent that may read one project for the person who let it. */
export const agentGrant = z.strictObject({
  id,
  /** What its person calls it. */
  name: z.string(),
  personId: id,
  personName: z.string(),
  projectId: id,
  projectName: z.string(),
  /** Whether it may ask for a refresh, where its person may. */
  mayRefresh: z.boolean(),
  createdAt: instant,
  expiresAt: instant,
  lastUsedAt: instant.nullable(),
});
export type AgentGrant = z.infer<typeof agentGrant>;
/** Days that a grant lasts at most. */
export const mostAgentDays = 365;

export const auditOutcomes = ['ok', 'refused', 'failed'] as const;
export const auditEntry = z.strictObject({
  seq: z.int(),
  at: instant,
  person: z.string(),
  action: z.string(),
  subject: z.string(),
  outcome: z.enum(auditOutcomes),
  details: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

/** Everything given must hold. Texts are compared without regard to case. */
export const auditFilter = z.strictObject({
  /** A part of the person's name. */
  person: z.string().max(200).optional(),
  /** A call, or the beginning of one: `connections.`. */
  action: z.string().max(100).optional(),
  /** A part of what it was about, or of what came of it. */
  subject: z.string().max(200).optional(),
  outcome: z.enum(auditOutcomes).optional(),
  from: instant.optional(),
  /** Before this moment. */
  to: instant.optional(),
});
export type AuditFilter = z.infer<typeof auditFilter>;

/** What the vault vouches for; see `audit-seal.ts`. */
export const auditSealing = z.strictObject({
  /** `broken`: the log is not the one that was sealed. `missing`: nothing was sealed yet, or the seal was taken away. `unchecked`: the vault is not open. */
  state: z.enum(['sealed', 'missing', 'broken', 'unchecked']),
  /** The newest entry that was sealed, and when. */
  seq: z.int().nullable(),
  at: instant.nullable(),
  /** The entry with which sealing began, and when; what is older was in the log already. */
  from: z.int().nullable(),
  since: instant.nullable(),
});
export type AuditSealing = z.infer<typeof auditSealing>;

/** Where what is left of the log begins, after older entries went to a file. */
export const auditAnchor = z.strictObject({
  /** The last entry that went, and its hash: the next one goes on from it. */
  seq: z.int(),
  hash: z.string(),
  at: instant,
  /** Who had it done. */
  person: z.string(),
});
export type AuditAnchor = z.infer<typeof auditAnchor>;

export const auditTrimmed = z.strictObject({
  /** Null where no file was chosen: nothing was removed. */
  path: z.string().nullable(),
  count: z.int(),
  anchor: auditAnchor.nullable(),
});
export type AuditTrimmed = z.infer<typeof auditTrimmed>;

export const auditVerification = z.strictObject({
  entries: z.int(),
  /** The first entry that was altered, moved or removed; null when the log is as it was written. */
  firstBroken: z.int().nullable(),
  /** Number and hash of the newest entry: written down elsewhere, they prove that the log was not made anew. */
  headSeq: z.int(),
  headHash: z.string(),
  /** Every trim, oldest first; the log begins behind the last one. */
  anchors: z.array(auditAnchor),
  /** Whether the vault knows these trims, and no others. `none`: nothing was ever trimmed. The rest as for `seal`. */
  anchored: z.enum(['none', 'sealed', 'missing', 'broken', 'unchecked']),
  /** The hash of the entry that was asked for: of the log, or of a trim that ended with it; null where it is not known. */
  entryHash: z.string().nullable(),
  seal: auditSealing,
});
export type AuditVerification = z.infer<typeof auditVerification>;
