import { say, several } from '../../../preload/messages/said.ts';
import type { AskingReader, Engine, LadderOptions, Target } from '../engine.ts';
import { type Climbing, climb } from '../ladder/climb.ts';
import { sinceMs } from '../wire/bounded.ts';
import { type MysqlSession, openMysql, withMysql } from './mysql-client.ts';
import { explainMysqlError } from './mysql-errors.ts';
import { judge, MysqlMissing, readRights } from './mysql-rights.ts';
import { createReader } from './reader.ts';
import { tables } from './tables.ts';

/** `MariaDB 10.11.6`, `MySQL 8.4.3`. */
const versionOf = ({ version, isMariaDb }: MysqlSession): string =>
  `${isMariaDb ? 'MariaDB' : 'MySQL'} ${/^[\d.]+/.exec(version)?.[0] ?? version}`;

async function climbOn(
  target: Target,
  session: MysqlSession,
  { rungs, asked, answered, warn }: Climbing<MysqlSession>,
): Promise<void> {
  const rights = await asked((open) => readRights(open, target));
  const version = versionOf(session);
  answered(version);
  rungs.ok(say('engine.text', { database: target.database, version }));
  rungs.begin('rights');
  const warnings = judge(rights);
  warn(...warnings);
  const may = say('engines.mayRead', { database: target.database, tables: rights.tables });
  rungs.ok(several([may, ...warnings]), warnings.length > 0 ? 'warns' : 'ok');
  rungs.skip('write', say('engines.neverWritten'));
}

const climbMysql = (target: Target, options: LadderOptions) =>
  climb<MysqlSession>(target, options, {
    open: (way) => openMysql(target, options.signal, way),
    tlsOf: ({ tls }) => tls,
    above: (session, climbing) => climbOn(target, session, climbing),
    explain: (error) => explainMysqlError(error, target),
    remedy: (error) => ({ error, fixSql: error instanceof MysqlMissing ? error.fixSql : null }),
    cut: (session) => session.cut(),
    end: (session) => session.end(),
  });

async function check(target: Target, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  return withMysql(target, signal, async (session) => {
    await session.table('SELECT 1');
    return sinceMs(started);
  });
}

/** MySQL 8 and MariaDB 10.6 and newer: looked into and asked; data sources are not landed in them. */
export const mysql: Engine<AskingReader> = {
  type: 'mysql',
  test: climbMysql,
  check,
  reader: createReader,
  tables,
};
