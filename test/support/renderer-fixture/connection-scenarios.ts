import type {
  ConnectionDetail,
  DeletedConnection,
  HealthHistory,
  HealthState,
} from '../../../preload/contract/models.ts';
import { connection, testOf } from './builders.ts';
import { minutes, type Scenario, uuid } from './scenario.ts';
import { busy } from './scenarios.ts';

const health = (state: HealthState, message: string | null, since = -60 * 5): ConnectionDetail['health'] => ({
  state,
  since: minutes(since),
  checkedAt: minutes(-3),
  latencyMs: message === null ? 31 : null,
  message,
});

const hop = (n: number, host: string): ConnectionDetail['ssh'][number] => ({
  id: uuid(11, n),
  host,
  port: 22,
  user: 'deploy',
  auth: 'key',
  keyFile: '~/.ssh/id_ed25519',
  agentSocket: null,
  agentKey: null,
});

/** A day of checks every five minutes, with a failure of half an hour in it. */
function day(): HealthHistory {
  const checks = Array.from({ length: 288 }, (_, n) => {
    const down = n >= 200 && n < 206;
    return {
      at: minutes(-1440 + n * 5 + 1),
      latencyMs: down ? null : 20 + ((n * 37) % 23) + (n % 61 === 0 ? 90 : 0),
      state: down ? ('unreachable' as const) : ('works' as const),
    };
  });
  return {
    checks,
    changes: [
      { at: minutes(-409), from: 'unreachable', to: 'works', message: null },
      {
        at: minutes(-439),
        from: 'works',
        to: 'unreachable',
        message: 'db.example.org did not answer within 15 seconds.',
      },
    ],
  };
}

/** The latest two hours of a connection; one that broke did so an hour ago. */
function latestOf(seed: number, broke: boolean): HealthHistory {
  const checks = Array.from({ length: 24 }, (_, n) => {
    const down = broke && n > 11;
    return {
      at: minutes(-120 + n * 5),
      latencyMs: down ? null : 12 + ((n * seed * 7) % 31),
      state: down ? ('unreachable' as const) : ('works' as const),
    };
  });
  return { checks, changes: [] };
}

/** Connections in every state, with what each can ask of a person. */
export function connections(): Scenario {
  const base = busy();
  const noRight = {
    code: 'DB_NO_RIGHT',
    kind: 'config',
    message: 'The user “headgate” may not create schemas in the database “reports”.',
    advice: 'Ask a DBA to run the statement below.',
  } as const;
  const wrongCa = {
    code: 'DB_TLS',
    kind: 'config',
    message: 'The certificate of archive.example.org comes from “Example CA”, which is not trusted here.',
    advice: 'Enter the CA certificate of this server, or take over the one it showed after comparing it.',
  } as const;
  const away = 'Nothing answered at 10.20.0.9, port 5432, within 15 seconds.';
  const unknownHost = {
    code: 'SSH_HOST_UNKNOWN',
    kind: 'config',
    message: 'Nobody has accepted the key of bastion.example.org yet.',
    advice: 'Compare the fingerprint with the one your administrator gives you.',
  } as const;
  const changedHost = { ...unknownHost, code: 'SSH_HOST_CHANGED', message: 'It shows another key.' } as const;
  const question = {
    host: 'bastion.example.org',
    port: 22,
    type: 'ssh-ed25519',
    fingerprint: 'SHA256:8mM1Nz5DqF2uT0kQeWb7H3xLr9VjCsYtPaGiOuRnEdc',
    key: 'AAAAC3NzaC1lZDI1NTE5AAAAIexample',
  };
  return {
    ...base,
    connections: [
      ...base.connections,
      connection(11, {
        name: 'Reports',
        host: 'reports.example.org',
        database: 'reports',
        folder: 'Regional office',
        tags: ['reporting', 'nightly'],
        health: health('fails', noRight.message),
        lastTest: testOf(
          { error: noRight, fixSql: 'GRANT CREATE ON DATABASE reports TO headgate;' },
          'rights',
        ),
      }),
      connection(12, {
        name: 'Archive',
        environment: 'staging',
        host: 'archive.example.org',
        database: 'archive',
        readOnly: true,
        access: 'granted',
        tags: ['archive'],
        health: health('fails', wrongCa.message),
        lastTest: testOf({ error: wrongCa, serverVersion: null }, 'tls'),
      }),
      connection(13, {
        name: 'Field office',
        host: '10.20.0.9',
        database: 'field',
        health: health('unreachable', away, -12),
        lastTest: testOf({ at: minutes(-60 * 30) }),
      }),
      connection(14, {
        name: 'Behind the bastion',
        host: 'jump.internal',
        database: 'inner',
        ssh: [hop(1, 'bastion.example.org'), hop(2, 'inner-bastion.example.org')],
        health: health('fails', unknownHost.message),
        lastTest: testOf(
          { error: unknownHost, tls: null, hostKey: { ...question, reason: 'unknown' } },
          'ssh',
        ),
      }),
      connection(15, {
        name: 'Changed bastion',
        host: 'changed.internal',
        database: 'inner',
        ssh: [hop(3, 'gate.example.org')],
        health: health('fails', changedHost.message),
        lastTest: testOf(
          {
            error: changedHost,
            tls: null,
            hostKey: { ...question, host: 'gate.example.org', reason: 'changed' },
          },
          'ssh',
        ),
      }),
      connection(16, { name: 'Old warehouse', state: 'disabled', host: 'old.example.org', folder: 'Old' }),
      connection(17, { name: 'Retired', state: 'archived', host: 'gone.example.org', folder: 'Old' }),
    ],
    hostKeys: [
      {
        id: uuid(12, 1),
        host: 'gate.example.org',
        port: 22,
        type: 'ssh-ed25519',
        fingerprint: 'SHA256:Zr0oQkT1hXw5BvN8cJ2yGf7LpD4sUaMeI9tHxKq3EuW',
        acceptedBy: 'Asha Rao',
        acceptedAt: minutes(-60 * 24 * 120),
      },
    ],
    histories: Object.fromEntries(
      [1, 2, 11, 12, 13].map((n) => [uuid(1, n), n === 1 ? day() : latestOf(n, n > 10)]),
    ),
    usages: {
      [uuid(1, 1)]: {
        projects: [
          {
            id: uuid(4, 1),
            name: 'Bednets 2026',
            links: 2,
            datasets: 2,
            running: 0,
            lastSync: minutes(-3),
          },
          {
            id: uuid(4, 2),
            name: 'Nutrition screening',
            links: 1,
            datasets: 1,
            running: 1,
            lastSync: null,
          },
        ],
        sources: [{ id: uuid(2, 9), name: 'Facility registry' }],
        sameLogin: [
          { id: uuid(1, 2), name: 'Staging warehouse' },
          { id: uuid(1, 13), name: 'Field office' },
        ],
        leases: 2,
      },
    },
  };
}

/** More than anybody would scroll through. */
export function manyConnections(): Scenario {
  const base = connections();
  const environments = ['development', 'staging', 'production'] as const;
  const states = ['works', 'works', 'warns', 'unknown'] as const;
  return {
    ...base,
    connections: [
      ...base.connections,
      ...Array.from({ length: 620 }, (_, n) =>
        connection(100 + n, {
          name: `Tenant ${String(n).padStart(4, '0')}`,
          environment: environments[n % 3] ?? 'production',
          host: `tenant-${n}.db.example.org`,
          database: `tenant_${n}`,
          folder: `Tenants ${Math.floor(n / 300)}`,
          health: { ...health('works', null), state: states[n % 4] ?? 'works' },
        }),
      ),
    ],
  };
}

/** One whose user is a superuser, and one on which somebody insists. */
export function superusers(): Scenario {
  const refused = {
    code: 'TARGET_SUPERUSER',
    kind: 'config',
    message:
      'User “postgres” is a superuser and may do anything on the server; a sync needs only CREATE on the database.',
    advice:
      'Make a role for Headgate, give it a password with \\password in psql, and enter it here: CREATE ROLE "headgate_sync" LOGIN; GRANT CONNECT, CREATE ON DATABASE "field" TO "headgate_sync";',
  } as const;
  const fixSql =
    'CREATE ROLE "headgate_sync" LOGIN; GRANT CONNECT, CREATE ON DATABASE "field" TO "headgate_sync";';
  const insisted =
    'User “postgres” is a superuser and may do anything on the server. Somebody insisted on it.';
  const base = connections();
  return {
    ...base,
    connections: [
      ...base.connections,
      connection(31, {
        name: 'Field server',
        database: 'field',
        health: health('fails', refused.message),
        lastTest: testOf({ error: refused, fixSql }, 'rights'),
      }),
      connection(32, {
        name: 'Vendor server',
        superuserReason: 'The vendor of this server gives no other login.',
        health: health('warns', null),
        lastTest: testOf({ warnings: [insisted] }),
      }),
    ],
  };
}

/** Connections to databases of other kinds beside PostgreSQL's. */
export function engines(): Scenario {
  const base = busy();
  return {
    ...base,
    connections: [
      ...base.connections,
      connection(41, {
        ...{ engine: 'mysql', name: 'Health information system', host: 'dhis.example.org', port: 3306 },
        ...{ database: 'dhis', description: 'Of the ministry; read only' },
        lastTest: testOf({ serverVersion: 'MariaDB 10.11.6' }),
      }),
    ],
  };
}

/** Connections that nobody tested, that lack their secret, that are not looked at by the clock; and deleted ones. */
export function asideConnections(): Scenario {
  const base = engines();
  const untested = { health: { ...health('unknown', null), since: null, checkedAt: null, latencyMs: null } };
  const deleted: Omit<DeletedConnection, 'id' | 'name' | 'deletedAt' | 'removedAt'> = {
    ...{ environment: 'production', engine: 'postgres', host: 'db.example.org', port: 5432 },
    ...{ database: 'field', deletedBy: 'Ada' },
  };
  return {
    ...base,
    connections: [
      ...base.connections,
      connection(51, {
        ...{ name: 'Clinics of the north', host: 'north.example.org', database: 'clinics', hasSecret: false },
        ...{ ...untested, lastTest: null, onboarding: 'not_started' },
      }),
      connection(52, {
        ...{
          engine: 'databricks',
          name: 'Ministry lakehouse',
          host: 'dbc-1a2b.cloud.databricks.com',
          port: 443,
        },
        ...{ database: 'field', settings: { signIn: 'token', warehouse: '/sql/1.0/warehouses/wh-1' } },
        lastTest: testOf({ serverVersion: 'Databricks SQL' }),
      }),
      connection(53, {
        ...{ engine: 'bigquery', name: 'Survey archive', host: 'bigquery.googleapis.com', port: 443 },
        ...{ database: 'field-data', ...untested, lastTest: null, onboarding: 'failed' },
      }),
    ],
    deletedConnections: [
      {
        ...deleted,
        id: uuid(1, 61),
        name: 'Old server',
        deletedAt: minutes(-90),
        removedAt: minutes(-90 + 43_200),
      },
      {
        ...{
          ...deleted,
          id: uuid(1, 62),
          name: 'Warehouse',
          host: 'a-long-name-of-a-server.region.example.org',
        },
        ...{ deletedBy: 'Bonaventure', deletedAt: minutes(-41_000), removedAt: minutes(2200) },
      },
      { ...deleted, id: uuid(1, 63), name: 'Trial', deletedAt: minutes(-43_500), removedAt: minutes(-300) },
    ],
  };
}
