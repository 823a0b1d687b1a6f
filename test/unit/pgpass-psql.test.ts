import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePgService } from '../../main/imports/libpq/pg-service.ts';
import { parsePgpass, passwordsOf } from '../../main/imports/libpq/pgpass.ts';
import { defaultUser, type PsqlProbe, psqlIsThere, startPsqlProbe } from '../support/psql-probe.ts';

/* The same .pgpass and service file given to the real psql and to us. PORT is the port of the server that psql reaches. */

let probe: PsqlProbe;
let folder = '';
beforeAll(async () => {
  probe = await startPsqlProbe();
  folder = await mkdtemp(join(tmpdir(), 'headgate-pgpass-'));
});
afterAll(async () => {
  probe.close();
  await rm(folder, { recursive: true });
});
const written = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
};

const pgpasses = [
  '127.0.0.2:PORT:d:u:secret',
  '127.0.0.2:PORT:d:u:secret  ',
  '127.0.0.2:PORT:d:u:secret\t',
  '127.0.0.2:PORT:d:u:secret\r\n',
  '127.0.0.2:PORT:d:u:secret\r\r\n',
  '127.0.0.2:PORT:d:u:a:b',
  '127.0.0.2:PORT:d:u:a\\:b\\\\c\\d',
  '127.0.0.2:PORT:d:u:',
  '127.0.0.2:PORT:d:u:\n*:*:*:*:later',
  '*:*:*:*:new\n127.0.0.2:PORT:d:u:old',
  '127.0.0.2:PORT:d:v:no\n127.0.0.2:*:d:u:yes',
  '\\*:PORT:d:\\*:pw',
  '*:PORT:d:\\u:pw',
  '1*:PORT:d:u:pw',
  ' 127.0.0.2:PORT:d:u:pw',
  '127.0.0.2:PORT:D:u:pw',
  '127.0.0.2:0PORT:d:u:pw',
  '#127.0.0.2:PORT:d:u:pw\n*:*:*:*:x',
  '127.0.0.2:PORT:d:u',
  '127.0.0.2:PORT:d:u:décès',
  '*:*:*:*:*',
];

const services = [
  '[s]\nhost=127.0.0.2\nport=PORT\nuser=ua\npassword=pa\n[b] # reports\nhost=b\nuser=ub',
  '[a]\nhost=a\n[s] # x\nhost=127.0.0.2\nport=PORT',
  '[s]anything\nhost=127.0.0.2\nport=PORT',
  '  [s]  \n  host=127.0.0.2  \n\tport=PORT\t',
  '[s]\nhost=127.0.0.2\nport=PORT\nport=1',
  '[s]\nhost=127.0.0.2\nport=PORT\npassword=a\npassword=b',
  '[s]\nhost=127.0.0.2\nport=PORT\n[s]\nuser=x',
  '[s]\nhost = 127.0.0.2\nport=PORT',
  '[s]\nhost =127.0.0.2\nport=PORT',
  '[s]\nhost=127.0.0.2\nport= PORT',
  '[s]\nhost=127.0.0.2\nport=PORT\nuser= x',
  '[s]\nhost=127.0.0.2\nport=PORT\n;user=x',
  '[s]\nhost=127.0.0.2\nport=PORT\nfoo=bar',
  '[a]\nfoo=bar\n[s]\nhost=127.0.0.2\nport=PORT',
  '[s]\nhost=127.0.0.2\nport=PORT\nUser=x',
  '[s]\nhost=127.0.0.2\nport=PORT\nuser="q"\npassword=\'a#b%20\\',
  '[s]\nhost=127.0.0.2\nport=PORT\nnonsense',
  '[s]\nhostaddr=127.0.0.2\nport=PORT\ndbname=x=y',
  '[s]\nhost=127.0.0.2,127.0.0.3\nport=PORT,PORT',
  '[s]\nhost=127.0.0.2\nport=PORT\nsslmode=nonsense',
  '[s]\nhost=127.0.0.2\nport=PORT\nservice=b\n[b]\nuser=x',
  '[s]\nhost=SOCK\nport=PORT\nuser=x',
  '[s]\nhost=name.invalid\nhostaddr=127.0.0.2\nport=PORT\nuser=x',
  '[s]\nhost=127.0.0.2\nport=PORT\nsslcrl=\nuser=x',
  '[s]\r\nhost=127.0.0.2\r\nport=PORT\r\nuser=x\r\n',
];

describe.skipIf(!psqlIsThere)(
  psqlIsThere
    ? `as the real psql (${pgpasses.length + services.length} inputs)`
    : 'as the real psql (skipped: it is not installed here)',
  () => {
    it.each(pgpasses)('takes from a .pgpass %j', async (text) => {
      const pgpass = text.replaceAll('PORT', String(probe.port));
      const visit = await probe.visit(`host=127.0.0.2 port=${probe.port} dbname=d user=u`, {
        PGPASSFILE: await written('pgpass', pgpass),
      });
      const wanted = { host: '127.0.0.2', port: probe.port, database: 'd', user: 'u' };
      expect(passwordsOf(pgpass)(wanted) ?? '').toBe(visit?.password);
      // What is offered for this server is what psql would use there.
      for (const { host, database, user, password } of parsePgpass(pgpass).connections)
        if (host === wanted.host && database === 'd' && user === 'u') expect(password).toBe(visit?.password);
    });

    it.each(services)('reads a service file %j', async (text) => {
      const file = text.replaceAll('PORT', String(probe.port)).replaceAll('SOCK', probe.folder);
      const visit = await probe.visit('service=s', { PGSERVICEFILE: await written('services', file) });
      const found = parsePgService(file, { pgpass: null }).connections.filter(({ name }) => name === 's');
      const ours = found.map(({ host, hostAddress, user, database, password = '' }) => ({
        address: hostAddress ?? host,
        user: user ?? defaultUser,
        // Without a user and a database ours is “postgres”, psql's the name of who runs it.
        database: database === 'postgres' && user === undefined ? defaultUser : database,
        password,
      }));
      expect(ours).toEqual(visit === null ? [] : [visit]);
    });
  },
);

it('a line for an address of version 6 needs no escapes', () => {
  expect(parsePgpass('::1:5432:db:u:pw').connections).toMatchObject([
    { host: '::1', database: 'db', password: 'pw' },
  ]);
  expect(passwordsOf('::1:5432:db:u:pw')({ host: '::1', port: 5432, database: 'db', user: 'u' })).toBe('pw');
});

it('a line that another hides is told, not imported', () => {
  expect(parsePgpass('*:*:*:*:new\nh:5432:d:u:old')).toMatchObject({
    connections: [],
    problems: [{ where: 'line 1' }, { where: 'line 2', message: 'is never used: line 1 fits before it' }],
  });
});

it('a service with a file of passwords of its own gets none of the usual one', () => {
  const [found] = parsePgService('[s]\nhost=h\nuser=u\npassfile=/p', { pgpass: '*:*:*:*:pw' }).connections;
  expect(found).toMatchObject({ password: undefined, notes: ['Left out: passfile.'] });
});

it('a line whose address could end at more than one colon is told, not guessed: its password may be in it', () => {
  expect(parsePgpass('::1:5432:*:u:canary:x')).toEqual({
    ...{ connections: [], hosts: [], projects: [] },
    problems: [{ where: 'line 1', message: expect.not.stringContaining('canary') }],
  });
  expect(parsePgpass('2001:db8::1:5432:d:u:p').connections).toMatchObject([
    { host: '2001:db8::1', user: 'u' },
  ]);
});
