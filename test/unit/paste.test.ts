import { expect, it } from 'vitest';
import { readLanding, readPasted } from '../../renderer/screens/setup/paste.ts';

/* What the paste box takes: URLs, keywords, lines of .pgpass, sections of pg_service.conf; and what it leaves alone. */

const whole = {
  engine: 'postgres',
  host: 'db.example.org',
  port: 6543,
  database: 'd',
  user: 'u',
  password: 'p w',
  settings: {},
  tlsMode: 'verify-full',
};

it.each([
  ['a URL', 'postgres://u:p%20w@db.example.org:6543/d'],
  ['a URL with blanks around', '  postgresql://u:p%20w@db.example.org:6543/d\n'],
  ['keywords', "host=db.example.org port=6543 dbname=d user=u password='p w'"],
  ['a line of .pgpass', 'db.example.org:6543:d:u:p w'],
  [
    'a section of pg_service.conf',
    '[bednets]\n# the new one\nhost=db.example.org\nport=6543\ndbname=d\nuser=u\npassword=p w\n',
  ],
  ['a section without its name', 'host=db.example.org\nport=6543\ndbname=d\nuser=u\npassword=p w'],
])('reads %s', (_, text) => {
  expect(readPasted(text)).toEqual(whole);
});

it.each([
  ['a URL', 'mysql://u:p%20w@db.example.org:6543/d?ssl-mode=VERIFY_IDENTITY'],
  [
    'a section of .my.cnf',
    '[client]\nhost=db.example.org\nport = 6543\ndatabase=d\nuser=u\npassword="p w"\n',
  ],
])('reads %s of MySQL', (_, text) => {
  expect(readPasted(text)).toEqual({ ...whole, engine: 'mysql' });
});

it('reads nothing of what leads to a socket, and lands in PostgreSQL only', () => {
  expect(readPasted('[client]\nhost=localhost\nsocket=/tmp/x\nuser=u')).toBeUndefined();
  expect(readLanding('mysql://u@db.example.org/d')).toBeUndefined();
  expect(readLanding('postgres://u@db.example.org/d')).toMatchObject({ engine: 'postgres' });
});

it('leaves empty what was not said, for the form to ask for', () => {
  expect(readPasted('postgres://db.example.org/d')).toMatchObject({ user: '', password: '', port: 5432 });
  expect(readPasted('db.example.org:*:*:u:p')).toMatchObject({ port: 5432, database: '', user: 'u' });
});

it('takes a backslash of .pgpass for what it is', () => {
  expect(readPasted('db.example.org:5432:d:u:a\\:b\\\\c')?.password).toBe('a:b\\c');
  expect(readPasted("host=db.example.org\ndbname=d\nuser=u\npassword=it's\\n")?.password).toBe("it's\\n");
});

it('asks for no encryption only on this computer, and where somebody wrote it down', () => {
  expect(readPasted('postgres://u:p@127.0.0.1/d')?.tlsMode).toBe('disable');
  expect(readPasted('postgres://u:p@localhost/d')?.tlsMode).toBe('disable');
  expect(readPasted('postgres://u:p@localhost/d?sslmode=verify-full')?.tlsMode).toBe('verify-full');
  expect(readPasted('postgres://u:p@10.0.0.7/d')?.tlsMode).toBe('verify-full');
  expect(readPasted('postgres://u:p@127.0.0.1.example.org/d')?.tlsMode).toBe('verify-full');
  // What may go on in the clear is not taken over in silence.
  expect(readPasted('postgres://u:p@10.0.0.7/d?sslmode=prefer')?.tlsMode).toBe('verify-full');
});

it.each([
  ['nothing', ''],
  ['prose', 'the database is on the server in the cellar'],
  ['a time', '12:30:15:00:00'],
  ['a kind of database that is not known', 'oracle://u:p@db.example.org/d'],
  ['a web page', 'https://www.commcarehq.org/a/demo/'],
  ['certificates', 'postgres://u:p@db.example.org/d?sslrootcert=/ca.pem'],
  ['several hosts', 'postgres://u:p@a.example.org,b.example.org/d'],
  ['every host', '*:5432:d:u:p'],
  ['one keyword', 'host=db.example.org\nnonsense'],
])('does not take %s', (_, text) => {
  expect(readPasted(text)).toBeUndefined();
});
