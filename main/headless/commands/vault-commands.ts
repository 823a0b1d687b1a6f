import { resolve } from 'node:path';
import { CallError } from '../../../preload/contract/client.ts';
import type { Input } from '../../../preload/contract/methods.ts';
import type { KeySlot, VaultStatus } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import type { AskSecret } from '../terminal/secret-lines.ts';
import { table } from '../terminal/terminal.ts';
import { type Console, exits, headsOf, print, type Session } from './commands.ts';

export interface VaultOptions {
  readonly recovery: boolean;
  /** What protects the vault from then on, after it was opened. */
  readonly protect: string | undefined;
  readonly file: string | undefined;
}

const usage = `vault slots | vault add-slot keychain|passphrase|key_file|recovery [--file FILE] | vault remove-slot ID
vault unlock [--recovery] [--protect keychain|passphrase|key_file [--file FILE]]
`;
const kinds = ['keychain', 'passphrase', 'key_file'] as const;

function slotsText(slots: readonly KeySlot[], to: Console): string {
  const { text } = to.words;
  if (slots.length === 0) return text(say('console.slot.none'));
  return table(
    ['id', ...headsOf(to, ['kind', 'by', 'made', 'lastOpened', 'state'])],
    slots.map(({ id, kind, label, createdAt, openedAt, opens, leaving }) => {
      const state = say(`console.slot.${opens}`);
      return [
        ...[id, kind, label, createdAt.slice(0, 10), openedAt ?? text(say('console.never'))],
        text(leaving ? say('console.slot.leaving', { opens: state }) : state),
      ];
    }),
  );
}

/** The new protection, as the contract takes it; a passphrase is asked for. */
async function protection(
  kind: string,
  file: string | undefined,
  ask: AskSecret,
): Promise<Input<'vault.changeProtector'> | null> {
  if (kind === 'keychain') return { to: kind };
  if (kind === 'key_file' && file !== undefined) return { to: kind, file: resolve(file) };
  if (kind === 'passphrase') return { to: kind, passphrase: await ask(say('console.vault.newPassphrase')) };
  return null;
}

/** With what is here; where that does not open it, with a passphrase if there is one. */
async function openHere({ api: { vault } }: Session, ask: AskSecret): Promise<VaultStatus> {
  try {
    return await vault.unlock({});
  } catch (error) {
    const shut =
      error instanceof CallError && (error.code === 'VAULT_LOCKED' || error.code === 'VAULT_WRONG_KEY');
    if (!shut || !(await vault.slots()).some(({ kind }) => kind === 'passphrase')) throw error;
    return vault.unlock({ passphrase: await ask(say('console.vault.passphrase')) });
  }
}

/** `vault …`: in which ways the vault opens, one more, one less, and the way back in. */
export async function vaultCommand(
  session: Session,
  what: string,
  argument: string | undefined,
  options: VaultOptions,
  ask: AskSecret,
  to: Console,
): Promise<number> {
  const { vault } = session.api;
  const wrong = (): number => {
    to.err.write(usage);
    return exits.usage;
  };
  if (what === 'slots') {
    const slots = await vault.slots();
    print(to, slots, () => slotsText(slots, to));
    return 0;
  }
  if (what === 'remove-slot' && argument !== undefined) {
    const slots = await vault.removeSlot({ id: argument });
    print(to, slots, () => slotsText(slots, to));
    return 0;
  }
  if (what === 'add-slot') {
    const choice =
      argument === 'recovery'
        ? ({ to: 'recovery' } as const)
        : await protection(argument ?? '', options.file, ask);
    if (!choice) return wrong();
    const slot = await vault.addSlot(choice, { signal: to.signal });
    print(to, slot, () => say('console.vault.opensWith', { label: slot.label }));
    return 0;
  }
  if (what !== 'unlock') return wrong();
  if (options.protect !== undefined && !(kinds as readonly string[]).includes(options.protect))
    return wrong();
  if (options.protect === 'key_file' && options.file === undefined) return wrong();
  let status = options.recovery
    ? await vault.unlock({ recoveryKey: await ask(say('asks.recoveryKey')) })
    : await openHere(session, ask);
  const choice = options.protect === undefined ? null : await protection(options.protect, options.file, ask);
  if (choice) status = await vault.changeProtector(choice);
  print(to, status, () =>
    choice ? say('console.vault.guarded', { protector: status.protector }) : say('console.vault.opens'),
  );
  return 0;
}
