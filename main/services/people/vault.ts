import { newPassphrase } from '../../../preload/contract/models.ts';
import { shortestPassphrase } from '../../../preload/contract/typed.ts';
import { differences, plainly } from '../../access/differences.ts';
import { inOneWord } from '../../access/entry.ts';
import type { YesNo } from '../../host.ts';
import { oneLine } from '../../one-line.ts';
import { createBundleKey } from '../../vault/bundle/key-pair.ts';
import type { ProtectionChoice } from '../../vault/vault.ts';
import { insistConfirmed, insistOwnPassphrase, insistThemselves, someOf } from '../confirmed.ts';
import { type Caller, emitChanged, type Handlers, type Services } from '../context.ts';

const recoveryTitle = 'The recovery key of this workspace';
const recoveryFile = 'headgate-recovery-key.txt';
/** What the person keeps; it stands nowhere else. */
const recoveryPaper = (key: string): string =>
  [
    'Whoever has this key can open the vault of this workspace, also when the keychain is lost or the passphrase is',
    'forgotten. Keep it on paper, away from this computer. It is shown this once.',
    '',
    ...(key.match(/.{1,30}/g) ?? []).map((line) => `  ${line.replace(/-$/, '')}`),
    '',
  ].join('\n');
const byWhat: Readonly<Record<ProtectionChoice['to'], string>> = {
  keychain: 'the keychain of this computer',
  passphrase: 'a passphrase, which you choose here',
  key_file: 'a key file',
};
const opensAll = 'Whoever has it can open every secret of this workspace.';
/** A protection as it was asked for: the passphrase may have to be typed yet. */
type WantedProtection =
  | Exclude<ProtectionChoice, { to: 'passphrase' }>
  | { readonly to: 'passphrase'; readonly passphrase?: string | undefined };

/** The vault itself: its state, who guards it, its key and its end. */
export function vaultService(services: Services): Handlers<'vault'> {
  const { access, host, readers, store, vault } = services;
  const { typed } = access;
  const bundleKey = createBundleKey(vault, store.workspaceId, host.random);
  /**
   * Runs `work` with a protection, once the person has agreed to it outside the page: by typing the new passphrase under that
   * heading, or in a message of its own.
   */
  const agreed = async <T>(
    caller: Caller,
    wanted: WantedProtection,
    question: YesNo,
    work: (choice: ProtectionChoice) => Promise<T>,
  ): Promise<T> => {
    if (wanted.to !== 'passphrase') {
      await insistThemselves(services, caller, question);
      return work(wanted);
    }
    await insistOwnPassphrase(services, caller, question);
    const { title, what } = question;
    const passphrase = await typed.made(caller, wanted.passphrase, {
      ...{ title, what, label: 'New vault passphrase' },
      ...{ shortest: shortestPassphrase, rule: newPassphrase },
    });
    return typed.hidden(passphrase, () => work({ to: 'passphrase', passphrase }));
  };
  return {
    'vault.status': () => vault.status(),
    async 'vault.unlock'({ by, passphrase, recoveryKey }, caller) {
      const asked = { title: 'Open the vault of this workspace', what: '' };
      if (by === 'recovery' || recoveryKey !== undefined) {
        const what = '13 groups of five signs. Blanks, dashes and small letters do not matter.';
        const key = { ...asked, what, label: 'Recovery key', kind: 'key' as const };
        await typed.known(caller, recoveryKey, key, vault.recover);
      } else if (by === 'passphrase' || passphrase !== undefined) {
        const what = 'With the passphrase that it was sealed with, which is not that of your profile.';
        await typed.known(caller, passphrase, { ...asked, what, label: 'Vault passphrase' }, vault.unlock);
      } else await vault.unlock();
      emitChanged(services, 'vault');
      return vault.status();
    },
    'vault.slots': () => vault.slots(),
    async 'vault.addSlot'(choice, caller) {
      const { seat, signal, tell } = caller;
      tell(`kind=${choice.to}`);
      const slot =
        choice.to === 'recovery'
          ? await vault.addRecovery((key) =>
              typed.hidden(key, () =>
                // It is shown outside the page anyway.
                seat.desk.handOut(recoveryTitle, recoveryPaper(key), recoveryFile, signal),
              ),
            )
          : await agreed(
              caller,
              choice,
              {
                title: 'Let the vault be opened in one more way?',
                what: `By: ${byWhat[choice.to]}\n\n${opensAll}`,
                agree: 'Add it',
              },
              vault.addSlot,
            );
      emitChanged(services, 'vault');
      return slot;
    },
    async 'vault.removeSlot'({ id }, caller) {
      const gone = (await vault.slots()).find((slot) => slot.id === id);
      if (gone) {
        caller.tell(`kind=${gone.kind} label=${inOneWord(gone.label)}`);
        await insistThemselves(services, caller, {
          title: 'Close one way to open the vault?',
          what: `It can not be opened by this any more: ${oneLine(gone.label)}`,
          agree: 'Close it',
        });
      }
      await vault.removeSlot(id);
      emitChanged(services, 'vault');
      return vault.slots();
    },
    async 'vault.rotate'({ dropping }, caller) {
      if (dropping.length > 0) {
        caller.tell(`dropping=${dropping.length}`);
        const gone = (await vault.slots()).filter(({ id }) => dropping.includes(id));
        await insistThemselves(services, caller, {
          title: 'Make a new key for the vault?',
          what: `It can not be opened by these any more:\n\n${someOf(gone.map(({ label }) => label))}`,
          agree: 'Make it',
        });
      }
      await vault.rotate(dropping);
      emitChanged(services, 'vault');
      return vault.status();
    },
    async 'vault.changeProtector'({ remove, ...choice }, caller) {
      const { tell } = caller;
      const before = vault.status();
      await agreed(
        caller,
        choice,
        {
          title: 'Change what protects the vault?',
          what: `Now: ${oneLine(before.protector)}\nThen: ${byWhat[choice.to]}\n\n${opensAll}`,
          agree: 'Change it',
        },
        (chosen) => vault.changeProtector(chosen, remove),
      );
      tell(differences(before, vault.status(), { sealedBy: plainly, protector: plainly }));
      if (remove.length > 0) tell(`removed=${remove.length}`);
      emitChanged(services, 'vault');
      return vault.status();
    },
    'vault.publicKey': () => bundleKey.publicKey(),
    async 'vault.wipe'({ passphrase }, caller) {
      // Who has no passphrase can't be asked; the word in the contract is what is left.
      if (store.people.passphrase(caller.person.id) !== null)
        await access.reauthenticate(caller, passphrase, {
          title: 'Every stored secret is to be destroyed',
          what: 'Enter your passphrase if you want that.',
        });
      await insistConfirmed(services, caller, {
        title: 'Destroy every stored secret?',
        what: `${vault.status().secrets} records: logins of connections and sign-ins to sources. Nothing brings them back.`,
        agree: 'Destroy them',
      });
      caller.signal.throwIfAborted();
      caller.record();
      await vault.wipe();
      for (const { id } of store.connections.all()) readers.forget(id);
      emitChanged(services, 'vault', 'connections', 'credentials');
      return vault.status();
    },
  };
}
