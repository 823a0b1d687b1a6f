import { z } from 'zod';
import { byId, done, type Method, nothing } from '../method.ts';
import {
  appInfo,
  auditEntry,
  auditFilter,
  auditTrimmed,
  auditVerification,
  background,
  grant,
  grantLevels,
  handedOver,
  id,
  instant,
  keySlot,
  newPassphrase,
  ownFile,
  passphrase,
  policy,
  profile,
  profileInput,
  proxyInput,
  proxyView,
  retention,
  serviceHealth,
  session,
  spokenLanguage,
  theme,
  vaultPublicKey,
  vaultStatus,
} from '../models.ts';

/** What the data key can be sealed by: what this computer offers, a passphrase, or a key file that is made if it is missing. */
const protections = [
  z.strictObject({ to: z.literal('keychain') }),
  /** The new passphrase is given at a terminal; the window asks for it in one of its own. */
  z.strictObject({ to: z.literal('passphrase'), passphrase: newPassphrase.optional() }),
  z.strictObject({ to: z.literal('key_file'), file: ownFile }),
] as const;

/** The application itself, who sits at it, its vault, its people and its log. */
export const workspaceMethods = {
  'app.info': { permission: 'view', changes: false, input: nothing, output: appInfo },
  /** Of this workstation, whoever sits at it. */
  'app.setTheme': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ theme }),
    output: appInfo,
  },
  /** Of this workstation, and known before anybody signs in: who can't read the door can't get in. */
  'app.language': { permission: 'view', changes: false, open: true, input: nothing, output: spokenLanguage },
  /** At the door as well. */
  'app.setLanguage': {
    permission: 'view',
    changes: false,
    open: true,
    input: spokenLanguage,
    output: spokenLanguage,
  },
  /** Of this workstation as well. */
  'app.background': { permission: 'view', changes: false, input: nothing, output: background },
  /** That it begins with the system is confirmed outside the page. Fails with NOT_HERE where there is no window. */
  'app.setBackground': {
    permission: 'view',
    changes: true,
    input: background.omit({ isPossible: true }).partial(),
    output: background,
  },
  /**
   * What somebody who helps has to know, as JSON: versions, states, recent jobs and the end of the log; `count` is the number
   * of its lines. Names of servers and people are in it, secrets are not.
   */
  'app.diagnostics': {
    permission: 'read_audit',
    changes: true,
    input: z.strictObject({ save: z.boolean().default(false) }),
    output: handedOver,
  },
  /** For whoever watches over this Headgate; answered before the door, as it tells nothing of what is in the workspace. */
  'app.health': { permission: 'view', changes: false, open: true, input: nothing, output: serviceHealth },

  'session.state': { permission: 'view', changes: false, open: true, input: nothing, output: session },
  /**
   * At a terminal with the passphrase; the window asks for it in one of its own, again where it was wrong, and fails with
   * CANCELLED when that is closed. Fails with PASSPHRASE_WRONG, or with TOO_MANY_TRIES without looking at the passphrase.
   */
  'session.signIn': {
    permission: 'view',
    changes: true,
    open: true,
    input: z.strictObject({ personId: id, passphrase: passphrase.optional() }),
    output: session,
  },
  /** Nothing to lock behind where the profile has no passphrase: PASSPHRASE_NEEDED. */
  'session.lock': { permission: 'view', changes: true, open: true, input: nothing, output: session },
  /** Somebody is at the keyboard; the idle lock begins to count anew. */
  'session.touch': { permission: 'view', changes: false, input: nothing, output: done },

  'policy.get': { permission: 'view', changes: false, input: nothing, output: policy },
  /** Fails with POLICY_FORBIDS for what the computer's policy file decides. */
  'policy.set': {
    permission: 'manage_vault',
    changes: true,
    input: policy.omit({ fixed: true }).partial(),
    output: policy,
  },

  /** How much is kept of what grows; see `retentionRules`. */
  'policy.retention': { permission: 'view', changes: false, input: nothing, output: retention },
  /** Where less is to be kept it is confirmed outside the page. What is left out stays. */
  'policy.setRetention': {
    permission: 'manage_vault',
    changes: true,
    input: retention.partial(),
    output: retention,
  },

  /** Over what sources are reached. */
  'policy.proxy': { permission: 'view', changes: false, input: nothing, output: proxyView },
  /** Confirmed outside the page. A password goes to the proxy that it was entered for, and to no other. */
  'policy.setProxy': { permission: 'manage_vault', changes: true, input: proxyInput, output: proxyView },

  'vault.status': { permission: 'view', changes: false, input: nothing, output: vaultStatus },
  /**
   * Tries the keychain again, or opens a vault with a passphrase or its recovery key; also while it is open, to see that they
   * would. After a recovery set a new passphrase, or the keychain. A terminal gives what opens it; the window says which it
   * is to be (`by`), and asks for it in one of its own.
   */
  'vault.unlock': {
    permission: 'view',
    changes: true,
    input: z.strictObject({
      by: z.enum(['passphrase', 'recovery']).optional(),
      passphrase: passphrase.optional(),
      recoveryKey: passphrase.optional(),
    }),
    output: vaultStatus,
  },
  /** Every way in which the vault opens. */
  'vault.slots': { permission: 'view', changes: false, input: nothing, output: z.array(keySlot) },
  /**
   * One more way. A recovery key is shown past every page and is in no answer; fails with CANCELLED where the person did not
   * take it.
   */
  'vault.addSlot': {
    permission: 'manage_vault',
    changes: true,
    input: z.union([...protections, z.strictObject({ to: z.literal('recovery') })]),
    output: keySlot,
  },
  /** Fails with LAST_SLOT for the last one that was seen to open. */
  'vault.removeSlot': { permission: 'manage_vault', changes: true, input: byId, output: z.array(keySlot) },
  /**
   * A new data key; every secret is sealed anew in one transaction. Fails with SLOTS_DROPPED where it would no longer open in a
   * way that is not among `dropping`.
   */
  'vault.rotate': {
    permission: 'manage_vault',
    changes: true,
    input: z.strictObject({ dropping: z.array(id).max(20).default([]) }),
    output: vaultStatus,
  },
  /**
   * One more way in the place of the present one. That leaves when the new one has opened after a restart; the ones named in
   * `remove` go at once. No secret is sealed anew.
   */
  'vault.changeProtector': {
    permission: 'manage_vault',
    changes: true,
    input: z.union(protections.map((choice) => choice.extend({ remove: z.array(id).max(20).default([]) }))),
    output: vaultStatus,
  },
  /** What others seal a bundle to, so that only this vault opens it. Made when it is asked for first. */
  'vault.publicKey': { permission: 'view', changes: false, input: nothing, output: vaultPublicKey },
  /** Destroys every secret and the data key, and nothing else. `confirm` is the word WIPE. */
  'vault.wipe': {
    permission: 'manage_vault',
    changes: true,
    input: z.strictObject({ confirm: z.literal('WIPE'), passphrase: passphrase.optional() }),
    output: vaultStatus,
  },

  'people.list': { permission: 'view', changes: false, input: nothing, output: z.array(profile) },
  /** Fails with PASSPHRASE_NEEDED while the person who asks has none. */
  'people.create': { permission: 'manage_people', changes: true, input: profileInput, output: profile },
  /** Fails with LAST_DBA where nobody would be left who manages the workspace. */
  'people.update': {
    permission: 'manage_people',
    changes: true,
    input: z.strictObject({
      id,
      name: profileInput.shape.name.optional(),
      roles: profileInput.shape.roles.optional(),
    }),
    output: profile,
  },
  /** Destroys the person's own credentials; fails with LAST_DBA, and IN_USE for the one who asks. */
  'people.delete': { permission: 'manage_people', changes: true, input: byId, output: done },
  /** One's own needs the present one, somebody else's the permission `manage_people` and one's own. */
  'people.setPassphrase': {
    permission: 'view',
    changes: true,
    input: z.strictObject({
      id,
      passphrase: passphrase.optional(),
      /** At a terminal; the window asks for it in one of its own. */
      next: newPassphrase.optional(),
    }),
    output: profile,
  },

  'grants.list': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ connectionId: id }),
    output: z.array(grant),
  },
  /** `level: null` takes the grant back. */
  'grants.set': {
    permission: 'manage_database_connections',
    changes: true,
    connection: { field: 'connectionId', needs: 'manage' },
    input: z.strictObject({ connectionId: id, personId: id, level: z.enum(grantLevels).nullable() }),
    output: z.array(grant),
  },

  /** Newest first; `before` is the number of the last entry of the page before. */
  'audit.list': {
    permission: 'read_audit',
    changes: false,
    input: auditFilter.extend({
      before: z.int().min(1).optional(),
      limit: z.int().min(1).max(1000).default(200),
    }),
    output: z.array(auditEntry),
  },
  /** `entry` asks besides for the hash of one entry, to which a file that was exported can be held. */
  'audit.verify': {
    permission: 'read_audit',
    changes: false,
    input: z.strictObject({ entry: z.int().min(1).optional() }),
    output: auditVerification,
  },
  /** Oldest first, with the hashes that chain it, so that others can verify it too. */
  'audit.export': {
    permission: 'read_audit',
    changes: true,
    input: auditFilter.extend({ format: z.enum(['csv', 'json']), save: z.boolean().default(false) }),
    output: handedOver,
  },
  /**
   * Writes every entry before a moment to a file and then removes them from the log, but for the newest entry, which always
   * stays. What is left goes on from an anchor. Asks for the passphrase and is confirmed outside the page. `path` is null, and
   * nothing is removed, where the person chose no file. Fails with AUDIT_BROKEN where the log is not as it was written, and
   * with VAULT_LOCKED where nothing can be sealed.
   */
  'audit.trim': {
    permission: 'manage_vault',
    changes: true,
    input: z.strictObject({ before: instant }),
    output: auditTrimmed,
  },
} as const satisfies Record<string, Method>;
