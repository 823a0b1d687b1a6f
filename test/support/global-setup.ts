import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { bundleSyncWorker } from './bundle.ts';
import { suiteCanary } from './leaks.ts';
import { quickPlace } from './place.ts';
import { roomForRenderer } from './renderer-fixture/build.ts';

export interface PostgresAccess {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: PostgresAccess;
  }
}

/** Has where the PostgreSQL of this run is, for every kind of test after the first. */
const started = 'HEADGATE_TEST_POSTGRES';

/**
 * One PostgreSQL for the whole run, whatever kinds of tests it has; every test file makes a database of its own in it.
 * Also keeps `import 'electron'` from fetching its binary: nothing here needs the real one.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const known = process.env[started];
  if (known !== undefined) {
    project.provide('postgres', JSON.parse(known) as PostgresAccess);
    return async () => {};
  }
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] ??= '/nonexistent';
  const server = await startEmbeddedPostgres({
    durable: false,
    place: quickPlace(),
    settings: { max_connections: '200' },
  });
  const { host, port, user, password } = server;
  const access: PostgresAccess = { host, port, user, password };
  project.provide('postgres', access);
  process.env[started] = JSON.stringify(access);
  process.env[suiteCanary] = password;
  const removeWorker = await bundleSyncWorker();
  const removeRenderer = roomForRenderer();
  return async () => {
    removeWorker();
    removeRenderer();
    await server.stop();
  };
}
