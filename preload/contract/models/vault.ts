import { z } from 'zod';
import { person } from './access.ts';
import { id, instant } from './base.ts';

/** How the vault keeps its data key: `protected` by the OS keychain, `passphrase`, `key_file`, only for this `session`, or `locked`. */
export const vaultStates = ['protected', 'passphrase', 'key_file', 'session_only', 'locked'] as const;
/** What can seal the data key. */
export const protectorKinds = ['safe_storage', 'os_keyring', 'passphrase', 'key_file'] as const;
export type ProtectorKind = (typeof protectorKinds)[number];

export const vaultStatus = z.strictObject({
  state: z.enum(vaultStates),
  /** Who guards the data key, in words: "GNOME Keyring / Secret Service", "macOS Keychain" … */
  protector: z.string(),
  /** What sealed the stored data key; null before there is one. */
  sealedBy: z.enum(protectorKinds).nullable(),
  /** What this computer offers now; another kind than `sealedBy` is a change of backend. */
  available: z.enum(protectorKinds).nullable(),
  keyVersion: z.int(),
  secrets: z.int(),
  /** Why secrets are not kept, or can't be opened, and what would open them. */
  explanation: z.string().nullable(),
});
export type VaultStatus = z.infer<typeof vaultStatus>;

/** Names this workspace's half of a key pair: whoever has the public half can seal a bundle that only this vault opens. */
export const vaultPublicKey = z.strictObject({
  /** `headgate-x25519:` and 32 bytes in base64url. */
  publicKey: z.string(),
  /** Six groups of four hex digits, to be compared by telephone. */
  fingerprint: z.string(),
});
export type VaultPublicKey = z.infer<typeof vaultPublicKey>;

export const themes = ['system', 'light', 'dark'] as const;
export const theme = z.enum(themes);
export type Theme = z.infer<typeof theme>;

export const appInfo = z.strictObject({
  version: z.string(),
  host: z.enum(['electron', 'headless']),
  platform: z.string(),
  workspaceId: id,
  /** What this Headgate is called in the jobs that it runs. */
  runner: z.string(),
  person,
  vault: vaultStatus,
  theme,
  /** True until the first table was published; the window then shows the way from nothing to it. */
  firstRun: z.boolean(),
});
export type AppInfo = z.infer<typeof appInfo>;

/** What the workspace's managers decided, for everybody. */
export const policy = z.strictObject({
  /** Whether a DBA may see or copy a stored secret at all. */
  reveal: z.enum(['allow', 'forbid']),
  /** Minutes without a person's input after which a profile with a passphrase is locked. */
  idleLockMinutes: z.int().min(1).max(480),
  /** Minutes between two background checks of the connections in use; 0 turns them off. */
  healthMinutes: z.int().min(0).max(1440),
  /** Names of the fields above that the computer's own policy file decides; they can't be changed here. */
  fixed: z.array(z.enum(['reveal', 'idleLockMinutes', 'healthMinutes'])),
});
export type Policy = z.infer<typeof policy>;

/** A secret that is on the screen or in the clipboard until then; the secret itself is never part of an answer. */
export const handled = z.strictObject({ until: instant });
