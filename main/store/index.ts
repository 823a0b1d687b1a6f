import { connectionHealthRepository } from './connections/connection-health.ts';
import { connectionStructureRepository } from './connections/connection-structures.ts';
import { connectionRepository } from './connections/connections.ts';
import { deletedConnectionRepository } from './connections/deleted-connections.ts';
import { hostKeyRepository } from './connections/host-keys.ts';
import { leaseRepository } from './connections/leases.ts';
import { budgetRepository } from './data/budgets.ts';
import { credentialRepository } from './data/credentials.ts';
import { datasetRepository } from './data/datasets.ts';
import { dayHistory } from './data/day-history.ts';
import { deltaRepository } from './data/deltas.ts';
import { dictionaryRepository } from './data/dictionaries.ts';
import { dictionaryNoteRepository } from './data/dictionary-notes.ts';
import { dictionarySearchRepository } from './data/dictionary-search.ts';
import { jobRepository } from './data/jobs.ts';
import { keptSchemaRepository } from './data/kept-schemas.ts';
import { linkRepository } from './data/links.ts';
import { projectRepository } from './data/projects.ts';
import { queryRepository } from './data/queries.ts';
import { runRepository } from './data/runs.ts';
import { sourceRepository } from './data/sources.ts';
import { timetableRepository } from './data/timetable.ts';
import { openDb } from './db.ts';
import { storeMigrations } from './migrations/index.ts';
import { noticeMessageRepository } from './notices/messages.ts';
import { noticeRepository } from './notices/notices.ts';
import { agentRepository } from './people/agents.ts';
import { auditRepository } from './people/audit.ts';
import { grantRepository } from './people/grants.ts';
import { peopleRepository } from './people/people.ts';
import { policyRepository } from './people/policies.ts';

/** A MB of 4 KB pages: what an hour's history takes is found here, and not asked of the disk anew. */
const sparePages = 256;
/** Some milliseconds of moving pages, after which others write. */
const pagesAStep = 128;

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
    agents: agentRepository(db),
    grants: grantRepository(db),
    policies: policyRepository(db),
    connections: connectionRepository(db),
    deletedConnections: deletedConnectionRepository(db),
    connectionHealth: connectionHealthRepository(db),
    structures: connectionStructureRepository(db),
    hostKeys: hostKeyRepository(db),
    leases: leaseRepository(db),
    projects: projectRepository(db),
    sources: sourceRepository(db),
    links: linkRepository(db),
    credentials: credentialRepository(db, deps.now),
    datasets: datasetRepository(db, deps.now),
    kept: keptSchemaRepository(db),
    dayHistory: dayHistory(db),
    jobs: jobRepository(db, deps.now),
    runs: runRepository(db),
    deltas: deltaRepository(db),
    dictionaries: dictionaryRepository(db),
    notes: dictionaryNoteRepository(db),
    words: dictionarySearchRepository(db),
    queries: queryRepository(db),
    budgets: budgetRepository(db),
    timetable: timetableRepository(db),
    notices: noticeRepository(db),
    noticeMessages: noticeMessageRepository(db),
    audit: auditRepository(db),
    /** Runs `work` in one write transaction; everything in it is undone when it throws. */
    transaction: <T>(work: () => T): T => db.transaction(work).immediate(),
    /**
     * Runs `work`, which only reads, on one state of the store. Many looks cost a fraction then: each alone begins and ends a
     * transaction of its own, which is several locks of the file.
     */
    reading: <T>(work: () => T): T => db.transaction(work).deferred(),
    /**
     * Gives some pages that are not used any more back to the disk, but for those that are used again soon anyway: whether
     * there are more. Never in a file of before version 17, in which they are used again and never given back.
     */
    giveBack(): boolean {
      const free = db.pragma('freelist_count', { simple: true }) as number;
      if (free <= sparePages || db.pragma('auto_vacuum', { simple: true }) === 0) return false;
      db.pragma(`incremental_vacuum(${Math.min(pagesAStep, free - sparePages)})`);
      return free - pagesAStep > sparePages;
    },
    /** Writes to the file without changing what is in it. Throws where it takes no writes. */
    tryWrite: (): void => void tryWrite.run(),
    close: (): void => void db.close(),
  };
}
export type Store = ReturnType<typeof openStore>;
