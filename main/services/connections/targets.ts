import { join } from 'node:path';
import type { SshHop } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import {
  type SecretBytes,
  type SshHopTarget,
  type SshLogin,
  type Target,
  wipeTarget,
} from '../../engines/engine.ts';
import { AppError } from '../../errors.ts';
import { expandHome, readPlainFile } from '../../plain-file.ts';
import type { StoredDetail } from '../../store/connections/connections.ts';
import type { OpenSecrets } from '../../vault/vault.ts';
import type { Services } from '../context.ts';
import type { OtherLogin } from '../parts.ts';

type From = Pick<Services, 'store' | 'vault' | 'host'>;

/** Where secrets of a jump host are in the vault's record of the connection. */
export const hopFields = (hopId: string) =>
  ({
    password: `ssh.${hopId}.password`,
    key: `ssh.${hopId}.key`,
    passphrase: `ssh.${hopId}.passphrase`,
  }) as const;

/** A private key is some kilobytes; anything larger is another file. */
const largestKeyFile = 64 * 1024;
/** Lists of a few hundred thousand hosts are larger than any that was seen. */
const largestKnownHosts = 64 * 1024 * 1024;
/** Lists of host keys that SSH itself uses; the person's own come before the computer's. */
const knownHostsFiles = (home: string): string[] => [
  join(home, '.ssh', 'known_hosts'),
  join(home, '.ssh', 'known_hosts2'),
  '/etc/ssh/ssh_known_hosts',
];

async function readKeyFile(file: string, home: string): Promise<SecretBytes> {
  try {
    return await readPlainFile(expandHome(file, home), largestKeyFile);
  } catch (cause) {
    throw new AppError('SSH_KEY_UNUSABLE', say('connections.keyFileCanNot', { file }), { cause });
  }
}

/** Accepted host keys: those accepted in Headgate, then those that SSH knows on this computer. */
export async function knownHostsOf(services: Pick<From, 'store' | 'host'>): Promise<string> {
  const texts = await Promise.all(
    knownHostsFiles(services.host.homeFolder).map((file) =>
      readPlainFile(file, largestKnownHosts).then(
        (bytes) => bytes.toString('utf8'),
        () => '',
      ),
    ),
  );
  return [services.store.hostKeys.knownHosts(), ...texts].join('\n');
}

/** Keys that SSH tries where none is named (ssh(1), -i), in its order, of the kinds that are known here. */
const usualKeys = ['id_rsa', 'id_ecdsa', 'id_ed25519'] as const;

/** By an agent; where there is none, by the usual keys, as SSH does. Fails with SSH_AGENT_MISSING. */
async function agentLogin({ host }: From, hop: SshHop): Promise<SshLogin> {
  const { agentSocket, agentKey } = hop;
  const none = agentSocket === 'none';
  const socket = none
    ? null
    : agentSocket === null
      ? host.sshAgent
      : expandHome(agentSocket, host.homeFolder);
  if (socket !== null) return { kind: 'agent', socket, publicKey: agentKey };
  const keys: SecretBytes[] = [];
  for (const name of agentKey === null ? usualKeys : []) {
    const key = await readPlainFile(join(host.homeFolder, '.ssh', name), largestKeyFile).catch(() => null);
    if (key) keys.push(key);
  }
  if (keys.length > 0) return { kind: 'keys', keys };
  const where = `${hop.user}@${hop.host}`;
  throw new AppError(
    'SSH_AGENT_MISSING',
    agentKey === null
      ? say(none ? 'engine.noAgentAskedNoKey' : 'engine.noAgentRunsNoKey', { where, keys: usualKeys })
      : say(none ? 'engine.noAgentAsked' : 'engine.noAgentRuns', { where }),
  );
}

async function hopTarget(services: From, hop: SshHop, secrets: OpenSecrets): Promise<SshHopTarget> {
  const { id, host, port, user, auth, keyFile } = hop;
  const fields = hopFields(id);
  const where = `${user}@${host}`;
  if (auth === 'agent') return { host, port, user, login: await agentLogin(services, hop) };
  if (auth === 'password') {
    const password = secrets.bytes(fields.password);
    if (!password) throw new AppError('SECRET_MISSING', say('connections.passwordJumpHostNot', { where }));
    return { host, port, user, login: { kind: 'password', password } };
  }
  const key =
    keyFile === null ? secrets.bytes(fields.key) : await readKeyFile(keyFile, services.host.homeFolder);
  if (!key) throw new AppError('SECRET_MISSING', say('connections.keyJumpHostNot', { where }));
  return { host, port, user, login: { kind: 'key', key, passphrase: secrets.bytes(fields.passphrase) } };
}

/**
 * Collects what a session with a connection's database needs. Its secrets are copies: who asks for it calls `wipeTarget`
 * when the work is done, or uses `withTarget`. `evenOff`: also of a connection that is disabled or archived, to tidy up
 * behind it. Fails with CONNECTION_OFF, SECRET_MISSING, SSH_* or VAULT_*.
 */
export async function targetOf(
  services: From,
  connectionId: string,
  login?: OtherLogin,
  evenOff = false,
): Promise<Target> {
  const stored = services.store.connections.get(connectionId);
  if (stored.state !== 'active' && !evenOff) {
    throw new AppError(
      'CONNECTION_OFF',
      say('connections.connection', { connection: stored.name, state: stored.state }),
    );
  }
  using secrets = await services.vault.open(connectionId);
  const user = login?.user ?? secrets?.text('user') ?? null;
  const password = login ? Uint8Array.from(login.password) : (secrets?.bytes('password') ?? null);
  if (secrets === null || user === null || password === null) {
    throw new AppError('SECRET_MISSING', say('connections.userPasswordNotVault', { name: stored.name }));
  }
  const tls = tlsOf(stored, secrets);
  const ssh: SshHopTarget[] = [];
  try {
    for (const hop of stored.ssh) ssh.push(await hopTarget(services, hop, secrets));
  } catch (error) {
    wipeTarget({ ...tls, password, ssh } as unknown as Target);
    throw error;
  }
  const {
    engine,
    settings,
    host,
    hostAddress,
    port,
    database,
    signIn,
    tlsMode,
    tlsCa,
    pool,
    superuserReason,
  } = stored;
  return {
    ...{ engine, settings, host, hostAddress, port, database, signIn, tlsMode, tlsCa },
    ...tls,
    user,
    password,
    keyPassphrase: secrets.bytes('keyPassphrase'),
    ssh,
    knownHosts: ssh.length === 0 ? '' : await knownHostsOf(services),
    connectTimeoutMs: pool.connectTimeoutSeconds * 1000,
    statementTimeoutMs: pool.statementTimeoutSeconds * 1000,
    applicationName: pool.applicationName,
    superuserAllowed: superuserReason !== '',
  };
}

const tlsOf = ({ tlsCert }: StoredDetail, secrets: OpenSecrets) => ({
  tlsCert,
  tlsKey: tlsCert === null ? null : secrets.bytes('tlsKey'),
  tlsKeyPassphrase: tlsCert === null ? null : secrets.bytes('tlsKeyPassphrase'),
});

/** Runs `work` with a connection's target and overwrites its secrets afterwards, however it ends. */
export async function withTarget<T>(
  services: From,
  connectionId: string,
  work: (target: Target) => Promise<T>,
  login?: OtherLogin,
  evenOff = false,
): Promise<T> {
  const target = await targetOf(services, connectionId, login, evenOff);
  try {
    return await work(target);
  } finally {
    wipeTarget(target);
  }
}
