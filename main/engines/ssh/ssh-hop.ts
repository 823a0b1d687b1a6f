import type ssh2 from 'ssh2';
import type { HostKeyQuestion } from '../../../preload/contract/models.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { SshHopTarget } from '../engine.ts';
import { type Bounds, bounded } from '../wire/bounded.ts';
import { ChannelStream, type Wire } from '../wire/channel.ts';
import { placeText } from '../wire/tcp.ts';
import { type KnownHosts, keyFingerprint, keyType } from './known-hosts.ts';
import { loadSsh, withoutChaCha } from './ssh-library.ts';
import { type Attempts, hopText, prepareLogin } from './ssh-login.ts';

/** Without anything coming from it for so many times in a row a hop is given up on. */
const mostSilent = 3;

/** Kinds of keys that a known key stands for; an RSA key signs in three ways (RFC 8332). */
const algorithmsOf: Readonly<Record<string, readonly ssh2.ServerHostKeyAlgorithm[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
};
/** ssh2's own, in its order. `ssh-dss` is left out: it is broken. */
const hostKeyAlgorithms: readonly ssh2.ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/**
 * What is asked of a server for its key: first the kinds that are known of it, in our own order, as OpenSSH does. The order
 * of the file must not decide whether a key that has changed is seen.
 */
export function hostKeyOrder(
  known: KnownHosts,
  hop: Pick<SshHopTarget, 'host' | 'port'>,
): ssh2.ServerHostKeyAlgorithm[] {
  const types = known
    .types(hop.host, hop.port)
    .flatMap((type) => algorithmsOf[type] ?? [type as ssh2.ServerHostKeyAlgorithm]);
  const first = hostKeyAlgorithms.filter((name) => types.includes(name));
  return [...new Set([...first, ...hostKeyAlgorithms])];
}

/** The error of a host key that is not accepted. */
export function refuseHostKey(question: HostKeyQuestion, known: KnownHosts): AppError {
  const where = placeText(question.host, question.port);
  const { type, fingerprint } = question;
  const shown = say('engine.keyShown', { type, fingerprint });
  if (question.reason === 'revoked') {
    return new AppError('SSH_HOST_CHANGED', say('engine.jumpHostShowsRevoked', { where, shown }), {
      advice: say('engine.jumpHostShowsRevoked.advice'),
    });
  }
  const authority = known.hasAuthority(question.host, question.port) ? [say('engine.hostAuthority')] : [];
  if (question.reason === 'changed') {
    return new AppError(
      'SSH_HOST_CHANGED',
      several([say('engine.jumpHostShowsAnother', { where, shown }), ...authority]),
    );
  }
  return new AppError(
    'SSH_HOST_UNKNOWN',
    several([say('engine.jumpHostNotKnown', { where, shown }), ...authority]),
  );
}

export interface Hop {
  /** A stream to where the hop sees that address. */
  forward(host: string, port: number, bounds: Bounds, use: { ref(): void; unref(): void }): Promise<Wire>;
  /** Whether it answers now. */
  answers(ms: number): Promise<boolean>;
  close(): void;
}

export interface HopOptions {
  readonly bounds: Bounds;
  readonly known: KnownHosts;
  readonly onHostKey: (question: HostKeyQuestion) => void;
  /** How often it is asked for a sign of life; a frozen one is noticed after four times that. */
  readonly aliveMs: number;
  /** Told once when a hop that worked does not any more. */
  readonly onLost: () => void;
}

function explain(error: unknown, hop: SshHopTarget, attempts: Attempts): AppError {
  if (error instanceof AppError) return error;
  const { level = '', message = '' } = error as { level?: string; message?: string };
  const where = hopText(hop);
  if (level === 'client-authentication') return attempts.refused(error);
  if (level === 'agent') {
    return new AppError('SSH_AGENT_MISSING', say('engine.sshAgentDoesNot'), {
      cause: error,
      advice: say('engine.sshAgentDoesNot.advice'),
    });
  }
  if (/no matching/i.test(message)) {
    return new AppError('SSH_UNREACHABLE', say('engine.jumpHostComputerNo', { where }), {
      cause: error,
      advice: say('engine.jumpHostComputerNo.advice'),
    });
  }
  if (/invalid identification|before handshake|unexpected packet/i.test(message)) {
    return new AppError('SSH_UNREACHABLE', say('engine.whatAnswersNotSsh', { where }), {
      cause: error,
      advice: say('engine.whatAnswersNotSsh.advice'),
    });
  }
  return new AppError('SSH_UNREACHABLE', say('engine.jumpHostClosedConnection', { where }), {
    cause: error,
    advice: say('engine.jumpHostClosedConnection.advice'),
  });
}

/**
 * Signs in to one jump host over a stream that leads there. The stream is its own from then on. Fails with SSH_*; a
 * host key that is not accepted is told to `onHostKey` too.
 */
export async function openHop(hop: SshHopTarget, sock: Wire, options: HopOptions): Promise<Hop> {
  const { bounds, known } = options;
  const where = hopText(hop);
  const ssh = await loadSsh();
  const attempts = await prepareLogin(ssh, hop, bounds).catch((error: unknown) => {
    sock.destroy();
    throw error;
  });
  const client = new ssh.Client();
  let refused: AppError | null = null;
  const hostVerifier = (key: Buffer): boolean => {
    const verdict = known.judge(hop.host, hop.port, key);
    if (verdict === 'known') return true;
    const question: HostKeyQuestion = {
      host: hop.host,
      port: hop.port,
      type: keyType(key),
      fingerprint: keyFingerprint(key),
      key: key.toString('base64'),
      reason: verdict,
    };
    refused = refuseHostKey(question, known);
    options.onHostKey(question);
    return false;
  };
  const late = (): AppError =>
    new AppError('SSH_UNREACHABLE', say('engine.jumpHostDidNot', { where, seconds: bounds.ms / 1000 }));
  await bounded<void>({ ...bounds, late }, (resolve, reject) => {
    const failed = (error: unknown): void => reject(refused ?? explain(error, hop, attempts));
    // A line that broke while the login was prepared has said so already, and says nothing any more.
    if (sock.destroyed) failed(sock.errored ?? new Error('closed'));
    client.on('error', failed);
    client.once('close', () => failed(new Error('closed')));
    client.once('ready', resolve);
    client.connect({
      sock,
      username: hop.user,
      authHandler: attempts.next,
      hostVerifier,
      algorithms: { serverHostKey: hostKeyOrder(known, hop), cipher: withoutChaCha },
      // Bounded here.
      readyTimeout: 0,
    });
    return () => {
      sock.destroy();
      client.destroy();
    };
  });
  return watchHop(client, sock, where, options);
}

/** Keeps an eye on a hop that is signed in. */
function watchHop(
  client: ssh2.Client,
  sock: Wire,
  where: string,
  { aliveMs, onLost }: Pick<HopOptions, 'aliveMs' | 'onLost'>,
): Hop {
  let open = true;
  let silent = 0;
  let seen = sock.bytesRead;
  const lose = (): void => {
    if (!open) return;
    open = false;
    clearInterval(timer);
    sock.destroy();
    onLost();
  };
  // ssh2's own keep-alive counts what it asked, not what came: a slow line full of data would look dead to it. It also
  // keeps the process alive. What it asks with is private; answers come in the order of the questions.
  const inner = client as unknown as {
    _callbacks: ((error: unknown) => void)[];
    _protocol: { ping(): void };
  };
  const ping = (answered: (error: unknown) => void): void => {
    inner._callbacks.push(answered);
    inner._protocol.ping();
  };
  const timer = setInterval(() => {
    silent = sock.bytesRead === seen ? silent + 1 : 0;
    seen = sock.bytesRead;
    if (silent > mostSilent) lose();
    else ping(() => {});
  }, aliveMs);
  timer.unref();
  client.on('error', lose);
  client.once('close', lose);
  const lost = (): AppError => new AppError('SSH_LOST', say('engine.connectionJumpHostLost', { where }));

  return {
    async forward(host, port, bounds, use) {
      if (!open) throw lost();
      const to = placeText(host, port);
      const late = (): AppError =>
        new AppError(
          'SSH_FORWARD_REFUSED',
          say('engine.jumpHostCouldNot', { where, to, seconds: bounds.ms / 1000 }),
        );
      return bounded<Wire>({ ...bounds, late }, (resolve, reject) => {
        let wanted = true;
        try {
          client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
            if (error) {
              reject(open ? refusedForward(error, where, to) : lost());
              return;
            }
            if (wanted) resolve(new ChannelStream(channel, use));
            else channel.close();
          });
        } catch {
          // The line is gone, and it has not been told here yet.
          reject(lost());
        }
        return () => {
          wanted = false;
        };
      });
    },
    answers: (ms) =>
      new Promise((resolve) => {
        if (!open) {
          resolve(false);
          return;
        }
        const late = setTimeout(() => resolve(false), ms);
        // A refusal of the question is an answer; an error says that the line is gone.
        ping((error) => {
          clearTimeout(late);
          resolve(!(error instanceof Error));
        });
      }),
    close() {
      if (!open) return;
      open = false;
      clearInterval(timer);
      client.end();
      sock.destroy();
    },
  };
}

/** Reasons of SSH_MSG_CHANNEL_OPEN_FAILURE (RFC 4254, 5.1). */
const prohibited = 1;
const connectFailed = 2;

function refusedForward(error: Error, where: string, to: string): AppError {
  const { reason } = error as { reason?: number };
  if (reason === prohibited) {
    return new AppError('SSH_FORWARD_REFUSED', say('engine.jumpHostDoesNot', { where, to }), {
      cause: error,
      advice: say('engine.jumpHostDoesNot.advice'),
    });
  }
  if (reason === connectFailed) {
    const unknown = /name or service|name resolution|not known|no address|resolve/i.test(error.message);
    const refused = /refused/i.test(error.message);
    const why = unknown
      ? say('engine.hopWhy.name')
      : refused
        ? say('engine.hopWhy.refused')
        : say('engine.hopWhy.unreached');
    return new AppError('SSH_FORWARD_REFUSED', say('engine.jumpHostCouldNotReach', { where, to, why }), {
      cause: error,
      advice: say('engine.jumpHostCouldNotReach.advice'),
    });
  }
  return new AppError('SSH_FORWARD_REFUSED', say('engine.jumpHostOpenedNo', { where, to }), {
    cause: error,
  });
}
