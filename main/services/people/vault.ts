import { differences, plainly } from '../../access/differences.ts';
import { inOneWord } from '../../access/entry.ts';
import { createBundleKey } from '../../vault/bundle/key-pair.ts';
import type { ProtectionChoice } from '../../vault/vault.ts';
import { insistConfirmed, insistThemselves, someOf } from '../confirmed.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';

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
  passphrase: 'the passphrase that was entered',
  key_file: 'a key file',
};
const opensAll = 'Whoever has it can open every secret of this workspace.';
const secretOf = (choice: ProtectionChoice): string | undefined =>
  choice.to === 'passphrase' ? choice.passphrase : undefined;

/** The vault itself: its state, who guards it, its key and its end. */
export function vaultService(services: Services): Handlers<'vault'> {
  const { access, host, readers, store, vault } = services;
  const bundleKey = createBundleKey(vault, store.workspaceId, host.random);
  /** Whatever fails on the way must not tell it. */
  const hidden = async <T>(passphrase: string | undefined, work: () => Promise<T>): Promise<T> => {
    const forget = passphrase === undefined ? () => {} : host.redactor.add(passphrase);
    try {
      return await work();
    } finally {
      forget();
    }
  };
  return {
    'vault.status': () => vault.status(),
    async 'vault.unlock'(input) {
      if ('recoveryKey' in input) await hidden(input.recoveryKey, () => vault.recover(input.recoveryKey));
      else await hidden(input.passphrase, () => vault.unlock(input.passphrase));
      emitChanged(services, 'vault');
      return vault.status();
    },
    'vault.slots': () => vault.slots(),
    async 'vault.addSlot'(choice, caller) {
      const { seat, signal, tell } = caller;
      tell(`kind=${choice.to}`);
      // A recovery key is shown outside the page anyway.
      if (choice.to !== 'recovery') {
        await insistThemselves(services, caller, {
          title: 'Let the vault be opened in one more way?',
          what: `By: ${byWhat[choice.to]}\n\n${opensAll}`,
          agree: 'Add it',
        });
      }
      const slot =
        choice.to === 'recovery'
          ? await vault.addRecovery((key) =>
              hidden(key, () => seat.desk.handOut(recoveryTitle, recoveryPaper(key), recoveryFile, signal)),
            )
          : await hidden(secretOf(choice), () => vault.addSlot(choice));
      emitChanged(services, 'vault');
      return slot;
    },
    async 'vault.removeSlot'({ id }, caller) {
      const gone = (await vault.slots()).find((slot) => slot.id === id);
      if (gone) {
        caller.tell(`kind=${gone.kind} label=${inOneWord(gone.label)}`);
        await insistThemselves(services, caller, {
          title: 'Close one way to open the vault?',
          what: `It can not be opened by this any more: ${gone.label}`,
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
      await insistThemselves(services, caller, {
        title: 'Change what protects the vault?',
        what: `Now: ${before.protector}\nThen: ${byWhat[choice.to]}\n\n${opensAll}`,
        agree: 'Change it',
      });
      await hidden(secretOf(choice), () => vault.changeProtector(choice, remove));
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
