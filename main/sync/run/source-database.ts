import { createSourceDatabase, type SourceDatabase } from '../../connectors/database.ts';
import { copyTarget, type Target } from '../../engines/engine.ts';
import { engineFor } from '../../engines/registry.ts';
import type { RunDeps, RunSpec } from '../run-spec.ts';

/** One session reads, another looks or cancels. */
const sessions = 2;
/** An answer that is made before its first row comes may take so long. */
const answerSeconds = 30 * 60;

/** Where a database is, for people: `host:port/database`. */
export const placeOfTarget = ({ host, port, database }: Pick<Target, 'host' | 'port' | 'database'>): string =>
  `${host}:${port}${database === '' ? '' : `/${database}`}`;

/** The database that a run reads from, until it is closed; null where its source is none. */
export function openSourceDatabase(
  { source: { target } }: Pick<RunSpec, 'source'>,
  { clock, random }: Pick<RunDeps, 'clock' | 'random'>,
): { readonly database: SourceDatabase; close(): Promise<void> } | null {
  if (target === undefined) return null;
  const engine = engineFor(target.engine);
  const reader = engine.reader({
    // Whoever is given one wipes it; the run's own is wiped when the run ends.
    target: async () => copyTarget(target),
    settings: {
      ...{ size: sessions, idleSeconds: 60, recycleMinutes: 24 * 60, statementTimeoutSeconds: answerSeconds },
      ...{ connectTimeoutSeconds: target.connectTimeoutMs / 1000, applicationName: target.applicationName },
    },
    clock,
  });
  return {
    database: createSourceDatabase(placeOfTarget(target), engine.tables, reader, { clock, random }),
    close: () => reader.close(),
  };
}
