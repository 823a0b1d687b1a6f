import { allConnectors } from '../../../main/connectors/registry.ts';
import { typeInfo } from '../../../main/services/projects/sources.ts';
import type { WireError } from '../../../preload/contract/errors.ts';
import type {
  AppInfo,
  AuditAnchor,
  AuditEntry,
  AuditSealing,
  AuditVerification,
  BackgroundView,
  ConnectionDetail,
  Credential,
  Dataset,
  DeletedConnection,
  Dictionary,
  Drift,
  HealthHistory,
  HostKey,
  Job,
  KeptSchema,
  KeySlot,
  LandedRows,
  LandedTable,
  Link,
  OptionChoices,
  Policy,
  Profile,
  Project,
  ProxyView,
  Retention,
  SampleState,
  Source,
  SourcePace,
  SourceTypeInfo,
  TableTitle,
  Usage,
} from '../../../preload/contract/models.ts';

const slotLabels: Readonly<Record<KeySlot['kind'], string>> = {
  safe_storage: 'GNOME Keyring / Secret Service',
  os_keyring: 'GNOME Keyring / Secret Service',
  passphrase: 'Passphrase',
  key_file: 'Key file /etc/headgate.key',
  recovery: 'Recovery key',
};

/** A way to open the vault, as the core lists it. */
export const slotOf = (kind: KeySlot['kind'], id: string, createdAt: string): KeySlot => ({
  ...{ id, kind, label: slotLabels[kind], createdAt },
  ...{ openedAt: kind === 'recovery' ? null : createdAt, inUse: kind === 'os_keyring', leaving: false },
  ...{ opens: kind === 'recovery' ? ('ask' as const) : ('here' as const), problem: null },
  keptByRotation: kind !== 'recovery',
});

/** Everything a window can be told, as plain data: the fake bridge answers from it. */
export interface Scenario {
  /** `normal` answers, `never` leaves every call open, `fails` answers every call with `failure`. */
  behaviour: 'normal' | 'never' | 'fails';
  failure: WireError;
  /** Leaves a sign-in waiting for the browser. */
  signInWaits: boolean;
  /** The sample workspace; there is none unless it says so. */
  sample: Partial<SampleState>;
  /** Making the sample stays where it is. */
  sampleWaits: boolean;
  /** A sync that is started or resumed stays where it is. */
  syncStands: boolean;
  info: AppInfo;
  background: BackgroundView;
  types: SourceTypeInfo[];
  connections: ConnectionDetail[];
  deletedConnections: DeletedConnection[];
  /** By the id of the connection; without one it is made up of the connection's state. */
  histories: Record<string, HealthHistory>;
  usages: Record<string, Usage>;
  hostKeys: HostKey[];
  sources: Source[];
  credentials: Credential[];
  projects: Project[];
  links: Link[];
  datasets: Dataset[];
  jobs: Job[];
  kept: KeptSchema[];
  /** The inbox has something of each kind; else it is empty. */
  hasNotices: boolean;
  tables: Record<string, LandedTable[]>;
  rows: Record<string, LandedRows>;
  /** What tables are called, by dataset; without it their names are all there is. */
  titles?: Record<string, TableTitle[]>;
  /** Why the rows of a dataset can't be read now. */
  rowsFail?: { code: string; message: string };
  /** By the id of the dataset. */
  dictionaries: Record<string, Dictionary>;
  changes: Record<string, Drift[]>;
  /** What every source offers for its options. */
  choices: OptionChoices;
  pace: SourcePace[];
  audit: AuditEntry[];
  people: PeopleScenario;
}

/** Who sits here, besides the person of `info`. */
export interface PeopleScenario {
  others: Profile[];
  /** By the id of the person; who is not in it has none. */
  passphrases: Record<string, string>;
  seat: 'open' | 'locked' | 'out';
  policy: Policy;
  proxy: ProxyView;
  /** What opens the vault where a passphrase sealed it. */
  vaultPassphrase: string;
  recoveryKey: string;
  seal: AuditSealing;
  anchors: AuditAnchor[];
  anchored: AuditVerification['anchored'];
  retention: Retention;
  slots: KeySlot[];
  /** The first entry of the log that does not fit the one before it. */
  brokenFrom: number | null;
  /** How long a secret is on the screen. */
  revealMs: number;
  /** What the person types, one after the other, where no page sees it; null: they close it. After that what is right. */
  typed: (string | null)[];
  /** How long they take to. */
  typingMs: number;
  /** How often the window said that somebody is there. */
  touches: number;
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
  signIn: typeInfo(connector).signIn.map((way) =>
    way.kind === 'oauth' ? { ...way, defaultClientId: 'headgate-desktop' } : way,
  ),
}));

export function emptyScenario(): Scenario {
  return {
    behaviour: 'normal',
    failure,
    signInWaits: false,
    sample: {},
    sampleWaits: false,
    syncStands: false,
    info: {
      version: '0.1.0',
      host: 'electron',
      platform: 'Linux 6.12 x64',
      workspaceId: uuid(9, 1),
      runner: uuid(9, 2),
      person: { id: uuid(8, 1), name: 'Asha Rao', roles: ['dba', 'project_admin', 'analyst'] },
      vault: {
        state: 'protected',
        protector: 'GNOME Keyring / Secret Service',
        sealedBy: 'os_keyring',
        available: 'os_keyring',
        keyVersion: 1,
        secrets: 0,
        explanation: null,
      },
      theme: 'system',
      firstRun: true,
      offline: false,
    },
    types,
    connections: [],
    deletedConnections: [],
    background: { isPossible: true, keepsRunning: false, startsAtLogin: false },
    histories: {},
    usages: {},
    hostKeys: [],
    sources: [],
    credentials: [],
    projects: [],
    links: [],
    datasets: [],
    jobs: [],
    kept: [],
    hasNotices: false,
    tables: {},
    rows: {},
    dictionaries: {},
    changes: {},
    choices: {},
    pace: [],
    audit: [],
    people: {
      others: [],
      passphrases: {},
      seat: 'open',
      policy: {
        reveal: 'allow',
        idleLockMinutes: 15,
        healthMinutes: 5,
        queriesAnHour: 100,
        queryLiterals: 'keep',
        fixed: [],
      },
      proxy: { mode: 'system', address: null, user: null, exceptions: '', hasPassword: false },
      vaultPassphrase: 'gate of the old mill',
      recoveryKey: 'AAAAA-BBBBB',
      anchors: [],
      anchored: 'none',
      retention: {
        ...{ jobDays: 90, jobsPerDataset: 500, checkDays: 30, healthChangeDays: 365 },
        ...{ structureChanges: 1000, leaseDays: 30, budgetDays: 30, queryDays: 90, logDays: 90 },
      },
      seal: {
        state: 'sealed',
        seq: 12,
        at: '2026-11-27T08:00:00.000Z',
        from: 1,
        since: '2026-09-02T08:11:00.000Z',
      },
      slots: [slotOf('os_keyring', uuid(90, 1), '2026-09-02T08:11:00.000Z')],
      brokenFrom: null,
      revealMs: 20_000,
      typed: [],
      typingMs: 30,
      touches: 0,
    },
  };
}
