import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Found, Problem } from '../found.ts';
import { bagOf, textOf } from '../found.ts';
import { snowflakeOf } from '../kinds/snowflake.ts';
import { createTold, type Taken, type Told } from '../kinds/told.ts';
import { type Entry, foundOf } from '../profiles/entries.ts';
import { type ClientNames, clientOf } from './desktop-client.ts';

/*
 * DBGate's connections.jsonl, a connection a line. Passwords are encrypted by a key of its own unless somebody told it to save
 * them as they are.
 */

const harmless = new Set(
  `_id engine displayName connectionColor parent unsaved status singleDatabase passwordMode useSshTunnel isReadOnly
  sshMode sshHost sshPort sshLogin sshPassword sshKeyfile sshKeyfilePassword useDatabaseUrl sslCaFile sslCertFile sslKeyFile
  sslRejectUnauthorized allowedDatabasesRegex openDatabaseMode`
    .trim()
    .split(/\s+/),
);

const names: ClientNames = {
  ...{ host: ['server'], port: ['port'], database: ['defaultDatabase', 'database'] },
  ...{ user: ['user'], password: ['password'], tls: ['useSsl'], ca: ['sslCaFile'], cert: ['sslCertFile'] },
  ...{ key: ['sslKeyFile'], checks: ['sslRejectUnauthorized'] },
};

const engines = { postgres: 'postgres', mysql: 'mysql', mariadb: 'mysql', clickhouse: 'clickhouse' } as const;

function takenOf(engine: string, told: Told, name: string): Taken {
  if (told.flag('useDatabaseUrl') || told.has('databaseUrl'))
    return { problem: 'gives its place as a URL; import that as a URL' };
  if (engine === 'snowflake') return snowflakeOf(told, name);
  if (!Object.hasOwn(engines, engine))
    return {
      problem: `is for ${/^[\w-]{1,30}$/.test(engine) ? engine : 'another kind of database'}, which can’t be imported`,
    };
  const hop = {
    ...{ host: told.text('sshHost'), port: told.text('sshPort'), user: told.text('sshLogin') },
    ...{ mode: told.text('sshMode') ?? 'userPassword', keyFile: told.text('sshKeyfile') },
    ...{ password: told.text('sshPassword'), keyPassphrase: told.text('sshKeyfilePassword') },
  };
  const isReadOnly = told.flag('isReadOnly') === true ? true : undefined;
  const taken = clientOf(engines[engine as keyof typeof engines], told, name, {
    names,
    hops: told.flag('useSshTunnel') ? [hop] : [],
  });
  return taken.connection ? { connection: { ...taken.connection, readOnly: isReadOnly } } : taken;
}

/** Fails with IMPORT_UNREADABLE. */
export function parseDbGate(text: string): Found {
  const entries: Entry[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const where = `line ${index + 1}`;
    let fields: ReturnType<typeof bagOf>;
    try {
      fields = bagOf(JSON.parse(line));
    } catch {
      // What the parser says has a piece of the line in it.
      problems.push({ where, message: 'is not JSON' });
      continue;
    }
    const engine = textOf(fields['engine'])?.split('@')[0]?.toLowerCase();
    const name = textOf(fields['displayName']) ?? textOf(fields['server']) ?? where;
    if (engine === undefined) {
      problems.push({ where, message: 'does not say what kind of database it is for' });
      continue;
    }
    const told = createTold(Object.entries(fields), {
      isClosed: (value) => value.startsWith('crypt:'),
      closedAs: 'Encrypted by DBGate and not opened',
    });
    told.pass(harmless);
    const taken = takenOf(engine, told, name);
    const folder = textOf(fields['parent']);
    entries.push({
      where: name,
      taken: taken.connection && folder ? { connection: { ...taken.connection, folder } } : taken,
    });
  }
  if (entries.length === 0) throw new AppError('IMPORT_UNREADABLE', say('imports.noDbGate'));
  return foundOf(entries, problems);
}
