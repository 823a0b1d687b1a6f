import { describe, expect, it } from 'vitest';
import { parseConnectionUrl } from '../../renderer/screens/connections/url.ts';

describe('a pasted connection URL', () => {
  it('is taken apart, escapes and all', () => {
    expect(
      parseConnectionUrl(' postgres://etl:p%40ss%2Fword@db.example.org:6543/ware%20house?sslmode=require\n'),
    ).toEqual({
      engine: 'postgres',
      host: 'db.example.org',
      port: 6543,
      database: 'ware house',
      user: 'etl',
      password: 'p@ss/word',
      settings: {},
      tlsMode: 'require',
    });
  });

  it('has defaults for what it leaves out', () => {
    expect(parseConnectionUrl('postgresql://localhost')).toMatchObject({
      port: 5432,
      database: '',
      user: '',
      password: '',
    });
  });

  it.each([
    ['a percent sign that escapes nothing', 'postgres://u:100%@h/d'],
    ['an at sign in the password', 'postgresql://reader:Ex@mp!#Pw0rD$@db.example.org/reports'],
    ['several hosts', 'postgres://u@h1,h2/d'],
    ['a demand that the form has no field for', 'postgres://u@h/d?require_auth=scram-sha-256'],
    ['certificates, which the form takes as text', 'postgres://u@h/d?sslrootcert=/ca.pem'],
  ])('is not taken with %s', (_, text) => {
    expect(parseConnectionUrl(text)).toBeUndefined();
  });

  it('is read with the rules of libpq', () => {
    expect(parseConnectionUrl('postgresql://u:p#x?y@h/d?host=other')).toMatchObject({
      host: 'other',
      password: 'p#x?y',
    });
  });

  it('takes IPv6 addresses without their brackets', () => {
    expect(parseConnectionUrl('postgres://u@[::1]:5433/d')).toMatchObject({ host: '::1', port: 5433 });
  });

  it('does not take over a mode that goes on without encryption', () => {
    expect(parseConnectionUrl('postgres://u@h/d?sslmode=prefer')?.tlsMode).toBeUndefined();
  });

  it.each(['', 'db.example.org', 'mysql://u@h/d?socket=/tmp/x', 'https://example.org', 'postgres://'])(
    'is not %j',
    (text) => {
      expect(parseConnectionUrl(text)).toBeUndefined();
    },
  );

  it('of a warehouse fills what that needs beside, and is not taken where it says more', () => {
    expect(
      parseConnectionUrl(
        'jdbc:databricks://h.cloud.databricks.com;httpPath=/sql/1.0/warehouses/w;UID=token;PWD=p',
      ),
    ).toMatchObject({ engine: 'databricks', password: 'p', settings: { warehouse: 'w', signIn: 'token' } });
    expect(parseConnectionUrl('snowflake://u:canary@a/D')).toBeUndefined();
  });
});
