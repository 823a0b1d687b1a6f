import { describe, expect, it } from 'vitest';
import { openWorkspace } from '../support/workspace.ts';

/* Projects with embedded credentials become projects that point to shared connections. */

const embedded = (name: string, database: string, password: string) => ({
  name,
  db_schema: name.toLowerCase(),
  db_host: 'db.example.org',
  db_port: 5432,
  db_name: database,
  db_user: 'etl',
  db_password: password,
});
const text = JSON.stringify([
  embedded('Bednets', 'field', 'one-canary'),
  embedded('Malaria', 'field', 'one-canary'),
  embedded('Vaccines', 'field', 'two-canary'),
]);

describe('migrating legacy projects', () => {
  it('shows the plan and changes nothing, then shares connections, and run again changes nothing', async () => {
    await using ws = await openWorkspace();
    const dry = await ws.api.imports.preview({ kind: 'legacy', text });
    expect(
      dry.connections.map(({ name, status, projects, hasPassword }) => [name, status, projects, hasPassword]),
    ).toEqual([
      ['field on db.example.org as etl', 'new', ['Bednets', 'Malaria'], true],
      ['field on db.example.org as etl (2)', 'new', ['Vaccines'], true],
    ]);
    expect(dry.projects.map(({ name, schema, status }) => [name, schema, status])).toEqual([
      ['Bednets', 'bednets', 'new'],
      ['Malaria', 'malaria', 'new'],
      ['Vaccines', 'vaccines', 'new'],
    ]);
    expect(JSON.stringify(dry)).not.toContain('canary');
    await ws.api.imports.discard({ planId: dry.planId });
    expect((await ws.api.connections.list()).total).toBe(0);
    expect(await ws.api.projects.list()).toEqual([]);
    await expect(ws.api.imports.apply({ planId: dry.planId })).rejects.toMatchObject({ code: 'NOT_FOUND' });

    const everything = async () => {
      const plan = await ws.api.imports.preview({ kind: 'legacy', text });
      return {
        plan,
        result: await ws.api.imports.apply({
          planId: plan.planId,
          connections: plan.connections
            .filter(({ status }) => status !== 'same')
            .map(({ key }) => ({ key, action: 'create' as const })),
          projects: plan.projects.map(({ name }) => name),
        }),
      };
    };
    const first = await everything();
    expect(first.result).toMatchObject({ problems: [], skipped: 0 });
    expect(first.result.created).toHaveLength(2);
    const projects = await ws.api.projects.list();
    expect(projects.map(({ name, dbSchema, connectionName }) => [name, dbSchema, connectionName])).toEqual([
      ['Bednets', 'bednets', 'field on db.example.org as etl'],
      ['Malaria', 'malaria', 'field on db.example.org as etl'],
      ['Vaccines', 'vaccines', 'field on db.example.org as etl (2)'],
    ]);
    const cleaned = JSON.parse(first.result.cleaned as string) as Record<string, unknown>[];
    expect(cleaned[0]).toEqual({
      name: 'Bednets',
      db_schema: 'bednets',
      database_connection: 'field on db.example.org as etl',
    });

    const state = async () => [
      await ws.api.projects.list(),
      await ws.api.connections.list(),
      (await ws.api.vault.status()).secrets,
    ];
    const before = await state();
    const second = await everything();
    expect(second.plan.connections.map(({ status }) => status)).toEqual(['same', 'same']);
    expect(second.plan.projects.map(({ status }) => status)).toEqual(['same', 'same', 'same']);
    expect(second.result).toMatchObject({ created: [], replaced: [], projects: [], problems: [] });
    expect(await state()).toEqual(before);
    const third = await ws.api.imports.preview({ kind: 'legacy', text: first.result.cleaned as string });
    expect([third.connections, third.projects, third.problems]).toEqual([[], [], []]);
    for (const line of ws.logs) expect(line).not.toContain('canary');
  });

  it('points a project that is there to the shared connection', async () => {
    await using ws = await openWorkspace();
    const old = await ws.api.connections.create({
      name: 'Old',
      host: 'old',
      database: 'd',
      user: 'u',
      password: 'p',
    });
    await ws.api.projects.create({ name: 'Bednets', connectionId: old.id });
    const plan = await ws.api.imports.preview({ kind: 'legacy', text });
    expect(plan.projects[0]?.status).toBe('repointed');
    await ws.api.imports.apply({
      planId: plan.planId,
      connections: [{ key: 'c1', action: 'create', name: 'Field' }],
      projects: ['Bednets'],
    });
    expect(await ws.api.projects.list()).toMatchObject([{ name: 'Bednets', connectionName: 'Field' }]);
  });
});
