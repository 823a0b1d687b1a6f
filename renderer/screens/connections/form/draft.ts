import {
  type EngineType,
  engineTraits,
  secretOf,
  unnamedUser,
} from '../../../../preload/contract/engines.ts';
import type { Input } from '../../../../preload/contract/methods.ts';
import type { ConnectionDetail, SignInMethod, SshHop } from '../../../../preload/contract/models.ts';
import { type ConnectionState, type Environment, splitList, type TlsMode } from '../options.ts';

/** The most hops that the contract takes. */
export const mostHops = 3;

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
  /** The service that runs the server, where one was chosen; see `hostedOf`. */
  readonly hosted: string;
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
export const bounds = {
  size: [1, 20],
  idleSeconds: [1, 3600],
  recycleMinutes: [1, 1440],
  statementTimeoutSeconds: [1, 3600],
  connectTimeoutSeconds: [1, 120],
} as const satisfies Partial<Record<keyof Draft, readonly [number, number]>>;
export const poolNumbers = Object.keys(bounds) as (keyof typeof bounds)[];
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
    hosted: '',
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
    // Of one that has none in the vault, what is empty is meant.
    ...(draft.password === '' && before.hasSecret
      ? {}
      : { password: draft.password, ...passphraseOf(draft) }),
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
