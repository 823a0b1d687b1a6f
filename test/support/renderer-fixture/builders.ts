import type {
  ConnectionDetail,
  ConnectionTest,
  Credential,
  Dataset,
  Job,
  KeptSchema,
  Link,
  Project,
  Source,
} from '../../../preload/contract/models.ts';
import { minutes, uuid } from './scenario.ts';

const rungDetails = {
  name: 'db.example.org is 192.0.2.17.',
  tcp: 'Port 5432 answers.',
  ssh: 'No jump host.',
  tls: 'TLSv1.3, verified up to “Example CA”.',
  login: 'Signed in as headgate.',
  database: 'The database is there, PostgreSQL 17.2.',
  rights: 'May create schemas.',
  write: 'A table was made, written and taken back.',
} as const;

/** A test that reached the top; with an error it stopped at that rung. */
export function testOf(
  over: Partial<ConnectionTest> = {},
  stoppedAt?: keyof typeof rungDetails,
): ConnectionTest {
  const names = Object.keys(rungDetails) as (keyof typeof rungDetails)[];
  const stop = stoppedAt === undefined ? names.length : names.indexOf(stoppedAt);
  return {
    at: minutes(-3),
    ok: stoppedAt === undefined,
    latencyMs: stoppedAt === undefined ? 24 : null,
    serverVersion: stop > names.indexOf('database') ? 'PostgreSQL 17.2' : null,
    warnings: [],
    error: null,
    fixSql: null,
    rungs: names.map((name, at) => ({
      name,
      state: at > stop ? 'not_reached' : at === stop ? 'failed' : name === 'ssh' ? 'skipped' : 'ok',
      ms: at > stop || name === 'ssh' ? null : 2.5 + at * 3,
      detail: at > stop ? '' : at === stop ? (over.error?.message ?? '') : rungDetails[name],
    })),
    tls: {
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      certificate: {
        subject: 'CN=db.example.org',
        issuer: 'CN=Example CA, O=Example',
        names: ['db.example.org', '*.db.example.org'],
        validFrom: minutes(-60 * 24 * 90),
        validTo: minutes(60 * 24 * 275),
        fingerprint: Array.from({ length: 32 }, (_, at) =>
          (at * 7 + 16).toString(16).slice(-2).toUpperCase(),
        ).join(':'),
        topPem: '-----BEGIN CERTIFICATE-----\nMIIBdTCCARugAwIBAgIUexample\n-----END CERTIFICATE-----\n',
      },
    },
    hostKey: null,
    ...over,
  };
}

export function connection(n: number, over: Partial<ConnectionDetail> = {}): ConnectionDetail {
  return {
    id: uuid(1, n),
    name: 'Warehouse',
    environment: 'production',
    description: '',
    folder: '',
    tags: [],
    state: 'active',
    engine: 'postgres',
    host: 'db.example.org',
    hostAddress: null,
    port: 5432,
    database: 'warehouse',
    settings: {},
    readOnly: false,
    access: 'everyone',
    signIn: 'any',
    tlsMode: 'verify-full',
    ssh: [],
    hasSecret: true,
    health: {
      state: 'works',
      since: minutes(-60 * 24 * 6),
      checkedAt: minutes(-3),
      latencyMs: 24,
      message: null,
    },
    onboarding: 'completed',
    usedBy: [],
    may: 'manage',
    tlsCa: null,
    tlsCert: null,
    superuserReason: '',
    hasTlsKey: false,
    pool: {
      size: 4,
      idleSeconds: 60,
      recycleMinutes: 30,
      statementTimeoutSeconds: 15,
      connectTimeoutSeconds: 15,
      applicationName: 'headgate',
    },
    lease: null,
    lastTest: testOf(),
    undoableUntil: null,
    createdAt: minutes(-60 * 24 * 40),
    updatedAt: minutes(-60 * 24 * 2),
    ...over,
  };
}

export function credential(n: number, over: Partial<Credential> = {}): Credential {
  return {
    id: uuid(3, n),
    kind: 'oauth',
    sourceId: uuid(2, n),
    sourceName: 'Malaria programme',
    projectId: null,
    personId: uuid(8, 1),
    projectName: null,
    account: 'asha.rao@example.org',
    scopes: ['access_apis'],
    state: 'valid',
    accessExpiresAt: minutes(11),
    renewable: true,
    signedInBy: { id: uuid(8, 1), name: 'Asha Rao' },
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
    readOver: null,
    clientId: 'headgate-desktop',
    hasClientSecret: false,
    clientAuth: null,
    datasets: [],
    isActive: true,
    settings: { domain: 'malaria-ng' },
    tlsCa: null,
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

/** Planned for then, and nothing keeps it from it; null where nothing is planned. */
export const outlook = (at: string | null, over: Partial<Dataset['outlook']> = {}): Dataset['outlook'] => ({
  ...{ at, wait: 'not_yet', until: at, failures: 0 },
  ...over,
});

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
    // What is planned for a time is to be there by then, where nothing else is said.
    freshUntil: over.outlook ? over.outlook.at : minutes(200),
    targetFails: false,
    lastTriedAt: minutes(-3),
    outlook: outlook(minutes(200)),
    expiresAt: null,
    rowCounts: { forms: 18_412, cases: 6_204, forms__households: 41_377, forms__households__nets: 83_120 },
    error: null,
    held: null,
    notice: null,
    job: null,
    signIn: 'valid',
    ...over,
  };
}

/** A schema that stays, of a dataset that is gone. */
export function keptOf(of: Dataset, over: Partial<KeptSchema> = {}): KeptSchema {
  const { id, schemaName, connectionId, connectionName, dataAsOf, rowCounts } = of;
  const { projectId, projectName, sourceId, sourceName, personId } = of;
  return {
    ...{ id, schemaName, connectionId, connectionName, dataAsOf, rowCounts },
    ...{ projectId, projectName, sourceId, sourceName, personId },
    personName: personId === null ? null : 'Asha Rao',
    keptAt: minutes(-1440),
    replacedBy: null,
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
    people:
      of.personId === null ? null : { connected: ['Asha Rao', 'Ben Okafor'], missing: ['Chloé Martin'] },
    syncConfig: {
      datasets: ['forms', 'cases'],
      keepRaw: true,
      readerRoles: ['bi_readers'],
      options: {},
      guards: true,
      shrinkPercent: 30,
      refreshViews: false,
      secondColumn: false,
      refresh: { how: 'automatic', wholeEveryDays: 7 },
    },
    schedule: { kind: 'every', hours: 6 },
    quietHours: null,
    keepIdleHours: 24,
    isActive: true,
    projectName: of.projectName,
    dataset: of,
    signIn: of.signIn,
    others: of.personId === null ? null : { datasets: 0, dataAsOf: null, freshUntil: null },
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
    runner: null,
    rowCounts: of.rowCounts,
    notice: null,
    error: null,
    records: null,
    recordsBefore: null,
    decided: null,
    queuedAt: minutes(-n * 360 - 5),
    startedAt: minutes(-n * 360 - 4.9),
    finishedAt: minutes(-n * 360),
    ...over,
  };
}
