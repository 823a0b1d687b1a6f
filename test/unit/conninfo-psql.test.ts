import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlace } from '../../preload/contract/conninfo-place.ts';
import {
  defaultUser,
  type PsqlProbe,
  psqlIsThere,
  startPsqlProbe,
  type Visit,
} from '../support/psql-probe.ts';

/*
 * The same text given to the real psql and to us: psql connects to a server that only writes down where it was reached,
 * and who came with which password for which database. In the texts P is the port of that server, SOCK the folder of its
 * Unix socket.
 */

let probe: PsqlProbe;
let port = 0;
beforeAll(async () => {
  probe = await startPsqlProbe();
  port = probe.port;
});
afterAll(() => probe.close());

function ours(text: string): Visit | null {
  const { place } = readPlace(text);
  if (!place || place.port !== port) return null;
  const user = place.user ?? defaultUser;
  const { hostAddress, host = 'socket' } = place;
  return {
    address: hostAddress ?? host,
    user,
    database: place.database ?? user,
    password: place.password ?? '',
  };
}

const texts = `
postgresql://u:p@127.0.0.2:P/d
postgres://u:p@127.0.0.2:P/d
postgresql://127.0.0.2:P
postgresql://127.0.0.2:P/
postgresql://127.0.0.2:P?
postgresql://127.0.0.2:P/d?
postgresql://u@127.0.0.2:P
postgresql://u@127.0.0.2:P/
postgresql://u:@127.0.0.2:P/d
postgresql://:p@127.0.0.2:P/d
postgresql://@127.0.0.2:P/d
postgresql://u:p#x@127.0.0.2:P/d
postgresql://u:p?x@127.0.0.2:P/d
postgresql://u:pass?word:3$@127.0.0.2:P/reports
postgresql://u:a:b@127.0.0.2:P/d
postgresql://u:a+b@127.0.0.2:P/d
postgresql://u:a&b=c@127.0.0.2:P/d
postgresql://u:%40%2F%3A%25@127.0.0.2:P/d
postgresql://u:d%C3%A9c@127.0.0.2:P/d%C3%A9
postgresql://u:décès@127.0.0.2:P/d
postgresql://postgres.abcdef:p@127.0.0.2:P/d
postgresql://u%40x:p@127.0.0.2:P/d
postgresql://127.0.0.2:P/db#frag
postgresql://127.0.0.2:P/a/b
postgresql://127.0.0.2:P/my%20db
postgresql://127.0.0.2:P/d+e
postgresql://127.0.0.2:P/d%3Fe
postgresql://u:p@h.invalid/d?host=127.0.0.3&port=P
postgresql://u:p@127.0.0.2:1/d?port=P
postgresql://u:p@127.0.0.2:P/d?user=other
postgresql://u:p@127.0.0.2:P/d?password=other
postgresql://u:p@127.0.0.2:P/d?dbname=other
postgresql://u:p@127.0.0.2:P/d?user=a&user=b
postgresql://127.0.0.2:P/d?password=a#b
postgresql://127.0.0.2:P/d?password=a+b
postgresql://127.0.0.2:P/d?password=a%26b%3Dc
postgresql:///d?host=127.0.0.4&port=P
postgresql:///d?hostaddr=127.0.0.5&port=P
postgresql://name.invalid:P/d?hostaddr=127.0.0.5
postgresql://?host=127.0.0.4&port=P
postgresql://u:p@/d?host=127.0.0.4&port=P
postgresql://u:p@127.0.0.2:P,127.0.0.3:P/d
postgresql:///d?host=127.0.0.2,127.0.0.3&port=P,P
postgresql:///d?host=127.0.0.2,127.0.0.3&port=P
postgresql://127.0.0.2%2C127.0.0.3/d?port=P
postgresql://127.0.0.2:+P/d
postgresql://127.0.0.2:0P/d
postgresql://127.0.0.2:%20P/d
postgresql://127.0.0.2:P/d?sslmode=disable
postgresql://127.0.0.2:P/d?sslmode=allow
postgresql://127.0.0.2:P/d?sslmode=prefer
postgresql://127.0.0.2:P/d?sslmode=
postgresql://127.0.0.2:P/d?application_name=x&connect_timeout=5
postgresql://127.0.0.2:P/d?channel_binding=prefer
postgresql://127.0.0.2:P/d?target_session_attrs=any
postgresql://127.0.0.2:P/d?options=-c%20geqo%3Doff
postgresql://127.0.0.2:P/d?user=u&
host=127.0.0.2 port=P user=u password=p dbname=d
host = 127.0.0.2 port = P user = u
host=127.0.0.2 port=P user='a b' password='it\\'s'
host=127.0.0.2 port=P password=a\\ b
host=127.0.0.2 port=P password=a#b dbname='d/e'
host=127.0.0.2 port=P password='' user=u
host=127.0.0.2 port=P password= user=u
hostaddr=127.0.0.5 port=P dbname=d
hostaddr=127.0.0.5 host=name.invalid port=P
port=P host=127.0.0.2 port=P
host='127.0.0.2'port=P
host=127.0.0.2 port=P password=a'b
postgresql://u:pa/ss@127.0.0.2:P/d
postgresql://u:100%sure@127.0.0.2:P/d
postgresql://u:p%00x@127.0.0.2:P/d
postgresql://u:Ex@mp!#Pw@127.0.0.2:P/d
postgresql://u:p@x@127.0.0.2:P/d
postgresql://127.0.0.2:Px/d
postgresql://127.0.0.2:0xP/d
postgresql://127.0.0.2:-P/d
postgresql://127.0.0.2:99999/d
postgresql://[127.0.0.2:P/d
postgresql://[]:P/d
postgresql://[::1]x:P/d
postgresql://127.0.0.2:P/d?x=1
postgresql://127.0.0.2:P/d?user
postgresql://127.0.0.2:P/d?user=a=b
postgresql://127.0.0.2:P/d?&user=a
postgresql://127.0.0.2:P/d?User=a
postgresql://127.0.0.2:P/d?sslmode=Disable
postgresql://127.0.0.2:P/d?sslmode=nonsense
postgresql://127.0.0.2:P/d?ssl=false
postgresql://127.0.0.2:P,127.0.0.3:P/d?port=P,P,P
postgresql://127.0.0.2:P/d?hostaddr=127.0.0.2,127.0.0.3
postgresql://SOCK:P/d
postgresql://u:p@SOCK:P/d
postgresql:///d?host=SOCK&port=P
postgresql://u:p@h.invalid/d?host=SOCK&port=P&user=other
postgresql://SOCK:P/d?sslmode=disable
postgresql://SOCK:P/d?sslmode=require
postgresql:///?host=SOCK&port=P
host=SOCK port=P user=u password=p
host='SOCK' port=P
postgresql://127.0.0.2:P/d?hostaddr=127.0.0.5
postgresql://name.invalid:P/d?hostaddr=no-address
postgresql://127.0.0.2:P/d?channel_binding=disable
postgresql://127.0.0.2:P/d?ssl_min_protocol_version=TLSv1.2
postgresql://127.0.0.2:P/d?gssencmode=disable&sslcrl=
host=127.0.0.2 port=P nonsense
host=127.0.0.2 port=P x=1
host=127.0.0.2 port=P user='a
host=127.0.0.2 port=P Host=h
`
  .trim()
  .split('\n');

/** Where we are meant to differ from psql, and why. */
const meant: readonly (readonly [text: string, why: string])[] = [
  [
    'postgresql://127.0.0.2:P/my db',
    'as libpq 17 and later: a blank inside is more likely two things in one line',
  ],
  [
    'postgresql://127.0.0.2:P/d?target_session_attrs=read-write',
    'refused by name: a connection has one server',
  ],
  ['postgresql://127.0.0.2:P/d?ssl_min_protocol_version=TLSv1.3', 'refused by name: 1.2 would be taken too'],
  ['postgresql://127.0.0.2:P/d?replication=true', 'refused by name: no session for queries'],
];

const isThere = psqlIsThere;
describe.skipIf(!isThere)(
  isThere
    ? `as the real psql (${texts.length} inputs, ${meant.length} meant to differ)`
    : 'as the real psql (skipped: it is not installed here)',
  () => {
    const at = (text: string): string => {
      const ported = text.replaceAll('P', (_, index: number) => (isPort(text, index) ? String(port) : 'P'));
      // A password or a path is encoded before the question mark; behind it and in keywords a path needs not be.
      return ported.replaceAll(
        'SOCK',
        text.startsWith('host') ? probe.folder : encodeURIComponent(probe.folder),
      );
    };
    const isPort = (text: string, index: number): boolean =>
      !/[a-z]/i.test(text[index + 1] ?? '') || text[index + 1] === 'x';

    it.each(texts)('%s', async (text) => {
      expect(ours(at(text))).toEqual(await probe.visit(at(text)));
    });
    it.each(meant)('%s differs: %s', async (text) => {
      expect(ours(at(text))).not.toEqual(await probe.visit(at(text)));
    });
  },
);

it.each([
  'postgresql://u:can/ary@h/d',
  'postgresql://u:x@canary@h/d',
  'postgresql://u:%canary@h/d',
  'postgresql://h:canary/d',
  'postgresql://[canary/d',
  'postgresql://h/d?canary',
  'postgresql://h/d?canary=1',
  'postgresql://h/d?a=canary=b',
  'postgresql://h/d?sslmode=canary',
  'postgresql://h/d?require_auth=canary',
  'postgresql://h/d canary',
  'jdbc:postgresql://u:canary@h/d',
  'jdbc:postgresql://h:canary/d',
  'canary://u:canary@h/d',
  'canary',
  'host=h canary',
  "host=h password='canary",
])('%s is refused, and nothing of it repeated', (text) => {
  expect(readPlace(text)).toEqual({ problem: expect.not.stringContaining('canary') });
});

describe('a URL of JDBC, as pgjdbc reads it', () => {
  it.each([
    ['jdbc:postgresql://h/d?ssl=true', { tlsMode: 'verify-full' }],
    ['jdbc:postgresql://h/d?ssl', { tlsMode: 'verify-full' }],
    ['jdbc:postgresql://h/d?ssl=', { tlsMode: 'verify-full' }],
    ['jdbc:postgresql://h/d?ssl=false', { tlsMode: undefined }],
    ['jdbc:postgresql://h/d?ssl=true&sslmode=require', { tlsMode: 'require' }],
    ['jdbc:postgresql://h/d?user=u&password=a+b', { user: 'u', password: 'a b' }],
    ['jdbc:postgresql://h/d?password=a#b', { password: 'a#b' }],
    ['jdbc:postgresql:d', { host: 'localhost', port: 5432, database: 'd' }],
    ['jdbc:postgresql://h/d?PGHOST=other&PGPORT=6', { host: 'other', port: 6 }],
    ['jdbc:postgresql://[::1]:6/d?currentSchema=s', { host: '::1', port: 6, left: ['currentSchema'] }],
    ['jdbc:postgresql://h1,h2:2/d', { host: 'h1', port: 5432, hosts: 2 }],
  ])('%s', (text, place) => {
    expect(readPlace(text).place).toMatchObject(place);
  });
});

it.each([
  ['postgresql://h/d?sslrootcert=system', 'verify-full'],
  ['postgresql://h/d?sslrootcert=system&sslmode=verify-full', 'verify-full'],
  ['postgresql://h/d?sslrootcert=system&sslmode=require', undefined],
])('%s: the authorities of the system go with all checks only', (text, mode) => {
  expect(readPlace(text).place?.tlsMode).toBe(mode);
  expect(readPlace(text).problem === undefined).toBe(mode !== undefined);
});
