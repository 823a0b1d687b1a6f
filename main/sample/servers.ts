import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { say } from '../../preload/messages/said.ts';
import { localTarget } from '../engines/engine.ts';
import { withClient } from '../engines/postgres/postgres-client.ts';
import { ident } from '../engines/postgres/sql.ts';
import { AppError } from '../errors.ts';
import type { SampleServers } from '../host.ts';
import { scriptedBrowser } from './consent.ts';
import type { EmbeddedPostgres } from './embedded-postgres.ts';
import { plainLogin } from './plain-login.ts';
import { endStray } from './stray.ts';

/** The simulated CommCare HQ answers at once or not at all. */
const hqStartMs = 20_000;
/** What it holds: enough to be looked at and to be counted while it arrives, little enough for any computer. */
const space = { name: 'sample', projectName: 'Sample', forms: 2400, cases: 800, seed: 7 };
/** So long each request takes, in milliseconds: about what a server in the next town does. */
const latencyMs = 40;

interface Parts {
  /** The simulated CommCare HQ, as a thread; null where this build does not bring it. */
  readonly worker: URL | null;
  /** Where the package brings a PostgreSQL of its own (`bin`, `lib`, `share`); undefined for the one of a checkout. */
  readonly programs?: string | undefined;
}

/** Runs the simulated CommCare HQ in a thread, on the port it had before where there is one. */
async function startHq(worker: URL, port: number | null): Promise<{ url: string; stop(): Promise<void> }> {
  const thread = new Worker(worker, {
    workerData: { domains: [space], latencyMs, port: port ?? 0 },
    name: 'sample CommCare HQ',
  });
  const failed = (why: string): AppError =>
    new AppError('INTERNAL', say('sample.hqDidNotStart'), {
      cause: new Error(why),
      advice: say('sample.hqDidNotStart.advice'),
    });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(failed('it did not answer in time')), hqStartMs);
      const settle = (act: () => void) => {
        clearTimeout(timer);
        act();
      };
      thread.once('message', (told: { url?: string; failed?: string }) =>
        settle(() => (told.url === undefined ? reject(failed(told.failed ?? '')) : resolve(told.url))),
      );
      thread.once('error', (error) => settle(() => reject(failed(error.message))));
      thread.once('exit', (code) => settle(() => reject(failed(`it ended with ${code}`))));
    });
    return { url, stop: async () => void (await thread.terminate()) };
  } catch (error) {
    await thread.terminate();
    throw error;
  }
}

/**
 * The servers of the sample workspace: a PostgreSQL of our own and a simulated CommCare HQ. Nothing is loaded or looked for
 * before somebody asks.
 */
export function createSampleServers({ worker, programs }: Parts): SampleServers {
  const missing = async () => {
    if (worker === null || !existsSync(fileURLToPath(worker))) return say('sample.notInBuild');
    if (programs !== undefined) return existsSync(join(programs, 'share')) ? null : say('sample.notInBuild');
    const { embeddedPackage } = await import('./embedded-postgres.ts');
    try {
      createRequire(import.meta.url).resolve(embeddedPackage());
      return null;
    } catch {
      return say('sample.notInBuild');
    }
  };
  const dataOf = (folder: string): string => join(folder, 'data');
  return {
    missing,
    // A server that may not run as root may not look into root's folders either.
    placeFor: (dataFolder, tag) =>
      process.getuid?.() === 0 ? join(tmpdir(), `headgate-sample-${tag}`) : join(dataFolder, 'sample'),
    async start({ folder, database, ports, signal }) {
      const why = await missing();
      if (why !== null || worker === null) throw new AppError('NOT_HERE', why ?? say('sample.notInBuild'));
      const { startEmbeddedPostgres } = await import('./embedded-postgres.ts');
      const isNew = !existsSync(join(dataOf(folder), 'PG_VERSION'));
      await endStray(dataOf(folder));
      const postgres: EmbeddedPostgres = await startEmbeddedPostgres({
        durable: true,
        kept: { folder, port: ports?.database ?? null },
        ...(programs === undefined ? {} : { bin: join(programs, 'bin') }),
      });
      try {
        signal.throwIfAborted();
        let login: { user: string; password: string } | null = null;
        if (isNew) {
          await withClient(localTarget(postgres, 'postgres'), signal, async (client) => {
            await client.query(`CREATE DATABASE ${ident(database)}`);
          });
          login = await plainLogin(postgres, database, signal);
        }
        const hq = await startHq(worker, ports?.hq ?? null);
        return {
          host: postgres.host,
          ports: { database: postgres.port, hq: Number(new URL(hq.url).port) },
          login,
          hqUrl: hq.url,
          space: space.name,
          consent: scriptedBrowser('allow'),
          async stop() {
            await Promise.allSettled([hq.stop(), postgres.stop()]);
          },
        };
      } catch (error) {
        await postgres.stop();
        throw error;
      }
    },
    async remove(folder) {
      await endStray(dataOf(folder));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
