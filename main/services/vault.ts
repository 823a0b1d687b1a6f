import { differences, plainly } from '../access/differences.ts';
import { createBundleKey } from '../vault/key-pair.ts';
import { emitChanged, type Handlers, type Services } from './context.ts';

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
    async 'vault.unlock'({ passphrase }) {
      await hidden(passphrase, () => vault.unlock(passphrase));
      emitChanged(services, 'vault');
      return vault.status();
    },
    async 'vault.rotate'() {
      await vault.rotate();
      emitChanged(services, 'vault');
      return vault.status();
    },
    async 'vault.changeProtector'(choice, { tell }) {
      const passphrase = choice.to === 'passphrase' ? choice.passphrase : undefined;
      const before = vault.status();
      await hidden(passphrase, () => vault.changeProtector(choice));
      tell(differences(before, vault.status(), { sealedBy: plainly, protector: plainly }));
      emitChanged(services, 'vault');
      return vault.status();
    },
    'vault.publicKey': () => bundleKey.publicKey(),
    async 'vault.wipe'({ passphrase }, caller) {
      // Who has no passphrase can't be asked; the word in the contract is what is left.
      if (store.people.passphrase(caller.person.id) !== null)
        await access.reauthenticate(caller.person, passphrase);
      caller.signal.throwIfAborted();
      caller.record();
      await vault.wipe();
      for (const { id } of store.connections.all()) readers.forget(id);
      emitChanged(services, 'vault', 'connections', 'credentials');
      return vault.status();
    },
  };
}
