import { describe, expect, it } from 'vitest';
import { parseLegacy } from '../../main/imports/legacy.ts';

const rows = [
  {
    name: 'Bednets',
    db_schema: 'bednets',
    db_host: 'DB.example.org',
    db_port: 5432,
    db_name: 'field',
    db_user: 'etl',
    db_password: 'one',
  },
  {
    name: 'Malaria',
    db_host: 'db.example.org',
    db_port: '5432',
    db_name: 'field',
    db_user: 'etl',
    db_password: 'one',
  },
  {
    name: 'Vaccines',
    db_host: 'db.example.org',
    db_port: 5432,
    db_name: 'field',
    db_user: 'etl',
    db_password: 'two',
  },
  {
    name: 'Other',
    db_host: 'db.example.org',
    db_port: 5432,
    db_name: 'other',
    db_user: 'etl',
    db_password: 'one',
  },
];

describe('legacy projects', () => {
  it('share a connection where host, port, database, user and password are equal', () => {
    const { connections, projects, problems } = parseLegacy(JSON.stringify(rows));
    expect(problems).toEqual([]);
    expect(connections.map(({ name, password }) => [name, password])).toEqual([
      ['field on DB.example.org', 'one'],
      ['field on db.example.org', 'two'],
      ['other on db.example.org', 'one'],
    ]);
    expect(projects).toEqual([
      { name: 'Bednets', schema: 'bednets', connection: 0 },
      { name: 'Malaria', schema: 'public', connection: 0 },
      { name: 'Vaccines', schema: 'public', connection: 1 },
      { name: 'Other', schema: 'public', connection: 2 },
    ]);
  });

  it.each([
    ['a list', (all: unknown[]) => JSON.stringify(all)],
    ['an object', (all: unknown[]) => JSON.stringify({ version: 3, projects: all })],
    [
      'dumpdata',
      (all: unknown[]) =>
        JSON.stringify(all.map((fields, pk) => ({ model: 'projects.project', pk, fields }))),
    ],
    [
      'CSV',
      () =>
        'name,db_schema,db_host,db_port,db_name,db_user,db_password,notes\r\n"Bed, nets",b,h,5432,d,u,"p""w",kept\r\nSecond,,h,5432,d,u,"p""w",\r\n',
    ],
  ])('in %s lose what was embedded and keep the rest; read again, nothing is left to do', (_, write) => {
    const before = parseLegacy(write(rows));
    const names = before.connections.map((_each, index) => `Shared ${index + 1}`);
    const text = before.clean?.(names, () => true) ?? '';
    for (const gone of ['db_host', 'db_password', '"one"', 'p"w', 'p""w']) expect(text).not.toContain(gone);
    expect(text).toContain('Shared 1');
    const after = parseLegacy(text);
    expect(after.connections).toEqual([]);
    expect(after.projects).toEqual([]);
    expect(after.problems).toEqual([]);
    expect(after.clean?.([], () => true)).toBe(text);
  });

  it('that were not taken keep the file as it is: what is written anew goes to the page and has no credentials', () => {
    const found = parseLegacy(JSON.stringify(rows));
    expect(found.clean?.(['A', 'B', 'C'], (connection) => connection === 0)).toBeNull();
    const odd = parseLegacy(JSON.stringify([rows[0], { ...rows[1], db_password: [1, 2] }]));
    expect(odd.clean?.(['A'], () => true)).toBeNull();
  });

  it('with an empty port have the usual one', () => {
    for (const port of ['', ' '])
      expect(
        parseLegacy(`name,db_host,db_port,db_name,db_user,db_password\nA,h,${port},d,u,p\n`),
      ).toMatchObject({ connections: [{ port: 5432 }], problems: [] });
  });

  it('that can not be understood are named with their place, and nothing of their values', () => {
    const { problems } = parseLegacy(
      JSON.stringify([
        { ...rows[0], name: '' },
        { ...rows[0], db_port: 'abc' },
        { ...rows[1], db_password: [1, 2] },
        rows[1],
        rows[1],
      ]),
    );
    expect(problems).toEqual([
      { where: 'project 1', message: 'is a project without a name' },
      { where: 'project 2 (Bednets)', message: 'has no port that could be used' },
      {
        where: 'project 3 (Malaria)',
        message: 'has no password as text; encrypted ones can not be taken over',
      },
      { where: 'project 5 (Malaria)', message: 'has the name of another project in this file' },
    ]);
    expect(() => parseLegacy('name,db_host\n"open')).toThrowError(/not CSV/);
    expect(() => parseLegacy('a,b\n1,2\n')).toThrowError(/no column “name”/);
    expect(() => parseLegacy('{"x":1}')).toThrowError(/no list of projects/);
  });
});

it('projects that share a connection get the TLS mode that asks more, and names that mean one thing are told apart', () => {
  const project = (name: string, more: object) => ({
    ...{
      name,
      host: 'app.example.org',
      db_host: 'db',
      db_name: 'd',
      db_user: 'u',
      db_password: 'p',
      ...more,
    },
  });
  const read = (...projects: object[]) => parseLegacy(JSON.stringify(projects));
  expect(
    read(project('a', { db_sslmode: 'disable' }), project('b', { db_sslmode: 'verify-full' })).connections,
  ).toMatchObject([{ host: 'db', tlsMode: 'verify-full', notes: ['Left out: host.'] }]);
  expect(read(project('a', { db_sslmode: 'verifyfull' }))).toMatchObject({
    connections: [],
    problems: [{ message: 'has a TLS mode that there is not' }],
  });
  expect(() => parseLegacy('name,db_host,db_host\np,a,b\n')).toThrowError(/column “db_host” twice/);
});
