import { engineTraits } from '../../../preload/contract/engines.ts';
import type { Parsed } from '../../../preload/contract/methods.ts';
import {
  type BulkChange,
  type Connection,
  type ConnectionDetail,
  type Person,
  type SshHop,
  type SshHopInput,
  signInMethods,
  tlsModes,
} from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly, type Shown, whether } from '../../access/differences.ts';
import { AppError, badField } from '../../errors.ts';
import type { NewConnection, StoredConnection, StoredDetail } from '../../store/connections/connections.ts';
import { emitChanged, given, type Handlers, type Services } from '../context.ts';
import { describedFields } from './described-fields.ts';
import { loginFields } from './rotation-work.ts';
import { hopFields } from './targets.ts';
import { wayBack } from './way-back.ts';

/** An import may know less of the login than a person who enters one. */
type Create = Omit<Parsed<'connections.create'>, 'user' | 'password'> & {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
};
type Change = Omit<Parsed<'connections.update'>, 'id'>;
type HopInput = Create['ssh'][number];
/** Fields of the vault's record; null takes one away. */
type SecretFields = Record<string, string | null>;

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

/** Splits jump hosts as they were entered into what is stored and what is sealed. Hops that are new get their ids here. */
function splitHops(services: Services, hops: readonly HopInput[]): { ssh: SshHop[]; secrets: SecretFields } {
  const secrets: SecretFields = {};
  const ssh = hops.map((hop) => {
    const id = hop.id ?? services.newId();
    const fields = hopFields(id);
    if (hop.key !== undefined) secrets[fields.key] = hop.key;
    if (hop.keyPassphrase !== undefined) secrets[fields.passphrase] = hop.keyPassphrase;
    if (hop.password !== undefined) secrets[fields.password] = hop.password;
    const { host, port, user, auth } = hop;
    const of = <T>(kind: typeof auth, value: T): T | null => (auth === kind ? value : null);
    return {
      ...{ id, host, port, user, auth, keyFile: of('key', hop.keyFile) },
      ...{ agentSocket: of('agent', hop.agentSocket), agentKey: of('agent', hop.agentKey) },
    };
  });
  if (new Set(ssh.map(({ id }) => id)).size !== ssh.length)
    throw badField('ssh', say('connections.jumpHostNamedTwice'));
  return { ssh, secrets };
}

/** Refuses a jump host that signs in with something that is neither given nor stored. */
function insistOnHopSecrets(ssh: readonly SshHop[], has: (field: string) => boolean): void {
  for (const hop of ssh) {
    const fields = hopFields(hop.id);
    if (hop.auth === 'key' && hop.keyFile === null && !has(fields.key))
      throw badField('ssh', say('connections.keyMissing', { host: hop.host }));
    if (hop.auth === 'password' && !has(fields.password))
      throw badField('ssh', say('connections.passwordMissing', { host: hop.host }));
  }
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
 * What of a connection's hops is in the vault and belongs to none any more. A password stays with the host it was entered
 * for: a hop that moves loses it, also while it signs in with something else.
 */
const leftOver = (before: readonly SshHop[], after: readonly SshHop[]): string[] =>
  before.flatMap(({ id, host, port }) => {
    const fields = hopFields(id);
    const now = after.find((hop) => hop.id === id);
    if (!now) return Object.values(fields);
    return now.host === host && now.port === port ? [] : [fields.password];
  });

/** Logins that a rotation keeps beside the present one; of use to the connection that was rotated only, where it was. */
const otherLogins: readonly string[] = [loginFields.previous, loginFields.next].flatMap((fields) =>
  Object.values(fields),
);

/**
 * Makes a connection with its secrets: both or neither. `lacking`: secrets of its jump hosts, and settings that its kind needs, may be entered
 * later. Fails with
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

const isElsewhere = (before: NewConnection, after: NewConnection): boolean =>
  after.host !== before.host || after.port !== before.port;
const hopsOf = ({ ssh }: NewConnection): string => JSON.stringify(ssh.map(({ host, port }) => [host, port]));
const wayOf = (connection: NewConnection): string =>
  JSON.stringify([
    ...[hopsOf(connection), connection.hostAddress, connection.signIn, connection.tlsMode, connection.tlsCa],
  ]);
/** On the same hosts, asking at least as much of the server as before. */
const isAsStrict = (before: NewConnection, after: NewConnection): boolean =>
  hopsOf(after) === hopsOf(before) &&
  after.hostAddress === before.hostAddress &&
  after.tlsCa === before.tlsCa &&
  signInMethods.indexOf(after.signIn) >= signInMethods.indexOf(before.signIn) &&
  tlsModes.indexOf(after.tlsMode) >= tlsModes.indexOf(before.tlsMode);

/**
 * A password that is stored goes only where it was entered for: otherwise whoever may change a connection, or a page that
 * acts for them, could have it sent to a server of their own, and read it there. On another way to the same server (jump
 * hosts, TLS that checks less) the same could be done. Nobody is excepted: who may look at stored secrets is asked for a
 * passphrase and a reason there, and leaves an entry in the log.
 */
function insistOnSameServer(services: Services, before: StoredDetail, after: NewConnection): void {
  if (!services.vault.has(before.id, 'password')) return;
  const verified = after.tlsMode === 'verify-full' && after.tlsCa === before.tlsCa;
  const elsewhere = isElsewhere(before, after);
  if (!elsewhere && (verified || isAsStrict(before, after))) return;
  throw badField(
    'password',
    elsewhere ? say('connections.enterAgainStoredOne') : say('connections.enterAgainStoredOneNot'),
  );
}

/** The same for the password of a jump host: for another host it is entered anew. */
function insistOnSameHops(
  before: readonly SshHop[],
  split: { readonly ssh: readonly SshHop[]; readonly secrets: SecretFields } | null,
): void {
  for (const hop of split?.ssh ?? []) {
    const known = before.find(({ id }) => id === hop.id);
    if (!known || hop.auth !== 'password' || split?.secrets[hopFields(hop.id).password] !== undefined)
      continue;
    if (known.host !== hop.host || known.port !== hop.port)
      throw badField('ssh', say('connections.passwordMissing', { host: hop.host }));
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
  if (password === undefined) insistOnSameServer(services, before, wanted);
  insistOnSameHops(before.ssh, split);
  const secrets: SecretFields = { ...split?.secrets };
  for (const [field, value] of Object.entries({ user, password, tlsKey, tlsKeyPassphrase, keyPassphrase }))
    if (value !== undefined) secrets[field] = value;
  const unneeded = split ? leftOver(before.ssh, split.ssh) : [];
  // The logins of a rotation were entered for the old address too: undoing it must not send them to the new one.
  const moves = password !== undefined && (isElsewhere(before, wanted) || wayOf(before) !== wayOf(wanted));
  if (moves) unneeded.push(...otherLogins);
  // Asked before the secrets are replaced, and these before the address: never is an old password stored for a new one.
  store.connections.insistFree(id, wanted);
  const newSecrets = Object.keys(secrets).length > 0;
  if (newSecrets || unneeded.length > 0) await vault.patch(id, secrets, unneeded);
  store.connections.update(id, fieldChange, services.now());
  if (moves) store.connections.setRotation(id, null);
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
  | 'connections.delete'
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
    async 'connections.delete'({ id }, { signal }) {
      const found = store.connections.get(id);
      // First what could not be taken back once the login is gone.
      if (found.usedBy.length === 0) await services.leases.endAllOf(id, signal);
      store.connections.delete(id);
      vault.delete(id);
      services.readers.forget(id);
      changed();
      return {};
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
