import type { LeasedLogin, Person } from '../../preload/contract/models.ts';
import type { AskingReader, LandedReader, Reader, SecretBytes } from '../engines/engine.ts';
import type { Desk } from '../host.ts';
import type { HealthCheck } from '../store/connections/connection-health.ts';
import type { StoredLease } from '../store/connections/leases.ts';

/* What several services share and the application keeps one of: who makes each is in the file of its name. */

/** Whom to sign in as, when that is not what is stored: a new password that is being tried, a leased login. */
export interface OtherLogin {
  readonly user: string;
  readonly password: SecretBytes;
}

/** Who reads: as the connection's own user, or as somebody's leased login. */
export interface ReadAs {
  /** Names the login among those of the connection. */
  readonly key: string;
  readonly login: () => Promise<OtherLogin>;
}

/** What sessions are kept apart for: open queries hold theirs for minutes, and would leave none for looking at tables. */
export type ReaderRoom = 'look' | 'query';

/** One pool of reading sessions per connection and login, opened when it is first used. */
export interface Readers {
  of(connectionId: string, as?: ReadAs, room?: ReaderRoom): AskingReader;
  /** Of a database that data sources are landed in. Fails with ENGINE_CAN_NOT. */
  landed(connectionId: string, as?: ReadAs, room?: ReaderRoom): LandedReader;
  /** Of a database that is asked in its own SQL. Fails with ENGINE_CAN_NOT. */
  asking(connectionId: string, as?: ReadAs, room?: ReaderRoom): AskingReader;
  /** The connection or its secrets changed, or a login ended: what is open is closed, the next use opens anew. */
  forget(connectionId: string, key?: string): void;
  /** The computer slept or changed its network: nothing that is open can be trusted. */
  doubt(): void;
  close(): Promise<void>;
}

/** Background checks of connections in use: each result is written down, each change of state told once. */
export interface HealthChecks {
  /** Looks at every connection that is due; at most one round at a time. Never rejects. */
  checkDue(): Promise<void>;
  /** Writes down what a check or a test found. */
  record(id: string, check: HealthCheck): void;
  close(): Promise<void>;
}

/** Database roles made for one person for a short time, and dropped afterwards. */
export interface LentLogins {
  /** Whether this person reads over this connection with a login of their own instead of the connection's. */
  isLent(person: Person, connectionId: string): boolean;
  /** Reads as the connection's user, or as the person's leased login where the connection lends some. */
  readerFor(person: Person, connectionId: string, room?: ReaderRoom): Reader;
  /** The same for a database that data sources are landed in. Fails with ENGINE_CAN_NOT. */
  landedFor(person: Person, connectionId: string, room?: ReaderRoom): LandedReader;
  /** Makes a role for a person. The password is given to `use` and nowhere else. */
  mint(
    person: Person,
    connectionId: string,
    minutes: number | undefined,
    signal: AbortSignal,
    use: (lease: StoredLease, password: SecretBytes) => Promise<void>,
  ): Promise<LeasedLogin>;
  /** Drops the role; one whose database can't be reached stays `ending` and is tried again. */
  end(leaseId: string, signal: AbortSignal): Promise<LeasedLogin>;
  endAllOf(connectionId: string, signal: AbortSignal): Promise<void>;
  /** The connection was turned off, and so are the logins it lent. Never rejects. */
  endOfConnection(connectionId: string): Promise<void>;
  /** The person's session is over, and so are the logins made for it. Never rejects. */
  endOfPerson(personId: string): Promise<void>;
  /** Drops what has run out or was left behind. Never rejects. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** Secrets in the clipboard, each for a while. */
export interface SecretClipboard {
  /** Puts it into the clipboard of that desk. Fails with NOT_HERE. Answers when it will be taken out again, unless something else is in it by then. */
  lend(desk: Desk, secret: string): Promise<{ until: string }>;
  /** Takes out at once what is still in it. */
  close(): Promise<void>;
}
