import { z } from 'zod';
import { byId, done, type Method, nothing } from '../method.ts';
import {
  bulkChange,
  connectionChange,
  connectionDetail,
  connectionFilter,
  connectionInput,
  connectionPage,
  connectionTest,
  connectionTrial,
  deletedConnection,
  foundImport,
  handedOver,
  handled,
  healthHistory,
  hostChoice,
  hostKey,
  id,
  importChoice,
  importKinds,
  importPlan,
  importResult,
  leasedLogin,
  passphrase,
  recentHealth,
  rotationResult,
  sealFor,
  structure,
  takenProject,
  testAllResult,
  usage,
} from '../models.ts';

/** A bundle or an export of the largest workspace is far below this; in characters. */
const longestText = 20_000_000;
const ids = z.array(id).min(1).max(10_000);
const manage = { field: 'id', needs: 'manage' } as const;
const use = { field: 'id', needs: 'use' } as const;
/** Why somebody wants to see a secret; it is kept in the log. */
const reason = z.string().trim().min(5, 'say why, in a few words').max(500);

/** Connections, what is done with them, and how they come and go. */
export const connectionMethods = {
  /** By name, a page at a time. */
  'connections.list': {
    permission: 'view',
    changes: false,
    input: connectionFilter,
    output: connectionPage,
  },
  'connections.get': { permission: 'view', changes: false, input: byId, output: connectionDetail },
  'connections.create': {
    permission: 'manage_database_connections',
    changes: true,
    input: connectionInput,
    output: connectionDetail,
  },
  /** The test of a connection that is not there yet: nothing of it is kept. */
  'connections.try': {
    permission: 'manage_database_connections',
    changes: true,
    input: connectionTrial,
    output: connectionTest,
  },
  /** Fields left out stay; secrets are replaced only when given. */
  'connections.update': {
    permission: 'manage_database_connections',
    changes: true,
    connection: manage,
    input: connectionChange.extend({ id }),
    output: connectionDetail,
  },
  /** With its secrets, which nobody sees on the way. */
  'connections.duplicate': {
    permission: 'manage_database_connections',
    changes: true,
    connection: manage,
    input: z.strictObject({
      id,
      name: connectionInput.shape.name,
      environment: connectionInput.shape.environment.removeDefault().optional(),
    }),
    output: connectionDetail,
  },
  /**
   * Its secrets and leased logins are destroyed at once; the rest can be restored for 30 days. Refused with IN_USE, naming the
   * projects, while any project uses it.
   */
  'connections.delete': {
    permission: 'manage_database_connections',
    changes: true,
    connection: manage,
    input: byId,
    output: done,
  },
  /** Those that can be restored by who asks, the latest first. */
  'connections.deleted': {
    permission: 'view',
    changes: false,
    input: nothing,
    output: z.array(deletedConnection),
  },
  /** Without its secrets, which have to be entered again. Under another name where that is taken: fails with NAME_TAKEN. */
  'connections.restore': {
    permission: 'manage_database_connections',
    changes: true,
    connection: manage,
    input: z.strictObject({
      id,
      name: connectionInput.shape.name.optional(),
      environment: connectionInput.shape.environment.removeDefault().optional(),
    }),
    output: connectionDetail,
  },
  /** All or none of them. */
  'connections.bulk': {
    permission: 'manage_database_connections',
    changes: true,
    input: z.strictObject({ ids, change: bulkChange }),
    /** `undo`: what to ask for, one after the other, to have them as they were. */
    output: z.strictObject({
      changed: z.int(),
      undo: z.array(z.strictObject({ ids: z.array(id), change: bulkChange })),
    }),
  },
  /** Climbs the ladder with a real session. A failed rung is an answer (`ok: false`), not an error of the call. */
  'connections.test': {
    permission: 'use_connections',
    changes: true,
    connection: use,
    input: byId,
    output: connectionTest,
  },
  /** A few at a time; without `ids`, every active one that the person may use. What is tested is recorded at once. */
  'connections.testAll': {
    permission: 'use_connections',
    changes: true,
    input: z.strictObject({ ids: ids.optional() }),
    output: testAllResult,
  },
  /** Accepts the key that the last test of this connection met; the fingerprint says which. */
  'connections.trustHost': {
    permission: 'manage_database_connections',
    changes: true,
    connection: manage,
    input: z.strictObject({ id, fingerprint: z.string().max(200) }),
    output: hostKey,
  },
  'connections.usage': { permission: 'view', changes: false, input: byId, output: usage },
  'connections.history': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ id, hours: z.int().min(1).max(720).default(24) }),
    output: healthHistory,
  },
  /** From the store unless `refresh`; a live read that fails answers what was read last, with the warning and its age. */
  'connections.structure': {
    permission: 'use_connections',
    changes: false,
    usesSecret: true,
    connection: use,
    input: z.strictObject({ id, refresh: z.boolean().default(false) }),
    output: structure,
  },
  /** The latest checks of each, and how far its last test came; what is gone is left out. */
  'connections.recent': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ ids: z.array(id).max(500) }),
    output: z.array(recentHealth),
  },
  /**
   * Tries the new password, then switches this connection and those named in `also` to it at once. With `onServer` the
   * password of the role is changed first (a SCRAM verifier is sent), and changed back when the new one does not work;
   * without `password` one is made up.
   */
  'connections.rotate': {
    permission: 'manage_database_connections',
    changes: true,
    connection: manage,
    input: z.strictObject({
      id,
      user: connectionInput.shape.user.optional(),
      password: connectionInput.shape.password.optional(),
      onServer: z.boolean().default(false),
      also: z.array(id).max(1000).default([]),
    }),
    output: rotationResult,
  },
  /** Back to the password before the last rotation, at the server too where that was changed; for a day. */
  'connections.undoRotation': {
    permission: 'manage_database_connections',
    changes: true,
    connection: manage,
    input: byId,
    output: rotationResult,
  },
  /**
   * Everything but the secrets, as JSON that `imports.preview` takes. Projects go along with their sources and links for who
   * may manage those, where their connections do.
   */
  'connections.export': {
    permission: 'manage_database_connections',
    changes: true,
    input: z.strictObject({
      ids: ids.optional(),
      projects: z.array(id).max(1000).default([]),
      save: z.boolean().default(false),
    }),
    output: handedOver,
  },
  /**
   * Connections with their secrets, sealed. Asks for the person's passphrase again. Projects go along as with
   * `connections.export`, with the secrets of their sources; with `signIns` their own sign-ins too, which are shared with
   * whoever opens the bundle from then on. No person's own sign-in ever goes.
   */
  'connections.seal': {
    permission: 'reveal_secrets',
    changes: true,
    input: z.strictObject({
      ids,
      projects: z.array(takenProject).max(1000).default([]),
      for: sealFor,
      reason,
      passphrase: passphrase.optional(),
      save: z.boolean().default(false),
    }),
    output: handedOver,
  },

  /** Shows it outside the page for 20 seconds. Asks for the person's passphrase again. */
  'secrets.reveal': {
    permission: 'reveal_secrets',
    changes: true,
    input: z.strictObject({
      connectionId: id,
      field: z.enum(['user', 'password']),
      reason,
      passphrase: passphrase.optional(),
    }),
    output: handled,
  },
  /** To the clipboard, which is emptied after 30 seconds unless something else is in it by then. */
  'secrets.copy': {
    permission: 'reveal_secrets',
    changes: true,
    input: z.strictObject({
      connectionId: id,
      field: z.enum(['user', 'password']),
      reason,
      passphrase: passphrase.optional(),
    }),
    output: handled,
  },

  'hostKeys.list': { permission: 'view', changes: false, input: nothing, output: z.array(hostKey) },
  'hostKeys.forget': {
    permission: 'manage_database_connections',
    changes: true,
    input: byId,
    output: done,
  },

  /** What other tools have left in their usual places on this computer. Nothing is imported. */
  'imports.found': {
    permission: 'manage_database_connections',
    changes: false,
    input: nothing,
    output: z.array(foundImport),
  },
  /** What would be imported; nothing is changed. A plan is kept for half an hour, the newest few of them. */
  'imports.preview': {
    permission: 'manage_database_connections',
    changes: false,
    input: z.strictObject({
      kind: z.enum(importKinds),
      /** The text of the file, of `beekeeper`, a database, in base64; left out, the file in its usual place is read. */
      text: z.string().max(longestText).optional(),
      /** The file beside it that says who signs in, in base64: credentials-config.json of DBeaver, dataSources.local.xml of DataGrip. */
      credentials: z.string().max(longestText).optional(),
      /**
       * Of a sealed bundle, at a terminal; without it the key of this Headgate opens it. The window looks which of the two
       * opens it, and asks for the passphrase in one of its own.
       */
      passphrase: passphrase.optional(),
    }),
    output: importPlan,
  },
  'imports.apply': {
    permission: 'manage_database_connections',
    changes: true,
    input: z.strictObject({
      planId: id,
      /** What is not named is skipped. */
      connections: z.array(importChoice).max(10_000).default([]),
      hosts: z.array(hostChoice).max(1000).default([]),
      /** Names of projects to make, extend or repoint. */
      projects: z.array(z.string().max(200)).max(10_000).default([]),
    }),
    output: importResult,
  },
  'imports.discard': {
    permission: 'manage_database_connections',
    changes: false,
    input: z.strictObject({ planId: id }),
    output: done,
  },

  'leases.list': {
    permission: 'use_connections',
    changes: false,
    input: z.strictObject({ connectionId: id.optional() }),
    output: z.array(leasedLogin),
  },
  /** Makes a login for the person who asks and copies its URL to the clipboard, or shows it, outside the page. */
  'leases.mint': {
    permission: 'use_connections',
    changes: true,
    connection: { field: 'connectionId', needs: 'use' },
    input: z.strictObject({
      connectionId: id,
      minutes: z.int().min(5).max(1440).optional(),
      deliver: z.enum(['copy', 'show']),
    }),
    output: leasedLogin,
  },
  /** Ends its sessions and drops the role. One's own, or any for who manages connections. */
  'leases.end': { permission: 'use_connections', changes: true, input: byId, output: leasedLogin },
} as const satisfies Record<string, Method>;
