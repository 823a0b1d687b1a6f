import { unnamedUser } from '../../../preload/contract/engines.ts';
import type { ConnectionTest, HostKeyQuestion, TlsDetails } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { english, say, several } from '../../../preload/messages/said.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { LadderOptions, Target } from '../engine.ts';
import { createTunnels } from '../ssh/tunnels.ts';
import { bounded, sinceMs } from '../wire/bounded.ts';
import { placeText } from '../wire/tcp.ts';
import { isSocket, type WayOptions } from '../wire/way.ts';
import { certificateWarnings } from './certificate-warnings.ts';
import { createRungs, type Rungs } from './rungs.ts';

/** How a session is opened while it is climbed. */
export type ClimbingWay = Omit<WayOptions, 'signal'> & {
  /** Told when the stream is there and the login begins. */
  readonly onLogin: () => void;
};

/** What the rungs above the login are climbed with. */
export interface Climbing<S> {
  readonly rungs: Rungs;
  readonly way: ClimbingWay;
  /** A statement has as long as a connect; afterwards the session is of no use any more. */
  asked<T>(work: (session: S) => Promise<T>): Promise<T>;
  /** The first statement was answered, by a server of that version. */
  answered(version: string): void;
  warn(...warnings: readonly Said[]): void;
}

/** What is the engine's own about climbing; everything else is the same for all. */
export interface Climber<S> {
  /** Opens a session: name, tcp, ssh and tls tell how they go, then `onLogin`. */
  open(way: ClimbingWay): Promise<S>;
  tlsOf(session: S): TlsDetails;
  /** Who signed in, where only the server knows it; else it is the target's user. */
  userOf?(session: S): string;
  /** Climbs from `database` on; each rung is told to `rungs`. */
  above(session: S, climbing: Climbing<S>): Promise<void>;
  explain(error: unknown): AppError;
  /** What would put it right, where there is a statement for it; the error as it is shown. */
  remedy?(error: AppError, at: ReturnType<Rungs['at']>): { error: AppError; fixSql: string | null };
  /** Ends a session at once. */
  cut(session: S): void;
  /** Ends it in good form. Never fails. */
  end(session: S): Promise<void>;
}

/**
 * Climbs from the name of the host to the right to write, and stops at the first rung that fails. What is refused is an
 * answer with one thing to do about it; only CANCELLED is an exception. Nothing is left behind at the server.
 */
export async function climb<S>(
  target: Target,
  { at, signal, onRung }: LadderOptions,
  climber: Climber<S>,
): Promise<ConnectionTest> {
  const rungs = createRungs(onRung ?? (() => {}));
  const tunnels = createTunnels({ idle: 0 });
  const warnings: Said[] = [];
  let tls: TlsDetails | null = null;
  let hostKey: HostKeyQuestion | null = null;
  let version: string | null = null;
  let latencyMs: number | null = null;
  let session: { readonly open: S } | null = null;
  const started = performance.now();
  const stop = (): void => {
    if (session) climber.cut(session.open);
  };
  signal.addEventListener('abort', stop, { once: true });

  const way: ClimbingWay = {
    tunnels,
    watch: {
      begin: (step) => rungs.begin(step),
      done: (step, detail, ms) =>
        rungs.done(step, step === 'name' && target.ssh.length > 0 ? seenFrom(target, detail) : detail, ms),
    },
    onTls: (details) => {
      tls = details;
    },
    onHostKey: (question) => {
      hostKey = question;
    },
    onLogin: () => rungs.begin('login'),
  };
  if (target.ssh.length === 0) rungs.skip('ssh', say('engine.noJumpHost'));
  if (isSocket(target)) rungs.skip('tls', say('engine.socketComputerNotEncrypted'));
  else if (target.tlsMode === 'disable') rungs.skip('tls', say('engine.tlsModeDisableNot'));

  const asked = async <T>(open: S, work: (session: S) => Promise<T>): Promise<T> => {
    const late = (): AppError =>
      new AppError(
        'DB_TIMEOUT',
        say('engine.stoppedAnswering', { place: placeText(target.host, target.port) }),
      );
    return bounded<T>({ signal, ms: target.connectTimeoutMs, late }, (resolve, reject) => {
      work(open).then(resolve, reject);
      return () => climber.cut(open);
    });
  };
  /** What the certificate and its absence are worth is known once the session stands. */
  const noteTls = (details: TlsDetails): void => {
    const told = certificateWarnings(target, details, Date.parse(at));
    warnings.push(...told);
    if (target.tlsMode === 'disable' || isSocket(target)) return;
    const before = rungs.all().find(({ name }) => name === 'tls');
    if (before && (told.length > 0 || details.protocol === null)) {
      const found = before.said ?? (told.length === 0 ? say('engine.rung.withoutTls') : null);
      rungs.done('tls', several([...(found ? [found] : []), ...told]), before.ms ?? 0, 'warns');
    }
  };

  let error: AppError | null = null;
  let fixSql: string | null = null;
  try {
    const open = await climber.open(way);
    session = { open };
    tls = climber.tlsOf(open);
    rungs.ok(signed(climber.userOf?.(open) ?? target.user));
    noteTls(tls);
    rungs.begin('database');
    await climber.above(open, {
      rungs,
      way,
      asked: (work) => asked(open, work),
      answered: (text) => {
        version = text;
        latencyMs = sinceMs(started);
      },
      warn: (...found) => void warnings.push(...found),
    });
  } catch (thrown) {
    if (signal.aborted) throw cancelled();
    const known = climber.explain(thrown);
    if (known.code === 'CANCELLED') throw known;
    const failed = rungs.at(known);
    ({ error, fixSql } = climber.remedy?.(known, failed) ?? { error: known, fixSql: null });
    // What the database is refused to was signed in first.
    if (failed === 'database' && session === null) rungs.ok(signed(target.user));
    rungs.fail(failed, error.said);
  } finally {
    signal.removeEventListener('abort', stop);
    if (session) await climber.end(session.open);
    tunnels.close();
  }
  return {
    at,
    ok: error === null,
    latencyMs,
    serverVersion: version,
    warnings: warnings.map(english),
    warned: warnings,
    error: error?.toWire() ?? null,
    fixSql,
    rungs: rungs.all(),
    tls,
    hostKey,
  };
}

const signed = (user: string): Said =>
  user === unnamedUser ? say('engine.signedByToken') : say('engine.signed', { user });

const seenFrom = ({ host, hostAddress }: Target, detail: Said): Said =>
  several([
    detail,
    hostAddress === null
      ? say('engine.rung.lookedUpByHop', { host })
      : say('engine.rung.hostTold', { host, address: hostAddress }),
  ]);
