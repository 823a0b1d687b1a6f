import type { Input } from '../../../preload/contract/methods.ts';
import type { AuditEntry, KeySlot, Policy, Profile, Session } from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/**
 * Who sits here: session, people, policy, vault, secrets and the activity log, as the core would answer. Three wrong
 * passphrases in a row cost a wait of five seconds.
 */
export function fakePeople(tools: FakeTools): FakeHandlers {
  const { scenario, emit, changed, wait, refuse, find, stamp, id } = tools;
  const { people } = scenario;
  let tries = 0;
  let waitUntil: number | null = null;

  const own = (): Profile => ({
    id: scenario.info.person.id,
    name: scenario.info.person.name,
    roles: scenario.info.person.roles,
    hasPassphrase: people.passphrases[scenario.info.person.id] !== undefined,
    createdAt: '2026-09-02T08:11:00.000Z',
  });
  const profiles = (): Profile[] => [
    own(),
    ...people.others
      .filter((each) => each.id !== scenario.info.person.id)
      .map((each) => ({ ...each, hasPassphrase: people.passphrases[each.id] !== undefined })),
  ];
  const session = (): Session => {
    const person = scenario.info.person;
    return {
      person: people.seat === 'out' ? null : people.seat === 'locked' ? { ...person, roles: [] } : person,
      locked: people.seat !== 'open',
      profiles: profiles().map((each) => ({ id: each.id, name: each.name })),
      hasPassphrase: people.seat !== 'out' && own().hasPassphrase,
      idleLockMinutes: people.policy.idleLockMinutes,
      waitUntil: waitUntil === null || waitUntil < Date.now() ? null : new Date(waitUntil).toISOString(),
    };
  };
  const sat = (seat: typeof people.seat): Session => {
    people.seat = seat;
    emit('session.changed', session());
    return session();
  };
  const denied = (code: string, message: string) => ({
    ...(refuse(code, message, 'Check the keyboard layout and caps lock, then try again.') as object),
    kind: 'denied',
  });
  /** Passes when it is this person's. */
  const check = (personId: string, passphrase: unknown): void => {
    if (people.passphrases[personId] === undefined && personId === scenario.info.person.id) {
      throw refuse('PASSPHRASE_NEEDED', 'Your profile has no passphrase that could be asked for.');
    }
    if (waitUntil !== null && waitUntil > Date.now()) {
      const at = new Date(waitUntil).toISOString();
      throw {
        ...denied('TOO_MANY_TRIES', `Too many wrong passphrases. The next one is looked at after ${at}.`),
        until: at,
      };
    }
    if (people.passphrases[personId] !== passphrase) {
      tries += 1;
      if (tries >= 3) waitUntil = Date.now() + 5000;
      throw denied('PASSPHRASE_WRONG', 'This is not the passphrase of this profile.');
    }
    tries = 0;
    waitUntil = null;
  };
  /** What the person types outside the page; without a word in the scenario it is `otherwise`. */
  const typed = async (callId: string, otherwise: string): Promise<string> => {
    await wait(people.typingMs, callId);
    const next = people.typed.shift();
    if (next === null) throw refuse('CANCELLED', 'Nothing was entered in the window that asked for it.');
    return next ?? otherwise;
  };
  /** They are asked again there until `look` takes it. */
  const known = async (callId: string, right: string, look: (typed: string) => void): Promise<void> => {
    for (;;) {
      try {
        return look(await typed(callId, right));
      } catch (error) {
        if ((error as { code?: string }).code !== 'PASSPHRASE_WRONG') throw error;
      }
    }
  };
  const checkTyped = (callId: string, personId: string): Promise<void> =>
    known(callId, people.passphrases[personId] ?? '', (each) => check(personId, each));
  const checkOwn = (callId: string): Promise<void> => checkTyped(callId, scenario.info.person.id);
  const told = (...entities: string[]) => {
    changed(...entities);
    emit('session.changed', session());
  };
  /** By where it is kept: with the person who sits here, or among the others. */
  const put = (profile: Profile): void => {
    const { person } = scenario.info;
    if (profile.id === person.id) Object.assign(person, { name: profile.name, roles: profile.roles });
    else Object.assign(find(people.others, profile.id), profile);
  };
  const handing = async (callId: string): Promise<void> => {
    if (people.policy.reveal === 'forbid') {
      throw denied('POLICY_FORBIDS', 'Stored secrets are not shown or copied in this workspace.');
    }
    await checkOwn(callId);
  };
  const vaultChanged = (over: Partial<typeof scenario.info.vault>) => {
    Object.assign(scenario.info.vault, over);
    changed('vault');
    return scenario.info.vault;
  };
  const includes = (text: string, part: unknown) =>
    part === undefined || text.toLowerCase().includes(String(part).toLowerCase());
  const entries = (filter: Record<string, unknown>): AuditEntry[] =>
    scenario.audit.filter(
      (entry) =>
        includes(entry.person, filter['person']) &&
        includes(entry.subject, filter['subject']) &&
        entry.action.startsWith(String(filter['action'] ?? '')) &&
        (filter['outcome'] === undefined || entry.outcome === filter['outcome']) &&
        (filter['from'] === undefined || entry.at >= String(filter['from'])) &&
        (filter['to'] === undefined || entry.at < String(filter['to'])),
    );

  return {
    'session.state': () => session(),
    'session.signIn': async (input, callId) => {
      await checkTyped(callId, input['personId'] ?? '');
      const found = find(profiles(), input['personId'] ?? '');
      const before = own();
      if (found.id !== before.id) {
        if (!people.others.some((each) => each.id === before.id)) people.others.push(before);
        scenario.info.person = { id: found.id, name: found.name, roles: found.roles };
      }
      return sat('open');
    },
    'session.lock': () => {
      if (!own().hasPassphrase) throw refuse('PASSPHRASE_NEEDED', 'There is nothing to lock behind.');
      return sat('locked');
    },
    'session.touch': () => {
      people.touches += 1;
      return {};
    },
    'people.list': () => profiles(),
    'people.create': async (input, callId) => {
      if (!own().hasPassphrase) {
        throw refuse(
          'PASSPHRASE_NEEDED',
          'A second profile needs a first one that is asked for a passphrase.',
        );
      }
      if (profiles().some((each) => each.name === input['name'])) {
        throw refuse('NAME_TAKEN', `There is already a profile named “${input['name']}”.`);
      }
      const passphrase = await typed(callId, 'their first passphrase');
      const made = {
        id: id(),
        name: input['name'],
        roles: input['roles'],
        hasPassphrase: true,
        createdAt: stamp(),
      };
      people.others.push(made as unknown as Profile);
      people.passphrases[made.id] = passphrase;
      told('people');
      return made;
    },
    'people.update': (input) => {
      const found = find(profiles(), input['id'] ?? '');
      const after = {
        ...found,
        ...(input['name'] === undefined ? {} : { name: input['name'] }),
        ...(input['roles'] === undefined ? {} : { roles: input['roles'] }),
      } as Profile;
      const left = profiles().map((each) => (each.id === after.id ? after : each));
      if (!left.some((each) => each.roles.includes('dba'))) {
        throw refuse(
          'LAST_DBA',
          'Nobody would be left who manages this workspace.',
          'Give the role dba to another profile first; without one nobody could manage this workspace.',
        );
      }
      put(after);
      told('people');
      return after;
    },
    'people.delete': (input) => {
      people.others = people.others.filter((each) => each.id !== input['id']);
      told('people');
      return {};
    },
    'people.setPassphrase': async (input, callId) => {
      const mine = scenario.info.person.id;
      if (input['id'] !== mine || people.passphrases[mine] !== undefined) await checkOwn(callId);
      people.passphrases[String(input['id'])] = await typed(callId, 'a new one typed outside');
      told('people');
      return find(profiles(), input['id'] ?? '');
    },
    'policy.retention': () => people.retention,
    'policy.setRetention': (input) => {
      people.retention = { ...people.retention, ...(input as Partial<typeof people.retention>) };
      told('policy');
      return people.retention;
    },
    'audit.trim': async (input, callId) => {
      if (people.brokenFrom !== null || people.anchored === 'broken') {
        throw refuse(
          'AUDIT_BROKEN',
          'This log is not as it was written, so nothing is taken from it.',
          'Export the log and verify it; keep the workspace as it is until it is known what happened.',
        );
      }
      const newest = scenario.audit[0]?.seq ?? 0;
      const old = scenario.audit.filter(({ at, seq }) => at < String(input['before']) && seq < newest);
      const [last] = old;
      if (last === undefined) {
        throw refuse('NOT_FOUND', 'No entry of the log is that old.', 'Choose a later day.');
      }
      if (own().hasPassphrase) await checkOwn(callId);
      else await typed(callId, 'agreed');
      // Null: they choose no file.
      if (people.typed.shift() === null) return { path: null, count: 0, anchor: null };
      scenario.audit = scenario.audit.filter((entry) => !old.includes(entry));
      const anchor = {
        seq: last.seq,
        hash: 'c0ffee'.repeat(10),
        at: new Date().toISOString(),
        person: own().name,
      };
      people.anchors = [...people.anchors, anchor];
      people.anchored = 'sealed';
      changed('audit');
      const path = `/home/asha/Documents/headgate-activity-1-${last.seq}.json`;
      return { path, count: old.length, anchor };
    },
    'policy.proxy': () => people.proxy,
    'policy.setProxy': async (input, callId) => {
      await wait(30, callId);
      const {
        mode,
        address = null,
        user = null,
        exceptions = '',
        password,
      } = input as unknown as Input<'policy.setProxy'>;
      const hasPassword = user !== null && (password !== undefined || people.proxy.hasPassword);
      people.proxy = { mode, address, user, exceptions, hasPassword };
      told('policy');
      return people.proxy;
    },
    'policy.get': () => people.policy,
    'policy.set': (input) => {
      Object.assign(people.policy, input as unknown as Partial<Policy>);
      told('policy');
      return people.policy;
    },
    'vault.unlock': async (input, callId) => {
      const looked = (right: string) =>
        known(callId, right, (each) => {
          if (each === 'too many') {
            const at = new Date(Date.now() + 5000).toISOString();
            const why = `Too many wrong passphrases. The next one is looked at ${at}.`;
            throw { ...denied('TOO_MANY_TRIES', why), until: at };
          }
          if (each !== right) throw denied('PASSPHRASE_WRONG', 'It does not open this vault.');
        });
      if (input['by'] === 'recovery') {
        await looked(people.recoveryKey);
        return vaultChanged({ state: 'recovered', sealedBy: 'recovery', explanation: null });
      }
      if (input['by'] === 'passphrase') {
        await looked(people.vaultPassphrase);
        return vaultChanged({ state: 'passphrase', explanation: null });
      }
      if (scenario.info.vault.explanation?.includes('stays locked')) {
        throw refuse(
          'VAULT_LOCKED',
          'The keyring “login” is locked.',
          'Unlock the keychain, then try again.',
        );
      }
      return vaultChanged({ state: 'protected', explanation: null });
    },
    'vault.slots': () => people.slots,
    'vault.addSlot': async (input, callId) => {
      if (input['to'] === 'passphrase') await typed(callId, 'of the vault, typed outside');
      const kind = input['to'] === 'keychain' ? 'os_keyring' : (String(input['to']) as KeySlot['kind']);
      const asked = kind === 'recovery';
      people.slots.push({
        ...{ id: id(), kind, label: 'Another', createdAt: stamp(), openedAt: asked ? null : stamp() },
        ...{
          opens: asked ? 'ask' : 'here',
          problem: null,
          inUse: false,
          leaving: false,
          keptByRotation: !asked,
        },
      });
      changed('vault');
      return people.slots.at(-1);
    },
    'vault.removeSlot': (input) => {
      if (people.slots.length === 1) {
        throw refuse(
          'LAST_SLOT',
          'Nothing else was seen to open this vault yet.',
          'Add another way to open the vault first.',
        );
      }
      people.slots = people.slots.filter((slot) => slot.id !== input['id']);
      changed('vault');
      return people.slots;
    },
    'vault.changeProtector': async (input, callId) => {
      if (input['to'] === 'passphrase') {
        people.vaultPassphrase = await typed(callId, 'of the vault, typed outside');
        return vaultChanged({ state: 'passphrase', sealedBy: 'passphrase', protector: 'a passphrase' });
      }
      const { available } = scenario.info.vault;
      return vaultChanged({
        state: 'protected',
        sealedBy: available,
        protector: 'GNOME Keyring / Secret Service',
      });
    },
    'vault.publicKey': () => ({
      publicKey: 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj',
      fingerprint: '3f9a 10c2 77de 4b01 98aa c5f0',
    }),
    'vault.wipe': async (_, callId) => {
      if (own().hasPassphrase) await checkOwn(callId);
      return vaultChanged({ secrets: 0, keyVersion: 1 });
    },
    'secrets.reveal': async (_, callId) => {
      await handing(callId);
      await wait(people.revealMs, callId);
      return { until: new Date(Date.now() + 20_000 - people.revealMs).toISOString() };
    },
    'secrets.copy': async (_, callId) => {
      await handing(callId);
      return { until: new Date(Date.now() + 30_000).toISOString() };
    },
    'audit.list': (input) => {
      const { before, limit } = input as { before?: number; limit?: number };
      return entries(input)
        .filter((entry) => before === undefined || entry.seq < before)
        .slice(0, limit ?? 200);
    },
    'audit.verify': async (_input, callId) => {
      await wait(60, callId);
      return {
        entries: scenario.audit.length,
        firstBroken: people.brokenFrom,
        headSeq: scenario.audit[0]?.seq ?? 0,
        headHash: scenario.audit.length === 0 ? '' : 'b1946ac92492d2347c6235b4d2611184'.repeat(2),
        anchors: people.anchors,
        anchored: people.anchored,
        entryHash: null,
        seal: people.seal,
      };
    },
    'app.diagnostics': () => ({
      text: null,
      path: '/home/asha/Downloads/headgate-diagnostics.json',
      count: 812,
    }),
    'audit.export': (input) => {
      const found = entries(input);
      if (input['save']) {
        const path = `/home/asha/Documents/headgate-activity.${input['format']}`;
        return { text: null, path, count: found.length };
      }
      return { text: found.map((entry) => entry.action).join('\n'), path: null, count: found.length };
    },
    /** Not of the contract: nobody was there for long enough. */
    'fixture.idle': () => sat('locked'),
    /** Not of the contract: it is locked, and the event has not come. */
    'fixture.lockUnsaid': () => {
      people.seat = 'locked';
      return {};
    },
    /** Not of the contract: how much of what the person types they have not typed yet. */
    'fixture.untyped': () => people.typed.length,
    /** Not of the contract: how often somebody was said to be there. */
    'fixture.touches': () => people.touches,
  };
}
