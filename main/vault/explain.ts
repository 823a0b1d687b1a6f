import type { SlotKind, VaultStatus } from '../../preload/contract/models.ts';
import { plain, type Said } from '../../preload/contract/said.ts';
import { english, say, several } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import type { SlotRow } from './slot-rows.ts';

/** Who seals it where its protector is not here, for the window. */
export const wordsFor = (kind: SlotKind): string => english(say(`vault.slot.${kind}`));

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
  const where = say(`vault.where.${slot.kind}`);
  const also = alsoOpens([...others, ...slots.filter(({ replaced_by }) => replaced_by !== null)], slot.kind);
  const sealed = { by: say(`vault.slot.${slot.kind}`), day: slot.created_at.slice(0, 10) };
  if (byAsking.includes(slot.kind)) {
    // No change of the computer: it only has to be entered.
    return new AppError('VAULT_LOCKED', say('vault.notEnteredYet', sealed), {
      advice: several([say('vault.openThere', { where }), ...also]),
    });
  }
  const advice = several([say('vault.openThereThenChange', { where }), ...also]);
  if (offered)
    return new AppError(
      'VAULT_WRONG_KEY',
      say('vault.computerNowOffers', { ...sealed, offered: offered.label }),
      {
        advice,
      },
    );
  const problem = offeredProblem === null ? say('vault.noKeychain') : plain(offeredProblem);
  return new AppError('VAULT_LOCKED', say('vault.nothingOpens', { ...sealed, problem }), { advice });
}

/** The other ways in, each once; empty when there is none. */
function alsoOpens(slots: readonly SlotRow[], besides: SlotKind): readonly Said[] {
  const found = [...new Set(inOrder(slots).map(({ kind }) => kind))].filter((kind) => kind !== besides);
  const [first, second, third, fourth] = found.map((kind) => say(`vault.slot.${kind}`));
  if (!first) return [];
  if (!second) return [say('vault.alsoOpens1', { first })];
  if (!third) return [say('vault.alsoOpens2', { first, second })];
  if (!fourth) return [say('vault.alsoOpens3', { first, second, third })];
  return [say('vault.alsoOpens4', { first, second, third, fourth })];
}

/** What was tried did not open it: said as it is, with what else opens it. */
export function withOtherWays(error: AppError, slots: readonly SlotRow[], tried: SlotKind): AppError {
  const also = alsoOpens(slots, tried);
  if (also.length === 0) return error;
  const { code, said, advised, cause } = error;
  return new AppError(code, said, { advice: several([advised, ...also]), cause });
}

/** What somebody entered opens nothing here. */
export function enteredWrong(kind: 'passphrase' | 'recovery'): AppError {
  return kind === 'passphrase'
    ? new AppError('PASSPHRASE_WRONG', say('vault.passphraseDoesNotOpen'))
    : new AppError('PASSPHRASE_WRONG', say('vault.recoveryKeyDoesNot'), {
        advice: say('vault.recoveryKeyDoesNot.advice'),
      });
}

export function nothingProtects(problem: string | null): Said {
  return problem === null
    ? say('vault.nothingProtects')
    : say('vault.nothingProtectsBecause', { why: problem });
}

/** What happened, and what opens it. */
export function explain({ said, advised }: AppError): Said {
  return several([said, advised]);
}

export const states: Readonly<Record<SlotKind, VaultStatus['state']>> = {
  safe_storage: 'protected',
  os_keyring: 'protected',
  passphrase: 'passphrase',
  key_file: 'key_file',
  recovery: 'recovered',
};
