import { expect, it } from 'vitest';
import {
  type Filled,
  hostedOf,
  hostedServices,
  recognised,
  withHosted,
} from '../../renderer/screens/connections/form/hosted.ts';
import { readLanding, readPasted } from '../../renderer/screens/setup/paste.ts';

/* Services that run PostgreSQL for others: recognised by what one has at hand, and filled in when one is chosen. */

const blank: Filled = {
  ...{ hosted: '', host: '', port: '5432', database: '', user: '' },
  engine: 'postgres',
  tlsMode: 'verify-full',
};

it.each([
  ['postgresql://postgres:x@db.abcdefghijklmnopqrst.supabase.co:5432/postgres', 'supabase'],
  ['postgres://postgres.abc:x@aws-0-eu-central-1.pooler.supabase.com:5432/postgres', 'supabase-session'],
  ['postgres://postgres.abc:x@aws-1-eu-central-1.pooler.supabase.com:6543/postgres', 'supabase-transaction'],
  ['postgres://me:x@field.cluster-c9akciq32.eu-west-1.rds.amazonaws.com/field', 'rds'],
  ['postgres://postgres:x@0a1b.2c3d.europe-west1.sql.goog/postgres', 'cloud-sql'],
  ['postgres://me:x@clinics.postgres.database.azure.com/postgres?sslmode=require', 'azure'],
  ['postgres://me:x@clinics.postgres.database.azure.com:6432/postgres', 'azure-pooled'],
  ['postgres://me:x@ep-cool-1a2b.us-east-2.aws.neon.tech/neondb?sslmode=require', 'neon'],
  [
    'postgresql://me:x@ep-cool-1a2b-pooler.c-2.us-east-2.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
    'neon-pooled',
  ],
])('recognises %s', (url, id) => {
  const pasted = readPasted(url, true);
  expect(recognised({ ...blank, host: pasted?.host ?? '', port: String(pasted?.port) })?.id).toBe(id);
});

it.each(['db.example.org', 'supabase.co.example.org', 'rds.amazonaws.com.example.org', '203.0.113.7', ''])(
  'does not take %j for one of them',
  (host) => {
    expect(recognised({ ...blank, host })).toBeUndefined();
  },
);

it('is a matter of the kind of database', () => {
  const host = 'field.abc.eu-west-1.rds.amazonaws.com';
  expect(recognised({ engine: 'mysql', host, port: '3306' })).toBeUndefined();
});

it('takes over what the server must ask for, where the form has a field for it', () => {
  const url =
    'postgres://me:x@ep-a.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require';
  expect(readPasted(url, true)).toMatchObject({ tlsMode: 'require', signIn: 'channel_binding' });
  expect(readPasted(url)).toBeUndefined();
  expect(readLanding(url)).toBeUndefined();
});

it('fills in what is the same for everybody, and leaves what somebody entered', () => {
  const chosen = { ...blank, ...withHosted(blank, 'supabase') };
  expect(chosen).toMatchObject({
    port: '5432',
    database: 'postgres',
    user: 'postgres',
    tlsMode: 'verify-full',
  });
  // What the first one filled in gives way to the second.
  const pooler = { ...chosen, ...withHosted(chosen, 'supabase-transaction') };
  expect(pooler).toMatchObject({ port: '6543', database: 'postgres', user: '' });
  const own = { ...pooler, database: 'clinics', user: 'postgres.abc' };
  expect({ ...own, ...withHosted(own, 'supabase-session') }).toMatchObject({
    ...{ port: '5432', database: 'clinics', user: 'postgres.abc' },
  });
  expect({ ...own, ...withHosted(own, 'cloud-sql') }.tlsMode).toBe('verify-ca');
});

it('is what the host says, whatever was chosen; another choice takes the host of the first away', () => {
  const host = 'db.abcdefghijklmnopqrst.supabase.co';
  const typed = { ...blank, hosted: 'rds', host };
  expect(hostedOf(typed)?.id).toBe('supabase');
  expect({ ...typed, ...withHosted(typed, 'neon') }).toMatchObject({ host: '', hosted: 'neon' });
  expect({ ...typed, ...withHosted(typed, '') }).toMatchObject({ host: '', hosted: '' });
  const cloudSql = { ...blank, hosted: 'cloud-sql', host: '203.0.113.7' };
  expect(hostedOf(cloudSql)?.id).toBe('cloud-sql');
  expect({ ...cloudSql, ...withHosted(cloudSql, '') }).toMatchObject({ host: '203.0.113.7', hosted: '' });
});

it('each is told apart, and shows an example that it would recognise', () => {
  const ids = hostedServices.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, example, pattern, port, users } of hostedServices) {
    // An address looks like any other.
    if (id === 'cloud-sql') continue;
    expect(pattern?.test(example)).toBe(true);
    expect(recognised({ engine: 'postgres', host: example, port: String(port) })?.id).toBe(id);
    if (users) expect(users.pattern.test(users.example)).toBe(true);
  }
});
