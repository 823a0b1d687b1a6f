import { allConnectors } from '../../../main/connectors/registry.ts';
import { typeInfo } from '../../../main/services/sources.ts';
import type { WireError } from '../../../preload/contract/errors.ts';
import type {
  AppInfo,
  AuditEntry,
  Connection,
  Credential,
  Dataset,
  Dictionary,
  Drift,
  Job,
  LandedRows,
  LandedTable,
  Link,
  OptionChoices,
  Project,
  Source,
  SourceTypeInfo,
} from '../../../preload/contract/models.ts';

/** Everything a window can be told, as plain data: the fake bridge answers from it. */
export interface Scenario {
  /** `normal` answers, `never` leaves every call open, `fails` answers every call with `failure`. */
  behaviour: 'normal' | 'never' | 'fails';
  failure: WireError;
  /** Leaves a sign-in waiting for the browser. */
  signInWaits: boolean;
  /** A sync that is started or resumed stays where it is. */
  syncStands: boolean;
  info: AppInfo;
  types: SourceTypeInfo[];
  connections: Connection[];
  sources: Source[];
  credentials: Credential[];
  projects: Project[];
  links: Link[];
  datasets: Dataset[];
  jobs: Job[];
  tables: Record<string, LandedTable[]>;
  rows: Record<string, LandedRows>;
  /** By the id of the dataset. */
  dictionaries: Record<string, Dictionary>;
  changes: Record<string, Drift[]>;
  /** What every source offers for its options. */
  choices: OptionChoices;
  audit: AuditEntry[];
}

export const now = Date.parse('2026-11-21T10:45:00.000Z');

export function minutes(offset: number): string {
  return new Date(now + offset * 60_000).toISOString();
}

/** A readable, stable UUID: the kind in the first group, the number in the last. */
export function uuid(kind: number, n: number): string {
  return `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

export const failure: WireError = {
  code: 'STORE_UNAVAILABLE',
  kind: 'system',
  message: 'The workspace can not be read.',
  advice: 'Check that the disk is not full and that the data folder is writable, then try again.',
  correlationId: '7f3a91c2',
};

/** Every kind of source as its connector declares it. */
export const types: SourceTypeInfo[] = allConnectors.map((connector) => ({
  ...typeInfo(connector),
  defaultClientId: 'headgate-desktop',
}));

export function emptyScenario(): Scenario {
  return {
    behaviour: 'normal',
    failure,
    signInWaits: false,
    syncStands: false,
    info: {
      version: '0.1.0',
      host: 'electron',
      platform: 'Linux 6.12 x64',
      workspaceId: uuid(9, 1),
      person: { id: uuid(8, 1), name: 'Asha Rao', roles: ['dba', 'project_admin', 'analyst'] },
      vault: {
        state: 'protected',
        protector: 'GNOME Keyring / Secret Service',
        keyVersion: 1,
        secrets: 0,
        explanation: null,
      },
      theme: 'system',
      firstRun: true,
    },
    types,
    connections: [],
    sources: [],
    credentials: [],
    projects: [],
    links: [],
    datasets: [],
    jobs: [],
    tables: {},
    rows: {},
    dictionaries: {},
    changes: {},
    choices: {},
    audit: [],
  };
}
