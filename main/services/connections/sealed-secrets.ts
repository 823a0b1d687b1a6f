import { X509Certificate } from 'node:crypto';
import { type EngineSecret, isOfUser, secretOf, unnamedUser } from '../../../preload/contract/engines.ts';
import type { Parsed } from '../../../preload/contract/methods.ts';
import { type SshHop, signInMethods, tlsModes } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { badField } from '../../errors.ts';
import type { NewConnection, StoredDetail } from '../../store/connections/connections.ts';
import type { Services } from '../context.ts';
import { loginFields } from './rotation-work.ts';
import { hopFields } from './targets.ts';

/* What becomes of the sealed secrets of a connection that changes: which stay, which are asked for again, which are destroyed. */

type HopInput = Parsed<'connections.create'>['ssh'][number];
/** Fields of the vault's record; null takes one away. */
export type SecretFields = Record<string, string | null>;
/** Jump hosts as they were entered, as what is stored and what is sealed. */
export interface SplitHops {
  readonly ssh: SshHop[];
  readonly secrets: SecretFields;
}
type Has = (field: string) => boolean;

/** Hops that are new get their ids here. */
export function splitHops(services: Pick<Services, 'newId'>, hops: readonly HopInput[]): SplitHops {
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
export function insistOnHopSecrets(ssh: readonly SshHop[], has: Has): void {
  for (const hop of ssh) {
    const fields = hopFields(hop.id);
    if (hop.auth === 'key' && hop.keyFile === null && !has(fields.key))
      throw badField('ssh', say('connections.keyMissing', { host: hop.host }));
    if (hop.auth === 'password' && !has(fields.password))
      throw badField('ssh', say('connections.passwordMissing', { host: hop.host }));
  }
}

/** Logins that a rotation keeps beside the present one; of use to the connection that was rotated only, where it was. */
export const otherLogins: readonly string[] = [loginFields.previous, loginFields.next].flatMap((fields) =>
  Object.values(fields),
);

export const isElsewhere = (before: NewConnection, after: NewConnection): boolean =>
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
function insistOnSameServer(before: StoredDetail, after: NewConnection): void {
  const verified = after.tlsMode === 'verify-full' && after.tlsCa === before.tlsCa;
  const elsewhere = isElsewhere(before, after);
  if (!elsewhere && (verified || isAsStrict(before, after))) return;
  throw badField(
    'password',
    elsewhere ? say('connections.enterAgainStoredOne') : say('connections.enterAgainStoredOneNot'),
  );
}

/** The same for the password of a jump host: for another host it is entered anew. */
function insistOnSameHops(before: readonly SshHop[], split: SplitHops | null): void {
  for (const hop of split?.ssh ?? []) {
    const known = before.find(({ id }) => id === hop.id);
    if (!known || hop.auth !== 'password' || split?.secrets[hopFields(hop.id).password] !== undefined)
      continue;
    if (known.host !== hop.host || known.port !== hop.port)
      throw badField('ssh', say('connections.passwordMissing', { host: hop.host }));
  }
}

/** The key that a client certificate is made for; null where it can't be read, which a test will tell. */
function keyOf(certificate: string | null): string | null {
  if (certificate === null) return null;
  try {
    const { publicKey } = new X509Certificate(certificate);
    return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  } catch {
    return null;
  }
}

/**
 * What of a connection's hops is in the vault and belongs to none any more. A password stays with the host it was entered
 * for, and a secret with the way of signing in that it is for.
 */
const leftOver = (before: readonly SshHop[], { ssh, secrets }: SplitHops): string[] =>
  before.flatMap(({ id, host, port }) => {
    const fields = hopFields(id);
    const now = ssh.find((hop) => hop.id === id);
    if (!now) return Object.values(fields);
    const stays = now.auth === 'password' && now.host === host && now.port === port;
    const signsWithKey = now.auth === 'key';
    return [
      ...(stays ? [] : [fields.password]),
      ...(signsWithKey && now.keyFile === null ? [] : [fields.key]),
      // Another key has another passphrase, or none.
      ...(signsWithKey && secrets[fields.key] === undefined ? [] : [fields.passphrase]),
    ];
  });

/** A change as it was entered: what of it is secret. */
export interface GivenSecrets {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly keyPassphrase?: string | null | undefined;
  readonly tlsKey?: string | null | undefined;
  readonly tlsKeyPassphrase?: string | null | undefined;
}

/** What to do to the vault's record of a connection that changes. */
export interface SecretWork {
  readonly fields: SecretFields;
  readonly removed: readonly string[];
  /** The login leads elsewhere, or is of another kind: one that a rotation replaced can't come back. */
  readonly endsRotation: boolean;
}

const kindOf = ({ engine, settings }: NewConnection): EngineSecret => secretOf(engine, settings);

/**
 * Fails with INPUT_INVALID, naming the field, where a stored secret would go elsewhere than it was entered for, or would be taken
 * for something that it is not: a password for a token, a key for that of another certificate.
 */
export function secretsAfter(
  has: Has,
  before: StoredDetail,
  after: NewConnection,
  given: GivenSecrets,
  split: SplitHops | null,
): SecretWork {
  const { user, password, keyPassphrase, tlsKey, tlsKeyPassphrase } = given;
  const kind = kindOf(after);
  const otherKind = kind !== kindOf(before);
  if (password === undefined && has('password')) {
    if (otherKind) throw badField('password', say('connections.enterOfNewKind'));
    insistOnSameServer(before, after);
  }
  // Who signs in with a token is named nowhere; a client and a person are two names.
  if (password !== undefined && isOfUser[kind] && user === undefined && (otherKind || !has('user')))
    throw badField('user', say(has('user') ? 'connections.enterOfNewKind' : 'engines.isNeeded'));
  insistOnSameHops(before.ssh, split);
  const otherCertificate = after.tlsCert !== before.tlsCert;
  const otherTlsKey = otherCertificate && keyOf(after.tlsCert) !== keyOf(before.tlsCert);
  if (otherTlsKey && after.tlsCert !== null && tlsKey === undefined && has('tlsKey'))
    throw badField('tlsKey', say('connections.enterOfNewCertificate'));

  const fields: SecretFields = { ...split?.secrets };
  for (const [field, value] of Object.entries({ user, password, tlsKey, tlsKeyPassphrase, keyPassphrase }))
    if (value !== undefined) fields[field] = value;
  if (!isOfUser[kind] && user === undefined && password !== undefined && (otherKind || !has('user')))
    fields['user'] = unnamedUser;
  const removed = split ? leftOver(before.ssh, split) : [];
  // A passphrase is of the key that it came with.
  if (password !== undefined && keyPassphrase === undefined) removed.push('keyPassphrase');
  if (after.tlsCert === null) removed.push('tlsKey', 'tlsKeyPassphrase');
  else if (tlsKey !== undefined && tlsKeyPassphrase === undefined) removed.push('tlsKeyPassphrase');
  // The logins of a rotation were entered for the old address too: undoing it must not send them to the new one.
  const endsRotation =
    password !== undefined && (otherKind || isElsewhere(before, after) || wayOf(before) !== wayOf(after));
  if (endsRotation) removed.push(...otherLogins);
  return {
    fields,
    removed: removed.filter((field) => has(field) && fields[field] === undefined),
    endsRotation,
  };
}
