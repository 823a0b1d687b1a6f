import { engineTraits } from '../../../preload/contract/engines.ts';
import type { Parsed } from '../../../preload/contract/methods.ts';
import type {
  BulkChange,
  Connection,
  ConnectionDetail,
  Person,
  SshHop,
  SshHopInput,
} from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly, type Shown, whether } from '../../access/differences.ts';
import { AppError, badField } from '../../errors.ts';
import type { NewConnection, StoredConnection, StoredDetail } from '../../store/connections/connections.ts';
import { emitChanged, given, type Handlers, type Services } from '../context.ts';
import { describedFields } from './described-fields.ts';
import { insistOnHopSecrets, isElsewhere, otherLogins, secretsAfter, splitHops } from './sealed-secrets.ts';
import { wayBack } from './way-back.ts';

/** An import may know less of the login than a person who enters one. */
type Create = Omit<Parsed<'connections.create'>, 'user' | 'password'> & {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
};
type Change = Omit<Parsed<'connections.update'>, 'id'>;

/** What the person may do with a connection, beside what the store knows of it. */
export function viewOf(services: Services, person: Person): (connection: StoredConnection) => Connection {
  const may = services.access.grants.mayOfEach(person);
  return (connection) => ({
    ...connection,
    hasSecret: services.vault.has(connection.id, 'password'),
    may: may(connection),
  });
}

/** One connection with what only its own page shows; never a secret. */
export async function detailOf(
  services: Services,
  person: Person,
  stored: StoredDetail,
): Promise<ConnectionDetail> {
  const { rotation, ...rest } = stored;
  const view = viewOf(services, person)(rest);
  return {
    ...rest,
    ...view,
    hasTlsKey: services.vault.has(stored.id, 'tlsKey'),
    undoableUntil: rotation && rotation.until > services.now() ? rotation.until : null,
  };
}

/** Refuses what this kind of database does not have. */
function insistOnTraits(
  connection: Pick<
    NewConnection,
    'engine' | 'host' | 'settings' | 'tlsMode' | 'tlsCert' | 'signIn' | 'lease'
  >,
  lacking = false,
): void {
  const { engine, host, settings, tlsMode, tlsCert, signIn, lease } = connection;
  const traits = engineTraits[engine];
  const refuse = (path: string): AppError => badField(path, say('engines.hasNot', { engine: traits.title }));
  if (!traits.tlsModes.includes(tlsMode)) throw refuse('tlsMode');
  if (tlsCert !== null && !traits.clientCertificates) throw refuse('tlsCert');
  if (signIn !== 'any' && !traits.signInMethods) throw refuse('signIn');
  if (lease !== null && !traits.leases) throw refuse('lease');
  if (host.startsWith('/') && !traits.sockets) throw refuse('host');
  for (const [name, value] of Object.entries(settings)) {
    const field = traits.settings.find((each) => each.name === name);
    if (!field || (field.choices && !field.choices.includes(value))) throw refuse(`settings.${name}`);
  }
  for (const { name, isRequired } of traits.settings)
    if (isRequired && !lacking && (settings[name] ?? '').trim() === '')
      throw badField(`settings.${name}`, say('engines.isNeeded'));
}

/** Refuses a way that can't be gone: a Unix socket is reached from the computer itself only, and by its path. */
function insistOnWay({ host, hostAddress, ssh }: Pick<NewConnection, 'host' | 'hostAddress' | 'ssh'>): void {
  if (!host.startsWith('/')) return;
  if (hostAddress !== null) throw badField('hostAddress', say('connections.unixSocketNoAddress'));
  if (ssh.length > 0) throw badField('ssh', say('connections.unixSocketOneComputer'));
}

/**
 * Makes a connection with its secrets: both or neither. `lacking`: secrets of its jump hosts, and settings that its kind needs, may be
 * entered later. Fails with
 * NAME_TAKEN, INPUT_INVALID or VAULT_*.
 */
export async function createConnection(
  services: Services,
  { user, password, tlsKey, tlsKeyPassphrase, keyPassphrase, ssh: hops, ...fields }: Create,
  person: Person,
  lacking = false,
): Promise<StoredDetail> {
  const { store, vault } = services;
  const id = services.newId();
  const { ssh, secrets: hopSecrets } = splitHops(services, hops);
  const secrets: Record<string, string> = {};
  for (const [field, value] of Object.entries({
    user,
    password,
    tlsKey,
    tlsKeyPassphrase,
    keyPassphrase,
    ...hopSecrets,
  }))
    if (value !== null && value !== undefined) secrets[field] = value;
  if (!lacking) insistOnHopSecrets(ssh, (field) => secrets[field] !== undefined);
  insistOnTraits(fields, lacking);
  insistOnWay({ ...fields, ssh });
  // The secret first: a connection without one would look usable.
  await vault.put(id, secrets);
  try {
    return store.connections.create({ id, ...fields, ssh }, person.id, services.now());
  } catch (error) {
    vault.delete(id);
    throw error;
  }
}

/** Changes a connection and what is given of its secrets. Fails with NAME_TAKEN, INPUT_INVALID or VAULT_*. */
export async function changeConnection(
  services: Services,
  id: string,
  change: Change,
): Promise<StoredDetail> {
  const { store, vault } = services;
  const { user, password, tlsKey, tlsKeyPassphrase, keyPassphrase, ssh: hops, ...fields } = change;
  const before = store.connections.get(id);
  const split = hops === undefined ? null : splitHops(services, hops);
  if (split) {
    const known = new Set(before.ssh.map((hop) => hop.id));
    if (hops?.some((hop) => hop.id !== undefined && !known.has(hop.id)))
      throw badField('ssh', say('connections.connectionNoJumpHost'));
    insistOnHopSecrets(split.ssh, (field) => split.secrets[field] !== undefined || vault.has(id, field));
  }
  const fieldChange: Partial<{ -readonly [K in keyof NewConnection]: NewConnection[K] }> = {
    ...given(fields),
    ...(split ? { ssh: split.ssh } : {}),
  };
  // An address was told for that name.
  if (fields.host !== undefined && fields.host !== before.host && fields.hostAddress === undefined)
    fieldChange.hostAddress = null;
  // Who insisted did so for that login at that server.
  const moved = { ...before, ...fieldChange };
  if (fields.superuserReason === undefined && (user !== undefined || isElsewhere(before, moved)))
    fieldChange.superuserReason = '';
  const wanted = { ...before, ...fieldChange };
  insistOnTraits(wanted);
  insistOnWay(wanted);
  const secrets = { user, password, tlsKey, tlsKeyPassphrase, keyPassphrase };
  const work = secretsAfter((field) => vault.has(id, field), before, wanted, secrets, split);
  // Asked before the secrets are replaced, and these before the address: never is an old password stored for a new one.
  store.connections.insistFree(id, wanted);
  const newSecrets = Object.keys(work.fields).length > 0;
  if (newSecrets || work.removed.length > 0) await vault.patch(id, work.fields, work.removed);
  // Whoever deleted it meanwhile destroyed what was sealed for it.
  if (store.connections.find(id) === null) vault.delete(id);
  store.connections.update(id, fieldChange, services.now());
  if (work.endsRotation) store.connections.setRotation(id, null);
  if (newSecrets) store.connections.forgetTest(id);
  services.readers.forget(id);
  const after = store.connections.get(id);
  if (after.state !== 'active' || after.lease === null) void services.leases.endOfConnection(id);
  return after;
}

const hopsInWords = (hops: readonly SshHop[]): string =>
  hops.map(({ user, host, port }) => `${user}@${host}:${port}`).join(' ') || 'none';

/** What the log tells of a changed connection: where it leads, on which way, for whom; nothing that is secret. */
const told: Shown<StoredDetail> = {
  ...{ name: plainly, host: plainly, port: plainly, database: plainly, state: plainly, access: plainly },
  ...{
    hostAddress: plainly,
    signIn: plainly,
    readOnly: plainly,
    settings: (settings) =>
      Object.entries(settings)
        .map((each) => each.join(':'))
        .join(' ') || 'none',
    tlsMode: plainly,
    tlsCa: whether,
    tlsCert: whether,
    ssh: hopsInWords,
  },
  lease: (lease) => (lease === null ? 'none' : `${lease.readerRole} ${lease.minutes}min`),
};

/** Which secrets were given anew, by the names of their fields. */
function secretsIn(change: Change): string {
  const fields = (['user', 'password', 'keyPassphrase', 'tlsKey', 'tlsKeyPassphrase'] as const).filter(
    (field) => change[field] !== undefined,
  );
  const ofHops = change.ssh?.some((hop) => (hop.key ?? hop.keyPassphrase ?? hop.password) !== undefined);
  return fields.length === 0 && !ofHops ? '' : `secrets=${[...fields, ...(ofHops ? ['ssh'] : [])].join('+')}`;
}

/** Database connections: metadata in the store, secrets in the vault under the same id. */
export function connectionService(
  services: Services,
): Pick<
  Handlers<'connections'>,
  | 'connections.list'
  | 'connections.get'
  | 'connections.create'
  | 'connections.update'
  | 'connections.duplicate'
  | 'connections.bulk'
> {
  const { store, vault } = services;
  const changed = (): void => emitChanged(services, 'connections');

  return {
    'connections.list'({ offset, limit, ...filter }, { person }) {
      const { items, total, health } = store.connections.page(filter, offset, limit);
      const view = viewOf(services, person);
      return {
        items: items.map(view),
        total,
        health,
        engines: store.connections.engines(),
        folders: store.connections.folders(),
        tags: store.connections.tags(),
      };
    },
    'connections.get': ({ id }, { person }) => detailOf(services, person, store.connections.get(id)),
    async 'connections.create'(input, { person }) {
      try {
        return await detailOf(services, person, await createConnection(services, input, person));
      } finally {
        changed();
      }
    },
    async 'connections.update'({ id, ...change }, { person, tell }) {
      const before = store.connections.get(id);
      try {
        const after = await changeConnection(services, id, change);
        tell([differences(before, after, told), secretsIn(change)].filter((text) => text !== '').join(' '));
        return await detailOf(services, person, after);
      } finally {
        changed();
        emitChanged(services, 'projects');
      }
    },
    async 'connections.duplicate'({ id, name, environment }, { person }) {
      const from = store.connections.get(id);
      const to = services.newId();
      await vault.copy(id, to);
      try {
        await vault.patch(to, {}, otherLogins);
        const copy = { ...from, id: to, name, environment: environment ?? from.environment };
        // Hops keep their ids: the secrets were copied under them.
        const made = store.connections.create(onlyFields(copy), person.id, services.now());
        return await detailOf(services, person, made);
      } catch (error) {
        vault.delete(to);
        throw error;
      } finally {
        changed();
      }
    },
    'connections.bulk'({ ids, change }, { person }) {
      const may = services.access.grants.mayOfEach(person);
      const back = new Map<string, { ids: string[]; change: BulkChange }>();
      store.transaction(() => {
        for (const id of ids) {
          const found = store.connections.get(id);
          if (may(found) !== 'manage')
            throw new AppError(
              'PERMISSION_DENIED',
              say('connections.youMayNotChange', { connection: found.name }),
            );
          const tags = new Set(found.tags);
          for (const tag of change.removeTags ?? []) tags.delete(tag);
          for (const tag of change.addTags ?? []) tags.add(tag);
          if (tags.size > 20)
            throw new AppError(
              'INPUT_INVALID',
              say('connections.wouldMoreThan20', { connection: found.name }),
            );
          const { folder, state } = change;
          store.connections.update(id, { ...given({ folder, state }), tags: [...tags] }, services.now());
          const undo = wayBack(found, change, tags);
          const key = JSON.stringify(undo);
          const same = back.get(key);
          if (same) same.ids.push(id);
          else if (key !== '{}') back.set(key, { ids: [id], change: undo });
        }
      });
      for (const id of ids) {
        services.readers.forget(id);
        if (change.state !== undefined && change.state !== 'active') void services.leases.endOfConnection(id);
      }
      changed();
      return { changed: ids.length, undo: [...back.values()] };
    },
  };
}

/** Only what a new connection is made of. */
const onlyFields = (from: StoredDetail): NewConnection => ({
  id: from.id,
  ...describedFields(from),
  ssh: from.ssh,
});

/** For callers that take hops as people enter them. */
export type { SshHopInput };
