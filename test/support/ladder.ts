import { createServer } from 'node:net';
import type { LadderOptions, Target } from '../../main/engines/engine.ts';
import { postgres } from '../../main/engines/postgres/postgres.ts';
import type { ConnectionTest } from '../../preload/contract/models.ts';

/** Climbs the ladder with a target. */
export function climb(target: Target, options: Partial<LadderOptions> = {}): Promise<ConnectionTest> {
  return postgres.test(target, {
    at: new Date().toISOString(),
    readOnly: false,
    lease: null,
    signal: new AbortController().signal,
    ...options,
  });
}

/** The states of the rungs in one line, e.g. `name ok, tcp failed, ssh not_reached …`, for what is asserted of them. */
export function states({ rungs }: ConnectionTest): Record<string, string> {
  return Object.fromEntries(rungs.map(({ name, state }) => [name, state]));
}

/** A port of this computer on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}
