import { z } from 'zod';
import { queryRefusals, queryTroubles } from './query-words.ts';

/**
 * Who can act on an error: `config` = the person (change an input or a setting), `transient` = nobody, trying
 * again helps, `denied` = somebody with more rights, `system` = us (a defect; carries a correlation id).
 */
export const errorKinds = ['config', 'transient', 'denied', 'system'] as const;
export type ErrorKind = (typeof errorKinds)[number];

interface ErrorSpec {
  readonly kind: ErrorKind;
  /** What the person can do next, in one or two sentences. Shown under the message. */
  readonly advice: string;
}

/** Every error code Headgate can answer, with who acts on it and what to do next. */
export const errorCodes = {
  INPUT_INVALID: { kind: 'config', advice: 'Correct the fields named in the message and try again.' },
  NOT_FOUND: { kind: 'config', advice: 'It may have been deleted. Refresh the list and choose again.' },
  NAME_TAKEN: { kind: 'config', advice: 'Choose another name.' },
  IN_USE: { kind: 'config', advice: 'Point the projects named in the message to something else first.' },
  PERMISSION_DENIED: { kind: 'denied', advice: 'Ask someone who holds the role named in the message.' },
  CALL_UNKNOWN: {
    kind: 'system',
    advice: 'Update Headgate: this window and its core are of different versions.',
  },
  NOT_ASKED: {
    kind: 'transient',
    advice: 'Answer or close what Headgate asks already, wait a few seconds, and try again.',
  },
  SOURCE_OFF: { kind: 'config', advice: 'Switch the source on under Sources, then start again.' },
  CANCELLED: { kind: 'config', advice: 'Nothing was changed. Start again whenever you like.' },
  INTERNAL: { kind: 'system', advice: 'Try again. If it happens again, report it with the code shown here.' },
  STORE_TOO_NEW: {
    kind: 'config',
    advice: 'This workspace was opened by a newer Headgate. Update this one; nothing was changed.',
  },
  STORE_UNAVAILABLE: {
    kind: 'system',
    advice: 'Check that the disk is not full and that the data folder is writable, then try again.',
  },
  FILE_NOT_WRITTEN: {
    kind: 'config',
    advice: 'Choose another folder, or check that the disk is not full and the folder is writable.',
  },
  AUDIT_BROKEN: {
    kind: 'config',
    advice: 'Export the log and verify it; keep the workspace as it is until it is known what happened.',
  },
  VAULT_UNAVAILABLE: {
    kind: 'config',
    advice:
      'Unlock or install a keychain (GNOME Keyring, KWallet, Keychain, Windows Credential Manager), or start with a passphrase. Secrets are kept only until Headgate closes.',
  },
  VAULT_LOCKED: {
    kind: 'config',
    advice: 'Unlock the keychain or enter the vault passphrase, then try again.',
  },
  VAULT_WRONG_KEY: {
    kind: 'config',
    advice:
      'Open it with the keychain, passphrase or key file that this vault was made with. The secrets in it were not changed.',
  },
  VAULT_DAMAGED: {
    kind: 'config',
    advice: 'Enter this secret again; the stored one can not be opened and was left as it is.',
  },
  LAST_SLOT: {
    kind: 'config',
    advice: 'Add another way to open the vault first; it is removed as soon as that one was seen to open.',
  },
  SLOTS_DROPPED: {
    kind: 'config',
    advice: 'Enter them under Unlock first, so that they are kept, or agree that they are dropped.',
  },
  LOCKED: { kind: 'denied', advice: 'Sign in with your passphrase.' },
  PASSPHRASE_WRONG: { kind: 'denied', advice: 'Check the keyboard layout and caps lock, then try again.' },
  PASSPHRASE_NEEDED: {
    kind: 'config',
    advice: 'Set a passphrase for your profile under People first; it is asked for again before this.',
  },
  TOO_MANY_TRIES: {
    kind: 'denied',
    advice: 'Wait until the time named in the message. A DBA can set a new passphrase meanwhile.',
  },
  LAST_DBA: {
    kind: 'config',
    advice: 'Give the role dba to another profile first; without one nobody could manage this workspace.',
  },
  POLICY_FORBIDS: { kind: 'denied', advice: 'Ask whoever manages this workspace to change the policy.' },
  NOT_HERE: {
    kind: 'config',
    advice: 'Do it in the Headgate window; this host has no screen, dialog or clipboard.',
  },
  CONNECTION_OFF: { kind: 'config', advice: 'Set the connection to active again under Connections.' },
  CONNECTION_READ_ONLY: {
    kind: 'config',
    advice: 'Choose a connection that may write, or turn “Read only” off for this one.',
  },
  CONNECTION_NOT_GRANTED: {
    kind: 'denied',
    advice: 'Ask a DBA to grant you the use of this connection.',
  },
  SSH_UNREACHABLE: {
    kind: 'transient',
    advice: 'Check the address and port of the jump host, and that you are on the right network or VPN.',
  },
  SSH_LOGIN_REFUSED: {
    kind: 'config',
    advice: 'Check the user of the jump host, and that its key or password is the right one.',
  },
  SSH_KEY_UNUSABLE: {
    kind: 'config',
    advice: 'Choose the private key of this jump host, and enter its passphrase if it has one.',
  },
  SSH_AGENT_MISSING: {
    kind: 'config',
    advice: 'Start an SSH agent and add the key to it (ssh-add), or use a key or a password instead.',
  },
  SSH_HOST_UNKNOWN: {
    kind: 'config',
    advice:
      'Compare the fingerprint with the one your administrator gives you. If it is the same, accept it once under Connections.',
  },
  SSH_HOST_CHANGED: {
    kind: 'config',
    advice:
      'Stop: somebody may be in between. Only if your administrator confirms that the server got a new key, forget the old one under Connections, then test again.',
  },
  SSH_FORWARD_REFUSED: {
    kind: 'config',
    advice:
      'Check the address of the next host as the jump host sees it, and that the jump host allows TCP forwarding.',
  },
  SSH_LOST: { kind: 'transient', advice: 'Try again: the tunnel is built anew.' },
  ROTATION_FAILED: {
    kind: 'config',
    advice: 'The old password is still in use. Correct what the message names and start again.',
  },
  LEASE_NOT_POSSIBLE: {
    kind: 'config',
    advice: 'Run the statement named in the message as a superuser, or turn leased logins off.',
  },
  IMPORT_UNREADABLE: {
    kind: 'config',
    advice: 'Check that it is the right kind of file, and that it was not changed by another program.',
  },
  BUNDLE_WRONG_KEY: {
    kind: 'config',
    advice: 'Enter the passphrase the bundle was sealed with, or open it with the Headgate it was made for.',
  },
  SECRET_MISSING: { kind: 'config', advice: 'Open the connection and enter its user and password again.' },
  DB_HOST_UNKNOWN: {
    kind: 'config',
    advice: 'Check the spelling of the host name and that you are on the right network or VPN.',
  },
  DB_REFUSED: {
    kind: 'config',
    advice: 'Check the port, and that the server is running and accepts connections from this computer.',
  },
  DB_TIMEOUT: {
    kind: 'transient',
    advice: 'Check the network, VPN or firewall between here and the server, then try again.',
  },
  DB_PASSWORD_ASKED: {
    kind: 'config',
    advice:
      'Set TLS to verify-full, with the CA certificate of the server if it has its own; or ask whoever runs the server to let you in by scram-sha-256. The password was not sent.',
  },
  DB_SIGN_IN: {
    kind: 'config',
    advice:
      'Ask whoever runs the server to let you in by scram-sha-256, for channel binding over TLS; or let this connection sign in by other means too. The password was not sent.',
  },
  DB_LOGIN_REFUSED: {
    kind: 'config',
    advice: 'Enter the user and password again; the password may have been rotated.',
  },
  DB_MISSING: { kind: 'config', advice: 'Check the database name, or ask for the database to be created.' },
  DB_TLS: {
    kind: 'config',
    advice: 'Check the TLS mode of this connection and the CA certificate of the server.',
  },
  DB_NO_RIGHT: { kind: 'config', advice: 'Ask a DBA to grant this user the right named in the message.' },
  TARGET_SUPERUSER: {
    kind: 'config',
    advice:
      'Make a role that may only create schemas, and enter it as the user of this connection: the test of the connection shows the statements.',
  },
  TARGET_ENCODING: {
    kind: 'config',
    advice:
      "Use a database in UTF-8. A DBA can make one: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0;",
  },
  READER_ROLE_MISSING: {
    kind: 'config',
    advice:
      'Correct the reader roles under Projects, or ask a DBA to make the role named in the message (CREATE ROLE … NOLOGIN).',
  },
  DB_LOST: {
    kind: 'transient',
    advice: 'The work continues from the last saved page when you start it again.',
  },
  DB_FULL: {
    kind: 'config',
    advice: 'Free space on the database server, then start the sync again; it continues where it stopped.',
  },
  DB_ERROR: {
    kind: 'system',
    advice: 'See the message of the database. If it is not clear, send it to your DBA.',
  },
  OAUTH_DENIED: {
    kind: 'config',
    advice: 'Sign in again and choose Allow if you want Headgate to read this data.',
  },
  OAUTH_STATE_MISMATCH: { kind: 'config', advice: 'Close the browser tab and sign in again from Headgate.' },
  OAUTH_CODE_EXPIRED: {
    kind: 'config',
    advice: 'Sign in again and finish within a minute of choosing Allow.',
  },
  OAUTH_TIMEOUT: {
    kind: 'config',
    advice: 'Start the sign-in again and finish it in the browser within three minutes.',
  },
  OAUTH_CLIENT_REFUSED: {
    kind: 'config',
    advice:
      'Check the client id of this source, and that its registration allows exactly the redirect http://127.0.0.1/callback.',
  },
  SHARED_SIGN_IN_REFUSED: {
    kind: 'config',
    advice:
      'Ask the DBA whether the table headgate.sign_ins was changed or restored from a backup. A new sign-in for the project, under Sources, puts it right for everybody.',
  },
  OAUTH_FAILED: { kind: 'transient', advice: 'Try to sign in again.' },
  KEY_REFUSED: {
    kind: 'config',
    advice:
      'Check the user name and the key. If both are right, look at the source whether the key is switched off, has run out or is limited to other IP addresses.',
  },
  KEY_LIMITED: {
    kind: 'config',
    advice: 'Make a key for this project space, or one that is not limited, and enter it in Sources.',
  },
  WRONG_ACCOUNT: {
    kind: 'config',
    advice:
      'Sign in with an account that belongs to this project space, ask its administrator for access, or choose another project space for the source.',
  },
  SIGN_IN_NEEDED: { kind: 'config', advice: 'Open Sources and choose Sign in.' },
  SIGN_IN_EXPIRED: { kind: 'config', advice: 'Open Sources and choose Reconnect.' },
  SOURCE_UNREACHABLE: {
    kind: 'transient',
    advice: 'Check the network and the address of the source, then try again.',
  },
  SOURCE_CERTIFICATE: {
    kind: 'config',
    advice:
      'If the server, or the network in between, has an authority of its own, enter its certificate as the CA certificate of this source under Sources. Nothing was sent.',
  },
  PROXY_UNREACHABLE: {
    kind: 'transient',
    advice: 'Check the network, and the address of the proxy under Settings, then try again.',
  },
  PROXY_LOGIN: {
    kind: 'config',
    advice: 'Choose “This proxy” under Settings, Proxy, and enter its address, user and password there.',
  },
  PROXY_UNSUPPORTED: {
    kind: 'config',
    advice:
      'Enter an HTTP proxy under Settings, Proxy, or choose none there if the source is reached without.',
  },
  PROXY_REFUSED: {
    kind: 'config',
    advice:
      'Ask whoever runs the proxy to let this source through, or add it to the exceptions under Settings, Proxy.',
  },
  OFFLINE: {
    kind: 'transient',
    advice: 'Connect this computer to a network. A sync goes on by itself then.',
  },
  SOURCE_FORBIDDEN: {
    kind: 'config',
    advice: 'Ask an administrator of this project space for the role permission named in the message.',
  },
  SOURCE_NOT_AUTHORISED: {
    kind: 'config',
    advice:
      'Sign in with an account that belongs to this project space, or ask its administrator for access.',
  },
  SOURCE_NO_SUCH_SPACE: {
    kind: 'config',
    advice: 'Check the spelling of the project space in the settings of the source.',
  },
  SOURCE_RATE_LIMITED: {
    kind: 'transient',
    advice: 'The source asked to wait. A sync continues by itself from the same page.',
  },
  SOURCE_LOGIN_PAGE: {
    kind: 'transient',
    advice:
      'The network may want you to sign in first (hotel, airport or office portal). Open a browser, then try again.',
  },
  SOURCE_BAD_ANSWER: {
    kind: 'transient',
    advice: 'Try again later. If it stays, check the address of the source.',
  },
  SOURCE_FAILING: {
    kind: 'transient',
    advice: 'The source has trouble. Start the sync again later; it continues where it stopped.',
  },
  NOTICE_ADDRESS: {
    kind: 'config',
    advice:
      'Enter an https address that is reached from anywhere, or say that it is one of your own network. Addresses of this cable alone, and of a cloud’s inside, are never asked.',
  },
  NOTICE_NOT_SENT: {
    kind: 'transient',
    advice: 'Check the address and the secret under Settings, then send a test.',
  },
  SCHEMA_NOT_OURS: {
    kind: 'config',
    advice:
      'Headgate did not create this schema and will not write to it. Rename or drop it, or unlink and link the source again.',
  },
  DATASET_BUSY: {
    kind: 'transient',
    advice: 'Another Headgate is refreshing this dataset. Wait for it to finish.',
  },
  OWNER_UNREACHABLE: {
    kind: 'transient',
    advice: 'Wait until that Headgate has started or ended, then try again.',
  },
  LEASE_LOST: {
    kind: 'transient',
    advice: 'Nothing was lost. Start the sync again when the other Headgate has finished.',
  },
  PUBLISH_BLOCKED: {
    kind: 'transient',
    advice:
      'Somebody is using the tables. The old data stays; start the sync again and it publishes without reading anew.',
  },
  PUBLISH_HELD: {
    kind: 'config',
    advice: 'The old data stays. Change or drop the views named in the message, then start the sync again.',
  },
  QUERY_REFUSED: {
    kind: 'config',
    advice: 'Headgate runs one statement that only reads, over the tables of this project.',
  },
  QUERY_FAILED: { kind: 'config', advice: 'Correct the statement at the place named, then run it again.' },
  QUERY_TIMEOUT: {
    kind: 'config',
    advice: 'Ask for less (a condition, a LIMIT), or allow more time for this query or on its connection.',
  },
  QUERY_LIMIT: {
    kind: 'transient',
    advice: 'Wait until the time named in the message, or ask a DBA to allow more queries an hour.',
  },
  QUERY_TOO_LARGE: {
    kind: 'config',
    advice: 'Export it as CSV, which has no such limit, or ask for fewer rows or columns.',
  },
  QUERY_GONE: { kind: 'transient', advice: 'Run the query again.' },
  SYNC_FAILED: { kind: 'system', advice: 'Start the sync again; it continues from the last saved page.' },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof errorCodes;
export const allErrorCodes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** What crosses the bridge when a call fails. Carries no secret, no stack and no SQL. */
export const wireError = z.strictObject({
  code: z.enum(allErrorCodes),
  kind: z.enum(errorKinds),
  message: z.string(),
  advice: z.string(),
  /** Names the entry in the log for `system` errors. */
  correlationId: z.string().optional(),
  /** Of a query: what refused it or what its trouble is, and the place in the statement, counted in characters from 1. */
  query: z
    .strictObject({
      reason: z.enum(queryRefusals).optional(),
      trouble: z.enum(queryTroubles).optional(),
      position: z.int().min(1).optional(),
      sqlState: z.string().length(5).optional(),
      /** What was probably meant. */
      meant: z.array(z.string()).optional(),
    })
    .optional(),
});
export type WireError = z.infer<typeof wireError>;
export type QueryProblem = NonNullable<WireError['query']>;

/** Every call answers one of these and never throws across the bridge. */
export type Envelope<T> = { ok: true; data: T } | { ok: false; error: WireError };
