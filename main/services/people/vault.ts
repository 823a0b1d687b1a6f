import { newPassphrase } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { shortestPassphrase } from '../../../preload/contract/typed.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly } from '../../access/differences.ts';
import { inOneWord } from '../../access/entry.ts';
import type { YesNo } from '../../host.ts';
import { oneLine } from '../../one-line.ts';
import { createBundleKey } from '../../vault/bundle/key-pair.ts';
import type { ProtectionChoice } from '../../vault/vault.ts';
import { insistConfirmed, insistOwnPassphrase, insistThemselves, someOf } from '../confirmed.ts';
import { type Caller, emitChanged, type Handlers, type Services } from '../context.ts';

const recoveryFile = 'headgate-recovery-key.txt';
/** What the person keeps; it stands nowhere else. */
const recoveryPaper = (key: string): Said =>
  say('asks.recovery.paper', {
    key: (key.match(/.{1,30}/g) ?? []).map((line) => `  ${line.replace(/-$/, '')}\n`).join(''),
  });
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
      ...{ title, what, label: say('asks.vaultNew') },
      ...{ shortest: shortestPassphrase, rule: newPassphrase },
    });
    return typed.hidden(passphrase, () => work({ to: 'passphrase', passphrase }));
  };
  return {
    'vault.status': () => vault.status(),
    async 'vault.unlock'({ by, passphrase, recoveryKey }, caller) {
      const title = say('asks.vaultOpen.title');
      if (by === 'recovery' || recoveryKey !== undefined) {
        const key = { title, what: say('asks.vaultOpen.key'), label: say('asks.recoveryKey') };
        await typed.known(caller, recoveryKey, { ...key, kind: 'key' }, vault.recover);
      } else if (by === 'passphrase' || passphrase !== undefined) {
        const what = say('asks.vaultOpen.passphrase');
        const asked = { title, what, label: say('asks.vaultPassphrase') };
        await typed.known(caller, passphrase, asked, vault.unlock);
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
                seat.desk.handOut(say('asks.recovery.title'), recoveryPaper(key), recoveryFile, signal),
              ),
            )
          : await agreed(
              caller,
              choice,
              {
                title: say('asks.slotAdd.title'),
                what: say('asks.slotAdd.what', { by: say(`asks.by.${choice.to}`) }),
                agree: say('asks.slotAdd.agree'),
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
          title: say('asks.slotGone.title'),
          what: say('asks.slotGone.what', { label: oneLine(gone.label) }),
          agree: say('asks.slotGone.agree'),
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
          title: say('asks.vaultRotate.title'),
          what: say('asks.vaultRotate.what', { gone: someOf(gone.map(({ label }) => label)) }),
          agree: say('asks.vaultRotate.agree'),
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
          title: say('asks.protector.title'),
          what: say('asks.protector.what', {
            before: oneLine(before.protector),
            by: say(`asks.by.${choice.to}`),
          }),
          agree: say('asks.protector.agree'),
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
          title: say('asks.wipe.own'),
          what: say('asks.ifYouWant'),
        });
      await insistConfirmed(services, caller, {
        title: say('asks.wipe.title'),
        what: say('asks.wipe.what', { count: vault.status().secrets }),
        agree: say('asks.wipe.agree'),
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
