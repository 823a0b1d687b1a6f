import { z } from 'zod';
import { said } from '../said.ts';
import { person } from './access.ts';
import { id, instant } from './base.ts';

/**
 * How the vault keeps its data key: `protected` by the OS keychain, `passphrase`, `key_file`, opened with the recovery key
 * (`recovered`), only for this `session`, or `locked`.
 */
export const vaultStates = [
  'protected',
  'passphrase',
  'key_file',
  'recovered',
  'session_only',
  'locked',
] as const;
/** What a computer offers to seal the data key with. */
export const protectorKinds = ['safe_storage', 'os_keyring', 'passphrase', 'key_file'] as const;
/** What can seal the data key: the recovery key is on paper, and no computer offers it. */
export const slotKinds = [...protectorKinds, 'recovery'] as const;
export type SlotKind = (typeof slotKinds)[number];

/** A file of this computer, by its whole path: none that a network would be asked for. */
export const ownFile = z
  .string()
  .max(4096)
  .regex(/^(?:\/(?!\/)|[A-Za-z]:[\\/])/, 'the whole path of a file of this computer');

/** One seal of the data key; the vault opens with any of them. */
export const keySlot = z.strictObject({
  id,
  kind: z.enum(slotKinds),
  /** Who sealed it, in words: "macOS Keychain", "Key file /etc/headgate.key" … */
  label: z.string(),
  createdAt: instant,
  /** When it was last seen to open, to the hour; null when it never was. */
  openedAt: instant.nullable(),
  /** Whether it opens `here`, once somebody was asked (`ask`), where its keychain or file is (`elsewhere`), or `fails`. */
  opens: z.enum(['here', 'ask', 'elsewhere', 'fails']),
  /** Why it fails: `said` in English; null when it does not. */
  problem: z.string().nullable(),
  said: said.optional(),
  /** It is what this Headgate opened the vault with. */
  inUse: z.boolean(),
  /** It goes as soon as the one that replaces it has opened once after a restart. */
  leaving: z.boolean(),
  /** False when a rotation would drop it: what opens it is not known here. */
  keptByRotation: z.boolean(),
});
export type KeySlot = z.infer<typeof keySlot>;

export const vaultStatus = z.strictObject({
  state: z.enum(vaultStates),
  /** Who guards the data key, in words: "GNOME Keyring / Secret Service", "macOS Keychain" … */
  protector: z.string(),
  /** The kind of slot that the vault is open by, or should open by; null before there is a key. */
  sealedBy: z.enum(slotKinds).nullable(),
  /** What this computer offers now; another kind than `sealedBy` is a change of backend. */
  available: z.enum(protectorKinds).nullable(),
  keyVersion: z.int(),
  secrets: z.int(),
  /** Why secrets are not kept, or can't be opened, and what would open them: `said` in English. */
  explanation: z.string().nullable(),
  said: said.optional(),
});
export type VaultStatus = z.infer<typeof vaultStatus>;

/** Names this workspace's half of a key pair: whoever has the public half can seal a bundle that only this vault opens. */
export const vaultPublicKey = z.strictObject({
  /** A recipient of age: `age1…`, 32 bytes with a checksum. */
  publicKey: z.string(),
  /** Six groups of four hex digits, to be compared by telephone. */
  fingerprint: z.string(),
});
export type VaultPublicKey = z.infer<typeof vaultPublicKey>;

export const themes = ['system', 'light', 'dark'] as const;
export const theme = z.enum(themes);
export type Theme = z.infer<typeof theme>;

/** What the window speaks: one of these languages, or the one that the system prefers. */
export const languages = ['en', 'fr', 'es', 'pt', 'hi'] as const;
export const language = z.enum(languages);
export type Language = z.infer<typeof language>;
export const languageChoices = ['system', ...languages] as const;
export const spokenLanguage = z.strictObject({ language: z.enum(languageChoices) });
export type LanguageChoice = z.infer<typeof spokenLanguage>['language'];

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
  /** This computer is on no network: what needs one waits for it. */
  offline: z.boolean(),
});
export type AppInfo = z.infer<typeof appInfo>;

/** Whether Headgate goes on without a window, and begins so; `isPossible` is false where there is none of its own. */
export const background = z.strictObject({
  isPossible: z.boolean(),
  keepsRunning: z.boolean(),
  startsAtLogin: z.boolean(),
});
export type BackgroundView = z.infer<typeof background>;

/** What keeps a Headgate from looking after its workspace by itself. */
export const healthProblems = ['vault_shut', 'timetable_late', 'store_unwritable'] as const;
export type HealthProblem = (typeof healthProblems)[number];

/** How a Headgate is, for whoever watches over it. Nothing of what is in the workspace. */
export const serviceHealth = z.strictObject({
  version: z.string(),
  vault: z.enum(vaultStates),
  /** When its timetable was last looked at, which happens each minute; null where it keeps none. */
  lookedAt: instant.nullable(),
  /** Syncs that it runs now. */
  running: z.int(),
  /** Empty where all is well. */
  problems: z.array(z.enum(healthProblems)),
});
export type ServiceHealth = z.infer<typeof serviceHealth>;

/** What the workspace's managers decided, for everybody. */
export const policy = z.strictObject({
  /** Whether a DBA may see or copy a stored secret at all. */
  reveal: z.enum(['allow', 'forbid']),
  /** Minutes without a person's input after which a profile with a passphrase is locked. */
  idleLockMinutes: z.int().min(1).max(480),
  /** Minutes between two background checks of the connections in use; 0 turns them off. */
  healthMinutes: z.int().min(0).max(1440),
  /** Queries in SQL that a person may ask in an hour, in the window and by command; agents have a limit of their own. */
  queriesAnHour: z.int().min(1).max(10_000),
  /** Whether the history of queries has the values in them, or only what was asked. */
  queryLiterals: z.enum(['keep', 'leave_out']),
  /** Names of the fields above that the computer's own policy file decides; they can't be changed here. */
  fixed: z.array(z.enum(['reveal', 'idleLockMinutes', 'healthMinutes', 'queriesAnHour', 'queryLiterals'])),
});
export type Policy = z.infer<typeof policy>;

/** A secret that is on the screen or in the clipboard until then; the secret itself is never part of an answer. */
export const handled = z.strictObject({ until: instant });
