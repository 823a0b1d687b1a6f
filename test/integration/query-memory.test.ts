import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { inProcess } from '../support/parts.ts';
import { createRole, type TestRole } from '../support/roles.ts';

/* What a long answer costs the process that passes it on, in a process of its own, from the first page to the last. */

let db: TestDatabase;
let role: TestRole;
beforeAll(async () => {
  db = await createDatabase();
  role = await createRole(db);
});
afterAll(() => db[Symbol.asyncDispose]());

const rows = 400_000;
/** More than what is there while nobody asks; the criterion of issue 12, for an answer of any length. */
const mostOverIdle = 60_000_000;

it('is no more than 60 MB over idle while an answer is paged through', async () => {
  const login = JSON.stringify({ ...db.postgres, user: role.name, password: role.password });
  const answer = await inProcess(
    `
    import { openWorkspace } from 'test/support/workspace.ts';
    const login = JSON.parse(process.env.LOGIN);
    const ws = await openWorkspace({ syncWorker: new URL('file:///none') });
    const { id } = await ws.api.connections.create({
      name: 'paged', host: login.host, port: login.port, database: process.env.DATABASE,
      user: login.user, password: login.password, tlsMode: 'disable',
    });
    const project = await ws.api.projects.create({ name: 'paged', connectionId: id });
    const ask = (sql, more) => ws.api.query.open({ projectId: project.id, sql, ...more });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const rss = () => process.memoryUsage().rss;
    const idle = rss();
    let page = await ask('SELECT n, md5(n::text) FROM generate_series(1, ${rows}) n', { limit: ${rows}, pageRows: 500 });
    const { handle } = page;
    let [seen, peak] = [page.rows.length, rss()];
    while (page.end === 'open') {
      page = await ws.api.query.page({ handle, pageRows: 500 });
      seen += page.rows.length;
      peak = Math.max(peak, rss());
    }
    console.log(JSON.stringify({ seen, over: peak - idle }));
    await ws[Symbol.asyncDispose]();
    `,
    { LOGIN: login, DATABASE: db.database },
    // Beside other tests a page takes its time.
    150_000,
  );
  const { seen, over } = JSON.parse(answer) as { seen: number; over: number };
  console.info(`${Math.round(over / 1e6)} MB over idle for ${rows} rows`);
  expect(seen).toBe(rows);
  expect(over).toBeLessThan(mostOverIdle);
}, 160_000);
