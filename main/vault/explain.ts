import type { SlotKind, VaultStatus } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import type { SlotRow } from './slot-rows.ts';

/** What sealed it, and where that can be found again. */
const kinds: Readonly<Record<SlotKind, { readonly words: string; readonly where: string }>> = {
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
  recovery: {
    words: 'the recovery key',
    where: 'Enter the recovery key under Settings › Vault › Unlock, or with headgate vault unlock --recovery',
  },
};
const change = 'Settings › Vault › Change protection';

/** Who seals it where its protector is not here, for the window. */
export const wordsFor = (kind: SlotKind): string => kinds[kind].words;

/** What people are asked for is told last: a keychain or a file opens it by itself. */
const byAsking: readonly SlotKind[] = ['passphrase', 'recovery'];
const inOrder = (slots: readonly SlotRow[]): readonly SlotRow[] =>
  [...slots].sort((one, other) => byAsking.indexOf(one.kind) - byAsking.indexOf(other.kind));

/** Nothing that is here now can open the stored key: what sealed it, what there is instead, and the way back. */
export function backendChanged(
  slots: readonly SlotRow[],
  offered: KeyProtector | null,
  offeredProblem: string | null,
): AppError {
  const staying = slots.filter(({ replaced_by }) => replaced_by === null);
  const [slot, ...others] = inOrder(staying.some(({ kind }) => kind !== 'recovery') ? staying : slots);
  if (!slot) return new AppError('VAULT_DAMAGED', say('vault.vaultLostEverySeal'));
  const { words, where } = kinds[slot.kind];
  const also = alsoOpens([...others, ...slots.filter(({ replaced_by }) => replaced_by !== null)], slot.kind);
  const sealed = `This vault was sealed by ${words} on ${slot.created_at.slice(0, 10)}`;
  if (byAsking.includes(slot.kind)) {
    // No change of the computer: it only has to be entered.
    return new AppError('VAULT_LOCKED', say('vault.notEnteredYet', { sealed }), {
      advice: say('vault.notEnteredYet.advice', { where, also }),
    });
  }
  const advice = `${where}, then choose ${change}.${also}`;
  return offered
    ? new AppError('VAULT_WRONG_KEY', say('vault.computerNowOffers', { sealed, offered: offered.label }), {
        advice,
      })
    : new AppError(
        'VAULT_LOCKED',
        `${sealed}; nothing here can open it: ${offeredProblem ?? 'no keychain'}.`,
        { advice },
      );
}

/** The other ways in, each once; empty when there is none. */
function alsoOpens(slots: readonly SlotRow[], besides: SlotKind): string {
  const found = [...new Set(inOrder(slots).map(({ kind }) => kind))].filter((kind) => kind !== besides);
  return found.length === 0 ? '' : ` It also opens with ${found.map(wordsFor).join(', or ')}.`;
}

/** What was tried did not open it: said as it is, with what else opens it. */
export function withOtherWays(error: AppError, slots: readonly SlotRow[], tried: SlotKind): AppError {
  const also = alsoOpens(slots, tried);
  if (also === '') return error;
  const { code, message, advice, cause } = error;
  return new AppError(code, message, { advice: say('vault.sealedBy', { advice, also }), cause });
}

/** What somebody entered opens nothing here. */
export function enteredWrong(kind: 'passphrase' | 'recovery'): AppError {
  return kind === 'passphrase'
    ? new AppError('PASSPHRASE_WRONG', say('vault.passphraseDoesNotOpen'))
    : new AppError('PASSPHRASE_WRONG', say('vault.recoveryKeyDoesNot'), {
        advice: say('vault.recoveryKeyDoesNot.advice'),
      });
}

export function nothingProtects(problem: string | null): string {
  const why = problem === null ? '' : `: ${problem}`;
  return `Nothing protects a key here${why}. Set a passphrase under ${change}, or unlock or install a keychain and start Headgate again.`;
}

/** What happened, and what opens it. */
export function explain(problem: AppError): string {
  return `${problem.message} ${problem.advice}`;
}

export const states: Readonly<Record<SlotKind, VaultStatus['state']>> = {
  safe_storage: 'protected',
  os_keyring: 'protected',
  passphrase: 'passphrase',
  key_file: 'key_file',
  recovery: 'recovered',
};
