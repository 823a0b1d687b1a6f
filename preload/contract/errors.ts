import { z } from 'zod';
import { queryRefusals, queryTroubles } from './query-words.ts';
import { said } from './said.ts';

/**
 * Who can act on an error: `config` = the person (change an input or a setting), `transient` = nobody, trying
 * again helps, `denied` = somebody with more rights, `system` = us (a defect; carries a correlation id).
 */
export const errorKinds = ['config', 'transient', 'denied', 'system'] as const;
export type ErrorKind = (typeof errorKinds)[number];

/** Every error code Headgate can answer, with who acts on it. What to do next is `error.CODE.advice` of the catalogue. */
export const errorCodes = {
  INPUT_INVALID: { kind: 'config' },
  NOT_FOUND: { kind: 'config' },
  NAME_TAKEN: { kind: 'config' },
  IN_USE: { kind: 'config' },
  PERMISSION_DENIED: { kind: 'denied' },
  CALL_UNKNOWN: { kind: 'system' },
  NOT_ASKED: { kind: 'transient' },
  SOURCE_OFF: { kind: 'config' },
  CANCELLED: { kind: 'config' },
  INTERNAL: { kind: 'system' },
  STORE_TOO_NEW: { kind: 'config' },
  STORE_UNAVAILABLE: { kind: 'system' },
  FILE_NOT_WRITTEN: { kind: 'config' },
  AUDIT_BROKEN: { kind: 'config' },
  VAULT_UNAVAILABLE: { kind: 'config' },
  VAULT_LOCKED: { kind: 'config' },
  VAULT_WRONG_KEY: { kind: 'config' },
  VAULT_DAMAGED: { kind: 'config' },
  LAST_SLOT: { kind: 'config' },
  SLOTS_DROPPED: { kind: 'config' },
  LOCKED: { kind: 'denied' },
  PASSPHRASE_WRONG: { kind: 'denied' },
  PASSPHRASE_NEEDED: { kind: 'config' },
  TOO_MANY_TRIES: { kind: 'denied' },
  LAST_DBA: { kind: 'config' },
  POLICY_FORBIDS: { kind: 'denied' },
  NOT_HERE: { kind: 'config' },
  ENGINE_CAN_NOT: { kind: 'config' },
  CONNECTION_OFF: { kind: 'config' },
  CONNECTION_READ_ONLY: { kind: 'config' },
  CONNECTION_NOT_GRANTED: { kind: 'denied' },
  SSH_UNREACHABLE: { kind: 'transient' },
  SSH_LOGIN_REFUSED: { kind: 'config' },
  SSH_KEY_UNUSABLE: { kind: 'config' },
  SSH_AGENT_MISSING: { kind: 'config' },
  SSH_HOST_UNKNOWN: { kind: 'config' },
  SSH_HOST_CHANGED: { kind: 'config' },
  SSH_FORWARD_REFUSED: { kind: 'config' },
  SSH_LOST: { kind: 'transient' },
  ROTATION_FAILED: { kind: 'config' },
  LEASE_NOT_POSSIBLE: { kind: 'config' },
  IMPORT_UNREADABLE: { kind: 'config' },
  BUNDLE_WRONG_KEY: { kind: 'config' },
  SECRET_MISSING: { kind: 'config' },
  DB_HOST_UNKNOWN: { kind: 'config' },
  DB_REFUSED: { kind: 'config' },
  DB_TIMEOUT: { kind: 'transient' },
  DB_PASSWORD_ASKED: { kind: 'config' },
  DB_SIGN_IN: { kind: 'config' },
  DB_LOGIN_REFUSED: { kind: 'config' },
  DB_MISSING: { kind: 'config' },
  DB_TLS: { kind: 'config' },
  DB_NO_RIGHT: { kind: 'config' },
  TARGET_SUPERUSER: { kind: 'config' },
  TARGET_ENCODING: { kind: 'config' },
  READER_ROLE_MISSING: { kind: 'config' },
  DB_LOST: { kind: 'transient' },
  DB_FULL: { kind: 'config' },
  DB_ERROR: { kind: 'system' },
  OAUTH_DENIED: { kind: 'config' },
  OAUTH_STATE_MISMATCH: { kind: 'config' },
  OAUTH_CODE_EXPIRED: { kind: 'config' },
  OAUTH_TIMEOUT: { kind: 'config' },
  OAUTH_CLIENT_REFUSED: { kind: 'config' },
  SHARED_SIGN_IN_REFUSED: { kind: 'config' },
  OAUTH_FAILED: { kind: 'transient' },
  KEY_REFUSED: { kind: 'config' },
  KEY_LIMITED: { kind: 'config' },
  PASSWORD_REFUSED: { kind: 'config' },
  WRONG_ACCOUNT: { kind: 'config' },
  SIGN_IN_NEEDED: { kind: 'config' },
  SIGN_IN_EXPIRED: { kind: 'config' },
  SOURCE_UNREACHABLE: { kind: 'transient' },
  SOURCE_CERTIFICATE: { kind: 'config' },
  PROXY_UNREACHABLE: { kind: 'transient' },
  PROXY_LOGIN: { kind: 'config' },
  PROXY_UNSUPPORTED: { kind: 'config' },
  PROXY_REFUSED: { kind: 'config' },
  OFFLINE: { kind: 'transient' },
  SOURCE_FORBIDDEN: { kind: 'config' },
  SOURCE_NOT_AUTHORISED: { kind: 'config' },
  SOURCE_NO_SUCH_SPACE: { kind: 'config' },
  DATASET_GONE: { kind: 'config' },
  SOURCE_RATE_LIMITED: { kind: 'transient' },
  SOURCE_LOGIN_PAGE: { kind: 'transient' },
  SOURCE_BAD_ANSWER: { kind: 'transient' },
  SOURCE_FAILING: { kind: 'transient' },
  NOTICE_ADDRESS: { kind: 'config' },
  NOTICE_NOT_SENT: { kind: 'transient' },
  SCHEMA_NOT_OURS: { kind: 'config' },
  DATASET_BUSY: { kind: 'transient' },
  OWNER_UNREACHABLE: { kind: 'transient' },
  LEASE_LOST: { kind: 'transient' },
  PUBLISH_BLOCKED: { kind: 'transient' },
  PUBLISH_HELD: { kind: 'config' },
  QUERY_REFUSED: { kind: 'config' },
  QUERY_FAILED: { kind: 'config' },
  QUERY_TIMEOUT: { kind: 'config' },
  QUERY_LIMIT: { kind: 'transient' },
  QUERY_TOO_LARGE: { kind: 'config' },
  QUERY_GONE: { kind: 'transient' },
  SYNC_FAILED: { kind: 'system' },
} as const satisfies Record<string, { readonly kind: ErrorKind }>;

export type ErrorCode = keyof typeof errorCodes;
export const allErrorCodes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** What is wrong with one field of an input. */
export const fieldProblem = z.strictObject({
  /** As in the contract: `baseUrl`, `readerRoles.2`; empty for the input as a whole. */
  path: z.string(),
  said,
});
export type FieldProblem = z.infer<typeof fieldProblem>;

/** What crosses the bridge when a call fails. Carries no secret, no stack and no SQL. */
export const wireError = z.strictObject({
  code: z.enum(allErrorCodes),
  kind: z.enum(errorKinds),
  /** `said` and `advised` in English: for logs, agents, and a Headgate that does not know the sentence. Never parsed. */
  message: z.string(),
  advice: z.string(),
  /** What happened. Missing in what older versions kept. */
  said: said.optional(),
  /** What to do next. */
  advised: said.optional(),
  /** Of an input: what is wrong where; `said` then has all of it. */
  fields: z.array(fieldProblem).optional(),
  /** From when on it is worth another try. */
  until: z.iso.datetime({ precision: 3 }).optional(),
  /** Names the entry in the log for `system` errors. */
  correlationId: z.string().optional(),
  /** Of a query: what refused it or what its trouble is, and the place in the statement, counted in characters from 1. */
  query: z
    .strictObject({
      reason: z.enum(queryRefusals).optional(),
      trouble: z.enum(queryTroubles).optional(),
      position: z.int().min(1).optional(),
      sqlState: z.string().length(5).optional(),
      /** What was probably meant. */
      meant: z.array(z.string()).optional(),
    })
    .optional(),
});
export type WireError = z.infer<typeof wireError>;
export type QueryProblem = NonNullable<WireError['query']>;

/** Every call answers one of these and never throws across the bridge. */
export type Envelope<T> = { ok: true; data: T } | { ok: false; error: WireError };
