import type { ProtectorKind, VaultStatus } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';

/** What is kept of the data key. */
export interface KeyRow {
  readonly version: number;
  readonly protector: ProtectorKind;
  readonly sealed: Uint8Array;
  readonly created_at: string;
  readonly sealed_at: string | null;
}

/** What sealed it, and where that can be found again. */
const kinds: Readonly<Record<ProtectorKind, { readonly words: string; readonly where: string }>> = {
  safe_storage: {
    words: 'the keychain of the desktop app',
    where: 'Open it in the Headgate window, in the session of the person who made it',
  },
  os_keyring: {
    words: 'the keyring of the system (Secret Service, Keychain or Credential Manager)',
    where: 'Open it with the headgate command, in a session where that keyring is unlocked',
  },
  passphrase: {
    words: 'a passphrase',
    where: 'Enter it under Settings › Vault › Unlock, or start Headgate with HEADGATE_PASSPHRASE',
  },
  key_file: { words: 'a key file', where: 'Start Headgate with HEADGATE_KEY_FILE naming that file' },
};
const change = 'Settings › Vault › Change protection';

const dateOf = (row: KeyRow): string => (row.sealed_at ?? row.created_at).slice(0, 10);

/** Nothing that is here now can open the stored key: what sealed it, what there is instead, and the way back. */
export function backendChanged(
  row: KeyRow,
  offered: KeyProtector | null,
  offeredProblem: string | null,
): AppError {
  const { words, where } = kinds[row.protector];
  const sealed = `This vault was sealed by ${words} on ${dateOf(row)}`;
  if (row.protector === 'passphrase') {
    // No change of the computer: it only has to be entered.
    return new AppError('VAULT_LOCKED', `${sealed}; it was not entered yet.`, { advice: `${where}.` });
  }
  const advice = `${where}, then choose ${change}.`;
  return offered
    ? new AppError('VAULT_WRONG_KEY', `${sealed}; this computer now offers ${offered.label}.`, { advice })
    : new AppError(
        'VAULT_LOCKED',
        `${sealed}; nothing here can open it: ${offeredProblem ?? 'no keychain'}.`,
        {
          advice,
        },
      );
}

export function passphraseWrong(): AppError {
  return new AppError('PASSPHRASE_WRONG', 'The passphrase does not open this vault.');
}

export function nothingProtects(problem: string | null): string {
  const why = problem === null ? '' : `: ${problem}`;
  return `Nothing protects a key here${why}. Set a passphrase under ${change}, or unlock or install a keychain and start Headgate again.`;
}

/** What happened, and what opens it. */
export function explain(problem: AppError): string {
  return `${problem.message} ${problem.advice}`;
}

export const states: Readonly<Record<ProtectorKind, VaultStatus['state']>> = {
  safe_storage: 'protected',
  os_keyring: 'protected',
  passphrase: 'passphrase',
  key_file: 'key_file',
};
/** Who guards a key whose protector is not here, for the window. */
export const wordsFor = (kind: ProtectorKind): string => kinds[kind].words;
