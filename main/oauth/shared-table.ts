/** A shared sign-in as it stands in the database that its workspaces share: nothing of it can be read without its key. */
export interface StoredShare {
  readonly origin: string;
  /** Counts up with each pair of tokens, and with the end; from 1. */
  readonly version: number;
  readonly sealed: Buffer;
}

/** What somebody finds who wants to renew a shared sign-in. */
export interface Found {
  /** Null where there is no such row. */
  readonly row: StoredShare | null;
  /** Whether it is for whoever asked to renew it; else somebody else does so now, or nobody can. */
  readonly mine: boolean;
  /** How long ago its version was written, by the server's clock. */
  readonly ageMs: number;
}

/**
 * Where the workspaces of a shared sign-in meet. Each call is one short session with the database of a connection, within a
 * deadline; it fails with DB_*, SSH_*, CONNECTION_OFF, SECRET_MISSING, VAULT_* or, for what is not ours, SCHEMA_NOT_OURS.
 */
export interface SharedTable {
  /** Null where there is no such row, or no table. */
  read(connectionId: string, share: string): Promise<StoredShare | null>;
  /**
   * Takes the lease of a row for `holder`, or asks for more time. It runs out by the server's clock, and is free at once
   * where the process that had it is known to be gone.
   */
  take(connectionId: string, share: string, holder: string): Promise<Found>;
  /** Gives the lease back, where it is still the holder's. */
  free(connectionId: string, share: string, holder: string): Promise<void>;
  /**
   * Puts the next version in the place of `before`, or makes the row where that is 0, and gives back the holder's lease;
   * false where another version is there.
   */
  write(
    connectionId: string,
    share: string,
    before: number,
    next: StoredShare,
    holder: string,
  ): Promise<boolean>;
}
