import type { EngineType } from '../../preload/contract/engines.ts';
import type {
  ConnectionTest,
  Distribution,
  LandedPage,
  LandedRow,
  LandedTable,
  LeaseSettings,
  PoolSettings,
  QueryColumn,
  QueryPage,
  QueryWarning,
  RowCount,
  RowCursor,
  RowFilter,
  RowOrder,
  Rung,
  SignInMethod,
  Structure,
  TlsMode,
} from '../../preload/contract/models.ts';
import type { Clock } from '../host.ts';
import type { TableReading } from './tables.ts';

/** A secret outside the vault: bytes, so that whoever opened it can overwrite it once the work is done. */
export type SecretBytes = Uint8Array;

/** How to get into one jump host. */
export type SshLogin =
  | {
      readonly kind: 'agent';
      /** Path of the agent's socket. */
      readonly socket: string;
      /** The public key of the one key of it that is tried (`type base64`); null for each that it holds. */
      readonly publicKey: string | null;
    }
  /** Keys that are tried in turn: what SSH itself does without an agent. */
  | { readonly kind: 'keys'; readonly keys: readonly SecretBytes[] }
  | { readonly kind: 'key'; readonly key: SecretBytes; readonly passphrase: SecretBytes | null }
  | { readonly kind: 'password'; readonly password: SecretBytes };

export interface SshHopTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly login: SshLogin;
}

/**
 * Where a database is and how to get in; plain data, so that it can be handed to a thread. It lives only as long as one
 * piece of work: whoever made it calls `wipeTarget` when that is done.
 */
export interface Target {
  readonly engine: EngineType;
  readonly host: string;
  /** The address that is gone to instead of looking the host's name up; the certificate is for the name all the same. */
  readonly hostAddress: string | null;
  readonly port: number;
  readonly database: string;
  /** The least that the server must ask for before it gets to know who signs in. */
  readonly signIn: SignInMethod;
  readonly tlsMode: TlsMode;
  /** PEM; null for the authorities that this computer trusts. */
  readonly tlsCa: string | null;
  readonly tlsCert: string | null;
  readonly tlsKey: SecretBytes | null;
  readonly tlsKeyPassphrase: SecretBytes | null;
  readonly user: string;
  /** What it is signed in with: a password, a token, a key (`secretOf`). */
  readonly password: SecretBytes;
  /** Of a private key that is encrypted. */
  readonly keyPassphrase: SecretBytes | null;
  /** What the kind of database needs beside these; nothing secret. */
  readonly settings: Readonly<Record<string, string>>;
  /** Jump hosts from here to there; the last one opens the way to `host:port`. */
  readonly ssh: readonly SshHopTarget[];
  /** Accepted keys of SSH servers in the form of OpenSSH's known_hosts. */
  readonly knownHosts: string;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly applicationName: string;
  /** Somebody insists, with a reason, that its user may be a superuser although it writes. */
  readonly superuserAllowed: boolean;
}

/** A target without TLS and jump hosts, for a PostgreSQL of this computer. */
export function localTarget(
  place: { readonly host: string; readonly port: number; readonly user: string; readonly password: string },
  database: string,
): Target {
  return {
    engine: 'postgres',
    host: place.host,
    hostAddress: null,
    port: place.port,
    database,
    signIn: 'any',
    tlsMode: 'disable',
    tlsCa: null,
    tlsCert: null,
    tlsKey: null,
    tlsKeyPassphrase: null,
    user: place.user,
    password: new TextEncoder().encode(place.password),
    keyPassphrase: null,
    settings: {},
    ssh: [],
    knownHosts: '',
    connectTimeoutMs: 15_000,
    statementTimeoutMs: 15_000,
    applicationName: 'headgate',
    superuserAllowed: false,
  };
}

/** Overwrites every secret of a target. */
export function wipeTarget(target: Target): void {
  target.password.fill(0);
  target.tlsKey?.fill(0);
  target.tlsKeyPassphrase?.fill(0);
  target.keyPassphrase?.fill(0);
  for (const { login } of target.ssh) {
    if (login.kind === 'key') {
      login.key.fill(0);
      login.passphrase?.fill(0);
    } else if (login.kind === 'password') login.password.fill(0);
    else if (login.kind === 'keys') for (const key of login.keys) key.fill(0);
  }
}

/**
 * A copy whose secrets have memory of their own. What is handed to a thread is copied together with the whole block of
 * memory it stands in, where other secrets may be.
 */
export function copyTarget(target: Target): Target {
  const own = <T extends SecretBytes | null>(bytes: T): T =>
    bytes === null ? bytes : (Uint8Array.from(bytes) as T);
  return {
    ...target,
    password: own(target.password),
    tlsKey: own(target.tlsKey),
    tlsKeyPassphrase: own(target.tlsKeyPassphrase),
    keyPassphrase: own(target.keyPassphrase),
    ssh: target.ssh.map((hop) => {
      const { login } = hop;
      if (login.kind === 'key') {
        return { ...hop, login: { ...login, key: own(login.key), passphrase: own(login.passphrase) } };
      }
      if (login.kind === 'keys') return { ...hop, login: { ...login, keys: login.keys.map(own) } };
      return login.kind === 'password' ? { ...hop, login: { ...login, password: own(login.password) } } : hop;
    }),
  };
}

export interface LadderOptions {
  readonly at: string;
  /** No rights to write are asked for. */
  readonly readOnly: boolean;
  /** Set: whether logins can be leased is looked at too. */
  readonly lease: LeaseSettings | null;
  readonly signal: AbortSignal;
  /** Told as soon as a rung is climbed or fails. */
  readonly onRung?: (rung: Rung) => void;
}

/** What a piece of work says to a database over one session. */
export interface SqlClient {
  /** Rows by the names of their columns, every value as the server prints it; without values several statements at once. */
  query<T>(text: string, values?: readonly unknown[]): Promise<{ readonly rows: T[] }>;
  /** The rows of one statement as lists, with what the server says of their columns. */
  table(text: string, values?: readonly unknown[]): Promise<SqlTable>;
  /** The bytes of one `COPY … TO STDOUT`, no faster than they are taken; `onRows` is told how many rows it were. */
  copyOut(text: string, onRows: (rows: number) => void): AsyncIterable<Uint8Array>;
}

export interface SqlTable {
  readonly columns: readonly { readonly name: string; readonly type: number; readonly modifier: number }[];
  readonly rows: (string | null)[][];
}

/** A page of a table that is asked for; `columns` and `order` as in the contract. */
export interface PageAsked {
  readonly schema: string;
  readonly table: string;
  readonly order: RowOrder | null;
  readonly filters: readonly RowFilter[];
  readonly from: RowCursor | null;
  readonly limit: number;
  readonly columns: readonly string[] | null;
}

/** A page with the job that published it; null where the database does not say. */
export type Page = Omit<LandedPage, 'total'> & { readonly job: string | null };

/** Those rows of a table that fit. */
export interface BrowsedPart {
  readonly schema: string;
  readonly table: string;
  readonly filters: readonly RowFilter[];
}

/** No limit of rows. */
export const allRows = Number.MAX_SAFE_INTEGER - 1;

/** A query as it is sent to the server, in the engine's own language. */
export interface Asked {
  readonly sql: string;
  /** Rows after which it ends; `allRows` for none. */
  readonly limit: number;
  /** A statement, and a page, may take so long. */
  readonly timeoutMs: number;
  /** How long nobody may ask for the next page. */
  readonly idleMs: number;
}

/** An answer that is read page by page. */
export interface OpenAnswer {
  readonly columns: readonly QueryColumn[];
  /** The user or role that it runs as. */
  readonly role: string;
  readonly warnings: readonly QueryWarning[];
  /**
   * The next rows, at most so many, and fewer where they are large. One at a time. Fails with QUERY_* or DB_*, and the query is
   * over then; so it is when the signal ends it.
   */
  next(rows: number, signal: AbortSignal): Promise<QueryPage>;
  /** Ends it at the server. Never fails. */
  close(): Promise<void>;
  /** Resolves when it is over, however. */
  readonly over: Promise<void>;
}

/** What a look at a database for the window needs, over a pool of sessions that closes by itself when it is not used. */
export interface Reader {
  /** Schemas, tables, columns, keys, comments and estimates of rows; without the server's own schemas. */
  structure(signal: AbortSignal): Promise<Pick<Structure, 'schemas' | 'cut'>>;
  /** Idle sessions and tunnels may have died unseen (sleep, another network): the next one is opened anew. */
  doubt(): void;
  close(): Promise<void>;
}

/** Reads a database in which any SQL can be asked that does not write, by the engine's own rules of what that is. */
export interface AskingReader extends Reader {
  /** Fails with QUERY_REFUSED, QUERY_FAILED, QUERY_TIMEOUT, DB_* and CANCELLED. */
  ask(asked: Asked, signal: AbortSignal): Promise<OpenAnswer>;
}

/** Reads a database that data sources are landed in. */
export interface LandedReader extends AskingReader {
  /** The tables of a schema with columns and comments. */
  tables(schema: string, signal: AbortSignal): Promise<Omit<LandedTable, 'rows'>[]>;
  /** A page of a table, as text, of one published state. */
  page(asked: PageAsked, signal: AbortSignal): Promise<Page>;
  /** How many rows of a table fit; estimated where counting takes too long. */
  count(asked: BrowsedPart, signal: AbortSignal): Promise<RowCount>;
  /** What one column of a table holds. */
  distribution(
    asked: BrowsedPart & { readonly column: string; readonly limit: number },
    signal: AbortSignal,
  ): Promise<Distribution>;
  /** One row of a table by its key, its values whole. */
  row(
    asked: { readonly schema: string; readonly table: string; readonly key: readonly string[] },
    signal: AbortSignal,
  ): Promise<LandedRow>;
  /**
   * Lends a session to `work`, which begins and ends its own transaction; one that failed or was cancelled is not used again.
   * The server is told when the signal ends it. Fails with DB_* and with what `work` fails with.
   */
  session<T>(signal: AbortSignal, work: (client: SqlClient) => Promise<T>): Promise<T>;
}

export interface ReaderDeps {
  /** Opens what a new session needs; wiped as soon as the session is open. */
  readonly target: () => Promise<Target>;
  readonly settings: PoolSettings;
  readonly clock: Clock;
}

/** A role that lives for a short time. */
export interface LoginLease {
  readonly role: string;
  readonly readerRole: string;
  /** Both by this computer's clock; the server's may be another. */
  readonly createdAt: string;
  readonly validUntil: string;
  /** In the role's comment: by it we know it for ours before dropping it. */
  readonly mark: string;
}

/** What can be done to users of a database over a connection to it. */
export interface UserAdmin {
  /** Gives the target's own user another password; what is sent is a verifier, not the password. */
  changePassword(target: Target, password: SecretBytes, signal: AbortSignal): Promise<void>;
  /** Makes a role with that password. Fails with LEASE_NOT_POSSIBLE, naming the statement that would allow it. */
  mintLogin(target: Target, lease: LoginLease, password: SecretBytes, signal: AbortSignal): Promise<void>;
  /** Ends its sessions and drops it, but only a role that carries the mark; true when there was one. */
  dropLogin(target: Target, role: string, mark: string, signal: AbortSignal): Promise<boolean>;
}

/**
 * Code that talks to one kind of database. It never sees the store or the vault; secrets come in as arguments. What an engine
 * can't do it does not have; `engineTraits` of the contract says so to the window, and a test holds the two against each other.
 */
export interface Engine<R extends AskingReader = AskingReader> {
  readonly type: EngineType;
  /** Climbs from the name to the right to write and stops at the first rung that fails; a failure is an answer, not an exception. */
  test(target: Target, options: LadderOptions): Promise<ConnectionTest>;
  /** Opens a session and asks for nothing: milliseconds until it answered. Fails with what a session fails with. */
  check(target: Target, signal: AbortSignal): Promise<number>;
  reader(deps: ReaderDeps): R;
  /** How its tables are read as a source. */
  readonly tables: TableReading;
  readonly users?: UserAdmin;
}
