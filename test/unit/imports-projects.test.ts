import { describe, expect, it } from 'vitest';
import { parseImport } from '../../main/imports/parse.ts';
import { openShare, sealShare, shareKeyBytes } from '../../main/oauth/shared-content.ts';
import { random } from '../support/parts.ts';
import { seeded } from '../support/random.ts';

const canary = 'canary-of-a-secret';
const key = Buffer.alloc(32, 7).toString('base64url');
const share = '0b0f7a52-6a1c-4f0e-9d9d-2a4f3f0f6b11';

const connection = {
  ...{ name: 'main', environment: 'production', host: 'db', port: 5432, database: 'd' },
  ...{ tlsMode: 'verify-full', user: 'u', password: canary, ssh: [] },
};
const source = (change: object = {}) => ({
  ...{ name: 'HQ', sourceType: 'commcare', baseUrl: 'https://hq.example.org', clientId: 'c' },
  ...{ clientSecret: canary, clientAuth: null, settings: { domain: 'demo' }, tlsCa: null, isActive: true },
  ...change,
});
const link = (change: object = {}) => ({
  ...{ source: 0, credentialMode: 'project', syncConfig: { datasets: ['forms'] } },
  ...{ schedule: { kind: 'every', hours: 24 }, quietHours: null, keepIdleHours: null, isActive: true },
  ...change,
});
const signIn = (change: object = {}) => ({
  ...{ source: 0, kind: 'oauth', account: 'john@example.org', externalUserId: '7', scopes: ['access_apis'] },
  ...{ share: { id: share, key, version: 3 } },
  ...change,
});
const project = (change: object = {}) => ({
  ...{ name: 'Bednets', dbSchema: 'public', connection: 0, links: [link()], signIns: [signIn()] },
  ...change,
});
const fileOf = (change: object = {}) =>
  JSON.stringify({
    ...{ format: 'headgate-connections', version: 2, exportedAt: '2026-11-29T08:00:00.000Z' },
    ...{ connections: [connection], sources: [source()], projects: [project()], ...change },
  });
const read = (text: string) =>
  parseImport('headgate', text, { pgpass: null, credentials: undefined, userName: 'me' });

describe('projects in a file of Headgate', () => {
  it('are taken as they are', () => {
    const found = read(fileOf());
    expect(found.problems).toEqual([]);
    expect(found.taken).toMatchObject([{ ...project(), links: [link()], signIns: [signIn()] }]);
    expect(found.sources).toEqual([source()]);
  });

  it.each<[string, object, RegExp]>([
    ['a source that is not valid', { sources: [source({ baseUrl: 'ftp://x' })] }, /source 1 \(HQ\)/],
    ['a link without its source', { projects: [project({ links: [link({ source: 4 })] })] }, /link 1/],
    ['a source that is linked twice', { projects: [project({ links: [link(), link()] })] }, /link 2/],
    [
      'a sign-in without its link',
      { projects: [project({ links: [], signIns: [signIn()] })] },
      /sign-in 1.*does not read its source/,
    ],
    ['two sign-ins', { projects: [project({ signIns: [signIn(), signIn()] })] }, /sign-in 2/],
    ['a project without its connection', { projects: [project({ connection: 3 })] }, /project 1 \(Bednets\)/],
    ['a schema of the server', { projects: [project({ dbSchema: 'pg_catalog' })] }, /dbSchema/],
    [
      'a key that is none',
      { projects: [project({ signIns: [signIn({ share: { id: share, key: canary, version: 1 } })] })] },
      /share\.key/,
    ],
    ['no list', { projects: {} }, /projects: is no list/],
    ['what nobody knows', { people: [] }, /people: is not known/],
    ['a newer version', { version: 3 }, /newer Headgate/],
  ])('%s is told, and nothing secret with it', (_, change, told) => {
    const shown = (() => {
      try {
        return read(fileOf(change)).problems.map(({ where, message }) => `${where}: ${message}`);
      } catch (error) {
        return [String((error as Error).message)];
      }
    })();
    expect(shown.join('\n')).toMatch(told);
    expect(shown.join('\n')).not.toContain(canary);
    expect(shown.join('\n')).not.toContain(key);
  });

  it('a connection that is left out takes the places of the others with it', () => {
    const found = read(
      fileOf({
        connections: [{ ...connection, port: 'none' }, connection],
        projects: [project(), project({ name: 'Second', connection: 1 })],
      }),
    );
    expect(found.taken?.map(({ name, connection: at }) => [name, at])).toEqual([['Second', 0]]);
    expect(found.problems.map(({ where }) => where)).toEqual(['connection 1 (main)', 'project 1 (Bednets)']);
  });

  it('every key is taken or told, whatever is in it', () => {
    const next = seeded(21);
    const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
    for (let round = 0; round < 400; round += 1) {
      const parts = {
        project: project() as Record<string, unknown>,
        link: link() as Record<string, unknown>,
        source: source() as Record<string, unknown>,
        signIn: signIn() as Record<string, unknown>,
      };
      const where = pick(Object.keys(parts) as (keyof typeof parts)[]);
      const known = Object.keys(parts[where]);
      const name = pick([...known, 'unknown', 'clientsecret', 'Links', 'token']);
      const value = pick<unknown>([canary, 5, null, [], {}, true, parts[where][name] ?? canary]);
      const before = parts[where][name];
      parts[where][name] = value;
      parts.project['links'] = where === 'project' && name === 'links' ? value : [parts.link];
      parts.project['signIns'] = where === 'project' && name === 'signIns' ? value : [parts.signIn];
      const found = read(fileOf({ sources: [parts.source], projects: [parts.project] }));
      const [taken] = found.taken ?? [];
      const part = {
        project: taken,
        link: taken?.links[0],
        source: found.sources?.[0],
        signIn: taken?.signIns[0],
      }[where] as Record<string, unknown> | null | undefined;
      const isTaken = part != null && name in part && (known.includes(name) || before === value);
      const text = JSON.stringify(found.problems);
      expect(isTaken || found.problems.length > 0, `${where}.${name} = ${JSON.stringify(value)}`).toBe(true);
      expect(text).not.toContain(key);
    }
  });
});

describe('a version of a shared sign-in', () => {
  const content = {
    ...{ accessToken: 'a', refreshToken: 'r', expiresAt: '2026-11-29T08:00:00.000Z', account: 'j' },
    ...{ externalUserId: '7', scopes: ['s'], ended: null },
  };
  const origin = 'https://hq.example.org';
  const row = sealShare(key, { id: share, origin, version: 4 }, content, random);
  const at = { id: share, origin, seen: 4 };

  it('is opened by its key alone, at its place, and not once a newer one was seen', () => {
    expect(Buffer.from(key, 'base64url')).toHaveLength(shareKeyBytes);
    expect(openShare(key, at, row)).toEqual(content);
    const other = Buffer.alloc(32, 8).toString('base64url');
    const refused = (work: () => unknown) =>
      expect(work).toThrow(expect.objectContaining({ code: 'SHARED_SIGN_IN_REFUSED' }));
    refused(() => openShare(other, at, row));
    refused(() => openShare(key, { ...at, id: '00000000-0000-4000-8000-000000000000' }, row));
    refused(() => openShare(key, { ...at, origin: 'https://other.example.org' }, row));
    refused(() => openShare(key, { ...at, seen: 5 }, row));
    refused(() => openShare(key, at, { ...row, version: 5 }));
    refused(() => openShare(key, at, null));
    for (let bit = 0; bit < row.sealed.byteLength; bit += 7) {
      const sealed = Buffer.from(row.sealed);
      sealed[bit] = (sealed[bit] ?? 0) ^ 1;
      refused(() => openShare(key, at, { ...row, sealed }));
    }
  });
});
