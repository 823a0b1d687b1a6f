import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConnectionInput } from '../../preload/contract/models.ts';
import { makeCertificate } from '../support/certificates.ts';
import { codeOf, rawDb } from '../support/parts.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* Imports that meet something: what is there already, what changed since the plan, what is not complete. */

const input = (more: Partial<ConnectionInput> = {}): ConnectionInput => ({
  name: `c ${randomUUID()}`,
  host: 'db.example.org',
  database: 'field',
  user: 'etl',
  password: 'canary-password',
  ...more,
});
const embedded = (name: string, host: string) => ({
  ...{ name, db_host: host, db_port: 5432, db_name: 'field', db_user: 'etl', db_password: 'canary-password' },
});
const everything = async (ws: Workspace, planId: string, keys: readonly string[], projects: string[] = []) =>
  ws.api.imports.apply({ planId, connections: keys.map((key) => ({ key, action: 'create' })), projects });

it('a CA that libpq takes unasked is taken, where the mode makes use of it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'headgate-libpq-'));
  try {
    mkdirSync(join(home, '.postgresql'));
    const { cert: certificate } = makeCertificate('the CA of the office');
    writeFileSync(join(home, '.postgresql/root.crt'), certificate);
    writeFileSync(join(home, '.postgresql/postgresql.crt'), certificate);
    await using ws = await openWorkspace({ env: { HOME: home } });
    const url = (mode: string): string => `postgres://u:p@db.example.org/${mode}?sslmode=${mode}`;
    const plan = await ws.api.imports.preview({
      kind: 'url',
      text: ['require', 'verify-full', 'prefer', 'disable'].map(url).join('\n'),
    });
    const taken = ({ notes }: { notes: readonly string[] }): boolean => /root\.crt/.test(notes.join());
    expect(plan.connections.map(taken)).toEqual([true, true, false, false]);
    expect(plan.connections[0]?.notes.join()).toContain('postgresql.crt');
    const { created } = await everything(
      ws,
      plan.planId,
      plan.connections.map(({ key }) => key),
    );
    const made = await Promise.all(created.map(({ id }) => ws.api.connections.get({ id })));
    expect(made.map(({ tlsCa }) => tlsCa?.trim() ?? null)).toEqual([
      ...[certificate.trim(), certificate.trim()],
      ...[null, null],
    ]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

it('a .pgpass that others can read gives nothing, as with libpq, and that is told', async () => {
  const home = mkdtempSync(join(tmpdir(), 'headgate-pgpass-'));
  const file = join(home, '.pgpass');
  try {
    writeFileSync(file, 'db:5432:d:u:canary\n', { mode: 0o600 });
    await using ws = await openWorkspace({ env: { HOME: home } });
    const text = '[s]\nhost=db\ndbname=d\nuser=u\n';
    const lent = async () => {
      const { connections, problems } = await ws.api.imports.preview({ kind: 'pg_service', text });
      return [connections[0]?.hasPassword, problems.map(({ where }) => where)];
    };
    expect(await lent()).toEqual([true, []]);
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(file, mode);
      expect(await lent()).toEqual([false, ['.pgpass']]);
      await expect(ws.api.imports.preview({ kind: 'pgpass' })).rejects.toMatchObject({
        code: 'IMPORT_UNREADABLE',
        advice: expect.stringContaining(`chmod 600 ${file}`),
      });
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

describe('replacing a connection', () => {
  it('takes over what the file tells and leaves everything else as it is', async () => {
    await using ws = await openWorkspace();
    const made = await ws.api.connections.create(
      input({
        name: 'field on db.example.org',
        description: 'ours',
        folder: 'F',
        tags: ['t'],
        readOnly: true,
        tlsMode: 'verify-full',
        tlsKeyPassphrase: 'key-canary',
        ssh: [{ host: 'jump', user: 'ops', auth: 'password', password: 'hop-canary' }],
      }),
    );
    const plan = await ws.api.imports.preview({
      kind: 'url',
      text: 'postgres://etl:new-canary@db.example.org/field',
    });
    expect(plan.connections).toMatchObject([{ status: 'taken', existingId: made.id }]);
    const done = await ws.api.imports.apply({
      planId: plan.planId,
      connections: [{ key: 'c1', action: 'replace' }],
    });
    expect(done).toMatchObject({ problems: [], replaced: [{ id: made.id }] });
    const { description, folder, tags, readOnly, tlsMode, ssh } = await ws.api.connections.get({
      id: made.id,
    });
    expect({ description, folder, tags, readOnly, tlsMode, ssh }).toEqual({
      ...{ description: 'ours', folder: 'F', tags: ['t'], readOnly: true, tlsMode: 'verify-full' },
      ssh: made.ssh,
    });
  });
});

describe('a plan that is older than what is there', () => {
  it('is carried out as far as it still holds, and says what does not', async () => {
    await using ws = await openWorkspace();
    const one = await ws.api.connections.create(input());
    const text = JSON.stringify([
      embedded('Bednets', 'DB.example.org'),
      embedded('Malaria', 'other.example.org'),
    ]);
    const plan = await ws.api.imports.preview({ kind: 'legacy', text });
    expect(plan.connections.map(({ status }) => status)).toEqual(['same', 'new']);
    await ws.api.connections.delete({ id: one.id });
    const done = await everything(ws, plan.planId, ['c2'], ['Bednets', 'Malaria']);
    expect(done.created).toHaveLength(1);
    expect(done.projects.map(({ name }) => name)).toEqual(['Malaria']);
    expect(done.problems).toEqual([{ where: 'Bednets', message: 'Its connection was not imported.' }]);
    // Its password is only in the old file now, which therefore is not written anew: an answer never carries one.
    expect(done.cleaned).toBeNull();
  });

  it('points no project to a connection that is another one by now', async () => {
    await using ws = await openWorkspace();
    const one = await ws.api.connections.create(input());
    const text = JSON.stringify([embedded('Bednets', 'db.example.org')]);
    const plan = await ws.api.imports.preview({ kind: 'legacy', text });
    await ws.api.connections.update({
      id: one.id,
      host: 'elsewhere.example.org',
      password: 'canary-password',
    });
    const done = await everything(ws, plan.planId, [], ['Bednets']);
    expect(done).toMatchObject({ projects: [], problems: [{ where: 'Bednets' }] });
    expect(done.cleaned).toBeNull();
  });
});

describe('what is not complete', () => {
  it('is imported all the same where the plan says that the rest can be entered later', async () => {
    await using ws = await openWorkspace();
    const tunnel = {
      UseSSHTunnel: 1,
      TunnelHost: 't',
      TunnelPort: '22',
      TunnelUsername: 'x',
      TunnelAuthentication: 0,
    };
    const server = { Name: 'A', Host: 'h', Port: 5432, MaintenanceDB: 'd', Username: 'u', ...tunnel };
    const plan = await ws.api.imports.preview({
      kind: 'pgadmin',
      text: JSON.stringify({ Servers: { 1: server } }),
    });
    expect(plan.connections[0]).toMatchObject({
      status: 'incomplete',
      notes: expect.arrayContaining([expect.stringContaining('the password of t. Enter it after importing')]),
    });
    const done = await everything(ws, plan.planId, ['c1']);
    expect(done).toMatchObject({ problems: [], created: [{ name: 'A' }] });
    const id = done.created[0]?.id as string;
    // It is not used without it, and nobody saves it without it later.
    await ws.api.connections.update({ id, password: 'canary-password' });
    expect(await codeOf(() => ws.api.connections.test({ id }))).toBe('SECRET_MISSING');
    const [hop] = (await ws.api.connections.get({ id })).ssh;
    await expect(
      ws.api.connections.update({ id, ssh: [{ ...(hop as NonNullable<typeof hop>) }] }),
    ).rejects.toMatchObject({ message: 'ssh: the password for t is missing.' });
  });

  it('or not what the contract takes: it is told, and the rest goes on', async () => {
    await using ws = await openWorkspace();
    const text = `[ ]\nhost=h\nuser=u\n[long]\nhost=${'h'.repeat(300)}\nuser=u\n[fine]\nhost=h\nuser=u\n`;
    const plan = await ws.api.imports.preview({ kind: 'pg_service', text });
    const done = await everything(ws, plan.planId, ['c1', 'c2', 'c3']);
    expect(done.created.map(({ name }) => name)).toEqual(['fine']);
    expect(done.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^name: /),
      expect.stringMatching(/^host: /),
    ]);
    const projects = [
      embedded('p'.repeat(300), 'h'),
      { ...embedded('Reserved', 'h'), db_schema: 'pg_catalog' },
    ];
    const legacy = await ws.api.imports.preview({ kind: 'legacy', text: JSON.stringify(projects) });
    const moved = await everything(
      ws,
      legacy.planId,
      ['c1'],
      legacy.projects.map(({ name }) => name),
    );
    expect(await ws.api.projects.list()).toEqual([]);
    expect(legacy.problems.map(({ where }) => where)).toEqual(['project 1']);
    expect(moved.problems.map(({ where }) => where)).toEqual(['Reserved']);
    // They can be taken over once they are put right: the old file stays, and no answer carries what is in it.
    expect(moved.cleaned).toBeNull();
  });
});

describe('certificates that a file names by their path', () => {
  it('are read from plain files of a sensible size only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-import-'));
    try {
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      writeFileSync(join(folder, 'large'), Buffer.alloc(2_000_000, 'x'));
      await using ws = await openWorkspace();
      const paths = [join(folder, 'pipe'), '/dev/zero', join(folder, 'large'), folder];
      const text = paths
        .map((path) => `postgres://u:p@h/d?sslrootcert=${encodeURIComponent(path)}`)
        .join('\n');
      const { connections } = await ws.api.imports.preview({ kind: 'url', text });
      for (const { notes } of connections)
        expect(notes).toContainEqual(expect.stringContaining('could not be read and must be chosen by hand'));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 10_000);
});

describe('many at once', () => {
  const text = Array.from({ length: 400 }, (_, n) => `postgres://u:pw-canary-${n}@h${n}/d`).join('\n');
  const planOf = async (ws: Workspace) => {
    const plan = await ws.api.imports.preview({ kind: 'url', text });
    const connections = plan.connections.map(({ key }) => ({ key, action: 'create' as const }));
    return { planId: plan.planId, connections };
  };

  it('leave others their turn, and stop when they are told to, with what is done until then', async () => {
    await using ws = await openWorkspace();
    // The reading has turns of its own, more of them on a slow computer; only those of the import count.
    const plan = await planOf(ws);
    let turns = 0;
    const beat = setInterval(() => {
      turns += 1;
      if (turns === 4) ws.app.cancel('import');
    }, 1);
    const answer = await ws.app.call('imports.apply', plan, 'import');
    clearInterval(beat);
    if (!answer.ok) throw new Error(answer.error.message);
    const { created, problems } = answer.data as { created: unknown[]; problems: unknown[] };
    expect(created.length).toBeGreaterThan(0);
    expect(created.length).toBeLessThan(400);
    expect(problems).toEqual([{ where: 'The rest', message: 'was not imported: it was cancelled' }]);
    expect((await ws.api.connections.list()).total).toBe(created.length);
    // Read again, what is there is the same and the rest is new.
    const again = await ws.api.imports.preview({ kind: 'url', text });
    expect(again.connections.filter(({ status }) => status === 'same')).toHaveLength(created.length);
    using db = rawDb(`${ws.folder}/headgate.db`);
    const steps = db
      .prepare(
        'EXPLAIN QUERY PLAN SELECT id FROM database_connections WHERE host = ? COLLATE NOCASE AND port = ? AND database = ?',
      )
      .all('h', 1, 'd') as { detail: string }[];
    expect(steps[0]?.detail).toContain('connections_by_address');
  });
});
