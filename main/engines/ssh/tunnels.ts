import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { HostKeyQuestion } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { SshHopTarget, Target } from '../engine.ts';
import { sinceMs } from '../wire/bounded.ts';
import type { Wire } from '../wire/channel.ts';
import { openTcp, placeText, type Watch } from '../wire/tcp.ts';
import { type KnownHosts, parseKnownHosts } from './known-hosts.ts';
import { type Hop, openHop } from './ssh-hop.ts';
import { hopText } from './ssh-login.ts';

/** A chain that nobody uses is kept so long for the next session. */
const idleMs = 30_000;
/** A hop is asked for a sign of life so often; one that is frozen is noticed within seven seconds. */
const aliveMs = 1500;
/** A chain in doubt must answer within this, or it is built anew. */
const probeMs = 1500;
/** How often a chain that turns out to be dead is built anew for one session. */
const mostAttempts = 2;

export interface TunnelOptions {
  readonly signal: AbortSignal;
  readonly watch: Watch;
  readonly onHostKey: (question: HostKeyQuestion) => void;
}

/** Chains of jump hosts, shared by the sessions of one thread that take the same way. */
export interface Tunnels {
  /** A stream to the target's server from its last jump host. Fails with SSH_* or CANCELLED. */
  open(target: Target, options: TunnelOptions): Promise<Wire>;
  /** Chains may have died unseen: each has to answer before it is used again. */
  doubt(): void;
  /** Ends all of them at once. */
  close(): void;
}

interface Chain {
  readonly last: Hop;
  readonly close: () => void;
  /** The stream to the first hop: it is what holds the process. */
  readonly socket: Wire;
  /** Sessions and those who are about to be one. */
  readonly users: Set<object>;
  readonly streams: Set<Wire>;
  /** Those of them that wait for an answer. */
  readonly holders: Set<object>;
  broken: boolean;
  /** Set while it is not known whether it still works. */
  doubted: boolean;
  probe: Promise<boolean> | null;
  timer: NodeJS.Timeout | null;
}

const place = (hop: SshHopTarget) =>
  ({
    host: hop.host,
    port: hop.port,
    unknown: 'SSH_UNREACHABLE',
    refused: 'SSH_UNREACHABLE',
    silent: 'SSH_UNREACHABLE',
    prefix: 'The jump host ',
  }) as const;

/** `idle: 0` closes a chain with its last session; both are in milliseconds. */
export function createTunnels({
  idle = idleMs,
  alive = aliveMs,
}: {
  idle?: number;
  alive?: number;
} = {}): Tunnels {
  const chains = new Map<string, Promise<Chain>>();
  const open = new Set<Chain>();
  // Secrets are part of what tells two chains apart, but not to be kept for it.
  const secret = randomBytes(32);
  const digest = (bytes: Uint8Array | null): string =>
    bytes === null ? '' : createHmac('sha256', secret).update(bytes).digest('hex');
  const loginText = ({ login }: SshHopTarget): string =>
    login.kind === 'agent'
      ? `${login.socket} ${login.publicKey ?? ''}`
      : login.kind === 'keys'
        ? login.keys.map(digest).join()
        : login.kind === 'key'
          ? digest(login.key) + digest(login.passphrase)
          : digest(login.password);
  const keyOf = (target: Target): string =>
    JSON.stringify([
      target.ssh.map((hop) => [hop.host, hop.port, hop.user, hop.login.kind, loginText(hop)]),
      createHash('sha256').update(target.knownHosts).digest('hex'),
    ]);

  const drop = (chain: Chain, error: AppError | null): void => {
    if (chain.broken) return;
    chain.broken = true;
    open.delete(chain);
    if (chain.timer) clearTimeout(chain.timer);
    for (const stream of [...chain.streams]) stream.destroy(error ?? undefined);
    chain.close();
  };

  const build = async (target: Target, options: TunnelOptions): Promise<Chain> => {
    const { signal, watch } = options;
    const ms = target.connectTimeoutMs;
    const known: KnownHosts = parseKnownHosts(target.knownHosts);
    const [first] = target.ssh as [SshHopTarget];
    const socket = await openTcp(place(first), { signal, ms, watch });
    const hops: Hop[] = [];
    const close = (): void => {
      for (const hop of hops.reverse()) hop.close();
      socket.destroy();
    };
    let chain: Chain | null = null;
    let lostEarly: AppError | null = null;
    watch.begin?.('ssh');
    try {
      let sock: Wire = socket;
      for (const [index, hop] of target.ssh.entries()) {
        const late = (): AppError =>
          new AppError(
            'SSH_UNREACHABLE',
            say('engine.jumpHostDidNotAnswer', { hop: hopText(hop), seconds: ms / 1000 }),
          );
        const bounds = { signal, ms, late };
        const before = hops[index - 1];
        if (before) sock = await before.forward(hop.host, hop.port, bounds, nobody);
        const onLost = (): void => {
          const lost = new AppError(
            'SSH_LOST',
            say('engine.connectionJumpHostLost', { where: hopText(hop) }),
          );
          if (chain) drop(chain, lost);
          else lostEarly ??= lost;
        };
        hops.push(
          await openHop(hop, sock, { bounds, known, onHostKey: options.onHostKey, aliveMs: alive, onLost }),
        );
      }
    } catch (error) {
      close();
      // What the next hop makes of it, that it was hung up on, is true and beside the point.
      throw signal.aborted ? error : (lostEarly ?? error);
    }
    chain = {
      last: hops.at(-1) as Hop,
      close,
      socket,
      users: new Set(),
      streams: new Set(),
      holders: new Set(),
      broken: false,
      doubted: false,
      probe: null,
      timer: null,
    };
    open.add(chain);
    return chain;
  };

  /** Whether a chain can be used; one in doubt has to answer first, once for all who ask. */
  const stillWorks = async (chain: Chain): Promise<boolean> => {
    if (chain.doubted) {
      chain.doubted = false;
      chain.probe = chain.last.answers(probeMs);
    }
    if (chain.probe && !(await chain.probe)) drop(chain, lostUnseen());
    chain.probe = null;
    return !chain.broken;
  };

  /** A chain that answers, of others if there is one. Waits for one that is being built, whoever builds it. */
  const chainFor = async (target: Target, options: TunnelOptions): Promise<Chain> => {
    const key = keyOf(target);
    for (;;) {
      if (options.signal.aborted) throw cancelled();
      const there = chains.get(key);
      if (!there) break;
      let chain: Chain | null = null;
      try {
        chain = await orAborted(there, options.signal);
      } catch (error) {
        const theirs = error instanceof AppError && error.code === 'CANCELLED' && !options.signal.aborted;
        if (!theirs) throw error;
      }
      if (chain && (await stillWorks(chain))) return chain;
      if (chains.get(key) === there) chains.delete(key);
    }
    const building = build(target, options);
    chains.set(key, building);
    building.catch(() => {
      if (chains.get(key) === building) chains.delete(key);
    });
    return building;
  };

  const hold = (chain: Chain, user: object, holds: boolean): void => {
    if (holds) chain.holders.add(user);
    else chain.holders.delete(user);
    if (chain.holders.size > 0) chain.socket.ref();
    else chain.socket.unref();
  };
  const join = (chain: Chain, user: object): void => {
    if (chain.timer) clearTimeout(chain.timer);
    chain.timer = null;
    chain.users.add(user);
    hold(chain, user, true);
  };
  const leave = (chain: Chain, user: object): void => {
    chain.users.delete(user);
    if (chain.broken) return;
    hold(chain, user, false);
    if (chain.users.size > 0) return;
    if (idle === 0) {
      drop(chain, null);
      return;
    }
    chain.timer = setTimeout(() => drop(chain, null), idle);
    chain.timer.unref();
  };

  const forward = async (chain: Chain, target: Target, { signal }: TunnelOptions): Promise<Wire> => {
    const user = {};
    join(chain, user);
    try {
      const late = (): AppError => lostUnseen();
      const bounds = { signal, ms: target.connectTimeoutMs, late };
      const use = { ref: () => hold(chain, user, true), unref: () => hold(chain, user, false) };
      const stream = await chain.last.forward(target.hostAddress ?? target.host, target.port, bounds, use);
      chain.streams.add(stream);
      stream.once('close', () => {
        chain.streams.delete(stream);
        leave(chain, user);
      });
      return stream;
    } catch (error) {
      leave(chain, user);
      throw error;
    }
  };

  return {
    async open(target, options) {
      const started = performance.now();
      for (let attempt = 1; ; attempt += 1) {
        const chain = await chainFor(target, options);
        try {
          const stream = await forward(chain, target, options);
          const hops = target.ssh.map((hop) => `${hop.user}@${hopText(hop)}`);
          const to = placeText(target.host, target.port);
          options.watch.done?.('ssh', throughHops(hops, to), sinceMs(started));
          return stream;
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== 'SSH_LOST') throw error;
          drop(chain, error);
          // It died since somebody used it last: nothing was sent over it for this session yet.
          if (attempt === mostAttempts) throw error;
        }
      }
    },
    doubt() {
      for (const chain of open) chain.doubted = true;
    },
    close() {
      for (const chain of [...open]) drop(chain, null);
      chains.clear();
    },
  };
}

const nobody = { ref: () => {}, unref: () => {} };

const lostUnseen = (): AppError => new AppError('SSH_LOST', say('engine.connectionJumpHostLostWhile'));

/** What a promise answers, unless the signal ends the wait first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled());
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** There are three jump hosts at most. */
function throughHops([first = '', second, third]: readonly string[], to: string): Said {
  if (second === undefined) return say('engine.rung.through1', { first, to });
  if (third === undefined) return say('engine.rung.through2', { first, second, to });
  return say('engine.rung.through3', { first, second, third, to });
}
