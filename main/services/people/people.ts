import { newPassphrase } from '../../../preload/contract/models.ts';
import { shortestPassphrase } from '../../../preload/contract/typed.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly } from '../../access/differences.ts';
import { holds } from '../../access/grants.ts';
import { AppError } from '../../errors.ts';
import type { Question } from '../../host.ts';
import { oneLine } from '../../one-line.ts';
import { insistConfirmed, paragraphs } from '../confirmed.ts';
import { type Caller, emitChanged, type Handlers, type Services } from '../context.ts';
import { letGo } from '../projects/kept.ts';
import { revocation } from '../projects/revocation.ts';

/** The profiles of this workspace. */
export function peopleService(services: Services): Handlers<'people'> {
  const { access, store, now } = services;
  const changed = (): void => {
    emitChanged(services, 'people');
    access.seats.changed();
  };
  /** Runs a change that is undone when nobody would be left who manages people. Fails with LAST_DBA. */
  const keepingDba = (work: () => void): void =>
    store.transaction(() => {
      work();
      if (store.people.holders('dba') > 0) return;
      throw new AppError('LAST_DBA', say('people.nobodyWouldLeftWho'));
    });
  /** The hash of a passphrase that is made; who types it at a window under this heading has agreed to what it says. */
  const made = async (caller: Caller, given: string | undefined, asked: Question): Promise<string> => {
    const rule = { label: say('asks.newPassphrase'), shortest: shortestPassphrase, rule: newPassphrase };
    const passphrase = await access.typed.made(caller, given, { ...asked, ...rule });
    return access.typed.hidden(passphrase, () => access.passphrases.hash(passphrase));
  };
  /** One's own needs the present one, where there is one; somebody else's the right to, and one's own. */
  const mayReplace = async (caller: Caller, id: string, passphrase: string | undefined): Promise<void> => {
    const { person } = caller;
    if (id !== person.id) {
      if (!holds(person, 'manage_people')) {
        throw new AppError('PERMISSION_DENIED', say('people.somebodyElsesPassphraseSet'));
      }
      store.people.get(id);
    }
    if (id === person.id && store.people.passphrase(id) === null) return;
    await access.reauthenticate(caller, passphrase, {
      title: say('asks.passphrase.title'),
      what: say('asks.passphrase.what', { name: oneLine(store.people.get(id).name) }),
    });
  };

  return {
    'people.list': () => store.people.profiles(),
    async 'people.create'({ name, roles, passphrase }, caller) {
      if (store.people.passphrase(caller.person.id) === null) {
        throw new AppError('PASSPHRASE_NEEDED', say('people.secondProfileNeedsFirst'));
      }
      // Nobody types a passphrase twice for a name that is not taken then.
      store.people.insistFree(name);
      const hash = await made(caller, passphrase, {
        title: say('asks.person.title'),
        what: say('asks.person.what', {
          name: oneLine(name),
          roles: roles.map((role) => say(`asks.role.${role}`)),
        }),
      });
      const id = services.newId();
      store.transaction(() => {
        store.people.create(id, name, [...new Set(roles)], now());
        store.people.setPassphrase(id, hash, now());
      });
      changed();
      return store.people.profile(id);
    },
    'people.update'({ id, name, roles }, { tell }) {
      const before = store.people.get(id);
      keepingDba(() => {
        if (name !== undefined) store.people.rename(id, name);
        if (roles !== undefined) store.people.setRoles(id, roles);
      });
      const shown = { name: plainly, roles: (held: readonly string[]) => held.join('+') };
      tell(differences(before, store.people.get(id), shown));
      changed();
      return store.people.profile(id);
    },
    async 'people.delete'({ id }, caller) {
      const { person, signal } = caller;
      const { name } = store.people.get(id);
      const lent = store.credentials.ofProjectsBy(id).map(({ projectName }) => oneLine(projectName ?? ''));
      if (id === person.id) {
        throw new AppError('IN_USE', say('people.youCanNotDelete'), {
          advice: say('people.youCanNotDelete.advice'),
        });
      }
      await insistConfirmed(services, caller, {
        title: say('asks.personGone.title'),
        what: paragraphs([
          say('asks.personGone.what', { name: oneLine(name) }),
          ...(lent.length > 0 ? [say('asks.personGone.lent', { projects: lent })] : []),
        ]),
        agree: say('asks.deleteIt'),
      });
      const keep = await letGo(services, store.datasets.allOfPerson(id), null, signal);
      // While it is still known whose they are.
      await services.leases.endOfPerson(id);
      const own = store.credentials.listFor(id).filter((credential) => credential.personId === id);
      const revoke = await revocation(
        services,
        own.map((credential) => credential.id),
      );
      // While it is still known whose they are.
      access.seats.end(id);
      keepingDba(() => {
        keep();
        store.credentials.signerLeaves(id, name);
        store.people.delete(id);
      });
      await revoke();
      services.host.log.info('person.deleted', { personId: id, name });
      changed();
      emitChanged(services, 'credentials', 'datasets', 'links', 'connections', 'syncs');
      return {};
    },
    async 'people.setPassphrase'({ id, passphrase, next }, caller) {
      await mayReplace(caller, id, passphrase);
      const first = store.people.passphrase(id) === null;
      const { name } = store.people.get(id);
      const hash = await made(caller, next, {
        title: first ? say('asks.passphraseFirst.title') : say('asks.passphraseNext.title'),
        what: paragraphs([
          say('asks.profile', { name: oneLine(name) }),
          ...(first ? [say('asks.passphraseFirst.then')] : []),
        ]),
      });
      // Somebody may have deleted the profile meanwhile.
      store.people.get(id);
      store.people.setPassphrase(id, hash, now());
      changed();
      return store.people.profile(id);
    },
  };
}
