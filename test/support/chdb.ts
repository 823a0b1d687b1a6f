import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { localTarget, type Target } from '../../main/engines/engine.ts';
import { killIfThere } from './processes.ts';

/*
 * ClickHouse's engine, half a gigabyte, which no newcomer should have to fetch: `.ci/run` installs it beside the project, and
 * HEADGATE_CHDB names the folder.
 */

const folder = process.env['HEADGATE_CHDB'] ?? '';

/** Why these tests can't run here; null when they can. */
export const noChdb: string | null = existsSync(join(folder, 'node_modules', 'chdb'))
  ? null
  : 'skipped: HEADGATE_CHDB names no folder where chdb is installed (npm i --prefix FOLDER chdb@3.4.0)';

export interface Chdb extends AsyncDisposable {
  readonly port: number;
  /** Runs a statement in the engine itself; what it prints. */
  sql(text: string): Promise<string>;
  target(
    login: { readonly user: string; readonly password: string },
    database: string,
    more?: Partial<Target>,
  ): Target;
}

export async function startChdb(): Promise<Chdb> {
  const data = mkdtempSync(join(tmpdir(), 'headgate-chdb-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'chdb-server.mjs'), folder, data], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, { resolve(text: string): void; reject(error: Error): void }>();
  let last = 0;
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`chdb ended with ${code}`)));
    lines.on('line', (line) => {
      const told = JSON.parse(line) as { port?: number; id?: number; result?: string; error?: string };
      if (told.port !== undefined) resolve(told.port);
      const asked = waiting.get(told.id ?? 0);
      waiting.delete(told.id ?? 0);
      if (told.error !== undefined) asked?.reject(new Error(told.error));
      else asked?.resolve(told.result ?? '');
    });
  });
  return {
    port,
    sql: (sql) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject });
        child.stdin.write(`${JSON.stringify({ id: last, sql })}\n`);
      }),
    target: ({ user, password }, database, more = {}) => ({
      ...localTarget({ host: '127.0.0.1', port, user, password }, database),
      engine: 'clickhouse',
      ...more,
    }),
    async [Symbol.asyncDispose]() {
      const ended = new Promise((done) => child.once('exit', done));
      if (child.exitCode === null && child.pid !== undefined) {
        killIfThere(child.pid, 'SIGKILL');
        await ended;
      }
      rmSync(data, { recursive: true, force: true });
    },
  };
}
