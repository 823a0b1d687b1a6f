import { randomBytes } from 'node:crypto';
import type { ConnectionTest, RungName } from '../../../preload/contract/models.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { LadderOptions, Target } from '../engine.ts';
import { isThisComputer } from '../ladder/certificate-warnings.ts';
import { type Climbing, climb } from '../ladder/climb.ts';
import { poolsTransactions } from './pooler.ts';
import { cut, endSession, explainPgError, openSession, type Session } from './postgres-client.ts';
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

/** From the database to the right to write. */
async function climbOn(
  target: Target,
  { signal, readOnly, lease }: LadderOptions,
  opened: Session,
  { rungs, way, asked, answered, warn }: Climbing<Session>,
): Promise<void> {
  const rights = await asked(({ client }) => readRights(client, target, lease));
  const version = `PostgreSQL ${rights.version}`;
  answered(version);
  if (!readOnly) requireEncoding(rights.encoding, target);
  rungs.ok(say('engine.text', { database: target.database, version }));
  rungs.begin('rights');
  warn(...rights.warnings);
  if (opened.auth === 'md5' || (await asked(({ client }) => storesMd5(client))))
    warn(say('engine.passwordUserStoredMd5', { user: target.user }));
  const far = !isThisComputer(target.hostAddress ?? target.host);
  if (opened.auth === 'cleartext' && opened.tls.protocol === null && far)
    warn(say('engine.serverAskedPasswordClear'));
  const pooled = await asked((open) =>
    poolsTransactions(open, rights.backend, target, signal, { ...way, watch: {}, onLogin: () => {} }),
  );
  if (pooled) warn(say('engine.transactionPoolerAnswersEach'));
  const leases = lease ? await asked(({ client }) => leaseWarnings(client, target, lease)) : [];
  const may = requireRights(rights, target, readOnly);
  rungs.ok(several([may, ...leases]), leases.length > 0 || rights.warnings.length > 0 ? 'warns' : 'ok');
  warn(...leases);
  if (readOnly) rungs.skip('write', say('engine.connectionReadingOnly'));
  else {
    rungs.begin('write');
    const name = `headgate_probe_${randomBytes(8).toString('hex')}`;
    rungs.ok(await asked(({ client }) => tryToWrite(client, name)));
  }
}

/** The ladder of PostgreSQL: see `climb`. */
export const climbPostgres = (target: Target, options: LadderOptions): Promise<ConnectionTest> =>
  climb<Session>(target, options, {
    open: (way) => openSession(target, options.signal, way),
    tlsOf: ({ tls }) => tls,
    above: (session, climbing) => climbOn(target, options, session, climbing),
    explain: (error) => explainPgError(error, target),
    remedy: (error, at) => remedy(error, target, at),
    cut: ({ client }) => cut(client),
    end: ({ client }) => endSession(client),
  });
