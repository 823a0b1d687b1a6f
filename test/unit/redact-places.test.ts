import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../main/redact.ts';
import { inProcess } from '../support/parts.ts';

const redactor = createRedactor();

describe('secrets by the place they stand in', () => {
  it.each([
    // Connection strings of libpq: in quotes either way of writing a quote, and quotes and commas in a bare word.
    ["host=db password='it''s secret' user=u", 'host=db password=•••• user=u'],
    [String.raw`host=db password='it\'s secret' user=u`, 'host=db password=•••• user=u'],
    ["password=it's,mine host=db", 'password=•••• host=db'],
    ['sslpassword=abc sslkey=/k', 'sslpassword=•••• sslkey=/k'],
    ["cut off: password='never ends in the", 'cut off: password=••••'],
    ["cut off: password='ends in a backslash\\", 'cut off: password=••••'],
    ['PGPASSWORD=hunter22 psql -h db', 'PGPASSWORD=•••• psql -h db'],
    ["export PGPASSWORD='two words'; psql", 'export PGPASSWORD=••••; psql'],
    [
      'postgresql://u@db/app?password=hunter22&sslmode=require',
      'postgresql://u@db/app?password=••••&sslmode=require',
    ],
    [
      'could not connect to postgres://u:p%40ss@h:5432/d: timeout',
      'could not connect to postgres://u:••••@h:5432/d: timeout',
    ],
    // .pgpass
    ['db.example.org:5432:app:sync:hunter22', 'db.example.org:5432:app:sync:••••'],
    ['# mine\n*:*:*:sync:hunter22\nnext', '# mine\n*:*:*:sync:••••\nnext'],
    [String.raw`fe80\:\:1:5432:app:sync:a\:b`, String.raw`fe80\:\:1:5432:app:sync:••••`],
    ['line "db:5432:app:sync:hunter22" can not be read', 'line "db:5432:app:sync:••••" can not be read'],
    ['10.0.0.1:5432:ab:ada:cafe', '10.0.0.1:5432:ab:ada:••••'],
    // JSON, JSON in JSON, and what util.inspect writes.
    ['{"host":"db","dbPassword":"x\\"y","n":1}', '{"host":"db","dbPassword":"••••","n":1}'],
    ['{"accessToken" : "abc", "privateKey":"k"}', '{"accessToken" : "••••", "privateKey":"••••"}'],
    ['{"password":12345,"port":5432}', '{"password":"••••","port":5432}'],
    [String.raw`"{\"password\":\"a\\\"b\",\"port\":1}"`, String.raw`"{\"password\":\"••••\",\"port\":1}"`],
    ["{ user: 'u', password: 'x y', port: 1 }", "{ user: 'u', password: '••••', port: 1 }"],
    ['{"password":"cut off in the mid', '{"password":"••••"'],
    ['Key (name, password)=(a, hunter22) already exists.', 'Key (name, password)=(••••) already exists.'],
    // Keys
    [
      'got -----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza\n-----END OPENSSH PRIVATE KEY----- here',
      'got -----BEGIN OPENSSH PRIVATE KEY-----••••-----END OPENSSH PRIVATE KEY----- here',
    ],
    ['-----BEGIN PRIVATE KEY-----\\nMIIEvQIB', '-----BEGIN PRIVATE KEY-----••••'],
    ['-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE', '-----BEGIN ENCRYPTED PRIVATE KEY-----••••'],
    // Verifiers and SQL
    ['rolpassword SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy ok', 'rolpassword SCRAM-SHA-256$•••• ok'],
    ['is md5c3ea0a4b0a6c5e6d4f0a1b2c3d4e5f60 now', 'is md5•••• now'],
    [
      "ALTER ROLE x PASSWORD 'hunter''s' VALID UNTIL 'infinity'",
      "ALTER ROLE x PASSWORD '••••' VALID UNTIL 'infinity'",
    ],
    ["create user x with encrypted password E'a\\'b'", "create user x with encrypted password '••••'"],
    ['ALTER ROLE x PASSWORD $p$hunter22$p$ LOGIN', "ALTER ROLE x PASSWORD '••••' LOGIN"],
    ["ALTER USER x IDENTIFIED BY 'hunter22'", "ALTER USER x IDENTIFIED BY '••••'"],
    ['ALTER USER x IDENTIFIED BY hunter22;', "ALTER USER x IDENTIFIED BY '••••';"],
  ])('%s', (text, wanted) => {
    expect(redactor.text(text)).toBe(wanted);
  });

  it.each([
    // What pg, ssh2 and Node say when nothing secret is in it.
    'password authentication failed for user "sync"',
    'no pg_hba.conf entry for host "10.0.0.1", user "sync", database "app", no encryption',
    'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string',
    'The server requested SCRAM-SHA-256 authentication.',
    'Cannot parse privateKey: Encrypted private OpenSSH key detected, but no passphrase given',
    'All configured authentication methods failed',
    'Handshake failed: no matching host key format',
    'connect ECONNREFUSED 2001:470:1f0b:1:2:3:4:5',
    'at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)',
    'at 2026-03-01T08:15:30.000Z, 12:30:45 and aa:10:bb:cc:dd:ee',
    'ALTER ROLE x PASSWORD NULL',
    'unknown field "password"',
    '{"port":5432,"name":"a:b"}',
  ])('leaves alone: %s', (text) => {
    expect(redactor.text(text)).toBe(text);
  });

  it('say nothing in the fields of an object either, and bytes never become numbers', () => {
    const value = redactor.value({
      tlsKey: 'x1',
      sshKey: 'x2',
      tlsKeyPassphrase: 'x3',
      sent: Buffer.from('abc'),
      list: [new Uint8Array(5)],
      host: 'db',
    });
    expect(value).toEqual({
      tlsKey: '••••',
      sshKey: '••••',
      tlsKeyPassphrase: '••••',
      sent: '<3 bytes>',
      list: ['<5 bytes>'],
      host: 'db',
    });
  });

  it('take time in proportion to the text, whatever it is', () => {
    const full = (piece: string): string => piece.repeat(Math.ceil(1_000_000 / piece.length));
    const pieces = [
      ...[':', "'", '"', '":"', '\\', '$', '= ', '@:', 'x:1:', '"x:1:"', 'x:1:a:b:', ' fe80:', '\\:'],
      ...["password='", 'password="\'', '"password":"', "password:'", '\\"password\\":\\"', 'password=,'],
      ...[
        'password=""',
        'passwordpassword',
        'secret":',
        'PASSWORD $',
        'PASSWORD $a$',
        "PASSWORD 'x",
        'IDENTIFIED BY ',
      ],
      ...[
        '-----BEGIN PRIVATE KEY-----',
        '-----END PRIVATE KEY-----',
        'SCRAM-SHA-256$',
        'md5',
        'abcd":',
        'password)=(',
      ],
    ];
    const texts = [
      ...pieces.map(full),
      `password${full(' ')}`,
      `password='${full("''")}`,
      `password="${full('\\')}`,
      `://${full('@:')}`,
      `x:1:${full('\\:')}`,
      `fe80${full(':1')}x`,
    ];
    for (const text of texts) {
      const times = [1, 2].map(() => {
        const before = process.threadCpuUsage();
        redactor.text(text);
        const { user, system } = process.threadCpuUsage(before);
        return (user + system) / 1000;
      });
      // Far above what is measured (some 10 ms), far below what a second look at every character would take.
      expect(Math.min(...times), text.slice(0, 30)).toBeLessThan(250);
    }
  });
});

describe('what the redactor keeps', () => {
  it('is given as bytes as well', () => {
    const one = createRedactor();
    const forget = one.add(Buffer.from('naïve-secret'));
    expect(one.text('a naïve-secret here')).toBe('a •••• here');
    forget();
    expect(one.text('a naïve-secret here')).toBe('a naïve-secret here');
    // Bytes that are no text: as hex and base64 they would be written.
    const key = Buffer.from('ff00fe80aa55c3281234567890abcdef', 'hex');
    one.add(key);
    for (const text of [key.toString('hex'), key.toString('hex').toUpperCase(), key.toString('base64url')]) {
      const out = one.text(`key ${text} end`);
      expect(out).toContain('••••');
      expect(out).not.toContain(text.slice(4, 12));
    }
  });

  it('has no copy of a secret in it, in no form, nor has anything else once it was added', async () => {
    // The canary is in no source: it is made in the process that is looked through afterwards.
    const answer = await inProcess(`
      import { createRedactor } from 'main/redact.ts';
      import { getHeapSnapshot, setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      setFlagsFromString('--expose-gc');
      const gc = runInNewContext('gc');
      const make = (seed) => Array.from({ length: 9 }, (_, n) => String.fromCharCode(97 + ((seed * 7 + n * 5) % 26))).join('');
      const redactor = createRedactor();
      const held = [make(11) + '-held'];
      const forgets = [];
      (() => {
        for (let n = 1; n < 8; n += 1) forgets.push(redactor.add(make(n) + ' "é%'));
        redactor.text('x ' + make(3) + ' "é% y password=' + make(4));
      })();
      for (let n = 0; n < 3; n += 1) { gc(); await new Promise((r) => setTimeout(r, 5)); }
      const parts = [];
      for await (const part of getHeapSnapshot()) parts.push(part);
      const heap = Buffer.concat(parts.map((p) => Buffer.from(p)));
      const found = [1, 2, 3, 4, 5, 6, 7].filter((n) => heap.includes(make(n)));
      console.log(JSON.stringify({
        found, looks: heap.includes(make(11)), works: redactor.text('x ' + make(5) + ' "é% y'), kept: forgets.length,
      }));`);
    expect(JSON.parse(answer)).toEqual({ found: [], looks: true, works: 'x •••• y', kept: 7 });
  });
});
