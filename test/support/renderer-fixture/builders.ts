import type {
  Connection,
  Credential,
  Dataset,
  Job,
  Link,
  Project,
  Source,
} from '../../../preload/contract/models.ts';
import { minutes, uuid } from './scenario.ts';

export function connection(n: number, over: Partial<Connection> = {}): Connection {
  return {
    id: uuid(1, n),
    name: 'Warehouse',
    environment: 'production',
    description: '',
    engine: 'postgres',
    host: 'db.example.org',
    port: 5432,
    database: 'warehouse',
    tlsMode: 'verify-full',
    tlsCa: null,
    hasSecret: true,
    lastTest: {
      at: minutes(-3),
      ok: true,
      latencyMs: 24,
      serverVersion: 'PostgreSQL 17.2',
      warnings: [],
      error: null,
    },
    usedBy: [],
    createdAt: minutes(-60 * 24 * 40),
    updatedAt: minutes(-60 * 24 * 2),
    ...over,
  };
}

export function credential(n: number, over: Partial<Credential> = {}): Credential {
  return {
    id: uuid(3, n),
    sourceId: uuid(2, n),
    sourceName: 'Malaria programme',
    projectId: null,
    personId: uuid(8, 1),
    projectName: null,
    account: 'asha.rao@example.org',
    scopes: ['access_apis'],
    state: 'valid',
    accessExpiresAt: minutes(11),
    lastUsedAt: minutes(-4),
    createdAt: minutes(-60 * 24 * 20),
    ...over,
  };
}

export function source(n: number, over: Partial<Source> = {}): Source {
  return {
    id: uuid(2, n),
    name: 'Malaria programme',
    sourceType: 'commcare',
    baseUrl: 'https://www.commcarehq.org',
    clientId: 'headgate-desktop',
    settings: { domain: 'malaria-ng' },
    credential: credential(n),
    usedBy: [],
    createdAt: minutes(-60 * 24 * 30),
    updatedAt: minutes(-60 * 24 * 3),
    ...over,
  };
}

export function project(n: number, over: Partial<Project> = {}): Project {
  return {
    id: uuid(4, n),
    name: 'Bednets 2026',
    connectionId: uuid(1, 1),
    connectionName: 'Warehouse',
    environment: 'production',
    dbSchema: 'public',
    links: 1,
    createdAt: minutes(-60 * 24 * 30),
    updatedAt: minutes(-60 * 24 * 3),
    ...over,
  };
}

export function dataset(n: number, over: Partial<Dataset> = {}): Dataset {
  return {
    id: uuid(6, n),
    linkId: uuid(5, n),
    projectId: uuid(4, n),
    projectName: 'Bednets 2026',
    sourceId: uuid(2, n),
    sourceName: 'Malaria programme',
    connectionId: uuid(1, 1),
    connectionName: 'Warehouse',
    personId: uuid(8, 1),
    schemaName: 'data_7f3a91c2_commcare',
    status: 'ready',
    dataAsOf: minutes(-3),
    lastTriedAt: minutes(-3),
    nextSyncAt: minutes(200),
    rowCounts: { forms: 18_412, cases: 6_204, forms__households: 41_377, forms__households__nets: 83_120 },
    error: null,
    held: null,
    notice: null,
    job: null,
    signIn: 'valid',
    ...over,
  };
}

export function linkOf(of: Dataset, over: Partial<Link> = {}): Link {
  return {
    id: of.linkId,
    projectId: of.projectId,
    sourceId: of.sourceId,
    sourceName: of.sourceName,
    sourceType: 'commcare',
    credentialMode: of.personId === null ? 'project' : 'user',
    syncConfig: {
      datasets: ['forms', 'cases'],
      keepRaw: true,
      readerRoles: ['bi_readers'],
      options: {},
      guards: true,
      shrinkPercent: 30,
    },
    refreshIntervalHours: 6,
    isActive: true,
    dataset: of,
    createdAt: minutes(-60 * 24 * 20),
    ...over,
  };
}

export function jobOf(n: number, of: Dataset, over: Partial<Job> = {}): Job {
  return {
    id: uuid(7, n),
    datasetId: of.id,
    projectName: of.projectName,
    sourceName: of.sourceName,
    status: 'completed',
    phase: 'done',
    trigger: 'schedule',
    tables: [],
    waitingUntil: null,
    pausedBy: null,
    rowCounts: of.rowCounts,
    notice: null,
    error: null,
    queuedAt: minutes(-n * 360 - 5),
    startedAt: minutes(-n * 360 - 4.9),
    finishedAt: minutes(-n * 360),
    ...over,
  };
}
