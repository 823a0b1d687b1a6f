import { auditRepository } from './audit.ts';
import { budgetRepository } from './budgets.ts';
import { connectionHealthRepository } from './connection-health.ts';
import { connectionStructureRepository } from './connection-structures.ts';
import { connectionRepository } from './connections.ts';
import { credentialRepository } from './credentials.ts';
import { datasetRepository } from './datasets.ts';
import { openDb } from './db.ts';
import { dictionaryRepository } from './dictionaries.ts';
import { grantRepository } from './grants.ts';
import { hostKeyRepository } from './host-keys.ts';
import { jobRepository } from './jobs.ts';
import { keptSchemaRepository } from './kept-schemas.ts';
import { leaseRepository } from './leases.ts';
import { linkRepository } from './links.ts';
import { storeMigrations } from './migrations/index.ts';
import { peopleRepository } from './people.ts';
import { policyRepository } from './policies.ts';
import { projectRepository } from './projects.ts';
import { sourceRepository } from './sources.ts';
import { timetableRepository } from './timetable.ts';

/**
 * Opens (or makes) the workspace's store. `newId` is used once, for the workspace itself.
 * Fails with STORE_TOO_NEW or STORE_UNAVAILABLE.
 */
export function openStore(file: string, deps: { now: () => string; newId: () => string }) {
  const db = openDb(file, storeMigrations);
  db.prepare('INSERT OR IGNORE INTO workspace (singleton, id, created_at) VALUES (1, ?, ?)').run(
    deps.newId(),
    deps.now(),
  );
  const { id: workspaceId } = db.prepare('SELECT id FROM workspace').get() as { id: string };
  const tryWrite = db.prepare('UPDATE workspace SET created_at = created_at');
  return {
    workspaceId,
    people: peopleRepository(db),
    grants: grantRepository(db),
    policies: policyRepository(db),
    connections: connectionRepository(db),
    connectionHealth: connectionHealthRepository(db),
    structures: connectionStructureRepository(db),
    hostKeys: hostKeyRepository(db),
    leases: leaseRepository(db),
    projects: projectRepository(db),
    sources: sourceRepository(db),
    links: linkRepository(db),
    credentials: credentialRepository(db),
    datasets: datasetRepository(db, deps.now),
    kept: keptSchemaRepository(db),
    jobs: jobRepository(db, deps.now),
    dictionaries: dictionaryRepository(db),
    budgets: budgetRepository(db),
    timetable: timetableRepository(db),
    audit: auditRepository(db),
    /** Runs `work` in one write transaction; everything in it is undone when it throws. */
    transaction: <T>(work: () => T): T => db.transaction(work).immediate(),
    /** Writes to the file without changing what is in it. Throws where it takes no writes. */
    tryWrite: (): void => void tryWrite.run(),
    close: (): void => void db.close(),
  };
}
export type Store = ReturnType<typeof openStore>;
