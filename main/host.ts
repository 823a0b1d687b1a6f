import type { LanguageChoice, Policy, SlotKind, Theme } from '../preload/contract/models.ts';
import type { Said } from '../preload/contract/said.ts';
import type { TypedKind } from '../preload/contract/typed.ts';
import type { Logger } from './log.ts';
import type { ProxyWays } from './net/proxy.ts';
import type { Saved } from './own-file.ts';
import type { Redactor } from './redact.ts';
import type { Words } from './words.ts';

export type { Saved };

/** Time, injected so that tests need not wait. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Numbers 0 ≤ n < 1 out of random bytes. */
export const fractionsOf =
  (bytes: (count: number) => Buffer): (() => number) =>
  () =>
    bytes(4).readUInt32LE() / 2 ** 32;

/** A random UUID (RFC 9562, version 4) from the host's random source. */
export function uuid(bytes: Buffer): string {
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * Seals the vault's data key (32 bytes) with something that is not on the disk beside it. Implementations: the
 * OS keychain (Electron safeStorage, Secret Service …), a passphrase, a key file.
 */
export interface KeyProtector {
  /** Stored with what it sealed, so that the vault knows whom to ask. */
  readonly kind: SlotKind;
  /** In words, for the window: "macOS Keychain", "Secret Service (GNOME Keyring, KWallet)" … */
  readonly label: string;
  /** Seals the data key. `context` is bound to it where the mechanism allows. Fails with VAULT_UNAVAILABLE. */
  seal(key: Uint8Array): Promise<Uint8Array>;
  /** Opens it again. Fails with VAULT_LOCKED (try again later) or VAULT_WRONG_KEY (never will). */
  open(sealed: Uint8Array): Promise<Uint8Array>;
  /** Removes what it keeps outside the vault for a key that it sealed and that is not used any more, where it keeps something. */
  forget?(sealed: Uint8Array): Promise<void>;
  /** True once something was opened that a newer key of the keychain should seal again. */
  readonly resealWanted?: boolean;
}

/** How Headgate looks on this workstation. */
export interface Appearance {
  theme(): Theme;
  setTheme(theme: Theme): void;
  language(): LanguageChoice;
  setLanguage(language: LanguageChoice): void;
}

/** Whether Headgate goes on without a window on this workstation, and begins so when somebody signs in to it. */
export interface Background {
  current(): { readonly keepsRunning: boolean; readonly startsAtLogin: boolean };
  /** What is left out stays; beginning without a window brings going on without one along. */
  set(change: {
    readonly keepsRunning?: boolean | undefined;
    readonly startsAtLogin?: boolean | undefined;
  }): void;
}

/** What a person is asked outside the page, written in their language and cut by whoever shows it. */
export interface Question {
  readonly title: Said;
  /** Null where the title says all. */
  readonly what: Said | null;
}
export interface YesNo extends Question {
  /** What the button that agrees says. */
  readonly agree: Said;
}
/** What a person is to type. */
export interface TypedQuestion extends Question {
  /** What the field is called. */
  readonly label: Said;
  readonly kind: TypedKind;
  /** In characters. */
  readonly shortest: number;
  /** What was wrong with what was typed last; null the first time. */
  readonly problem: Said | null;
  /** What was typed last, to be corrected; empty where it is typed anew. */
  readonly before: string;
}

/** Sentences as text. */
export interface Written {
  /** What they are written in, as HTML names it. */
  readonly language: string;
  readonly texts: readonly string[];
}

/** What the person at this computer can be shown or handed without it passing through a page. Every wait ends with its signal. */
export interface Desk {
  /** A message of the system, e.g. that a connection stopped working. Silent where there is no way to show one. */
  notify(title: Said, text: Said | null): void;
  /** Sentences in the language of whoever sits there, for what is shown to them elsewhere, such as a page in their browser. */
  write(told: readonly Said[]): Promise<Written>;
  /**
   * Shows a secret outside the page and takes it away after `ms`, or when the person closes it. Resolves when it is gone.
   * Fails with NOT_HERE where there is no screen of one's own.
   */
  reveal(title: Said, secret: string, ms: number, signal: AbortSignal): Promise<void>;
  /** Puts a secret into the clipboard, marked so that histories of clipboards leave it out. Fails with NOT_HERE. */
  copy(secret: string): Promise<void>;
  /** Empties the clipboard if that secret is still in it. */
  clearCopied(secret: string): Promise<void>;
  /**
   * Asks where to save a file, and saves it readable by this user only. One that comes in pieces is read only then, and
   * what it fails with is passed on. Null when the person closed the dialog. Fails with NOT_HERE.
   */
  save(suggestedName: string, content: Saved): Promise<string | null>;
  /**
   * Asks whether the person at this computer wants it, where no page can answer for them: `what` says what would be done, to
   * how much, for whom. On the command line they typed the command themselves, which is the answer. False when they do not.
   * Fails with NOT_ASKED while something else is asked, and for a while after a no.
   */
  confirm(question: YesNo, signal: AbortSignal): Promise<boolean>;
  /**
   * Has the person type a passphrase or a key where no page sees it. Null when they closed it. Fails with NOT_ASKED like
   * `confirm`, and with NOT_HERE where nobody can be asked.
   */
  askTyped(question: TypedQuestion, signal: AbortSignal): Promise<string | null>;
  /**
   * Shows a text that the person is to keep on paper or in a file of their own, and that is shown this once; true when they say
   * that they have it. Fails with NOT_HERE where there is nobody who could be shown it.
   */
  handOut(title: Said, text: Said, suggestedName: string, signal: AbortSignal): Promise<boolean>;
  /** Tells when the system is locked, sent to sleep or woken up; returns what stops listening. */
  onPower(listener: (event: PowerEvent) => void): () => void;
}
export type PowerEvent = 'lock' | 'suspend' | 'resume';
/** Who on this computer says where the proxy is. */
export type ProxyOrigin = 'system' | 'environment';

/** The ports that the servers of the sample listen on, on 127.0.0.1. */
export interface SamplePorts {
  readonly database: number;
  readonly hq: number;
}

/** The servers of the sample while they run. */
export interface RunningSample {
  readonly host: string;
  readonly ports: SamplePorts;
  /** Who Headgate signs in to the database as; null where the database was there before: the login is in the vault. */
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly hqUrl: string;
  /** The one project space there. */
  readonly space: string;
  /** Gives the consent that a person gives in a browser; for pages of this computer only. */
  consent(url: string): Promise<void>;
  stop(): Promise<void>;
}

/** What the sample workspace is made with: a PostgreSQL of its own and a simulated CommCare HQ. */
export interface SampleServers {
  /** Null where this build brings both; else a sentence that says so. */
  missing(): Promise<Said | null>;
  /** Where the files of a sample are to be; nothing else is ever put there. */
  placeFor(dataFolder: string, tag: string): string;
  /**
   * Starts both: anew, or on what is in the folder, at the same ports. Fails with NOT_HERE, DB_ERROR, INTERNAL, and with the
   * signal's reason.
   */
  start(place: {
    readonly folder: string;
    readonly database: string;
    /** Null for any that are free. */
    readonly ports: SamplePorts | null;
    readonly signal: AbortSignal;
  }): Promise<RunningSample>;
  /** Ends what a process that was killed left running there, and removes the files. */
  remove(folder: string): Promise<void>;
}

/**
 * What the core runs in: Electron or plain Node. Everything the core needs from outside comes through here, so
 * the core itself never asks which of the two it is.
 */
export interface Host {
  readonly kind: 'electron' | 'headless';
  readonly version: string;
  readonly platform: string;
  /** Absolute path of a folder only this user can read; made by the host. */
  readonly dataFolder: string;
  /** Null where there is no keychain and no passphrase: the vault then keeps secrets for this session only. */
  readonly protector: KeyProtector | null;
  /** Why `protector` is null, in words for the person. */
  readonly protectorProblem: string | null;
  /** Opens an https (or loopback http) page in the person's browser. */
  openUrl(url: string): Promise<void>;
  readonly appearance: Appearance;
  /** In the language of this computer's person, as they chose it. */
  readonly words: Words;
  /** Absent where there is no window that could be closed. */
  readonly background?: Background;
  readonly desk: Desk;
  /** The person's own folder, where other tools keep their connections and SSH its keys. */
  readonly homeFolder: string;
  /** The addresses of this computer on its networks, sorted. */
  addresses(): readonly string[];
  /** False where the system says that there is no network, whatever the addresses say; true where it says nothing. */
  maybeOnline(): boolean;
  /** Where an SSH agent listens (`SSH_AUTH_SOCK`); null without one. */
  readonly sshAgent: string | null;
  /** What policy files decide (see `readPolicies`); empty without one. */
  readonly fixedPolicy: Readonly<Partial<Omit<Policy, 'fixed'>>>;
  /** The longest time until an idle profile is locked that the user's own policy file allows; null without one. */
  readonly idleLockAtMost: number | null;
  /**
   * The ways to a server: by the environment of the process alone, or by all that this computer says, of which the
   * environment comes first.
   */
  proxyFor(url: string, by: ProxyOrigin): Promise<ProxyWays>;
  /** The name of the operating system's user, for the first person of a workspace. */
  readonly userName: string;
  /** The file that a sync's worker thread starts from. */
  readonly syncWorker: URL;
  /** Absent where there is no sample workspace to be had. */
  readonly sample?: SampleServers;
  /** How many syncs run at once in this process. */
  readonly syncsAtOnce: number;
  readonly clock: Clock;
  readonly random: (bytes: number) => Buffer;
  readonly log: Logger;
  /** The end of the log, whole lines of at most `maxBytes` in all; empty where it is not kept. */
  recentLog(maxBytes: number): string;
  /** Removes files of the log that are full and were written to last before a moment (ms since 1970): how many. */
  readonly forgetLogs?: (before: number) => number;
  /** The one that `log` writes through; the vault registers every secret in use with it. */
  readonly redactor: Redactor;
}
