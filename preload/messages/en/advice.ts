/** What to do next, per error code. Shown under the message. */
export const advice = {
  'error.INPUT_INVALID.advice': 'Correct the fields named in the message and try again.',
  'error.NOT_FOUND.advice': 'It may have been deleted. Refresh the list and choose again.',
  'error.NAME_TAKEN.advice': 'Choose another name.',
  'error.IN_USE.advice': 'Point the projects named in the message to something else first.',
  'error.PERMISSION_DENIED.advice': 'Ask someone who holds the role named in the message.',
  'error.CALL_UNKNOWN.advice': 'Update Headgate: this window and its core are of different versions.',
  'error.NOT_ASKED.advice': 'Answer or close what Headgate asks already, wait a few seconds, and try again.',
  'error.SOURCE_OFF.advice': 'Switch the source on under Sources, then start again.',
  'error.CANCELLED.advice': 'Nothing was changed. Start again whenever you like.',
  'error.INTERNAL.advice': 'Try again. If it happens again, report it with the code shown here.',
  'error.STORE_TOO_NEW.advice':
    'This workspace was opened by a newer Headgate. Update this one; nothing was changed.',
  'error.STORE_UNAVAILABLE.advice':
    'Check that the disk is not full and that the data folder is writable, then try again.',
  'error.FILE_NOT_WRITTEN.advice':
    'Choose another folder, or check that the disk is not full and the folder is writable.',
  'error.AUDIT_BROKEN.advice':
    'Export the log and verify it; keep the workspace as it is until it is known what happened.',
  'error.VAULT_UNAVAILABLE.advice':
    'Unlock or install a keychain (GNOME Keyring, KWallet, Keychain, Windows Credential Manager), or start with a passphrase. Secrets are kept only until Headgate closes.',
  'error.VAULT_LOCKED.advice': 'Unlock the keychain or enter the vault passphrase, then try again.',
  'error.VAULT_WRONG_KEY.advice':
    'Open it with the keychain, passphrase or key file that this vault was made with. The secrets in it were not changed.',
  'error.VAULT_DAMAGED.advice':
    'Enter this secret again; the stored one can not be opened and was left as it is.',
  'error.LAST_SLOT.advice':
    'Add another way to open the vault first; it is removed as soon as that one was seen to open.',
  'error.SLOTS_DROPPED.advice':
    'Enter them under Unlock first, so that they are kept, or agree that they are dropped.',
  'error.LOCKED.advice': 'Sign in with your passphrase.',
  'error.PASSPHRASE_WRONG.advice': 'Check the keyboard layout and caps lock, then try again.',
  'error.PASSPHRASE_NEEDED.advice':
    'Set a passphrase for your profile under People first; it is asked for again before this.',
  'error.TOO_MANY_TRIES.advice':
    'Wait until the time named in the message. A DBA can set a new passphrase meanwhile.',
  'error.LAST_DBA.advice':
    'Give the role dba to another profile first; without one nobody could manage this workspace.',
  'error.POLICY_FORBIDS.advice': 'Ask whoever manages this workspace to change the policy.',
  'error.NOT_HERE.advice': 'Do it in the Headgate window; this host has no screen, dialog or clipboard.',
  'error.ENGINE_CAN_NOT.advice': 'Choose a connection of another kind for this.',
  'error.CONNECTION_OFF.advice': 'Set the connection to active again under Connections.',
  'error.CONNECTION_READ_ONLY.advice':
    'Choose a connection that may write, or turn “Read only” off for this one.',
  'error.CONNECTION_NOT_GRANTED.advice': 'Ask a DBA to grant you the use of this connection.',
  'error.SSH_UNREACHABLE.advice':
    'Check the address and port of the jump host, and that you are on the right network or VPN.',
  'error.SSH_LOGIN_REFUSED.advice':
    'Check the user of the jump host, and that its key or password is the right one.',
  'error.SSH_KEY_UNUSABLE.advice':
    'Choose the private key of this jump host, and enter its passphrase if it has one.',
  'error.SSH_AGENT_MISSING.advice':
    'Start an SSH agent and add the key to it (ssh-add), or use a key or a password instead.',
  'error.SSH_HOST_UNKNOWN.advice':
    'Compare the fingerprint with the one your administrator gives you. If it is the same, accept it once under Connections.',
  'error.SSH_HOST_CHANGED.advice':
    'Stop: somebody may be in between. Only if your administrator confirms that the server got a new key, forget the old one under Connections, then test again.',
  'error.SSH_FORWARD_REFUSED.advice':
    'Check the address of the next host as the jump host sees it, and that the jump host allows TCP forwarding.',
  'error.SSH_LOST.advice': 'Try again: the tunnel is built anew.',
  'error.ROTATION_FAILED.advice':
    'The old password is still in use. Correct what the message names and start again.',
  'error.LEASE_NOT_POSSIBLE.advice':
    'Run the statement named in the message as a superuser, or turn leased logins off.',
  'error.IMPORT_UNREADABLE.advice':
    'Check that it is the right kind of file, and that it was not changed by another program.',
  'error.BUNDLE_WRONG_KEY.advice':
    'Enter the passphrase the bundle was sealed with, or open it with the Headgate it was made for.',
  'error.SECRET_MISSING.advice': 'Open the connection and enter its user and password again.',
  'error.DB_HOST_UNKNOWN.advice':
    'Check the spelling of the host name and that you are on the right network or VPN.',
  'error.DB_REFUSED.advice':
    'Check the port, and that the server is running and accepts connections from this computer.',
  'error.DB_TIMEOUT.advice':
    'Check the network, VPN or firewall between here and the server, then try again.',
  'error.DB_PASSWORD_ASKED.advice':
    'Set TLS to verify-full, with the CA certificate of the server if it has its own; or ask whoever runs the server to let you in by scram-sha-256. The password was not sent.',
  'error.DB_SIGN_IN.advice':
    'Ask whoever runs the server to let you in by scram-sha-256, for channel binding over TLS; or let this connection sign in by other means too. The password was not sent.',
  'error.DB_LOGIN_REFUSED.advice': 'Enter the user and password again; the password may have been rotated.',
  'error.DB_MISSING.advice': 'Check the database name, or ask for the database to be created.',
  'error.DB_TLS.advice': 'Check the TLS mode of this connection and the CA certificate of the server.',
  'error.DB_NO_RIGHT.advice': 'Ask a DBA to grant this user the right named in the message.',
  'error.TARGET_SUPERUSER.advice':
    'Make a role that may only create schemas, and enter it as the user of this connection: the test of the connection shows the statements.',
  'error.TARGET_ENCODING.advice':
    "Use a database in UTF-8. A DBA can make one: CREATE DATABASE … ENCODING ''UTF8'' TEMPLATE template0;",
  'error.READER_ROLE_MISSING.advice':
    'Correct the reader roles under Projects, or ask a DBA to make the role named in the message (CREATE ROLE … NOLOGIN).',
  'error.DB_LOST.advice': 'The work continues from the last saved page when you start it again.',
  'error.DB_FULL.advice':
    'Free space on the database server, then start the sync again; it continues where it stopped.',
  'error.DB_ERROR.advice': 'See the message of the database. If it is not clear, send it to your DBA.',
  'error.OAUTH_DENIED.advice': 'Sign in again and choose Allow if you want Headgate to read this data.',
  'error.OAUTH_STATE_MISMATCH.advice': 'Close the browser tab and sign in again from Headgate.',
  'error.OAUTH_CODE_EXPIRED.advice': 'Sign in again and finish within a minute of choosing Allow.',
  'error.OAUTH_TIMEOUT.advice': 'Start the sign-in again and finish it in the browser within three minutes.',
  'error.OAUTH_CLIENT_REFUSED.advice':
    'Check the client id of this source, and that its registration allows exactly the redirect http://127.0.0.1/callback.',
  'error.SHARED_SIGN_IN_REFUSED.advice':
    'Ask the DBA whether the table headgate.sign_ins was changed or restored from a backup. A new sign-in for the project, under Sources, puts it right for everybody.',
  'error.OAUTH_FAILED.advice': 'Try to sign in again.',
  'error.KEY_REFUSED.advice':
    'Check the user name and the key. If both are right, look at the source whether the key is switched off, has run out or is limited to other IP addresses.',
  'error.KEY_LIMITED.advice':
    'Make a key for this project space, or one that is not limited, and enter it in Sources.',
  'error.WRONG_ACCOUNT.advice':
    'Sign in with an account that may read there, ask an administrator there to let this one in, or choose in Sources that something else is read.',
  'error.SIGN_IN_NEEDED.advice': 'Open Sources and choose Sign in.',
  'error.SIGN_IN_EXPIRED.advice': 'Open Sources and choose Reconnect.',
  'error.SOURCE_UNREACHABLE.advice': 'Check the network and the address of the source, then try again.',
  'error.SOURCE_CERTIFICATE.advice':
    'If the server, or the network in between, has an authority of its own, enter its certificate as the CA certificate of this source under Sources. Nothing was sent.',
  'error.PROXY_UNREACHABLE.advice':
    'Check the network, and the address of the proxy under Settings, then try again.',
  'error.PROXY_LOGIN.advice':
    'Choose “This proxy” under Settings, Proxy, and enter its address, user and password there.',
  'error.PROXY_UNSUPPORTED.advice':
    'Enter an HTTP proxy under Settings, Proxy, or choose none there if the source is reached without.',
  'error.PROXY_REFUSED.advice':
    'Ask whoever runs the proxy to let this source through, or add it to the exceptions under Settings, Proxy.',
  'error.OFFLINE.advice': 'Connect this computer to a network. A sync goes on by itself then.',
  'error.SOURCE_FORBIDDEN.advice':
    'Ask an administrator of this project space for the role permission named in the message.',
  'error.SOURCE_NOT_AUTHORISED.advice':
    'Sign in with an account that belongs to this project space, or ask its administrator for access.',
  'error.SOURCE_NO_SUCH_SPACE.advice':
    'Check the spelling of the project space in the settings of the source.',
  'error.SOURCE_RATE_LIMITED.advice':
    'The source asked to wait. A sync continues by itself from the same page.',
  'error.SOURCE_LOGIN_PAGE.advice':
    'The network may want you to sign in first (hotel, airport or office portal). Open a browser, then try again.',
  'error.SOURCE_BAD_ANSWER.advice': 'Try again later. If it stays, check the address of the source.',
  'error.SOURCE_FAILING.advice':
    'The source has trouble. Start the sync again later; it continues where it stopped.',
  'error.NOTICE_ADDRESS.advice':
    'Enter an https address that is reached from anywhere, or say that it is one of your own network. Addresses of this cable alone, and of a cloud’s inside, are never asked.',
  'error.NOTICE_NOT_SENT.advice': 'Check the address and the secret under Settings, then send a test.',
  'error.SCHEMA_NOT_OURS.advice':
    'Headgate did not create this schema and will not write to it. Rename or drop it, or unlink and link the source again.',
  'error.DATASET_BUSY.advice': 'Another Headgate is refreshing this dataset. Wait for it to finish.',
  'error.OWNER_UNREACHABLE.advice': 'Wait until that Headgate has started or ended, then try again.',
  'error.LEASE_LOST.advice': 'Nothing was lost. Start the sync again when the other Headgate has finished.',
  'error.PUBLISH_BLOCKED.advice':
    'Somebody is using the tables. The old data stays; start the sync again and it publishes without reading anew.',
  'error.PUBLISH_HELD.advice':
    'The old data stays. Change or drop the views named in the message, then start the sync again.',
  'error.QUERY_REFUSED.advice':
    'Headgate runs one statement that only reads, over the tables of this project.',
  'error.QUERY_FAILED.advice': 'Correct the statement at the place named, then run it again.',
  'error.QUERY_TIMEOUT.advice':
    'Ask for less (a condition, a LIMIT), or allow more time for this query or on its connection.',
  'error.QUERY_LIMIT.advice':
    'Wait until the time named in the message, or ask a DBA to allow more queries an hour.',
  'error.QUERY_TOO_LARGE.advice':
    'Export it as CSV, which has no such limit, or ask for fewer rows or columns.',
  'error.QUERY_GONE.advice': 'Run the query again.',
  'error.SYNC_FAILED.advice': 'Start the sync again; it continues from the last saved page.',
  'error.PASSWORD_REFUSED.advice':
    'Check the account and the password, also upper and lower case. If both are right, ask whoever runs the source whether the account is locked.',
  'error.DATASET_GONE.advice': 'Take it out of the link, or ask whoever runs the source what became of it.',
} as const;
