import { z } from 'zod';
import { engineTypes } from '../engines.ts';
import { wireError } from '../errors.ts';
import { said } from '../said.ts';
import { type SignInMethod, signInMethods, type TlsMode, tlsModes } from '../tls-modes.ts';
import { environments, id, instant, name, named, pem, secret } from './base.ts';

export { type SignInMethod, signInMethods, type TlsMode, tlsModes };

/** `disabled` ones are shown, and no session is opened with them; `archived` ones are out of the way too. */
export const connectionStates = ['active', 'disabled', 'archived'] as const;
export type ConnectionState = (typeof connectionStates)[number];

const host = z.string().trim().min(1, 'must not be empty').max(255);
const port = z.int().min(1).max(65535);
/** The longest name that one of the engines takes. */
const databaseName = z.string().trim().min(1, 'must not be empty').max(255);
const userName = z.string().min(1, 'must not be empty').max(255);
/** By names of `engineTraits`; none of them is secret. */
const engineSettings = z.record(z.string().regex(/^[a-zA-Z]{1,40}$/), z.string().max(500));
/** A private key in PEM or OpenSSH form. */
const privateKey = z.string().max(65_536).includes('PRIVATE KEY-----', { error: 'must be a private key' });

/** An address that a server is at, whatever its name leads to. */
const hostAddress = z.union([z.ipv4(), z.ipv6()], { error: 'must be an address' });

/** A socket that an SSH agent listens on, `none` for no agent at all; a pipe of another computer is none. */
const agentSocket = z
  .string()
  .max(1000)
  .regex(
    /^(?:none|(?:~?\/(?!\/)|[A-Za-z]:[\\/]).*|\\\\\.\\pipe\\.+)$/,
    'must be a path from the root or from ~/',
  );
/** A public key as it stands in a .pub file; a comment behind it does not count. */
const publicKey = z
  .string()
  .max(16_384)
  .trim()
  .regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}(?: .*)?$/, 'must be a public key, as in a file ending in .pub');

export const sshAuths = ['agent', 'key', 'password'] as const;
/** OpenSSH's ProxyJump takes more; nobody needs them, and every hop costs a handshake. */
export const mostHops = 3;

/** One jump host as it is entered. Secrets that are left out stay as they are stored for the hop of that id. */
export const sshHopInput = z.strictObject({
  id: id.optional(),
  host,
  port: port.default(22),
  user: userName,
  auth: z.enum(sshAuths),
  /** A key that stays in its file, read each time; `~/` is the person's home. */
  keyFile: z.string().max(1000).nullable().default(null),
  /** Of `agent`: where it listens; null for this computer’s usual one. */
  agentSocket: agentSocket.nullable().default(null),
  /** Of `agent`: the one key of it that is tried; null for each that it holds. */
  agentKey: publicKey.nullable().default(null),
  key: privateKey.optional(),
  keyPassphrase: secret.optional(),
  password: secret.optional(),
});
export type SshHopInput = z.input<typeof sshHopInput>;

export const sshHop = z.strictObject({
  id,
  host: z.string(),
  port: z.int(),
  user: z.string(),
  auth: z.enum(sshAuths),
  keyFile: z.string().nullable(),
  agentSocket: z.string().nullable(),
  agentKey: z.string().nullable(),
});
export type SshHop = z.infer<typeof sshHop>;

export const poolSettings = z.strictObject({
  /** Sessions that reading for the window may have open at once. */
  size: z.int().min(1).max(20).default(4),
  idleSeconds: z.int().min(1).max(3600).default(60),
  /** A session older than this is replaced before it is used again: load balancers and poolers forget old ones. */
  recycleMinutes: z.int().min(1).max(1440).default(30),
  /** For what the window reads; a sync sets its own. */
  statementTimeoutSeconds: z.int().min(1).max(3600).default(15),
  connectTimeoutSeconds: z.int().min(1).max(120).default(15),
  applicationName: z.string().trim().min(1).max(63).default('headgate'),
});
export type PoolSettings = z.infer<typeof poolSettings>;

/** Short-lived logins for people who only read. */
export const leaseSettings = z.strictObject({
  /** An existing role that may read; every leased login is a member of it. */
  readerRole: z.string().trim().min(1).max(63),
  minutes: z.int().min(5).max(1440).default(60),
});
export type LeaseSettings = z.infer<typeof leaseSettings>;

const tags = z.array(z.string().trim().min(1).max(40)).max(20);
const folder = z.string().trim().max(200);
const superuserReason = z
  .string()
  .trim()
  .max(500, 'at most 500 characters')
  .refine((text) => text === '' || text.length >= 10, 'say why, in at least 10 characters');

/** Without defaults, so that the fields of a change can be made of it. */
const fields = {
  name,
  environment: z.enum(environments),
  description: z.string().max(2000),
  folder,
  tags,
  state: z.enum(connectionStates),
  /** A name, an address, or the folder of a Unix socket. */
  host,
  /** Gone to instead of looking the name up; the certificate is for the name all the same. */
  hostAddress: hostAddress.nullable(),
  port,
  database: databaseName,
  /** What the kind of database needs beside these. */
  settings: engineSettings,
  /** Nothing is ever written through it: no sync, and a test does not ask for rights to write. */
  readOnly: z.boolean(),
  /** `granted`: only people with a grant, and who manages connections, may use it. */
  access: z.enum(['everyone', 'granted']),
  /** Why its user may be a superuser although a sync needs next to nothing; '' while nobody insists on it. */
  superuserReason,
  signIn: z.enum(signInMethods),
  tlsMode: z.enum(tlsModes),
  tlsCa: pem.nullable(),
  /** The client's own certificate, with its chain. */
  tlsCert: pem.nullable(),
  ssh: z.array(sshHopInput).max(mostHops),
  pool: poolSettings,
  lease: leaseSettings.nullable(),
};
const secrets = {
  user: userName,
  password: secret,
  /** Of a private key that is the secret itself. */
  keyPassphrase: secret.nullable(),
  /** The key of `tlsCert`. */
  tlsKey: privateKey.nullable(),
  tlsKeyPassphrase: secret.nullable(),
};

export const connectionInput = z.strictObject({
  engine: z.enum(engineTypes).default('postgres'),
  ...fields,
  environment: fields.environment.default('development'),
  description: fields.description.default(''),
  folder: fields.folder.default(''),
  tags: fields.tags.default([]),
  state: fields.state.default('active'),
  port: fields.port.default(5432),
  hostAddress: fields.hostAddress.default(null),
  settings: fields.settings.default({}),
  readOnly: fields.readOnly.default(false),
  access: fields.access.default('everyone'),
  superuserReason: fields.superuserReason.default(''),
  signIn: fields.signIn.default('any'),
  tlsMode: fields.tlsMode.default('verify-full'),
  tlsCa: fields.tlsCa.default(null),
  tlsCert: fields.tlsCert.default(null),
  ssh: fields.ssh.default([]),
  pool: fields.pool.prefault({}),
  lease: fields.lease.default(null),
  ...secrets,
  tlsKey: secrets.tlsKey.default(null),
  tlsKeyPassphrase: secrets.tlsKeyPassphrase.default(null),
  keyPassphrase: secrets.keyPassphrase.default(null),
});
export type ConnectionInput = z.input<typeof connectionInput>;

/** What a connection is tried with before it is kept: what a URL says, on the straight way. */
export const connectionTrial = connectionInput.pick({
  engine: true,
  host: true,
  port: true,
  database: true,
  tlsMode: true,
  user: true,
  password: true,
  settings: true,
});

/** Fields left out stay; secrets are replaced only when given. */
export const connectionChange = z.strictObject({ ...fields, ...secrets }).partial();
export type ConnectionChange = z.input<typeof connectionChange>;

/** What many connections can be given at once. */
export const bulkChange = z.strictObject({
  addTags: tags.optional(),
  removeTags: tags.optional(),
  folder: folder.optional(),
  state: z.enum(connectionStates).optional(),
});

export type BulkChange = z.infer<typeof bulkChange>;

// --- tests and health ---------------------------------------------------------------------------------------------

/** In this order; each one stands on those before it. */
export const rungNames = ['name', 'tcp', 'ssh', 'tls', 'login', 'database', 'rights', 'write'] as const;
export type RungName = (typeof rungNames)[number];

export const rung = z.strictObject({
  name: z.enum(rungNames),
  /** `skipped`: does not apply to this connection; `not_reached`: a rung below failed. */
  state: z.enum(['ok', 'warns', 'failed', 'skipped', 'not_reached']),
  ms: z.number().nullable(),
  /** What was found, in one sentence: an address, a version, a right. */
  detail: z.string(),
  /** `detail` as data; missing where nothing was found, and in what older versions kept. */
  said: said.optional(),
});
export type Rung = z.infer<typeof rung>;

/** The certificate that the server showed, accepted or not. */
export const serverCertificate = z.strictObject({
  subject: z.string(),
  issuer: z.string(),
  /** Host names and addresses it is made for. */
  names: z.array(z.string()),
  validFrom: instant,
  validTo: instant,
  /** SHA-256, as OpenSSL prints it: pairs of hex digits with colons. */
  fingerprint: z.string(),
  /** The topmost certificate that came with it, to be taken over as the CA. */
  topPem: z.string(),
});
export type ServerCertificate = z.infer<typeof serverCertificate>;

export const tlsDetails = z.strictObject({
  /** Null when the session is not encrypted. */
  protocol: z.string().nullable(),
  cipher: z.string().nullable(),
  certificate: serverCertificate.nullable(),
});
export type TlsDetails = z.infer<typeof tlsDetails>;

/** The key of an SSH server that nobody has accepted yet, or that is another than before. */
export const hostKeyQuestion = z.strictObject({
  host: z.string(),
  port: z.int(),
  /** As OpenSSH names it, e.g. `ssh-ed25519`. */
  type: z.string(),
  /** `SHA256:` and base64, as `ssh-keygen -l` prints it. */
  fingerprint: z.string(),
  /** The public key in base64, as it stands in known_hosts. */
  key: z.string(),
  reason: z.enum(['unknown', 'changed', 'revoked']),
});
export type HostKeyQuestion = z.infer<typeof hostKeyQuestion>;

export const connectionTest = z.strictObject({
  at: instant,
  ok: z.boolean(),
  /** From the first look-up to the answer of the first statement; null when it did not come that far. */
  latencyMs: z.number().nullable(),
  serverVersion: z.string().nullable(),
  /** Rights and settings that deserve a thought, e.g. "is a superuser". */
  warnings: z.array(z.string()),
  /** `warnings` as data; missing in what older versions kept. */
  warned: z.array(said).optional(),
  /** Why it stopped, and the one thing to do about it. */
  error: wireError.nullable(),
  /** The statement that a DBA would run to put it right, where there is one. */
  fixSql: z.string().nullable(),
  rungs: z.array(rung),
  tls: tlsDetails.nullable(),
  hostKey: hostKeyQuestion.nullable(),
});
export type ConnectionTest = z.infer<typeof connectionTest>;

/** `unreachable`: the network did not get there; `fails`: the server answered and refused. */
export const healthStates = ['unknown', 'works', 'warns', 'fails', 'unreachable'] as const;
export type HealthState = (typeof healthStates)[number];

export const health = z.strictObject({
  state: z.enum(healthStates),
  /** Since when it is in that state; null while unknown. */
  since: instant.nullable(),
  checkedAt: instant.nullable(),
  latencyMs: z.number().nullable(),
  /** `said` in English; null where it works. */
  message: z.string().nullable(),
  said: said.optional(),
});
export type Health = z.infer<typeof health>;

/** How far its first test came where it leads now; a later test that fails does not take it back. */
export const onboardingStates = ['not_started', 'in_progress', 'completed', 'failed'] as const;
export type OnboardingState = (typeof onboardingStates)[number];

export const connection = z.strictObject({
  id,
  name: z.string(),
  environment: z.enum(environments),
  description: z.string(),
  folder: z.string(),
  tags: z.array(z.string()),
  state: z.enum(connectionStates),
  engine: z.enum(engineTypes),
  host: z.string(),
  port: z.int(),
  database: z.string(),
  settings: engineSettings,
  readOnly: z.boolean(),
  access: z.enum(['everyone', 'granted']),
  tlsMode: z.enum(tlsModes),
  ssh: z.array(sshHop),
  /** Whether user and password are in the vault. The password never leaves it; messages may name the user. */
  hasSecret: z.boolean(),
  health,
  onboarding: z.enum(onboardingStates),
  usedBy: z.array(named),
  /** What the person who asks may do with it. */
  may: z.enum(['see', 'use', 'manage']),
  createdAt: instant,
  updatedAt: instant,
});
export type Connection = z.infer<typeof connection>;

/** One connection, with what only its own page shows. */
export const connectionDetail = connection.extend({
  hostAddress: z.string().nullable(),
  signIn: z.enum(signInMethods),
  tlsCa: z.string().nullable(),
  tlsCert: z.string().nullable(),
  hasTlsKey: z.boolean(),
  /** Why a superuser is used all the same; '' while nobody insists on it. */
  superuserReason: z.string(),
  pool: poolSettings,
  lease: leaseSettings.nullable(),
  lastTest: connectionTest.nullable(),
  /** A rotation that can still be undone, and until when. */
  undoableUntil: instant.nullable(),
});
export type ConnectionDetail = z.infer<typeof connectionDetail>;

/** One that was deleted, and can be restored without its secrets. */
export const deletedConnection = z.strictObject({
  id,
  name: z.string(),
  environment: z.enum(environments),
  engine: z.enum(engineTypes),
  host: z.string(),
  port: z.int(),
  database: z.string(),
  deletedAt: instant,
  /** The name of who deleted it. */
  deletedBy: z.string(),
  /** From when on it may be removed for good. */
  removedAt: instant,
});
export type DeletedConnection = z.infer<typeof deletedConnection>;

/** Everything given must hold. */
export const connectionFilter = z.strictObject({
  engine: z.enum(engineTypes).optional(),
  /** Whether data sources can be landed in it. */
  lands: z.boolean().optional(),
  /** Words, each of which is somewhere in name, host, database, description, folder or tags. */
  search: z.string().max(200).optional(),
  environment: z.enum(environments).optional(),
  /** Without it, archived ones are left out. */
  state: z.enum(connectionStates).optional(),
  health: z.enum(healthStates).optional(),
  onboarding: z.enum(onboardingStates).optional(),
  folder: z.string().max(200).optional(),
  tag: z.string().max(40).optional(),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(500),
});

export const connectionPage = z.strictObject({
  /** By name. */
  items: z.array(connection),
  /** How many there are in all that fit. */
  total: z.int(),
  /** Of all that fit, archived ones apart: how they are. */
  health: z.record(z.enum(healthStates), z.int()),
  /** Of all that are not archived. */
  engines: z.array(z.enum(engineTypes)),
  folders: z.array(z.string()),
  tags: z.array(z.string()),
});
export type ConnectionPage = z.infer<typeof connectionPage>;
