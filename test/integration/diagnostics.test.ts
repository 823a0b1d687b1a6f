import { describe, expect, it } from 'vitest';
import { openWorkspace } from '../support/workspace.ts';

const password = 'canary-of-diagnostics';

interface Diagnostics {
  readonly connections: { name: string; lastTest: { error: { code: string } | null } | null }[];
  readonly audit: { entries: number; firstBroken: number | null };
  readonly vault: { state: string; sealed: number };
  readonly log: { event?: string }[];
}

describe('diagnostics', () => {
  it('tell what happened, with the end of the log and without a secret', async () => {
    await using ws = await openWorkspace();
    const made = await ws.api.connections.create({
      name: 'far',
      host: '127.0.0.1',
      port: 1,
      database: 'app',
      user: 'u',
      password,
    });
    expect((await ws.api.connections.test({ id: made.id })).ok).toBe(false);
    ws.logs.push(`${JSON.stringify({ event: 'elsewhere', url: `postgres://u:${password}@h/d` })}\n`);

    const { text, path, count } = await ws.api.app.diagnostics();
    expect(path).toBeNull();
    expect(text).not.toContain(password);
    const found = JSON.parse(text ?? '') as Diagnostics;
    expect(found.connections).toMatchObject([{ name: 'far', lastTest: { error: { code: 'DB_REFUSED' } } }]);
    expect(found.audit).toMatchObject({ firstBroken: null });
    expect(found.vault).toMatchObject({ state: 'key_file', sealed: 1 });
    expect(found.log).toHaveLength(count);
    expect(found.log.at(-1)).toMatchObject({ event: 'elsewhere', url: 'postgres://u:••••@h/d' });

    const [entry] = await ws.api.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ action: 'app.diagnostics', outcome: 'ok' });
  });
});
