import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ConnectionInput } from '../../preload/contract/models.ts';
import { type Mariadb, noMariadb, startMariadb } from '../support/mariadb.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* A connection to a database of another kind, through the whole core: kept, tested, looked into, asked; never landed in. */

// The suite's own, which each workspace is searched for when it closes.
const { password } = inject('postgres');
let db: Mariadb;
let ws: Workspace;

describe.skipIf(noMariadb !== null)(`a connection to a MariaDB ${noMariadb ?? ''}`, () => {
  const input = (more: Partial<ConnectionInput> = {}): ConnectionInput => ({
    engine: 'mysql',
    name: `my ${randomUUID()}`,
    host: '127.0.0.1',
    port: db.port,
    database: 'clinic',
    user: 'reader',
    tlsMode: 'disable',
    password,
    ...more,
  });
  beforeAll(async () => {
    [db, ws] = await Promise.all([startMariadb(), openWorkspace()]);
    await db.sql(`CREATE DATABASE clinic; USE clinic; CREATE TABLE clinic.visits (id INT PRIMARY KEY, note TEXT);
      INSERT INTO clinic.visits SELECT seq, CONCAT('visit ', seq) FROM seq_1_to_1200;
      CREATE USER reader@'%' IDENTIFIED BY '${password}'; GRANT SELECT ON clinic.* TO reader@'%'`);
  }, 120_000);
  afterAll(async () => {
    await ws?.[Symbol.asyncDispose]();
    await db?.[Symbol.asyncDispose]();
  });

  it('is kept, tested, found by its kind, and looked into', async () => {
    const made = await ws.api.connections.create(input());
    expect(made.engine).toBe('mysql');
    const test = await ws.api.connections.test({ id: made.id });
    expect(test).toMatchObject({ ok: true, error: null });
    const { schemas } = await ws.api.connections.structure({ id: made.id });
    expect(schemas.map(({ name, tables }) => [name, tables.map((table) => table.name)])).toEqual([
      ['clinic', ['visits']],
    ]);
    const page = await ws.api.connections.list({ lands: false });
    expect(page.items.map(({ id }) => id)).toContain(made.id);
    expect(page.engines).toContain('mysql');
    expect((await ws.api.connections.list({ lands: true })).items.map(({ id }) => id)).not.toContain(made.id);
    expect((await ws.api.connections.list({ engine: 'mysql' })).total).toBeGreaterThan(0);
    expect(JSON.stringify([made, test, page])).not.toContain(password);
  });

  it('is refused what that kind does not have, by field', async () => {
    for (const [field, more] of [
      ['tlsMode', { tlsMode: 'prefer' }],
      ['signIn', { signIn: 'scram' }],
      ['lease', { lease: { readerRole: 'readers' } }],
    ] as const) {
      await expect(ws.api.connections.create(input(more))).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        message: expect.stringContaining(`${field}: `),
      });
    }
  });

  it('takes no project', async () => {
    const made = await ws.api.connections.create(input());
    await expect(
      ws.api.projects.create({ name: `p ${randomUUID()}`, connectionId: made.id, dbSchema: 'public' }),
    ).rejects.toMatchObject({ code: 'ENGINE_CAN_NOT' });
  });

  it('is asked page by page, which the history keeps for this connection', async () => {
    const { id: connectionId } = await ws.api.connections.create(input());
    const answer = await ws.api.query.open({
      ...{
        connectionId,
        sql: "SELECT id, note FROM visits WHERE note <> 'canary-value' ORDER BY id",
        pageRows: 500,
      },
    });
    expect(answer).toMatchObject({ end: 'open', soFar: 500, role: 'reader@%', sources: [], warnings: [] });
    expect(answer.rows[0]).toEqual(['1', 'visit 1']);
    const rest = await ws.api.query.page({ handle: answer.handle ?? '', pageRows: 5000 });
    expect(rest).toMatchObject({ end: 'done', soFar: 1200 });
    const { queries } = await ws.api.query.history({ connectionId });
    expect(queries).toMatchObject([{ connectionId, projectId: null, outcome: 'done', rows: 1200 }]);
    expect(await ws.api.query.statistics({ connectionId })).toMatchObject({ queries: 1, failed: 0 });
    await expect(ws.api.query.open({ connectionId, sql: 'DROP TABLE visits' })).rejects.toMatchObject({
      code: 'QUERY_REFUSED',
    });
    expect((await ws.api.query.history({ connectionId })).queries[0]?.outcome).toBe('refused');
  });

  it('is asked in one place, and not where data is landed', async () => {
    const { id: connectionId } = await ws.api.connections.create(input());
    await expect(
      ws.api.query.open({ connectionId, projectId: randomUUID(), sql: 'SELECT 1' }),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    await expect(ws.api.query.open({ sql: 'SELECT 1' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const landing = await ws.api.connections.create({ ...input(), engine: 'postgres' });
    await expect(ws.api.query.open({ connectionId: landing.id, sql: 'SELECT 1' })).rejects.toMatchObject({
      code: 'ENGINE_CAN_NOT',
    });
  });

  it('keeps no values where the policy says so', async () => {
    const { id: connectionId } = await ws.api.connections.create(input());
    await ws.api.policy.set({ queryLiterals: 'leave_out' } as never);
    try {
      await ws.api.query.open({
        connectionId,
        sql: "SELECT `id` FROM visits WHERE note = 'canary-value' AND id > 17",
      });
      const { queries } = await ws.api.query.history({ connectionId });
      expect(queries[0]).toMatchObject({
        sql: 'SELECT `id` FROM visits WHERE note = ? AND id > ?',
        hasLiterals: false,
      });
    } finally {
      await ws.api.policy.set({ queryLiterals: 'keep' } as never);
    }
  });

  it('goes to another computer as what it is', async () => {
    const made = await ws.api.connections.create(input({ name: 'moves' }));
    const { text } = await ws.api.connections.export({ ids: [made.id], save: false });
    expect(JSON.parse(text ?? '')).toMatchObject({ connections: [{ engine: 'mysql', name: 'moves' }] });
    expect(text).not.toContain(password);
  });
});
