import { randomBytes } from 'node:crypto';
import type {
  ConnectionTest,
  HostKeyQuestion,
  Rung,
  RungName,
  TlsDetails,
} from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { english, say, several } from '../../../preload/messages/said.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { LadderOptions, Target } from '../engine.ts';
import { createTunnels } from '../ssh/tunnels.ts';
import { bounded, sinceMs } from '../wire/bounded.ts';
import { isSocket } from '../wire/dial.ts';
import { placeText } from '../wire/tcp.ts';
import { poolsTransactions } from './pooler.ts';
import {
  cut,
  endSession,
  explainPgError,
  openSession,
  type Session,
  type SessionOptions,
} from './postgres-client.ts';
import { connectSql, loginSql } from './postgres-errors.ts';
import {
  leaseWarnings,
  Missing,
  readRights,
  requireEncoding,
  requireRights,
  storesMd5,
  tryToWrite,
} from './postgres-rights.ts';

const order: readonly RungName[] = ['name', 'tcp', 'ssh', 'tls', 'login', 'database', 'rights', 'write'];
/** A certificate that ends sooner is worth a word now. */
const soonDays = 21;
const dayMs = 86_400_000;

const isThisComputer = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/');

/** What was found, for logs and older versions in English too. */
const detailOf = (said: Said | null): Pick<Rung, 'detail' | 'said'> =>
  said === null ? { detail: '' } : { detail: english(said), said };

/** What has been climbed so far. */
function createRungs(onRung: (rung: Rung) => void) {
  const rungs = new Map<RungName, Rung>();
  let current: RungName = 'name';
  let started = performance.now();
  const set = (name: RungName, state: Rung['state'], ms: number | null, said: Said | null): void => {
    const rung: Rung = { name, state, ms, ...detailOf(said) };
    rungs.set(name, rung);
    if (state !== 'not_reached') onRung(rung);
  };
  return {
    begin(name: RungName): void {
      current = name;
      started = performance.now();
    },
    ok: (detail: Said, state: 'ok' | 'warns' = 'ok'): void => set(current, state, sinceMs(started), detail),
    done: (name: RungName, detail: Said | null, ms: number, state: 'ok' | 'warns' = 'ok'): void =>
      set(name, state, ms, detail),
    skip: (name: RungName, detail: Said): void => set(name, 'skipped', null, detail),
    /** The rung that an error belongs to. */
    at: (error: AppError): RungName => rungOf(error, current),
    /** That rung failed; those above it were not reached. */
    fail: (name: RungName, detail: Said): void => set(name, 'failed', sinceMs(started), detail),
    all(): Rung[] {
      const failed = order.findIndex((name) => rungs.get(name)?.state === 'failed');
      return order.map((name, index) => {
        const rung = rungs.get(name);
        if (failed >= 0 && index > failed)
          return { name, state: 'not_reached', ms: null, ...detailOf(say('engine.rung.notReached')) };
        return rung ?? { name, state: 'ok', ms: null, detail: '' };
      });
    },
  };
}

/** The login is where a server says no to several things; what it says no to is what has to be put right. */
function rungOf(error: AppError, current: RungName): RungName {
  if (current !== 'login') return current;
  if (error.code === 'DB_TLS') return 'tls';
  if (error.code === 'DB_MISSING' || error.code === 'DB_NO_RIGHT') return 'database';
  return 'login';
}

/** What a DBA would run, where there is something to run; with it the error as it is shown. */
function remedy(error: AppError, target: Target, at: RungName): { error: AppError; fixSql: string | null } {
  if (error instanceof Missing) return { error, fixSql: error.fixSql };
  const said = error.cause as { code?: string; message?: string } | undefined;
  if (at === 'database' && error.code === 'DB_NO_RIGHT') {
    const fixSql = connectSql(target);
    const message = say('engine.userMayNotConnect', { user: target.user, database: target.database });
    return {
      error: new AppError('DB_NO_RIGHT', message, {
        cause: error.cause,
        advice: say('engine.askDbaRun', { fixSql }),
      }),
      fixSql,
    };
  }
  // Its own advice is for work that goes on; here nothing was begun.
  if (error.code === 'DB_LOST' && error.advised.id === 'error.DB_LOST.advice') {
    const advice = say('engine.lostAtOnce');
    return { error: new AppError('DB_LOST', error.said, { cause: error.cause, advice }), fixSql: null };
  }
  if (/not permitted to log in/i.test(said?.message ?? '')) return { error, fixSql: loginSql(target) };
  return { error, fixSql: null };
}

function certificateWarnings(target: Target, tls: TlsDetails, now: number): Said[] {
  const far = !isThisComputer(target.hostAddress ?? target.host);
  if (tls.protocol === null) {
    return far && target.host !== ''
      ? [
          target.ssh.length === 0
            ? say('engine.sessionNotEncryptedWhoever', { host: target.host })
            : say('engine.betweenLastJumpHost', { host: target.host }),
        ]
      : [];
  }
  const warnings: Said[] = [];
  const days = tls.certificate ? Math.floor((Date.parse(tls.certificate.validTo) - now) / dayMs) : null;
  if (tls.certificate && days !== null && days >= 0 && days < soonDays) {
    warnings.push(
      say('engine.certificateServerExpiresDays', { day: tls.certificate.validTo.slice(0, 10), days }),
    );
  }
  return warnings;
}

/**
 * Climbs from the name of the host to the right to write, and stops at the first rung that fails. What is refused is an
 * answer with one thing to do about it; only CANCELLED is an exception. Nothing is left behind at the server.
 */
export async function climb(target: Target, options: LadderOptions): Promise<ConnectionTest> {
  const { at, signal, readOnly, lease } = options;
  const rungs = createRungs(options.onRung ?? (() => {}));
  const tunnels = createTunnels({ idle: 0 });
  const warnings: Said[] = [];
  let tls: TlsDetails | null = null;
  let hostKey: HostKeyQuestion | null = null;
  let version: string | null = null;
  let latencyMs: number | null = null;
  let session: Session | null = null;
  const started = performance.now();
  const stop = (): void => {
    if (session) cut(session.client);
  };
  signal.addEventListener('abort', stop, { once: true });

  const how: SessionOptions = {
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

  /** A statement has as long as a connect; afterwards the session is of no use any more. */
  const asked = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const open = session as Session;
    const late = (): AppError =>
      new AppError(
        'DB_TIMEOUT',
        say('engine.stoppedAnswering', { place: placeText(target.host, target.port) }),
      );
    return bounded<T>({ signal, ms: target.connectTimeoutMs, late }, (resolve, reject) => {
      work(open).then(resolve, reject);
      return () => cut(open.client);
    });
  };

  const climbOn = async (): Promise<void> => {
    const opened = await openSession(target, signal, how);
    session = opened;
    tls = opened.tls;
    rungs.ok(say('engine.signed', { user: target.user }));
    noteTls(opened.tls);
    rungs.begin('database');
    const rights = await asked(({ client }) => readRights(client, target, lease));
    latencyMs = sinceMs(started);
    version = `PostgreSQL ${rights.version}`;
    if (!readOnly) requireEncoding(rights.encoding, target);
    rungs.ok(say('engine.text', { database: target.database, version: String(version) }));
    rungs.begin('rights');
    warnings.push(...rights.warnings);
    if (opened.auth === 'md5' || (await asked(({ client }) => storesMd5(client)))) {
      warnings.push(say('engine.passwordUserStoredMd5', { user: target.user }));
    }
    if (
      opened.auth === 'cleartext' &&
      opened.tls.protocol === null &&
      !isThisComputer(target.hostAddress ?? target.host)
    ) {
      warnings.push(say('engine.serverAskedPasswordClear'));
    }
    if (
      await asked((open) =>
        poolsTransactions(open, rights.backend, target, signal, { ...how, watch: {}, onLogin: () => {} }),
      )
    ) {
      warnings.push(say('engine.transactionPoolerAnswersEach'));
    }
    const leases = lease ? await asked(({ client }) => leaseWarnings(client, target, lease)) : [];
    const may = requireRights(rights, target, readOnly);
    rungs.ok(several([may, ...leases]), leases.length > 0 || rights.warnings.length > 0 ? 'warns' : 'ok');
    warnings.push(...leases);
    if (readOnly) {
      rungs.skip('write', say('engine.connectionReadingOnly'));
      return;
    }
    rungs.begin('write');
    const name = `headgate_probe_${randomBytes(8).toString('hex')}`;
    rungs.ok(await asked(({ client }) => tryToWrite(client, name)));
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
    await climbOn();
  } catch (thrown) {
    if (signal.aborted) throw cancelled();
    const known = explainPgError(thrown, target);
    if (known.code === 'CANCELLED') throw known;
    const failed = rungs.at(known);
    ({ error, fixSql } = remedy(known, target, failed));
    // What the database is refused to was signed in first.
    if (failed === 'database' && session === null) rungs.ok(say('engine.signed', { user: target.user }));
    rungs.fail(failed, error.said);
  } finally {
    signal.removeEventListener('abort', stop);
    if (session) await endSession((session as Session).client);
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

const seenFrom = ({ host, hostAddress }: Target, detail: Said): Said =>
  several([
    detail,
    hostAddress === null
      ? say('engine.rung.lookedUpByHop', { host })
      : say('engine.rung.hostTold', { host, address: hostAddress }),
  ]);
