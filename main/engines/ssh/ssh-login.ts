import { createPrivateKey } from 'node:crypto';
import type ssh2 from 'ssh2';
import type { Said } from '../../../preload/contract/said.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { SecretBytes, SshHopTarget } from '../engine.ts';
import { type Bounds, bounded } from '../wire/bounded.ts';
import { placeText } from '../wire/tcp.ts';
import type { Ssh } from './ssh-library.ts';

/** A server that asks more often than this for what a person would type is not asking for a password. */
const mostPrompts = 3;

/** How a jump host is called in messages. */
export const hopText = (hop: SshHopTarget): string => placeText(hop.host, hop.port);

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** An ed25519 key in OpenSSH's own form (PROTOCOL.key), which ssh2 reads; it does not know them in PKCS#8. */
function openSshEd25519(secret: Buffer, open: Buffer): string {
  const field = (bytes: Buffer | string): Buffer => {
    const content = Buffer.from(bytes as string);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, content]);
  };
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const type = field('ssh-ed25519');
  const inner = Buffer.concat([
    number(0),
    number(0),
    type,
    field(open),
    field(Buffer.concat([secret, open])),
    field(''),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, n) => n + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    number(1),
    field(Buffer.concat([type, field(open)])),
    field(Buffer.concat([inner, padding])),
  ]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${whole.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** A PKCS#8 key (`BEGIN PRIVATE KEY`, `BEGIN ENCRYPTED PRIVATE KEY`) in a form that ssh2 reads. */
function fromPkcs8(key: Buffer, passphrase: Buffer | undefined): string {
  const opened = createPrivateKey({ key, format: 'pem', ...(passphrase ? { passphrase } : {}) });
  if (opened.asymmetricKeyType === 'ed25519') {
    const { d = '', x = '' } = opened.export({ format: 'jwk' });
    return openSshEd25519(Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url'));
  }
  return opened.export({
    type: opened.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs1',
    format: 'pem',
  } as never) as unknown as string;
}

/** Opens a private key of a jump host. Fails with SSH_KEY_UNUSABLE; a missing and a wrong passphrase are told apart. */
function openKey(
  ssh: Ssh,
  hop: SshHopTarget,
  secret: SecretBytes,
  opener: SecretBytes | null,
): ssh2.ParsedKey {
  const unusable = (message: Said, advice: Said, cause?: unknown): AppError =>
    new AppError('SSH_KEY_UNUSABLE', message, { advice, cause });
  const wrong = (cause: unknown): AppError =>
    unusable(
      say('engine.keyNotOpenedPassphrase', { user: hop.user, hop: hopText(hop) }),
      say('engine.keyNotOpenedPassphrase.advice'),
      cause,
    );
  const missing = (): AppError =>
    unusable(
      say('engine.keyEncryptedPassphraseMissing', { user: hop.user, hop: hopText(hop) }),
      say('engine.keyEncryptedPassphraseMissing.advice'),
    );

  const bytes = bufferOf(secret);
  const passphrase = opener?.length ? bufferOf(opener) : undefined;
  let source: Buffer | string = bytes;
  if (bytes.includes('BEGIN PRIVATE KEY') || bytes.includes('BEGIN ENCRYPTED PRIVATE KEY')) {
    const encrypted = bytes.includes('BEGIN ENCRYPTED');
    if (encrypted && !passphrase) throw missing();
    try {
      source = fromPkcs8(bytes, passphrase);
    } catch (cause) {
      throw encrypted
        ? wrong(cause)
        : unusable(
            say('engine.keyCanNotRead', { user: hop.user, hop: hopText(hop) }),
            say('engine.keyCanNotRead.advice'),
            cause,
          );
    }
  }
  const parsed = ssh.utils.parseKey(source, passphrase);
  const key = Array.isArray(parsed) ? (parsed as ssh2.ParsedKey[])[0] : parsed;
  if (key instanceof Error) {
    if (/no passphrase given/i.test(key.message)) throw missing();
    if (passphrase && /passphrase|integrity check|bad decrypt|malformed/i.test(key.message)) throw wrong(key);
    if (/sk-/.test(key.message)) {
      throw unusable(
        say('engine.keyLivesSecurityToken', { user: hop.user, hop: hopText(hop) }),
        say('engine.keyLivesSecurityToken.advice'),
        key,
      );
    }
    throw unusable(
      say('engine.keyCanNotReadNo', { user: hop.user, hop: hopText(hop) }),
      say('engine.keyCanNotReadNo.advice'),
      key,
    );
  }
  if (!key?.isPrivateKey()) {
    throw unusable(
      say('engine.keyPublicKey', { user: hop.user, hop: hopText(hop) }),
      say('engine.keyPublicKey.advice'),
    );
  }
  return key;
}

/** Has an agent show one of its keys only: a server counts what it is offered, and hangs up after a few. */
function showOnly(ssh: Ssh, agent: ssh2.BaseAgent, publicKey: string): void {
  const wanted = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  const all = agent.getIdentities.bind(agent);
  agent.getIdentities = (done) =>
    all((error, keys) =>
      done(
        error,
        keys?.filter((key) => {
          const parsed = ssh.utils.parseKey(key as Buffer);
          return !(parsed instanceof Error) && parsed.getPublicSSH().equals(wanted);
        }),
      ),
    );
}

/** The agent, once it is known to answer and to hold a key; with a public key told, that one. */
async function openAgent(
  ssh: Ssh,
  hop: SshHopTarget,
  { socket, publicKey }: Extract<SshHopTarget['login'], { kind: 'agent' }>,
  bounds: Bounds,
): Promise<ssh2.BaseAgent> {
  const agent = ssh.createAgent(socket);
  if (publicKey !== null) showOnly(ssh, agent, publicKey);
  const missing = (message: Said, cause?: unknown): AppError =>
    new AppError('SSH_AGENT_MISSING', message, { cause });
  const late = (): AppError => missing(say('engine.sshAgentDoesNotAnswer'));
  const keys = await bounded<number>({ ...bounds, late }, (resolve, reject) => {
    agent.getIdentities((error, found) => {
      if (error) reject(missing(say('engine.noSshAgentAnswers'), error));
      else resolve(found?.length ?? 0);
    });
    return () => {};
  });
  if (keys === 0 && publicKey !== null) {
    throw new AppError('SSH_AGENT_MISSING', say('engine.sshAgentDoesNotHold', { hop: hopText(hop) }), {
      advice: say('engine.sshAgentDoesNotHold.advice'),
    });
  }
  if (keys === 0) {
    throw new AppError('SSH_AGENT_MISSING', say('engine.sshAgentHoldsNo', { hop: hopText(hop) }), {
      advice: say('engine.sshAgentHoldsNo.advice'),
    });
  }
  return agent;
}

/** What is tried in turn to get in; nothing that was not configured. */
export interface Attempts {
  /** For ssh2, with what the server says it would take. */
  readonly next: ssh2.AuthHandlerMiddleware;
  /** The error when all of them were refused. */
  refused(cause: unknown): AppError;
}

/** Prepares the login of a hop before its server is asked. Fails with SSH_KEY_UNUSABLE or SSH_AGENT_MISSING. */
export async function prepareLogin(ssh: Ssh, hop: SshHopTarget, bounds: Bounds): Promise<Attempts> {
  const { login, user: username } = hop;
  const attempts: ssh2.AnyAuthMethod[] = [];
  if (login.kind === 'key') {
    attempts.push({
      type: 'publickey',
      username,
      key: openKey(ssh, hop, login.key, login.passphrase) as never,
    });
  } else if (login.kind === 'keys') {
    let unusable: unknown = null;
    for (const each of login.keys) {
      try {
        attempts.push({ type: 'publickey', username, key: openKey(ssh, hop, each, null) as never });
      } catch (error) {
        // One with a passphrase, or of a kind that is not known here: another one may do.
        unusable ??= error;
      }
    }
    if (attempts.length === 0) throw unusable;
  } else if (login.kind === 'agent') {
    attempts.push({ type: 'agent', username, agent: await openAgent(ssh, hop, login, bounds) });
  } else {
    const password = new TextDecoder().decode(login.password);
    let asked = 0;
    attempts.push({ type: 'password', username, password });
    attempts.push({
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        asked += 1;
        // What is typed unseen is the password; a question whose answer is shown is not for us.
        finish(prompts.map(({ echo }) => (echo || asked > mostPrompts ? '' : password)));
      },
    });
  }
  let accepted: readonly string[] = [];
  let partly = false;
  return {
    next: (left, partial, next) => {
      if (left) accepted = left;
      partly = partial === true;
      const attempt = partly ? undefined : attempts.shift();
      // ssh2 goes on with what is handed to `next`; `false` ends it.
      (next as (method: ssh2.AnyAuthMethod | false) => void)(attempt ?? false);
    },
    refused(cause) {
      const tried = login.kind === 'agent' && login.publicKey !== null ? 'agentKey' : login.kind;
      const what = say(`engine.sshTried.${tried}`);
      const takes = accepted.length === 0 ? [] : [say('engine.sshTakes', { methods: [...accepted] })];
      const where = hopText(hop);
      if (partly) {
        return new AppError(
          'SSH_LOGIN_REFUSED',
          say('engine.jumpHostWantsSecond', { where, user: hop.user, accepted }),
          {
            cause,
            advice: say('engine.jumpHostWantsSecond.advice'),
          },
        );
      }
      return new AppError(
        'SSH_LOGIN_REFUSED',
        several([say('engine.jumpHostReachedBut', { where, what, user: hop.user }), ...takes]),
        {
          cause,
          advice:
            login.kind === 'password'
              ? say('engine.checkUserJumpHost')
              : say('engine.checkUserJumpHostPublic'),
        },
      );
    },
  };
}
