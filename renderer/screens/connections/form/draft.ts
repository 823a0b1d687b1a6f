import {
  type EngineType,
  engineTraits,
  isOfUser,
  secretOf,
  unnamedUser,
} from '../../../../preload/contract/engines.ts';
import type { Input } from '../../../../preload/contract/methods.ts';
import type { ConnectionDetail, SignInMethod, SshHop } from '../../../../preload/contract/models.ts';
import { t } from '../../../i18n/index.ts';
import { type ConnectionState, type Environment, splitList, type TlsMode } from '../options.ts';

/** The most hops that the contract takes. */
export const mostHops = 3;
const mostTags = 20;
const longestTag = 40;

export interface HopDraft {
  /** Names it within the form, whatever its place. */
  readonly key: string;
  /** Set for one that is stored: what is left empty stays as it is. */
  readonly id: string | null;
  readonly host: string;
  readonly port: string;
  readonly user: string;
  readonly auth: SshHop['auth'];
  readonly agentSocket: string;
  readonly agentKey: string;
  readonly keyFrom: 'file' | 'vault';
  readonly keyFile: string;
  readonly privateKey: string;
  readonly keyPassphrase: string;
  readonly password: string;
  /** What of it is in the vault already. */
  readonly stored: SshHop['auth'] | null;
}

/** What is in the fields: text, until it is checked and sent. */
export interface Draft {
  readonly engine: EngineType;
  readonly name: string;
  readonly environment: Environment;
  readonly description: string;
  readonly folder: string;
  readonly tags: string;
  readonly state: ConnectionState;
  readonly host: string;
  readonly hostAddress: string;
  readonly port: string;
  readonly database: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly signIn: SignInMethod;
  readonly readOnly: boolean;
  readonly superuserReason: string;
  readonly access: 'everyone' | 'granted';
  readonly tlsMode: TlsMode;
  readonly tlsCa: string;
  readonly clientCert: boolean;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly tlsKeyPassphrase: string;
  readonly user: string;
  readonly password: string;
  /** Of a private key that is the secret itself. */
  readonly keyPassphrase: string;
  readonly hops: readonly HopDraft[];
  readonly size: string;
  readonly idleSeconds: string;
  readonly recycleMinutes: string;
  readonly statementTimeoutSeconds: string;
  readonly connectTimeoutSeconds: string;
  readonly applicationName: string;
  readonly leases: boolean;
  readonly readerRole: string;
  readonly leaseMinutes: string;
}

/** By the name of the field in the form; a field of a hop is `ssh.<place>.<field>`. */
export type Problems = Partial<Record<string, string>>;

export const sections = ['tls', 'ssh', 'pool', 'sharing'] as const;
export type SectionName = (typeof sections)[number];

/** Numbers of the form, and between what they may be (preload/contract/models/connections.ts). */
const bounds = {
  size: [1, 20],
  idleSeconds: [1, 3600],
  recycleMinutes: [1, 1440],
  statementTimeoutSeconds: [1, 3600],
  connectTimeoutSeconds: [1, 120],
} as const satisfies Partial<Record<keyof Draft, readonly [number, number]>>;
export const poolNumbers = Object.keys(bounds) as (keyof typeof bounds)[];
const leaseBounds = [5, 1440] as const;

export function newHop(): HopDraft {
  return {
    key: crypto.randomUUID(),
    id: null,
    host: '',
    port: '22',
    user: '',
    auth: 'agent',
    agentSocket: '',
    agentKey: '',
    keyFrom: 'file',
    keyFile: '~/.ssh/id_ed25519',
    privateKey: '',
    keyPassphrase: '',
    password: '',
    stored: null,
  };
}

/** `sealed`: its secrets are in the vault. */
function hopDraft(hop: SshHop, sealed: boolean): HopDraft {
  const { id, host, port, user, auth, keyFile } = hop;
  const keyFrom = keyFile === null ? 'vault' : 'file';
  return {
    ...newHop(),
    ...{ key: id, id, host, port: String(port), user, auth, keyFrom, keyFile: keyFile ?? '' },
    ...{ agentSocket: hop.agentSocket ?? '', agentKey: hop.agentKey ?? '' },
    stored: sealed ? auth : null,
  };
}

export function draftOf(connection: ConnectionDetail | null): Draft {
  const pool = connection?.pool;
  return {
    engine: connection?.engine ?? 'postgres',
    name: connection?.name ?? '',
    environment: connection?.environment ?? 'development',
    description: connection?.description ?? '',
    folder: connection?.folder ?? '',
    tags: connection?.tags.join(', ') ?? '',
    state: connection?.state ?? 'active',
    host: connection?.host ?? '',
    hostAddress: connection?.hostAddress ?? '',
    port: String(connection?.port ?? 5432),
    signIn: connection?.signIn ?? 'any',
    database: connection?.database ?? '',
    settings: connection?.settings ?? {},
    readOnly: connection?.readOnly ?? false,
    superuserReason: connection?.superuserReason ?? '',
    access: connection?.access ?? 'everyone',
    tlsMode: connection?.tlsMode ?? 'verify-full',
    tlsCa: connection?.tlsCa ?? '',
    clientCert: (connection?.tlsCert ?? null) !== null,
    tlsCert: connection?.tlsCert ?? '',
    tlsKey: '',
    tlsKeyPassphrase: '',
    user: '',
    password: '',
    keyPassphrase: '',
    hops: connection?.ssh.map((hop) => hopDraft(hop, connection.hasSecret)) ?? [],
    size: String(pool?.size ?? 4),
    idleSeconds: String(pool?.idleSeconds ?? 60),
    recycleMinutes: String(pool?.recycleMinutes ?? 30),
    statementTimeoutSeconds: String(pool?.statementTimeoutSeconds ?? 15),
    connectTimeoutSeconds: String(pool?.connectTimeoutSeconds ?? 15),
    applicationName: pool?.applicationName ?? 'headgate',
    leases: (connection?.lease ?? null) !== null,
    readerRole: connection?.lease?.readerRole ?? '',
    leaseMinutes: String(connection?.lease?.minutes ?? 60),
  };
}

/** What changes with the kind of database: what the new one does not have goes back to what is usual. */
export function withEngine(draft: Draft, engine: EngineType): Partial<Draft> {
  const [before, after] = [engineTraits[draft.engine], engineTraits[engine]];
  return {
    engine,
    ...(draft.port === '' || draft.port === String(before.port) ? { port: String(after.port) } : {}),
    // A host that is the same for everybody is nobody's own.
    ...(after.host !== null ? { host: after.host } : draft.host === before.host ? { host: '' } : {}),
    settings: Object.fromEntries(
      Object.entries(draft.settings).filter(([name, value]) =>
        after.settings.some((field) => field.name === name && field.choices?.includes(value) !== false),
      ),
    ),
    ...(after.tlsModes.includes(draft.tlsMode) ? {} : { tlsMode: 'verify-full' }),
    ...(after.signInMethods ? {} : { signIn: 'any' }),
    ...(after.leases ? {} : { leases: false }),
    ...(after.clientCertificates ? {} : { clientCert: false }),
  };
}

/** Whether what is in the vault is what the connection will sign in with: a password is no token, whatever it is called. */
export const keepsSecret = (
  saved: Pick<ConnectionDetail, 'hasSecret' | 'engine' | 'settings'> | null,
  draft: Pick<Draft, 'engine' | 'settings'>,
): boolean =>
  saved?.hasSecret === true &&
  secretOf(saved.engine, saved.settings) === secretOf(draft.engine, draft.settings);

/** A choice of the engine's own; another way of signing in begins without a secret. */
export function withSetting(draft: Draft, name: string, value: string): Partial<Draft> {
  const settings = { ...draft.settings, [name]: value };
  const same = secretOf(draft.engine, settings) === secretOf(draft.engine, draft.settings);
  return { settings, ...(same ? {} : { password: '', keyPassphrase: '' }) };
}

/** Whom a file of keys names, and in which project; null for what is none. */
export function accountIn(secret: string): { readonly email: string; readonly project: string } | null {
  try {
    const { client_email: email, project_id: project } = JSON.parse(secret) as Record<string, unknown>;
    return typeof email === 'string' && typeof project === 'string' ? { email, project } : null;
  } catch {
    return null;
  }
}

/** The draft without anything secret; what was sent is in the vault now. */
export function withoutSecrets(draft: Draft, saved: ConnectionDetail): Draft {
  return {
    ...draft,
    ...{ password: '', keyPassphrase: '', tlsKey: '', tlsKeyPassphrase: '' },
    // The hops have their ids now, so that saving again does not make new ones.
    hops: saved.ssh.map((hop, at) => ({
      ...hopDraft(hop, saved.hasSecret),
      key: draft.hops[at]?.key ?? hop.id,
    })),
  };
}

const empty = (text: string): boolean => text.trim() === '';

function numberProblem(text: string, [from, to]: readonly [number, number]): string | undefined {
  const value = Number(text);
  const fits = !empty(text) && Number.isInteger(value) && value >= from && value <= to;
  return fits ? undefined : t('connections.numberInvalid', { from, to });
}

function portProblem(text: string): string | undefined {
  return numberProblem(text, [1, 65_535]) === undefined ? undefined : t('connections.portInvalid');
}

const certificate = '-----BEGIN CERTIFICATE-----';
const isKey = (text: string): boolean => text.includes('PRIVATE KEY-----');

function checkHop(hop: HopDraft, at: number): Problems {
  const place = `ssh.${at}`;
  const keeps = hop.stored === hop.auth;
  const needsKey = hop.auth === 'key' && hop.keyFrom === 'vault';
  return {
    ...(empty(hop.host) ? { [`${place}.host`]: t('field.required') } : {}),
    ...(empty(hop.user) ? { [`${place}.user`]: t('field.required') } : {}),
    ...some(`${place}.port`, portProblem(hop.port)),
    ...(hop.auth === 'key' && hop.keyFrom === 'file' && empty(hop.keyFile)
      ? { [`${place}.keyFile`]: t('field.required') }
      : {}),
    ...(needsKey && hop.privateKey !== '' && !isKey(hop.privateKey)
      ? { [`${place}.key`]: t('key.invalid') }
      : {}),
    ...(needsKey && hop.privateKey === '' && !keeps ? { [`${place}.key`]: t('field.required') } : {}),
    ...(hop.auth === 'password' && hop.password === '' && !keeps
      ? { [`${place}.password`]: t('field.required') }
      : {}),
  };
}

const some = (field: string, problem: string | undefined): Problems =>
  problem === undefined ? {} : { [field]: problem };

/** The shortest and the longest reason that the core takes. */
const reasonBounds = { min: 10, max: 500 };
export function superuserReasonProblem(reason: string, mayBeEmpty: boolean): string | undefined {
  const { length } = reason.trim();
  if (length === 0 && mayBeEmpty) return undefined;
  if (length < reasonBounds.min) return t('superuser.reasonShort');
  return length > reasonBounds.max ? t('superuser.reasonLong') : undefined;
}

/** What can be seen to be wrong without asking the core. */
export function check(draft: Draft, stored: { readonly login: boolean; readonly tlsKey: boolean }): Problems {
  const problems: Record<string, string | undefined> = {};
  for (const field of ['name', 'host', 'database', 'applicationName'] as const) {
    if (empty(draft[field])) problems[field] = t('field.required');
  }
  const traits = engineTraits[draft.engine];
  const secret = secretOf(draft.engine, draft.settings);
  if (!stored.login && isOfUser[secret] && draft.user === '') problems['user'] = t('field.required');
  if (!stored.login && secret === 'service_account' && accountIn(draft.password) === null)
    problems['password'] = t('engineSecret.noKeyFile');
  if (!stored.login && (secret === 'token' || secret === 'client_secret') && draft.password === '')
    problems['password'] = t('field.required');
  if (secret === 'private_key' && !isKey(draft.password) && !(stored.login && draft.password === ''))
    problems['password'] = t(draft.password === '' ? 'field.required' : 'key.invalid');
  for (const { name, isRequired } of traits.settings)
    if (isRequired && empty(draft.settings[name] ?? '')) problems[`settings.${name}`] = t('field.required');
  for (const field of poolNumbers) problems[field] = numberProblem(draft[field], bounds[field]);
  problems['port'] = portProblem(draft.port);
  if (!empty(draft.tlsCa) && !draft.tlsCa.includes(certificate))
    problems['tlsCa'] = t('connections.caInvalid');
  if (draft.clientCert) {
    if (!draft.tlsCert.includes(certificate)) problems['tlsCert'] = t('connections.caInvalid');
    if (draft.tlsKey !== '' && !isKey(draft.tlsKey)) problems['tlsKey'] = t('key.invalid');
    if (draft.tlsKey === '' && !stored.tlsKey) problems['tlsKey'] = t('field.required');
  }
  const tags = splitList(draft.tags);
  if (tags.length > mostTags || tags.some((tag) => tag.length > longestTag)) {
    problems['tags'] = t('sharing.tagsMany');
  }
  problems['superuserReason'] = superuserReasonProblem(draft.superuserReason, true);
  if (draft.leases) {
    if (empty(draft.readerRole)) problems['readerRole'] = t('field.required');
    problems['leaseMinutes'] = numberProblem(draft.leaseMinutes, leaseBounds);
  }
  const all = { ...problems, ...Object.assign({}, ...draft.hops.map(checkHop)) };
  return Object.fromEntries(Object.entries(all).filter(([, problem]) => problem !== undefined)) as Problems;
}

function hopInput(hop: HopDraft) {
  const { id, host, port, user, auth, keyFrom, keyFile, privateKey, keyPassphrase, password } = hop;
  const key = auth === 'key' && keyFrom === 'vault' && privateKey !== '' ? { key: privateKey } : {};
  return {
    ...(id === null ? {} : { id }),
    ...{ host: host.trim(), port: Number(port), user: user.trim(), auth },
    keyFile: auth === 'key' && keyFrom === 'file' ? keyFile.trim() : null,
    ...(auth === 'agent'
      ? { agentSocket: hop.agentSocket.trim() || null, agentKey: hop.agentKey.trim() || null }
      : {}),
    ...key,
    ...(auth === 'key' && keyPassphrase !== '' ? { keyPassphrase } : {}),
    ...(auth === 'password' && password !== '' ? { password } : {}),
  };
}

/** The name of an account is enough where every host is one with the same ending. */
const completed = (host: string, engine: EngineType): string =>
  /^[\w-]+$/.test(host) ? host + (engineTraits[engine].hostEnding ?? '') : host;

/** Everything but the login, as the contract takes it. */
function fieldsOf(draft: Draft) {
  const { name, environment, description, folder, state, host, database, readOnly, access, tlsMode } = draft;
  return {
    ...{ name, environment, description, folder: folder.trim(), tags: splitList(draft.tags), state },
    settings: Object.fromEntries(
      Object.entries(draft.settings)
        .map(([name, value]) => [name, value.trim()] as const)
        .filter(([, value]) => value !== ''),
    ),
    ...{
      host: completed(host.trim(), draft.engine),
      port: Number(draft.port),
      database,
      readOnly,
      access,
      tlsMode,
      signIn: draft.signIn,
    },
    hostAddress: draft.hostAddress.trim() || null,
    tlsCa: empty(draft.tlsCa) ? null : draft.tlsCa,
    tlsCert: draft.clientCert ? draft.tlsCert : null,
    // Without a certificate its key is of no use, so it goes.
    ...(draft.clientCert
      ? {
          ...(draft.tlsKey === '' ? {} : { tlsKey: draft.tlsKey }),
          ...(draft.tlsKeyPassphrase === '' ? {} : { tlsKeyPassphrase: draft.tlsKeyPassphrase }),
        }
      : {}),
    ssh: draft.hops.map(hopInput),
    pool: {
      size: Number(draft.size),
      idleSeconds: Number(draft.idleSeconds),
      recycleMinutes: Number(draft.recycleMinutes),
      statementTimeoutSeconds: Number(draft.statementTimeoutSeconds),
      connectTimeoutSeconds: Number(draft.connectTimeoutSeconds),
      applicationName: draft.applicationName.trim(),
    },
    lease: draft.leases ? { readerRole: draft.readerRole.trim(), minutes: Number(draft.leaseMinutes) } : null,
  };
}

export function toCreate(draft: Draft): Input<'connections.create'> {
  const user = accountOf(draft) ?? draft.user;
  return {
    ...{ engine: draft.engine, ...fieldsOf(draft), user, password: draft.password },
    ...passphraseOf(draft),
  };
}

/** Goes with the key: another key has another one, or none. */
const passphraseOf = ({ engine, settings, keyPassphrase }: Draft) =>
  secretOf(engine, settings) === 'private_key' ? { keyPassphrase: keyPassphrase || null } : {};

/** Of a secret that says itself whose it is; of a token only the server can say it. */
function accountOf({ engine, settings, password }: Draft): string | undefined {
  const secret = secretOf(engine, settings);
  if (secret === 'token') return password === '' ? undefined : unnamedUser;
  return secret === 'service_account' ? accountIn(password)?.email : undefined;
}
const userOf = (draft: Draft): { readonly user?: string } => {
  const user = accountOf(draft) ?? draft.user;
  return user === '' ? {} : { user };
};

/** Left empty means "keep what is in the vault". */
export function toUpdate(draft: Draft, before: ConnectionDetail): Input<'connections.update'> {
  const superuserReason = draft.superuserReason.trim();
  return {
    id: before.id,
    ...fieldsOf(draft),
    // Left as it is, it goes with the login or the server it was given for; the core sees to that.
    ...(superuserReason === before.superuserReason ? {} : { superuserReason }),
    ...(!draft.clientCert && before.hasTlsKey ? { tlsKey: null, tlsKeyPassphrase: null } : {}),
    ...userOf(draft),
    ...(draft.password === '' ? {} : { password: draft.password, ...passphraseOf(draft) }),
  };
}

/** The contract's paths by the names of the form. */
export function fieldNames(hops: number): Readonly<Record<string, string>> {
  const same = [
    'name',
    'description',
    'folder',
    'tags',
    'host',
    'hostAddress',
    'port',
    'database',
    'tlsCa',
    'tlsCert',
  ];
  const further = [
    'superuserReason',
    'tlsKey',
    'tlsKeyPassphrase',
    'user',
    'password',
    'keyPassphrase',
    'ssh',
  ];
  const names: Record<string, string> = {
    ...Object.fromEntries(
      Object.values(engineTraits)
        .flatMap(({ settings }) => settings)
        .map(({ name }) => [`settings.${name}`, `settings.${name}`]),
    ),
    'lease.readerRole': 'readerRole',
    'lease.minutes': 'leaseMinutes',
  };
  for (const field of [...same, ...further]) names[field] = field;
  for (const field of [...poolNumbers, 'applicationName']) names[`pool.${field}`] = field;
  for (let at = 0; at < hops; at++) {
    for (const field of [
      'host',
      'port',
      'user',
      'keyFile',
      'key',
      'keyPassphrase',
      'password',
      'agentSocket',
      'agentKey',
    ]) {
      names[`ssh.${at}.${field}`] = `ssh.${at}.${field}`;
    }
  }
  return names;
}

const sectionOf: Readonly<Record<string, SectionName>> = {
  hostAddress: 'tls',
  tlsCa: 'tls',
  tlsCert: 'tls',
  tlsKey: 'tls',
  tlsKeyPassphrase: 'tls',
  applicationName: 'pool',
  folder: 'sharing',
  tags: 'sharing',
  description: 'sharing',
  readerRole: 'sharing',
  leaseMinutes: 'sharing',
  superuserReason: 'sharing',
  ...Object.fromEntries(poolNumbers.map((field) => [field, 'pool' as const])),
};

/** The sections that must be open for every problem to be seen. */
export function sectionsWith(problems: Problems): ReadonlySet<SectionName> {
  const found = new Set<SectionName>();
  for (const field of Object.keys(problems)) {
    const section = field.startsWith('ssh') ? 'ssh' : sectionOf[field];
    if (section) found.add(section);
  }
  return found;
}
